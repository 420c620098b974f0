#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Slips of the finger: wherever a word is typed, or an object names something, the nearest right one is asked for."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import contains, equal, lade, live, main, path, pins, test  # noqa: E402

OBJECT = path("gate_typos.bpf.o")


def fix(*words, code="", status=None):
    done = lade(*words, "--json")
    assert done.code != 0, done
    finding = done.findings()[0]
    if code:
        equal(finding["code"], code, done)
    if status:
        equal(done.code, status, done)
    return finding.get("fix", "")


@test
def sections_of_the_object():
    contains(fix("load", "--dry-run", "--prog", "section", OBJECT, code="plan.program.type"),
             'did you mean SEC("tracepoint/sched/sched_switch")?', "--type section=TYPE")
    contains(fix("load", "--dry-run", "--prog", "hook", OBJECT, code="plan.program.type"),
             'did you mean SEC("cgroup_skb/ingress")?')


@test
def words_of_the_command():
    for words, meant in ((("lod", OBJECT), "'load'"), (("load", "--atach", OBJECT), "--attach"),
                         (("load", "--type", "xdb", OBJECT), "'xdp'"),
                         (("load", "--type", "hok=xdp", OBJECT), "'hook'"),
                         (("load", "--max-entries", "conts=5", OBJECT), "'counts'"),
                         (("load", "--set", "treshold=5", OBJECT), "'threshold'"),
                         (("load", "--prog", "rihgt", OBJECT), "'right'"),
                         (("map", "dmp", "x"), "'dump'")):
        done = lade(*words)
        equal(done.code, 1, done)
        contains(done.err, f"did you mean {meant}")


@test
def what_is_nothing_like_it_is_not_suggested():
    for words in (("load", "--type", "abcdefgh", OBJECT), ("load", "--max-entries", "qqqqqqq=5", OBJECT), ("qqqqqqq",)):
        done = lade(*words)
        equal(done.code, 1, done)
        assert "did you mean" not in done.err, done


@live
def names_of_the_kernel():
    contains(fix("load", "--attach", "--prog", "event", OBJECT, code="attach.tracepoint.missing"),
             "did you mean sched/sched_switch?")
    contains(fix("load", "--prog", "member", OBJECT, code="verifier.core.poisoned"), "did you mean pid?", "guard it")
    contains(fix("load", "--prog", "version", OBJECT, code="kconfig.absent"), "did you mean LINUX_KERNEL_VERSION?")
    contains(fix("load", "--prog", "option", OBJECT), "did you mean CONFIG_BPF_SYSCALL?")
    contains(fix("load", "--prog", "function", OBJECT, code="kfunc.absent"), "did you mean bpf_task_acquire?")
    equal(pins(), [])


@live
def targets_and_what_is_loaded():
    contains(fix("load", "--prog", "right", "--attach", "right=dve:lo", OBJECT, code="attach.target.syntax"),
             "did you mean dev:lo?")
    contains(fix("load", "--prog", "right", "--attach", "right=dev:loo", OBJECT, code="attach.device.missing"),
             "did you mean lo?")
    contains(fix("load", "--prog", "right", "--attach", "rigth=dev:lo", OBJECT, code="plan.attach.program"),
             "did you mean right?")
    equal(lade("load", "-q", "--name", "first", "--prog", "right", OBJECT).code, 0)
    try:
        contains(fix("show", "frist", code="state.not-found"), "did you mean first?")
        contains(fix("map", "dump", "first/conts", code="map.unknown"), "did you mean counts?")
        contains(fix("test", "first/rigth", code="program.unknown"), "did you mean right?")
    finally:
        equal(lade("unload", "first").code, 0)
    equal(pins(), [])


if __name__ == "__main__":
    main()
