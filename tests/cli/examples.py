#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The commands of lade-attach(7), man/examples.csv: an object with such a section is planned as the example says."""
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import BUILD, Skip, command, contains, equal, lade, main, test  # noqa: E402 pylint: disable=wrong-import-position

ROOT = os.environ.get("SOURCE", ".")
PAGE = os.path.join(BUILD, "man", "lade-attach.7")
# What the kernel cannot be asked for here has its own errors; anything else is a wrong example.
LACKING = 3
SOURCE = """
#define SEC(name) __attribute__((section(name), used))
struct map { int (*type)[17]; int (*key)[4]; int (*max_entries)[4]; };
%s
char _license[] SEC("license") = "GPL";
"""
PROGRAM = 'SEC("%s") int %s(void *context) { return 0; }'
TABLE = """
struct sock;
struct tcp_congestion_ops { unsigned (*ssthresh)(struct sock *); };
%s
SEC(".struct_ops") struct tcp_congestion_ops table = { .ssthresh = (void *)program };
"""


def examples():
    with open(os.path.join(ROOT, "man", "examples.csv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compiler():
    found = shutil.which("clang-14") or shutil.which("clang")
    if not found:
        raise Skip("clang is not installed")
    return found


def program_of(words):
    """The name that the command gives to the program, if it gives one."""
    named = re.search(r" --attach (\w+)=", words)
    return named.group(1) if named else "program"


def compile_example(row, directory):
    words = row["command"].split()
    path, name = os.path.join(directory, words[2]), program_of(row["command"])
    text = PROGRAM % (row["section"], name)
    if row["section"].startswith("struct_ops"):
        text = TABLE % text
    done = subprocess.run([compiler(), "-target", "bpf", "-O2", "-g", "-x", "c", "-", "-c", "-o", path], text=True,
                          input=SOURCE % text, capture_output=True, check=False)
    equal(done.returncode, 0, done.stderr)
    return words


def plan(row, directory):
    """The example's command with a plan instead of deeds; lade run has none, but attaches as lade load --attach does."""
    words = compile_example(row, directory)
    equal(words[0], "lade", row)
    options = words[3:] if "--attach" in words else [*words[3:], "--attach"]
    return lade("load", "--dry-run", words[2], *options, cwd=directory)


@test
def commands_of_all_examples_are_understood():
    wrong = []
    with tempfile.TemporaryDirectory() as directory:
        for row in examples():
            done = plan(row, directory)
            attached = "table" if row["section"].startswith("struct_ops") else program_of(row["command"])
            if done.code not in (0, LACKING) or done.code == 0 and f"attach {attached} " not in done.out:
                wrong.append(f"{row['command']}\n{done}")
    equal(wrong, [], "\n".join(wrong))


@test
def verbs_of_examples_are_verbs():
    verbs = command(os.environ["LADE"], "help").out
    for row in examples():
        for verb in re.findall(r"\blade (\w+)", row["command"] + " " + row["seen"]):
            contains(verbs, f"  {verb} ")


@test
def page_has_all_examples():
    if not os.path.exists(PAGE):
        raise Skip("the page was not built")
    with open(PAGE, encoding="utf-8") as file:
        page = re.sub(r"\\(-|&)", lambda found: found.group(1).strip("&"), file.read())
    for row in examples():
        contains(page, row["command"], row["section"])


@test
def page_has_no_errors():
    if not shutil.which("groff") or not os.path.exists(PAGE):
        raise Skip("groff is not installed, or the page was not built")
    done = command("groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z", PAGE)
    equal((done.code, done.err), (0, ""), done)


main()
