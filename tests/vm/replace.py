# SPDX-License-Identifier: BSD-2-Clause
"""Programs that are replaced under traffic: they stop what they see, and none of it passes without having been counted."""
import json

from scenario import Skip, check, equal, succeeded

RECEIVED = "/sys/class/net/lo/statistics/rx_packets"
TIMES = 5
REPLACING = "".join(f"lade load -q --replace rep_{version}.bpf.o --name rep --prog {{0}} && " for version in ("two", "one"))
# Between packets there are 5 ms; what is on its way when the last replacement has ended arrives before the end is counted.
UNDER_TRAFFIC = """ip link set lo up; {mount}
before=$(cat """ + RECEIVED + """)
lade load -q rep_one.bpf.o --name rep --prog {program} --attach {program}={target} || exit 99
for sender in 1 2 3; do (while :; do ping -q -i 0.005 -c 1000 127.0.0.1 >/dev/null 2>&1; done) & senders="$senders $!"; done
code=0; round=0
while [ $round -lt """ + str(TIMES) + """ ] && [ $code = 0 ]; do """ + REPLACING.replace("{0}", "{program}") + """:; code=$?; round=$((round + 1)); done
kill $senders; killall ping; wait; sleep 1
echo $(($(cat """ + RECEIVED + """) - before)); exit $code"""
HITS = "lade map dump --json rep/hits"


def under_traffic(program, target, mount=""):
    return UNDER_TRAFFIC.format(program=program, target=target, mount=mount)


def hits(result):
    succeeded(result)
    return {entry["key"]: entry["value"] for entry in json.loads(result.out)["entries"]}


def every_packet_met_one_program(replaced, dumped, unload):
    if replaced.code == 99:
        raise Skip("this kernel has no such hook")
    succeeded(replaced, unload)
    found = hits(dumped)
    assert found[1] and found[2], found
    equal(sum(found.values()), int(replaced.out), dumped)


@check(under_traffic("classify", "dev:lo:ingress"), HITS, "lade unload rep")
def no_packet_passes_a_classifier_that_is_replaced(_machine, replaced, dumped, unload):
    every_packet_met_one_program(replaced, dumped, unload)


@check(under_traffic("classify", "dev:lo:ingress,prio=3"), HITS, "lade unload rep")
def no_packet_passes_a_filter_that_is_replaced(_machine, replaced, dumped, unload):
    every_packet_met_one_program(replaced, dumped, unload)


@check(under_traffic("drop", "dev:lo,mode=generic"), HITS, "lade unload rep")
def no_packet_passes_an_xdp_program_that_is_replaced(_machine, replaced, dumped, unload):
    every_packet_met_one_program(replaced, dumped, unload)


@check(under_traffic("egress", "cgroup:/sys/fs/cgroup", "mount -t cgroup2 none /sys/fs/cgroup"), HITS,
       "lade unload rep; code=$?; umount /sys/fs/cgroup; exit $code")
def no_packet_leaves_a_cgroup_whose_program_is_replaced(_machine, replaced, dumped, unload):
    if replaced.code == 99:
        raise Skip("this kernel has no such hook")
    succeeded(replaced, unload)
    equal(int(replaced.out), 0, replaced)
    found = hits(dumped)
    assert found[1] and found[2], found
