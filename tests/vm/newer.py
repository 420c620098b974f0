# SPDX-License-Identifier: BSD-2-Clause
"""What only some of the kernels know: it works there, and elsewhere the finding says what is missing."""
import json
import re

from modern import OPENED, OPENING, records, run
from scenario import AT_REST, BUSY, TRACING, Skip, check, contains, equal, failed, no_step_back, notes, succeeded

ASKS = "lade/core_replaced/progs/asks"
TARGETED = "lade load --json core_targets.bpf.o --name targeted --prog {0} --target {0}="
CONTROLS = "cat /proc/sys/net/ipv4/tcp_available_congestion_control\n"


def since(machine, major, minor):
    return tuple(map(int, re.match(r"(\d+)\.(\d+)", machine.version).groups())) >= (major, minor)


def links(shown):
    succeeded(shown)
    return [entry["type"] for entry in json.loads(shown.out)["instances"][0]["links"]]


@check(OPENING + run("vm_fmod_ret", "--record openings=opening") + OPENED, needs=TRACING)
def function_of_the_kernel_is_given_another_result(machine, ran):
    assert all(record["mode"] & 0o7777 == 0o123 for record in records(ran)), ran
    *_said, refusals, _content = ran.err.splitlines()
    assert int(refusals) > 0, ran


@check("lade load -q core_replaced.bpf.o", TARGETED.format("answer") + ASKS + " --attach", "lade show --json targeted",
       "lade unload targeted", "lade unload core_replaced", needs=TRACING)
def function_of_a_program_is_replaced(machine, replaced, load, shown, *unloads):
    succeeded(replaced, load, *unloads)
    no_step_back(load)
    equal(len(links(shown)), 1, shown)


@check("lade load -q core_replaced.bpf.o", TARGETED.format("before_answer") + ASKS + " --attach",
       "lade show --json targeted", "lade unload targeted", "lade unload core_replaced", needs=TRACING)
def function_of_a_program_is_watched(machine, replaced, load, shown, *unloads):
    succeeded(replaced, load, *unloads)
    no_step_back(load)
    equal(len(links(shown)), 1, shown)


OWN_TARGETS = "lade load --json own_targets.bpf.o --name own --prog asks"
GOES_TO = " --prog {0} --target {0}={1} --attach {0}="


def kinds_of(loaded):
    return {program["name"]: program["type"] for program in json.loads(loaded.out)["objects"][0]["programs"]
            if program["loaded"]}


@check(OWN_TARGETS + GOES_TO.format("watch", "asks"), "lade show --json own", "lade unload own", needs=TRACING)
def program_of_the_same_object_is_watched(machine, load, shown, unload):
    succeeded(load, unload)
    equal(kinds_of(load), {"watch": "tracing", "asks": "sched_cls"}, load)
    equal(links(shown), ["tracing"], shown)


@check(OWN_TARGETS + GOES_TO.format("other_answer", "asks") + GOES_TO.format("watch_replacement", "other_answer"),
       "lade show --json own", "lade unload own", needs=TRACING)
def program_that_replaces_one_of_the_same_object_is_watched_itself(machine, load, shown, unload):
    succeeded(load, unload)
    equal(kinds_of(load), {"other_answer": "ext", "watch_replacement": "tracing", "asks": "sched_cls"}, load)
    equal(len(links(shown)), 2, shown)


@check("lade load --json context_tag.bpf.o", "lade unload context_tag", needs=TRACING)
def functions_that_say_by_a_tag_that_they_take_the_context_load(machine, load, unload):
    succeeded(load, unload)
    equal({"of_xdp": "xdp", "of_kprobe": "kprobe", "of_raw_tracepoint": "raw_tracepoint", "of_tc": "sched_cls"},
          kinds_of(load), load)
    stepped_back = [note for note in notes(load) if note == "program.stepped-back"]
    # of_tc needs no tag: its function's parameter has the type that every kernel knows
    equal(bool(stepped_back), not since(machine, 6, 8), load)


