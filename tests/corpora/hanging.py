#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Machines that hang or stop: they are ended, it is said, and what was under way is tried once more. Speaks TAP."""
import contextlib
import io
import os
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import machines  # noqa: E402 pylint: disable=wrong-import-position
from machines import guest  # noqa: E402 pylint: disable=wrong-import-position
import machine  # noqa: E402 pylint: disable=wrong-import-position
import tries  # noqa: E402 pylint: disable=wrong-import-position

tests = []


def test(function):
    tests.append(function)
    return function


class Modules:
    def in_order(self, _names):
        return []


class Pretended(machine.Machine):
    """A shell's words instead of a machine's; @LINE@ is the descriptor of the line."""

    def __init__(self, script):
        super().__init__("pretended", "bookworm")
        self.script, self.modules = script, Modules()

    def fetch(self):
        pass

    def command(self, scratch, initrd, content):
        return ["sh", "-c", self.script]


def boot(script, seconds=60, silence=None):
    target = Pretended(script)
    return target, target.boot(machine.Content({}, {}, ["true"], silence=silence), seconds)


WORD = "printf 'LADE 0 out 5\\nword\\nLADE 0 end 0\\n' >&@LINE@\n"


@test
def machine_that_ends_has_its_results():
    target, results = boot(WORD)
    assert [(result.code, result.out) for result in results] == [(0, "word\n")], results
    assert "killed" not in target.console, target.console


@test
def silent_machine_is_ended_and_keeps_what_it_said():
    target, results = boot(WORD + "exec sleep 600", silence=1)
    assert len(results) == 1, results
    assert "killed: silent for 1 s" in target.console, target.console


@test
def machine_that_speaks_without_end_is_ended():
    target, _results = boot(f"while :; do\n{WORD}sleep 0.1\ndone", seconds=1, silence=60)
    assert "killed: the machine did not turn itself off in 1 s" in target.console, target.console


class Check:
    def __init__(self, name):
        self.name = name


def outcomes_of(script):
    """script: for each machine what it comes to the end of, None if it does not begin."""
    target, script = Pretended(""), list(script)
    outcomes, said = [], io.StringIO()
    with contextlib.redirect_stdout(said):
        tries.try_all(target, [Check(name) for name in "abc"],
                      lambda checks: (ended := script.pop(0)) and [(name, None, None) for name in ended], outcomes)
    assert not script, script
    return [(name, problem is None) for name, problem, _skip in outcomes], said.getvalue()


@test
def check_in_which_a_machine_stops_is_tried_again():
    outcomes, said = outcomes_of(["a", "bc"])
    assert outcomes == [("a", True), ("b", True), ("c", True)], outcomes
    assert said.startswith("# pretended: b: the machine stopped"), said


@test
def check_in_which_two_machines_stop_has_failed_and_the_others_go_on():
    outcomes, _said = outcomes_of(["a", "", "c"])
    assert outcomes == [("a", True), ("b", False), ("c", True)], outcomes


@test
def every_check_has_a_second_machine():
    outcomes, _said = outcomes_of(["", "a", "b", "c"])
    assert outcomes == [("a", True), ("b", True), ("c", True)], outcomes


@test
def all_have_failed_where_no_machine_begins():
    outcomes, _said = outcomes_of([None, None])
    assert outcomes == [("a", False), ("b", False), ("c", False)], outcomes


def judges_on(*answers):
    """What verdicts() makes of machines that answer so, and what it says."""
    answers, said = list(answers), []

    def execute(*_words, **_more):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        result = machine.Result(0, answer, "")
        result.version = "1.2.3"
        return result

    kept, guest.execute = guest.execute, execute
    try:
        return machines.verdicts("pretended", {}, [], 1, 1, said.append), said
    finally:
        guest.execute = kept


ANSWER = '00 WHOLE lade\n{"object": "a.bpf.o"}\n00 EACH lade\nEND\n'


@test
def judges_whose_machine_hangs_are_asked_again():
    (found, version), said = judges_on(guest.Stopped("silent for 400 s"), ANSWER)
    assert (found[0, "lade", "WHOLE"], version) == ({"a.bpf.o": ['{"object": "a.bpf.o"}']}, "1.2.3"), found
    assert said == ["tried again: silent for 400 s"], said


@test
def judges_that_do_not_come_to_their_end_twice_have_failed():
    try:
        judges_on("00 WHOLE lade\n", "00 WHOLE lade\n")
    except machines.Hanging as hanging:
        assert "did not come to their end" in str(hanging), hanging
        return
    raise AssertionError("no exception")


def main():
    failures = 0
    print(f"1..{len(tests)}")
    for number, function in enumerate(tests, 1):
        problem = ""
        try:
            function()
        except Exception:  # pylint: disable=broad-except
            problem = traceback.format_exc()
        failures += problem != ""
        print(f"{'not ' if problem else ''}ok {number} - {function.__name__.replace('_', ' ')}")
        print("".join(f"# {line}\n" for line in problem.splitlines()), end="", flush=True)
    return 1 if failures else 0


sys.exit(main())
