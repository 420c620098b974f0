# SPDX-License-Identifier: BSD-2-Clause
"""Streams on kernels that count fewer losses (before 6.0) and on newer ones; iterators."""
import json
import re

from newer import since
from scenario import TRACING, check, contains, equal, succeeded

FLOOD = """(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do busybox true; busybox sleep 0.2; done) &
"""


@check(FLOOD + "lade run run_mixed.bpf.o --prog on_exec --record flood --fields number --buffer 4K --json --for 4",
       needs=TRACING)
def perf_records_and_losses_add_up_in_the_order_of_their_time(machine, ran):
    succeeded(ran)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    records = [line for line in lines if "record" in line]
    lost = sum(line["lost"] for line in lines if "lost" in line)
    summary = json.loads(ran.err.strip().splitlines()[-1])["maps"][0]
    equal((summary["records"], summary["lost"]), (len(records), lost), ran.err)
    assert records and lost and set(records[0]["record"]) == {"number"}, ran.out[:500]
    times = [line["time"] for line in records]
    # The contract is a millisecond: clocks of emulated processors, which take turns, differ by less.
    late = [(before, after) for before, after in zip(times, times[1:]) if after < before - 0.001]
    equal(late, [])


@check("lade run watch_iter.bpf.o --prog elements --attach elements=map:table", needs=TRACING)
def iterator_over_a_map_of_the_object_is_read(machine, ran):
    succeeded(ran)
    equal(ran.out, "element 0 is 0\nelement 1 is 0\nelement 2 is 0\n", ran)


@check("lade load -q watch_iter.bpf.o --prog maps --attach=maps= && lade watch watch_iter; lade unload -q watch_iter",
       needs=TRACING)
def pinned_iterator_is_read(machine, ran):
    succeeded(ran)
    assert re.search(r"^maps of the kernel\nmap with 3 entries\n", ran.out), ran


@check("lade load -q k_iterators.bpf.o --prog elements", "lade map set k_iterators/prices 3 70",
       "lade attach k_iterators --prog elements --to map:prices", "lade watch k_iterators", "lade show k_iterators",
       "lade unload -q k_iterators", needs=TRACING)
def elements_of_a_map_are_printed(machine, load, put, attach, watch, shown, unload):
    succeeded(load, put, attach, watch, shown, unload)
    equal(watch.out, "3 costs 70\n", watch)
    contains(shown.out, "map:prices")


@check("mount -t cgroup2 none /sys/fs/cgroup && mkdir -p /sys/fs/cgroup/box/inner /sys/fs/cgroup/other\n"
       "stat -c 'cgroup %i' /sys/fs/cgroup/box /sys/fs/cgroup/box/inner >&2\n"
       "lade run -q k_iterators.bpf.o --prog groups --attach groups=cgroup:box; code=$?\n"
       "rmdir /sys/fs/cgroup/box/inner /sys/fs/cgroup/box /sys/fs/cgroup/other; umount /sys/fs/cgroup; exit $code",
       needs=TRACING)
def cgroups_below_one_are_printed(machine, ran):
    if not since(machine, 6, 1):
        equal(ran.code, 3, ran)
        return
    succeeded(ran)
    equal(ran.out, ran.err, ran)  # the cgroup itself first
