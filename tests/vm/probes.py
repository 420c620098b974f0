# SPDX-License-Identifier: BSD-2-Clause
"""Probes in functions of the kernel: by perf's event source, and by tracing events where that is hidden."""
import json

from modern import CONNECTING, records, run
from scenario import AT_REST, TRACING, Skip, check, contains, equal, failed, succeeded

CPU = "/sys/devices/system/cpu/cpu1/online"
NO_CPU = f"[ -w {CPU} ] || exit 42\n"
SAMPLING = "lade load --json attach_live.bpf.o --prog on_perf_event --attach on_perf_event="
SHOWN = "lade show --json attach_live"
EVENTS = "/sys/kernel/tracing/kprobe_events"
TRACEFS = "mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null\n"
SOURCE = "/sys/bus/event_source/devices/kprobe"
HIDE = f"{TRACEFS}mount -t tmpfs none {SOURCE}\n"  # as before 4.17
SHOW = f"\ncode=$?; umount {SOURCE}; exit $code"
OURS = f"grep -c ':lade/' {EVENTS} || true"
STRANGER = "strangers/on_connect"
HITS = run("vm_kprobe", "--record hits=hit")


def at_entry_and_return(result):
    equal({record["exit"] for record in records(result)}, {0, 1}, result)


@check(CONNECTING + HITS + AT_REST, needs=TRACING)
def probes_see_the_function_and_its_return(machine, ran):
    at_entry_and_return(ran)


@check(HIDE + CONNECTING + HITS + "\ncode=$?; kill $busy; (exit $code)" + SHOW, OURS, needs=TRACING)
def tracing_events_see_the_same_and_are_taken_back(machine, ran, left):
    at_entry_and_return(ran)
    equal(left.out.strip(), "0")


@check(f"{HIDE}echo 'p:{STRANGER} tcp_v4_connect' >>{EVENTS}\n{CONNECTING}{HITS}\ncode=$?; kill $busy; (exit $code){SHOW}",
       f"cat {EVENTS}", f"echo '-:{STRANGER}' >>{EVENTS}", needs=TRACING)
def tracing_events_of_others_stay(machine, ran, events, removed):
    at_entry_and_return(ran)
    contains(events.out, STRANGER)
    equal(len(events.out.splitlines()), 1, events)
    succeeded(removed)


@check(f"{HIDE}lade run vm_kprobe.bpf.o --for 60 >/dev/null 2>&1 & runs=$!\n"
       f"until [ $({OURS}) = 2 ]; do sleep 0.1; done; kill -9 $runs; wait $runs; {OURS}; umount {SOURCE}",
       "lade list --json", "lade unload vm_kprobe", OURS, "lade list --json", needs=TRACING)
def events_of_a_killed_run_are_unloaded(machine, killed, listed, unload, left, gone):
    equal(killed.out.split()[-1], "2", killed)
    equal([entry["state"] for entry in json.loads(listed.out)["instances"]], ["unfinished"], listed)
    succeeded(unload)
    equal(left.out.strip(), "0")
    equal(json.loads(gone.out)["instances"], [])


@check(f"{HIDE}lade load --json --attach vm_kprobe.bpf.o{SHOW}", OURS,
       "lade unload vm_kprobe 2>/dev/null; true", OURS, needs=TRACING)
def events_under_pinned_links_go_with_their_instance(machine, load, during, _unload, left):
    if machine.has_perf_links:
        succeeded(load)
        equal(during.out.strip(), "2")
    else:
        failed(load, 6, "attach.not-pinnable")
        equal(during.out.strip(), "0")
    equal(left.out.strip(), "0")


@check("lade load --json --attach k_probes.bpf.o --prog on_kprobe", "lade show --json k_probes", "lade unload k_probes",
       needs=TRACING)
def pinned_probe_is_shown_with_its_function(machine, load, shown, unload):
    if not machine.has_perf_links:
        failed(load, 6, "attach.not-pinnable")
        return
    succeeded(load, shown, unload)
    contains(shown.out, "security_inode_rmdir")


