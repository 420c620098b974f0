#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""data/*.csv against the UAPI headers of kernels: what is there and what not yet, numbers, offsets and sizes.

Alone it looks at the header that is installed here. tests/facts/run looks at those of Debian's releases, too.
"""
import csv
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import SOURCE, Skip, equal, main, test  # noqa: E402

# (file, what the header's names begin with, names there that are no such thing)
ENUMS = [
    ("map_types", "BPF_MAP_TYPE_", set()),
    ("prog_types", "BPF_PROG_TYPE_", set()),
    ("link_types", "BPF_LINK_TYPE_", set()),
]
# The tables say since which release Linus' kernel has something. These came to a stable one later: 6.12.117 has the
# order of a cgroup's programs.
TAKEN_OVER = {("link_create.cgroup.relative_fd", (6, 12)), ("link_create.cgroup.expected_revision", (6, 12))}
NO_ATTACH_TYPE = re.compile(r"__|MAX_")


def facts(name):
    with open(os.path.join(SOURCE, "data", name + ".csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number_of(version):
    """"5.8" as a pair, which can be compared."""
    return tuple(int(part) for part in version.split(".")[:2])


class Header:
    """linux/bpf.h of one kernel, below a directory like /usr/include."""

    def __init__(self, directory):
        self.directory = directory
        path = os.path.join(directory, "linux", "bpf.h")
        if not os.path.exists(path):
            raise Skip(f"there is no {path}")
        with open(path, encoding="utf-8") as file:
            self.text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        with open(os.path.join(directory, "linux", "version.h"), encoding="utf-8") as file:
            code = int(re.search(r"LINUX_VERSION_CODE (\d+)", file.read()).group(1))
        self.version = (code >> 16, code >> 8 & 255)
        self.name = ".".join(map(str, self.version))

    def compile(self, source, *words, fails=False):
        """stdout of the program, or the compiler's complaints where they are wanted."""
        with tempfile.TemporaryDirectory() as scratch:
            path, program = os.path.join(scratch, "facts.c"), os.path.join(scratch, "facts")
            with open(path, "w", encoding="utf-8") as file:
                file.write("#include <stddef.h>\n#include <stdio.h>\n#include <linux/bpf.h>\n" + source)
            command = ["cc", "-w", "-isystem", self.directory, *self.machine(), *words, path, "-o", program]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if fails:
                return done.stderr
            equal(done.returncode, 0, done.stderr)
            return subprocess.run([program], capture_output=True, text=True, check=True).stdout

    def machine(self):
        """asm/ lies in a directory of the architecture's."""
        for entry in sorted(os.listdir(self.directory)):
            if os.path.isdir(os.path.join(self.directory, entry, "asm")):
                return ["-isystem", os.path.join(self.directory, entry)]
        return []

    def enum(self, prefix):
        """{name: number} of all enumerators with this prefix."""
        names = sorted(set(re.findall(rf"^\s*({prefix}\w+)\s*(?:=[^,]*)?,", self.text, re.M)))
        lines = "".join(f'\tprintf("%s %lld\\n", "{name}", (long long){name});\n' for name in names)
        out = self.compile(f"int main(void)\n{{\n{lines}\treturn 0;\n}}\n")
        return {line.split()[0]: int(line.split()[1]) for line in out.splitlines()}

    def block(self, name):
        """The enumerators of one enum, by its name."""
        body = re.search(rf"enum {name} \{{(.*?)\}};", self.text, re.S)
        return set(re.findall(r"^\s*(\w+)", body.group(1), re.M)) if body else set()

    def helpers(self):
        return {name[len("BPF_FUNC_"):]: number for name, number in self.values(
            f"BPF_FUNC_{name}" for name in re.findall(r"^\s*FN\((\w+)", self.text, re.M)).items()}

    def values(self, names):
        lines = "".join(f'\tprintf("%s %lld\\n", "{name}", (long long){name});\n' for name in names)
        out = self.compile(f"int main(void)\n{{\n{lines}\treturn 0;\n}}\n")
        return {line.split()[0]: int(line.split()[1]) for line in out.splitlines()}


def wrong_of(header, rows, found, numbers=True):
    """What a table says that the header does not, and the other way round."""
    assert found, f"nothing of it was found in the header of {header.name}"
    wrong = []
    for row in rows:
        name, due = row["name"], number_of(row["first_kernel"]) <= header.version
        if due and name not in found:
            wrong.append(f"{name}: since {row['first_kernel']} says the table; {header.name} has none")
        if not due and name in found:
            wrong.append(f"{name}: since {row['first_kernel']} says the table; {header.name} has it")
        number = int(row.get("id") or row.get("value") or "0", 0)
        if numbers and due and name in found and found[name] != number:
            wrong.append(f"{name}: {number} says the table; {header.name} has {found[name]}")
    return wrong


