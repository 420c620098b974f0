#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two commands at once, and one that is killed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import random  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402

from runner.check import LADE, equal, lade, live, main, path, pins  # noqa: E402


def start(*words):
    return subprocess.Popen([LADE, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(processes):
    outcomes = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
    for err, code in outcomes:
        assert code >= 0 and "Sanitizer" not in err, err
    return outcomes


@live
def of_two_loads_of_one_name_exactly_one_wins():
    for _ in range(10):
        outcomes = finish([start("load", path("exec.bpf.o")) for _ in range(2)])
        equal(sorted(code for _, code in outcomes), [0, 6], outcomes)
        equal([entry["name"] for entry in lade("list", "--json").json()["instances"]], ["exec"])
        equal(lade("unload", "exec").code, 0)
        equal(pins(), [])


@live
def two_objects_that_share_a_pin_both_load():
    for _ in range(10):
        outcomes = finish([start("load", path("cli_shared.bpf.o"), "--name", name) for name in ("one", "two")])
        equal([code for _, code in outcomes], [0, 0], outcomes)
        shown = [entry for name in ("one", "two")
                 for entry in lade("show", name, "--json").json()["instances"][0]["maps"]]
        equal(len({entry["id"] for entry in shown}), 1, shown)
        equal(sorted(entry["created"] for entry in shown), [False, True], shown)
        equal(lade("unload", "one", "two").code, 0)
        equal(pins(), [])


@live
def loads_and_unloads_of_one_name_at_once_leave_nothing_odd():
    for _ in range(10):
        equal(lade("load", path("exec.bpf.o")).code, 0)
        outcomes = finish([start("unload", "exec"), start("load", path("exec.bpf.o")), start("unload", "exec")])
        for err, code in outcomes:
            assert code in (0, 1, 5, 6), (code, err)
        lade("unload", "exec")
        equal([entry["name"] for entry in lade("list", "--json").json()["instances"]], [])
        equal(pins(), [])


@live
def killed_load_is_listed_and_can_be_removed():
    random.seed(2)
    for _ in range(40):
        process = start("load", path("cli_shared.bpf.o"))
        time.sleep(random.uniform(0, 0.012))
        process.kill()
        process.communicate()
        left = lade("list", "--json").json()["instances"]
        equal(bool(left), bool([pin for pin in pins() if pin.startswith("lade/")]), pins())
        for entry in left:
            assert entry["state"] in ("loaded", "unfinished"), entry
            done = lade("unload", entry["name"])
            equal(done.code, 0, done)
        equal([pin for pin in pins() if pin != "lade"], [])


@live
def after_a_killed_load_the_next_one_works():
    for delay in (0.001, 0.003, 0.006):
        process = start("load", path("cli_shared.bpf.o"))
        time.sleep(delay)
        process.kill()
        process.communicate()
        if any(entry["state"] == "loaded" for entry in lade("list", "--json").json()["instances"]):
            equal(lade("unload", "cli_shared").code, 0)
        done = lade("load", path("cli_shared.bpf.o"))
        equal(done.code, 0, done)
        while lade("list", "--json").json()["instances"]:
            equal(lade("unload", "cli_shared").code, 0)
        equal([pin for pin in pins() if pin != "lade"], [])


main()
