#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Corners of modern objects: code without a section of its own, tables that sleep, targets in the same object."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))

from runner.check import Skip, contains, equal, lade, live, main, path, pins, test  # noqa: E402


def programs(done):
    return {program["name"]: program for program in done.json()["objects"][0]["programs"]}


# ---- code in .text alone ----

@live
def function_in_text_alone_is_left_out_and_says_what_is_missing():
    done = lade("load", "--json", path("text_alone.bpf.o"))
    equal(done.code, 0, done)
    contains(programs(done)["only"]["skip"], "no section names its type", "--type only=TYPE")
    equal(lade("unload", "text_alone").code, 0)
    equal(pins(), [])


@live
def its_type_alone_makes_it_load():
    for words in ("only=xdp", "xdp"):
        done = lade("load", "--json", "--type", words, path("text_alone.bpf.o"))
        equal(done.code, 0, done)
        equal(programs(done)["only"]["type"], "xdp")
        equal(programs(done)["only"]["skip"], None)
        equal(lade("unload", "text_alone").code, 0)
    equal(pins(), [])


@test
def asking_for_it_without_a_type_is_an_error():
    done = lade("load", "--dry-run", "--json", "--prog", "only", path("text_alone.bpf.o"))
    equal(done.code, 2, done)
    equal(done.codes(), ["plan.program.type"], done)


@live
def object_of_types_alone_loads_with_a_note():
    done = lade("load", "--json", path("text_library.bpf.o"))
    equal(done.code, 0, done)
    equal([note["code"] for note in done.json()["objects"][0]["notes"]], ["dialect.btf.nothing"])
    equal(lade("unload", "text_library").code, 0)
    equal(pins(), [])


# ---- tables ----

def needs_tables(done):
    if done.code == 3:
        raise Skip("this kernel has no tcp_congestion_ops")
    return done


@test
def table_that_sleeps_is_created_when_it_is_named():
    done = needs_tables(lade("load", "--dry-run", path("ops_link.bpf.o")))
    equal(done.code, 0, done)
    assert "create map ops_asleep" not in done.out, done
    done = lade("load", "--dry-run", "--map", "ops_asleep", path("ops_link.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "create map ops_asleep", "load program ops_asleep_ssthresh", "create map ops_first")


@test
def other_maps_are_not_created_by_their_name():
    done = lade("load", "--dry-run", "--map", "cli_common", path("cli_shared.bpf.o"))
    equal(done.code, 1, done)
    contains(done.err, "--map")
    done = lade("load", "--dry-run", "--map", "ops_aslep", path("ops_link.bpf.o"))
    equal(done.code, 1, done)
    contains(done.err, "ops_asleep")


# ---- targets of the same object ----

@test
def program_of_the_same_object_is_loaded_before_what_goes_to_it():
    done = lade("load", "--dry-run", "--prog", "watch", "--prog", "asks", "--target", "watch=asks",
                path("own_targets.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "of program asks")
    assert done.out.index("load program asks") < done.out.index("load program watch"), done


@test
def target_of_the_same_object_that_is_not_loaded_is_named():
    done = lade("load", "--dry-run", "--json", "--prog", "watch", "--target", "watch=asks", path("own_targets.bpf.o"))
    equal(done.code, 6, done)
    equal(done.codes(), ["plan.target.left-out"], done)
    contains(done.findings()[0]["fix"], "--prog asks")


@test
def replacement_of_itself_is_wrong_use():
    done = lade("load", "--dry-run", "--json", "--prog", "other_answer", "--target", "other_answer=other_answer",
                path("own_targets.bpf.o"))
    equal(done.code, 1, done)
    equal(done.codes(), ["plan.target.circle"], done)


main()