@check("ip link add va type veth", TARGETED.format("bound") + "va", "lade unload -q targeted; ip link del va", needs=TRACING)
def program_is_bound_to_a_device(machine, made, load, unload):
    succeeded(made)
    if since(machine, 6, 3):
        succeeded(load, unload)
        return
    failed(load, 3, "program.load.refused")
    contains(load.err, "since 6.3", "--target bound=")


@check(TARGETED.format("bound") + "lo", needs=TRACING)
def device_that_programs_cannot_be_bound_to_is_named(machine, load):
    failed(load, 3, "program.load.refused")
    contains(load.err, "XDP metadata" if since(machine, 6, 3) else "since 6.3")


@check("lade load --json jumps_table.bpf.o", "lade unload -q jumps_table", needs=TRACING)
def indirect_jumps_load(machine, load, unload):
    if since(machine, 7, 0):
        succeeded(load, unload)
        no_step_back(load)
    else:
        failed(load, 3, "map.jump-table")
        contains(load.err, "-fno-jump-tables")


@check("ls arena_global.recent.o", "lade load --json arena_global.recent.o", "lade unload -q arena_global_recent",
       needs=TRACING)
def arena_is_made(machine, compiled, load, unload):
    if compiled.code:
        raise Skip("there was no clang-19 to compile it")
    if since(machine, 6, 9):
        succeeded(load, unload)
        no_step_back(load)
    else:
        failed(load, 3, "map.create.type")
        contains(load.err, "arena")


@check(BUSY + run("vm_private_stack", "--record depths=deep") + AT_REST, needs=TRACING)
def functions_have_stacks_of_their_own(machine, ran):
    if machine.architecture == "amd64" and since(machine, 6, 13):
        equal({(record["outer"], record["inner"]) for record in records(ran)}, {(1, 1)}, ran)
        return
    equal(ran.code, 4, ran)
    contains(ran.err, "combined stack size of 2 calls is")


@check("lade load --json cli_map999.bpf.o", needs=TRACING)
def kernel_says_itself_what_is_wrong_with_a_map(machine, load):
    failed(load, 3, "map.create.type")
    log = json.loads(load.err)["findings"][0].get("log")
    assert (log is not None) == since(machine, 7, 2), load
    assert not log or "map_type" in log, load


@check(CONTROLS, "lade load --json --attach ops_link.bpf.o", CONTROLS, "lade unload -q ops_link", needs=TRACING)
def table_of_operations_is_registered_until_it_is_unloaded(machine, before, load, registered, unload):
    succeeded(load, unload)
    contains(registered.out, "lade_first", "lade_second")
    assert ("map.stepped-back" in notes(load)) == (not since(machine, 6, 4)), load


@check("lade run -q ops_link.bpf.o --for 4 &\nsleep 2\n" + CONTROLS + "wait $!", CONTROLS, needs=TRACING)
def table_of_operations_is_registered_while_it_runs(machine, ran, after):
    succeeded(ran)
    contains(ran.out, "lade_first", "lade_second")
    assert "lade_" not in after.out, after


@check("lade load --json --attach vm_scheduler.bpf.o", "cat /sys/kernel/sched_ext/state /sys/kernel/sched_ext/root/ops",
       "lade unload -q vm_scheduler", """for i in $(seq 100); do
	[ "$(cat /sys/kernel/sched_ext/state)" = disabling ] || break
	sleep 0.1
done
cat /sys/kernel/sched_ext/state""", needs=TRACING)
def scheduler_is_registered(machine, load, state, unload, after):
    if since(machine, 7, 0):
        succeeded(load, state, unload, after)
        equal((state.out.split(), after.out.split()), (["enabled", "idle_hands"], ["disabled"]))
    else:
        failed(load, 3, "plan.struct-ops.kernel")
        contains(load.err, "sched_ext_ops")
        assert state.code, state
