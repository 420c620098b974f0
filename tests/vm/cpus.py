# SPDX-License-Identifier: BSD-2-Clause
"""CPUs that go and come back: programs with an event on every CPU, and the buffers into which they write."""
import json
import re

from probes import CPU, NO_CPU, needs_second_cpu
from scenario import TRACING, check, contains, equal, failed, succeeded

# How many samples came from the second CPU so far; more of them: at most 20 s are waited for.
COUNT = """count() { grep -c ' cpu1 ' /tmp/samples; }
more() { tries=0; until [ $(count) -gt $1 ]; do sleep 0.2; tries=$((tries + 1)); [ $tries -lt 100 ] || return 1; done; }
"""
RUN = NO_CPU + COUNT + "lade run vm_cpus.bpf.o --record samples=sample >/tmp/samples 2>/tmp/said & pid=$!\nmore 0; echo first $?\n"
END = "\nkill -INT $pid; wait $pid; echo end $?; cat /tmp/said >&2; rm /tmp/samples /tmp/said"


@check(f"{RUN}echo 0 >{CPU}; sleep 1.5; before=$(count); sleep 1.5; echo without $(($(count) - before))\n"
       f"echo 1 >{CPU}; more $(count); echo again $?{END}", needs=TRACING)
def samples_come_again_from_a_cpu_that_was_away(_machine, ran):
    needs_second_cpu(ran)
    equal(ran.out.split("\n")[:-1], ["first 0", "without 0", "again 0", "end 0"], ran)
    contains(ran.err, "on_sample: CPU 1 went offline", "on_sample: CPU 1 is online", "CPU 1 came online: read from now on")


# Away for less time than anybody looks at the list of CPUs. What was on its way comes first: 100 are more than that.
@check(f"{RUN}for i in 1 2 3; do echo 0 >{CPU}; echo 1 >{CPU}; done; more $(($(count) + 100)); echo again $?{END}",
       needs=TRACING)
def samples_come_again_from_a_cpu_that_was_away_for_a_moment(_machine, ran):
    needs_second_cpu(ran)
    equal(ran.out.split("\n")[:-1], ["first 0", "again 0", "end 0"], ran)


@check(f"{NO_CPU}echo 0 >{CPU}\n{COUNT}lade run vm_cpus.bpf.o --record samples=sample >/tmp/samples 2>/tmp/said & pid=$!\n"
       f"until grep -q attached /tmp/said; do sleep 0.2; done; echo 1 >{CPU}; more 0; echo first $?{END}", needs=TRACING)
def samples_come_from_a_cpu_that_was_away_at_the_beginning(_machine, ran):
    needs_second_cpu(ran)
    equal(ran.out.split("\n")[:-1], ["first 0", "end 0"], ran)


def targets(result):
    return [link["target"] for link in json.loads(result.out)["attached"]]


LOAD = "lade load --json vm_cpus.bpf.o"
ATTACH = "lade attach --json vm_cpus"
SHOWN = "lade map dump --json vm_cpus/counts"


@check(f"{NO_CPU}echo 0 >{CPU}; {LOAD} && {ATTACH}; code=$?; echo 1 >{CPU}; exit $code", ATTACH, ATTACH,
       "sleep 1; lade map get vm_cpus/counts 1", "lade unload vm_cpus", needs=TRACING)
def attaching_again_adds_the_cpus_that_are_missing(machine, first, again, third, count, unload):
    needs_second_cpu(first)
    succeeded(unload)
    if not machine.has_perf_links:
        equal(first.code, 6, first)
        return
    succeeded(first, again, count)
    equal(targets(again), ["cpu 1"], again)
    failed(third, 6, "attach.twice")
    assert int(re.search(r"\d+", count.out).group()) > 0, count
