#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Android's objects: their policy is shown, and the options say as which loader they are judged."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import equal, lade, live, main, path, test  # noqa: E402


def inspected(*options):
    done = lade("inspect", "--json", path("android_filters.o"), *options)
    equal(done.code, 0)
    return json.loads(done.out)


def part(document, kind, name):
    return next(item for item in document[kind] if item["name"] == name)


@test
def policy_is_in_the_json():
    document = inspected()
    equal(document["dialect"], "android-d")
    equal(document["policy"]["critical"], "connectivity")
    equal(document["policy"]["judged_loader"], 46)
    ring = part(document, "maps", "old_kernel")["policy"]
    equal((ring["min_kernel"], ring["max_kernel"], ring["mode"]), ("0.0.0", "4.14.0", "0000"))
    machines = part(document, "programs", "for_no_machine")["policy"]
    equal(machines["ignore_on"], ["arm32", "aarch64", "x86_32", "x86_64", "riscv64"])
    assert part(document, "programs", "optional_broken")["policy"]["optional"]


@test
def loader_version_decides_what_is_left_out():
    assert part(inspected(), "programs", "for_new_loader")["skip"]
    assert not part(inspected("--loader-version", "50"), "programs", "for_new_loader")["skip"]
    assert part(inspected("--build-type", "user"), "maps", "not_user")["skip"]
    assert not part(inspected("--build-type", "eng"), "maps", "not_user")["skip"]


@test
def wrong_options_are_wrong_use():
    for option, value in (("--loader-version", "new"), ("--loader-version", "70000"), ("--build-type", "release")):
        for verb in ("inspect", "load"):
            done = lade(verb, path("android_filters.o"), option, value)
            equal(done.code, 1)
            assert option in done.err, done.err


@live
def load_lists_what_it_leaves_out():
    done = lade("load", "--json", path("android_filters.o"))
    equal(done.code, 0)
    programs = json.loads(done.out)["objects"][0]["programs"]
    equal([p["name"] for p in programs if not p["skip"]], ["always", "for_no_user"])
    lade("unload", "android_filters")
    done = lade("load", "--json", path("android_filters.o"), "--loader-version", "50", "--build-type", "user")
    programs = json.loads(done.out)["objects"][0]["programs"]
    equal([p["name"] for p in programs if not p["skip"]], ["always", "for_new_loader"])
    equal(lade("unload", "android_filters").code, 0)


main()
