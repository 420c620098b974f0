# SPDX-License-Identifier: BSD-2-Clause
"""Several links of one program: places of a USDT probe, functions that fit a pattern, CPUs that come and go.

What probes see is tested by test-attach-user and test-attach-usdt, which run on every kernel too; here they are the
programs that are probed.
"""
import json
import re

from scenario import TRACING, Skip, check, contains, equal, failed, notes, succeeded

TARGET = "file:/bin/test-attach-user"
LOAD = "lade load --json {} --name probes --prog {} --attach '{}'"
SHOWN, UNLOAD = "lade show --json probes", "lade unload probes"
CPU = "/sys/devices/system/cpu/cpu1/online"


def links(shown):
    return json.loads(shown.out)["instances"][0]["links"]


def needs_target(machine, load):
    """Test programs are there only for this machine's own architecture."""
    if "attach.uprobe.file" in load.err:
        raise Skip(f"no test program for {machine.architecture}")


def needs_second_cpu(result):
    if result.code == 42:
        raise Skip("this machine has no second CPU that can go")


def version(machine):
    return tuple(int(number) for number in re.findall(r"\d+", machine.version)[:2])


@check(LOAD.format("user_usdt.bpf.o", "on_usdt", "on_usdt=file:/bin/test-attach-usdt,usdt=lade:twice"), SHOWN, UNLOAD, needs=TRACING)
def places_of_a_usdt_probe_are_pinned_and_undone_together(machine, load, shown, unload):
    needs_target(machine, load)
    if not machine.has_perf_links:
        failed(load, 3, "attach.usdt.needs-process")
        return
    succeeded(load, shown, unload)
    equal(len(links(shown)), 2, shown)


@check(LOAD.format("user_probes.bpf.o", "on_many", "on_many=" + TARGET + ":user_probed_*"), SHOWN, UNLOAD, needs=TRACING)
def functions_that_fit_a_pattern_are_one_link_where_the_kernel_has_it(machine, load, shown, unload):
    needs_target(machine, load)
    if not machine.has_perf_links:
        failed(load, 6, "attach.not-pinnable")
        return
    succeeded(load, shown, unload)
    equal(len(links(shown)), 1 if version(machine) >= (6, 6) else 3, shown)


@check(f"lade run user_probes.bpf.o --prog on_many --attach 'on_many={TARGET}:user_probed_*' --for 1 --json",
       needs=TRACING)
def what_cannot_be_pinned_runs(machine, ran):
    needs_target(machine, ran)
    succeeded(ran)


@check(LOAD.format("user_cookie.bpf.o", "in_session", "in_session=" + TARGET + ":user_probed_*"), UNLOAD, needs=TRACING)
def session_is_refused_where_the_kernel_has_none(machine, load, unload):
    needs_target(machine, load)
    if version(machine) >= (6, 13):
        succeeded(load, unload)
    else:
        failed(load, 3, "attach.uprobe.session")


@check(f"[ -w {CPU} ] || exit 42; " + LOAD.format("attach_live.bpf.o", "on_perf_event", "on_perf_event="),
       f"[ -w {CPU} ] && echo 0 >{CPU}", SHOWN, UNLOAD, f"[ -w {CPU} ] && echo 1 >{CPU}", needs=TRACING)
def event_of_a_cpu_that_has_gone_is_undone_with_the_others(machine, load, _gone, shown, unload, _back):
    needs_second_cpu(load)
    if not machine.has_perf_links:
        failed(load, 6, "attach.not-pinnable")
        return
    succeeded(load, shown, unload)
    assert len(links(shown)) > 1, shown


@check(f"[ -w {CPU} ] || exit 42; echo 0 >{CPU}; lade run attach_live.bpf.o --prog on_perf_event "
       f"--attach on_perf_event= --for 2 & sleep 1; echo 1 >{CPU}; sleep 0.5; echo 0 >{CPU}; wait $!; code=$?; "
       f"echo 1 >{CPU}; exit $code", needs=TRACING)
def cpus_may_come_and_go_while_a_program_runs(_machine, ran):
    needs_second_cpu(ran)
    succeeded(ran)


@check(f"[ -w {CPU} ] || exit 42; echo 0 >{CPU}; " +
       LOAD.format("attach_live.bpf.o", "on_perf_event", "on_perf_event=") + f"; code=$?; echo 1 >{CPU}; exit $code",
       SHOWN, UNLOAD, needs=TRACING)
def cpu_that_is_offline_is_noted(machine, load, shown, unload):
    needs_second_cpu(load)
    if not machine.has_perf_links:
        failed(load, 6, "attach.not-pinnable")
        return
    succeeded(load, shown, unload)
    contains(" ".join(notes(load)), "attach.perf-event.offline")
