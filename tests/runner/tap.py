# SPDX-License-Identifier: BSD-2-Clause
"""What a test program says in TAP, cmocka's way included ("not ok 3 # SKIP name")."""
import re
from dataclasses import dataclass, field

LINE = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)")
SKIP = re.compile(r"(.*?)\s*#\s*skip\b\s*(.*)", re.IGNORECASE)

GROUP = re.compile(r"^# (not )?ok - ")  # cmocka's word on a whole group


@dataclass
class Result:
    name: str
    outcome: str  # "passed", "failed", "skipped"
    text: str = ""


@dataclass
class Report:
    results: list = field(default_factory=list)
    planned: int = 0

    def count(self, outcome):
        return sum(result.outcome == outcome for result in self.results)


def result_of(match):
    failed, _number, rest = match.groups()
    skip = SKIP.match(rest)
    if skip:
        name, reason = skip.groups()
        return Result(name or reason, "skipped", reason if name else "")
    return Result(rest, "failed" if failed else "passed")


def parse(output):
    report = Report()
    before = ""  # what was said last since the last result: cmocka's tests say why, and skip then
    for line in output.splitlines():
        plan, match = PLAN.match(line), LINE.match(line)
        if plan:
            report.planned += int(plan.group(1))
        elif match:
            report.results.append(result_of(match))
            if report.results[-1].outcome == "skipped" and not report.results[-1].text:
                report.results[-1].text = before
            before = ""
        elif GROUP.match(line):
            continue
        elif line.startswith("#") and report.results and report.results[-1].outcome == "failed":
            report.results[-1].text += line[1:].strip() + "\n"
        elif line.strip("# "):
            before = line.strip("# ")
    return report
