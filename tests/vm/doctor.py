# SPDX-License-Identifier: BSD-2-Clause
"""lade doctor on kernels of several ages: its probes understand the words of each verifier."""
import json

from scenario import NO_BPF, check, contains, equal

PROBED = "lade doctor --probe --json"


def facts(result):
    assert result.code in (0, 5), result
    return {(fact["section"], fact["name"]): fact for fact in json.loads(result.out)["facts"]}


@check(PROBED)
def probes_find_what_every_kernel_since_5_10_has_and_what_none_has(machine, probed):
    found = facts(probed)
    for key in (("program types", "sk_lookup"), ("program types", "xdp"), ("map types", "ringbuf"), ("map types", "hash"),
                ("map types", "array_of_maps"), ("btf kinds", "datasec")):
        equal(found[key]["value"], "yes", (key, found[key]))
    equal(found["helpers", "bpf_xdp_adjust_head"]["value"], "xdp", found["helpers", "bpf_xdp_adjust_head"])
    assert "socket_filter" not in found["helpers", "bpf_redirect"]["value"].split(), found["helpers", "bpf_redirect"]


@check(PROBED)
def probes_tell_kernels_apart(machine, probed):
    found = facts(probed)
    version = tuple(int(number) for number in machine.version.split("-")[0].split(".")[:2])
    for key, since in ((("map types", "bloom_filter"), (5, 16)), (("map types", "cgrp_storage"), (6, 2)),
                       (("map types", "arena"), (6, 9)), (("btf kinds", "enum64"), (6, 0)),
                       (("program types", "syscall"), (5, 14))):
        equal(found[key]["value"], "yes" if version >= since else "no", (key, machine.version))
    equal(found["helpers", "bpf_loop"]["state"], "given" if version >= (5, 17) else "absent", machine.version)


@check("lade doctor", "lade doctor --probe --json", "lade doctor --for load_all.bpf.o", needs=NO_BPF)
def a_kernel_without_bpf_is_exit_3_and_the_rest_of_the_report_is_there(machine, screen, probed, needs):
    for result in (screen, probed, needs):
        equal(result.code, 3, result)
    contains(screen.out, "error[kernel.bpf.absent]", "CONFIG_BPF_SYSCALL", "privileges", machine.version)
    document = json.loads(probed.out)
    assert "kernel.bpf.absent" in [finding["code"] for finding in document["findings"]], probed
    found = {(fact["section"], fact["name"]): fact["state"] for fact in document["facts"]}
    equal((found["kernel", "bpf(2)"], found["program types", "xdp"]), ("absent", "unknown"), probed)
    contains(needs.out, "doctor.needs.config", "CONFIG_BPF_SYSCALL")
