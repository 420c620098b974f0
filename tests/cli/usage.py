#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Wrong use: exit 1, nothing done, the bad word named."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import command, contains, equal, lade, main, path, scratch, test  # noqa: E402

VERBS = ["inspect", "load", "run", "watch", "send", "list", "show", "unload", "help", "version", "completion"]


def refused(*words):
    done = lade(*words)
    equal(done.code, 1, done)
    equal(done.out, "", done)
    return done.err


@test
def without_a_verb_help_is_named():
    contains(refused(), "lade help")


@test
def unknown_verb_names_the_nearest():
    contains(refused("lod", "x.o"), "'lod'", "'load'")
    contains(refused("frobnicate"), "'frobnicate'", "lade help")


@test
def unknown_option_names_the_nearest():
    contains(refused("list", "--jsno"), "--jsno", "--json")
    contains(refused("list", "-x"), "-x")


@test
def missing_operand_is_named():
    for verb in ("inspect", "load", "run", "show", "unload"):
        contains(refused(verb), verb, "needs")


@test
def too_many_operands_are_named():
    contains(refused("list", "what"), "'what'")
    contains(refused("run", "a.o", "b.o"), "'b.o'")


@test
def option_without_its_argument_is_named():
    contains(refused("load", "--name"), "--name")


@test
def flag_with_an_argument_is_refused():
    contains(refused("list", "--json=3"), "--json")


@test
def wrong_numbers_are_refused():
    good = path("exec.bpf.o")
    contains(refused("load", good, "--jobs", "many"), "many")
    contains(refused("load", good, "--max-entries", "events=-1"), "-1")
    contains(refused("run", good, "--for", "soon"), "soon")


@test
def usage_errors_are_json_when_asked():
    done = lade("list", "--json", "--nonsense")
    equal(done.code, 1)
    contains(done.findings()[0]["message"], "--nonsense")


@test
def control_characters_do_not_reach_the_terminal():
    assert "\033" not in refused("\033[31mload")


@test
def help_lists_every_verb():
    text = lade("help").out
    for verb in VERBS:
        contains(text, verb)
    equal(lade("--help").out, text)


@test
def every_verb_explains_itself():
    for verb in VERBS:
        done = lade(verb, "-h")
        equal(done.code, 0, done)
        contains(done.out, "lade " + verb, "--json")
        equal(lade("help", verb).out, done.out)


@test
def help_of_an_unknown_verb_is_refused():
    contains(refused("help", "nothing"), "'nothing'")


@test
def version_is_one_line():
    done = lade("-V")
    equal(done.code, 0)
    assert done.out.startswith("lade ") and done.out.count("\n") == 1, done
    assert lade("version", "-j").json()["version"] in done.out


@test
def bash_completion_offers_verbs_and_options():
    script = lade("completion", "bash").out
    file = scratch("completion", script.encode())
    ask = ". " + file + "; COMP_WORDS=(lade {0}); COMP_CWORD={1}; _lade; echo ${{COMPREPLY[@]}}"
    equal(command("bash", "-c", ask.format("ins", 1)).out, "inspect\n")
    contains(command("bash", "-c", ask.format("load --max", 2)).out, "--max-entries")


@test
def other_completions_name_every_verb():
    for shell in ("zsh", "fish", "man"):
        text = lade("completion", shell).out
        for verb in VERBS:
            contains(text, verb)
    contains(refused("completion", "tcsh"), "'tcsh'", "fish")


@test
def slip_in_the_name_of_a_dialect_or_of_a_long_option_is_noticed():
    contains(lade("inspect", "--dialect", "libpf0", path("load_all.bpf.o")).err, "did you mean libbpf0?")
    contains(lade("load", "--max-entry", "counts=5", "x.o").err, "did you mean --max-entries?")
    contains(lade("laod", "x.o").err, "did you mean 'load'?")
    # A kind that there is not is a wrong target, and no second object.
    equal(lade("load", "--dry-run", "--attach", "on_exit=foo:bar", path("load_all.bpf.o")).code, 0)


main()