@check("lade load --json --attach k_probes.bpf.o --prog on_execve", needs=TRACING)
def function_that_is_not_there_is_named_with_what_became_of_it(machine, load):
    failed(load, 3, "attach.function.missing")
    contains(load.err, "do_execveat_common", "ksyscall/execve")


@check("lade gen tracepoint sched/sched_process_exec", "lade gen tracepoint --json sched/sched_process_exec",
       "lade gen tracepoint --json sched/sched_process_exce", needs=TRACING)
def record_of_a_tracepoint_is_printed(machine, text, document, missing):
    succeeded(text, document)
    contains(text.out, "struct sched_process_exec {", "__u32 filename;", "__s32 old_pid;")
    record = json.loads(document.out)["tracepoint"]
    equal([field["name"] for field in record["fields"] if not field["common"]], ["filename", "pid", "old_pid"])
    equal(record["size"], 20)
    failed(missing, 3, "attach.tracepoint.missing")
    contains(missing.err, "sched/sched_process_exec")


def needs_second_cpu(result):
    if result.code == 42:
        raise Skip("this machine has no second CPU that can go")


def links_of(shown):
    succeeded(shown)
    return json.loads(shown.out)["instances"][0]["links"]


@check(NO_CPU + SAMPLING, SHOWN, f"{NO_CPU}echo 0 >{CPU}", SHOWN, f"{NO_CPU}echo 1 >{CPU}", SHOWN,
       "lade detach attach_live --prog on_perf_event", SHOWN, "lade unload attach_live", needs=TRACING)
def samples_of_a_cpu_that_goes_and_comes_back_are_detached_together(machine, load, before, gone, without, back, after,
                                                                    detach, rest, unload):
    needs_second_cpu(load)
    if not machine.has_perf_links:
        failed(load, 6, "attach.not-pinnable")
        return
    succeeded(load, gone, back, detach, unload)
    equal(len(links_of(before)), 2, before)
    equal(links_of(without), links_of(before), without)
    equal(links_of(after), links_of(before), after)
    equal(links_of(rest), [], rest)


@check(f"{NO_CPU}echo 0 >{CPU}; {SAMPLING.replace(' --attach on_perf_event=', '')}; code=$?; echo 1 >{CPU}; exit $code",
       f"{NO_CPU}echo 0 >{CPU}; lade attach --json attach_live --prog on_perf_event; code=$?; echo 1 >{CPU}; exit $code",
       "lade detach attach_live --prog on_perf_event", "lade attach --json attach_live --prog on_perf_event",
       "lade unload attach_live", needs=TRACING)
def program_attached_while_a_cpu_is_offline_says_so_and_goes_there_when_attached_again(machine, load, offline, detach,
                                                                                     again, unload):
    needs_second_cpu(load)
    succeeded(load, unload)
    if not machine.has_perf_links:
        failed(offline, 6, "attach.not-pinnable")
        return
    succeeded(offline, detach, again)
    offline, again = json.loads(offline.out), json.loads(again.out)
    equal([link["target"] for link in offline["attached"]], ["cpu 0"])
    equal([note["code"] for note in offline["notes"]], ["attach.perf-event.offline"])
    equal([link["target"] for link in again["attached"]], ["cpu 0", "cpu 1"])
    equal(again["notes"], [])


@check(f"{NO_CPU}echo 0 >{CPU}; lade run attach_live.bpf.o --prog on_perf_event --for 1; code=$?; echo 1 >{CPU}; "
       "exit $code", needs=TRACING)
def run_while_a_cpu_is_offline_says_so(_machine, ran):
    needs_second_cpu(ran)
    succeeded(ran)
    contains(ran.err, "[attach.perf-event.offline]", "attached on_perf_event to perf_event cpu 0")
    assert "cpu 1" not in ran.err, ran