def unknown_of(header, rows, found):
    known = {row["name"] for row in rows}
    return [f"{name}: {header.name} has it, the table does not" for name in sorted(set(found) - known)]


def wrong_enums(header):
    wrong = []
    for file, prefix, others in ENUMS:
        found = {name: number for name, number in header.enum(prefix).items()
                 if not NO_ATTACH_TYPE.search(name) and name not in others}
        wrong += wrong_of(header, facts(file), found) + unknown_of(header, facts(file), found)
    return wrong


def wrong_attach_types(header):
    names = {name for name in header.block("bpf_attach_type") if not NO_ATTACH_TYPE.search(name)}
    found = header.values(sorted(names))
    return wrong_of(header, facts("attach_types"), found) + unknown_of(header, facts("attach_types"), found)


def wrong_commands(header):
    names = {name for name in header.block("bpf_cmd") if not NO_ATTACH_TYPE.search(name)}
    found = header.values(sorted(names))
    return wrong_of(header, facts("bpf_cmds"), found) + unknown_of(header, facts("bpf_cmds"), found)


def wrong_helpers(header):
    found = {"bpf_" + name: number for name, number in header.helpers().items() if name != "unspec"}
    return wrong_of(header, facts("helpers"), found) + unknown_of(header, facts("helpers"), found)


def wrong_flags(header):
    rows = facts("map_flags") + facts("prog_flags")
    names = {name for name in (row["name"] for row in rows) if re.search(rf"\b{name}\b", header.text)}
    return wrong_of(header, rows, header.values(sorted(names)))


def wrong_fields(header):
    """Offsets and sizes within union bpf_attr; a field that is not there yet is a line that does not compile."""
    rows = facts("bpf_attr_fields")
    lines = [f"static const size_t f{i}[] = {{ offsetof(union bpf_attr, {row['field']}) }};" for i, row in enumerate(rows)]
    complaints = header.compile("\n".join(lines) + "\n", "-fsyntax-only", "-fmax-errors=0", fails=True)
    absent = {int(line) - 4 for line in re.findall(r"facts\.c:(\d+):\d+: error", complaints)}
    there = [(i, row) for i, row in enumerate(rows) if i not in absent]
    prints = "".join(f'\tprintf("{i} %zu %zu\\n", offsetof(union bpf_attr, {row["field"]}), '
                     f'sizeof(((union bpf_attr *)0)->{row["field"]}));\n' for i, row in there)
    out = header.compile(f"int main(void)\n{{\n{prints}\treturn 0;\n}}\n")
    places = {int(words[0]): (int(words[1]), int(words[2])) for words in map(str.split, out.splitlines())}
    wrong = []
    for i, row in enumerate(rows):
        name, due = f"{row['command']} {row['field']}", number_of(row["first_kernel"]) <= header.version
        if due != (i in places) and (row["field"], header.version) not in TAKEN_OVER:
            wrong.append(f"{name}: since {row['first_kernel']} says the table; {header.name} has "
                         f"{'it' if i in places else 'none'}")
        elif i in places and places[i] != (int(row["offset"]), int(row["size"])):
            wrong.append(f"{name}: offset {row['offset']}, size {row['size']} says the table; {header.name} has "
                         f"{places[i][0]}, {places[i][1]}")
    return wrong


THEMES = [("types", wrong_enums), ("attach types", wrong_attach_types), ("commands", wrong_commands),
          ("helpers", wrong_helpers), ("flags of maps", wrong_flags), ("fields of bpf_attr", wrong_fields)]


def add_tests(label, directory):
    """One test a theme and header; the header is looked for when the test runs."""
    for theme, find_wrong in THEMES:
        def judge(find_wrong=find_wrong):
            wrong = find_wrong(Header(directory() if callable(directory) else directory))
            assert not wrong, "\n".join(wrong)
        judge.__name__ = f"{theme} are those of {label}"
        test(judge)


@test
def a_wrong_table_is_found():
    """The test itself can fail: a row with another number, one too early, one too late, one that is missing."""
    header = Header("/usr/include")
    rows = [{"name": "BPF_A", "first_kernel": "3.18", "id": "7"}, {"name": "BPF_B", "first_kernel": "3.18", "id": "1"},
            {"name": "BPF_C", "first_kernel": "99.0", "id": "2"}]
    equal(len(wrong_of(header, rows, {"BPF_A": 1, "BPF_C": 2})), 3)
    equal(len(unknown_of(header, rows, {"BPF_A": 1, "BPF_D": 9})), 1)


if __name__ == "__main__":
    add_tests("the installed header", "/usr/include")
    main()
