# SPDX-License-Identifier: BSD-2-Clause
"""What two judges said of the same objects: where they differ, and which differences are known to be right."""
import csv
import fnmatch
import os
import re
from dataclasses import dataclass

HERE = os.path.dirname(os.path.realpath(__file__))
TEXTS = ("instructions", "func_info", "line_info", "types")  # as digests, unless they are asked for in full
PARTS = ("instructions", "func_info", "line_info")


@dataclass(frozen=True)
class Difference:
    """`part`: loads, dies, programs, attributes, instructions, func_info, line_info, types, maps."""
    object: str
    program: str  # or map
    part: str
    detail: str

    def __str__(self):
        return f"{self.object}: {self.program or 'object'}: {self.part}: {self.detail}"


def first_lines(theirs, ours):
    """The first line in which two texts differ."""
    left, right = theirs.splitlines(), ours.splitlines()
    for number, (a, b) in enumerate(zip(left, right)):
        if a != b:
            return f"line {number}: {a} | {b}"
    return f"{len(left)} | {len(right)} lines"


def attribute_differences(name, program, theirs, ours):
    left, right = theirs.splitlines(), ours.splitlines()
    for a, b in zip(left, right):
        if a != b:
            yield Difference(name, program, "attributes", f"{a} | {b}")


def program_differences(name, theirs, ours):
    left, right = ({program["name"]: program for program in side["programs"]} for side in (theirs, ours))
    for missing in sorted(left.keys() - right.keys()):
        yield Difference(name, missing, "programs", "not loaded by us")
    for extra in sorted(right.keys() - left.keys()):
        yield Difference(name, extra, "programs", "loaded by us alone")
    for program in sorted(left.keys() & right.keys()):
        a, b = left[program], right[program]
        if "attributes" not in a or "attributes" not in b:
            yield Difference(name, program, "programs", "its load was not captured")
        yield from attribute_differences(name, program, a.get("attributes", ""), b.get("attributes", ""))
        for part in PARTS:
            if a.get(part) != b.get(part):
                yield Difference(name, program, part, first_lines(a.get(part, ""), b.get(part, "")))


def map_differences(name, theirs, ours):
    left, right = (sorted(side["maps"], key=lambda entry: (entry["name"], entry.get("attributes", "")))
                   for side in (theirs, ours))
    names = [[entry["name"] for entry in side] for side in (left, right)]
    if names[0] != names[1]:
        missing, extra = (sorted(set(names[i]) - set(names[1 - i])) for i in (0, 1))
        yield Difference(name, "", "maps", f"only there: {' '.join(missing)} | only here: {' '.join(extra)}")
    right = {entry["name"]: entry for entry in right}
    for a in left:
        b = right.get(a["name"])
        for key in ("attributes", "types", "content") if b else ():
            if a.get(key) != b.get(key):
                yield Difference(name, a["name"], "maps", f"{key}: {a.get(key)} | {b.get(key)}")


def differences(name, theirs, ours):
    """Of two loads that both succeeded."""
    found = [*program_differences(name, theirs, ours), *map_differences(name, theirs, ours)]
    if theirs["types"] != ours["types"]:
        found.append(Difference(name, "", "types", first_lines(theirs["types"], ours["types"])))
    return found


def lost(name, theirs, ours):
    """Of a load that succeeds there and fails here."""
    return Difference(name, theirs.get("program", ""), "loads", ours.get("message", ""))


def died(name, ours):
    """A load may fail, but never by a crash, a sanitizer's word or without end."""
    if ours["loaded"] or not re.match("killed by|exit code|seconds passed", ours.get("message", "")):
        return []
    return [Difference(name, ours.get("program", ""), "dies", ours["message"])]


class Exceptions:
    """exceptions.csv: what may differ, and why that is right. Patterns as the shell's."""

    def __init__(self, path=os.path.join(HERE, "exceptions.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.used = set()

    def reason(self, referee, difference):
        for number, row in enumerate(self.rows):
            if fnmatch.fnmatchcase(referee, row["referee"]) and all(
                    fnmatch.fnmatchcase(getattr(difference, key), row[key] or "*")
                    for key in ("object", "program", "part", "detail")):
                self.used.add(number)
                return row["reason"]
        return None

    def unused(self):
        return [",".join(row[key] for key in ("referee", "object", "program", "part", "detail"))
                for number, row in enumerate(self.rows) if number not in self.used]
