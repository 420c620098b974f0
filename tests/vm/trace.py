# SPDX-License-Identifier: BSD-2-Clause
"""The trace pipe of a machine of its own: tracing is turned off and on. Maps and test runs where kernels are older."""
import json

from scenario import TRACING, Skip, check, contains, equal, succeeded

# The first trace mounts tracefs.
BEGIN = """lade load -q trace_print.bpf.o; lade load -q trace_other.bpf.o; T=/sys/kernel/tracing
lade trace -q --for 0.1 >/dev/null
"""
END = "\ncode=$?; echo 1 >$T/tracing_on; lade unload -q trace_print; lade unload -q trace_other; exit $code"
SAYING = "(sleep 2; for program in trace_other/shout trace_print/say trace_print/say_twice; do lade test $program; done"
SAYING += ") >/dev/null &\n"


@check(BEGIN + SAYING + "lade trace trace_print --json --for 6" + END, needs=TRACING)
def only_lines_of_the_instance_are_traced(machine, ran):
    succeeded(ran)
    contains(ran.err, "trace.debugging")
    equal([json.loads(line)["text"] for line in ran.out.splitlines()],
          ["lade test: 64 bytes of a packet", "first half", "second half 50"], ran)


@check(BEGIN + "lade test trace_print/say >/dev/null; lade trace --clear --for 1" + END, needs=TRACING)
def lines_from_before_are_cleared(machine, ran):
    succeeded(ran)
    assert "lade test" not in ran.out, ran


@check(BEGIN + "echo 0 >$T/tracing_on; lade trace --for 1; cat $T/tracing_on" + END, needs=TRACING)
def tracing_that_is_off_is_said_and_left_off(machine, ran):
    succeeded(ran)
    contains(ran.err, "trace.off", "--on")
    equal(ran.out, "0\n")


@check(BEGIN + "echo 0 >$T/tracing_on\n" + SAYING + "lade trace trace_print --on --for 6; cat $T/tracing_on" + END,
       needs=TRACING)
def tracing_is_turned_on_and_off_again(machine, ran):
    succeeded(ran)
    contains(ran.out, "lade test: 64 bytes of a packet")
    equal(ran.out.splitlines()[-1], "0", ran)


@check(BEGIN + """echo 0 >$T/tracing_on
for signal in TERM INT HUP QUIT; do
	lade trace -q --on >/dev/null & pid=$!
	sleep 2; cat $T/tracing_on; kill -$signal $pid; wait $pid; echo $? $(cat $T/tracing_on)
done""" + END, needs=TRACING)
def tracing_is_turned_off_again_by_signals_too(machine, ran):
    succeeded(ran)
    equal(ran.out, "1\n0 0\n" * 4, ran)


@check(BEGIN + "lade trace -q >/dev/null & pid=$!; sleep 2; lade trace --for 0.5 --json; echo $? $pid; kill $pid" + END,
       needs=TRACING)
def other_readers_are_named(machine, ran):
    code, pid = ran.out.splitlines()[-1].split()
    contains(ran.err, f"process {pid} (lade)", "trace.busy" if code == "6" else "trace.shared")


@check("""lade load -q map_all.bpf.o
for map in table per_cpu per_cpu_hash routes numbers; do
	key=1; [ $map != routes ] || key=10.0.0.0/8; [ $map != table ] || key='pid=1 state=RUNNING'
	value=7; [ $map != table ] || value='hits=7'
	lade map set map_all/$map "$key" "$value" || exit
	lade map dump map_all/$map --json >/tmp/dumped || exit
	lade map set map_all/$map --json </tmp/dumped >/dev/null || exit
	lade map dump map_all/$map | grep 7
done""", "lade map set map_all/calls 1 drop && lade test map_all/jump; lade map list map_all --json",
       "lade test map_all/no_test --json", "lade unload map_all", needs=TRACING)
def maps_are_dumped_and_set_with_and_without_batches(machine, ran, listed, refused, unload):
    succeeded(ran, unload)
    contains(ran.out, "10.0.0.0/8: 7", "pid=1 state=RUNNING: hits=7", "1: 7", "cpu0: 7")
    first, document = listed.out.splitlines()
    contains(first, "XDP_DROP")
    assert any(entry["name"] == "table" for entry in json.loads(document)["maps"]), listed
    equal(refused.code, 3, refused)
    contains(refused.err, "test.unsupported")


@check("lade test map_all.bpf.o:add --ctx hex:0100000000000000 --json")
def syscall_programs_run_where_there_are_any(machine, ran):
    if ran.code:
        equal(ran.code, 3, ran)
        raise Skip("programs of type syscall are known since 5.14")
    equal(json.loads(ran.out)["context"], "0600000000000000")
