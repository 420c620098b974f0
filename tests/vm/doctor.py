# SPDX-License-Identifier: BSD-2-Clause
"""lade doctor on kernels of several ages: its probes understand the words of each verifier."""
import csv
import json
import os

from scenario import NO_BPF, TRACING, check, contains, equal

PROBED = "lade doctor --probe --json"
DATA = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "data")


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


def table(name, prefix):
    """{name: (major, minor)} of a table in data/."""
    with open(os.path.join(DATA, name + ".csv"), encoding="utf-8") as rows:
        return {row["name"].removeprefix(prefix).lower(): tuple(int(number) for number in row["first_kernel"].split(".")[:2])
                for row in csv.DictReader(rows) if not row["name"].endswith("_UNSPEC")}


# What mainline has and a distribution's kernel was built without; struct_ops: links came after their name.
BUILT_WITHOUT = {"lirc_mode2", "kprobe_multi", "trace_kprobe_multi", "trace_kprobe_session", "netkit", "netkit_primary",
                 "netkit_peer"}
LATER = {("link types", "struct_ops"): (6, 4)}


@check(PROBED, needs=TRACING)
def ways_to_attach_and_links_are_those_of_the_version(machine, probed):
    found = facts(probed)
    version = tuple(int(number) for number in found["kernel", "version"]["value"].split(".")[:2])
    wrong = []
    for section, name, prefix in (("attach types", "attach_types", "BPF_"), ("link types", "link_types", "BPF_LINK_TYPE_")):
        for kind, since in table(name, prefix).items():
            expected = "yes" if version >= LATER.get((section, kind), since) else "no"
            fact = found[section, kind]
            if fact["value"] != expected and not (kind in BUILT_WITHOUT and fact["value"] == "no"):
                wrong.append((section, kind, fact["value"], expected))
    equal(wrong, [], machine.version)


@check(PROBED, needs=TRACING)
def helpers_of_programs_on_kernel_functions_are_known(machine, probed):
    found = facts(probed)
    for helper, types in (("bpf_d_path", ("tracing", "lsm")), ("bpf_seq_printf", ("tracing",)),
                          ("bpf_tcp_send_ack", ("struct_ops",)), ("bpf_sk_storage_get", ("struct_ops", "sk_msg"))):
        may = found["helpers", helper]["value"].split()
        for kind in types:
            assert kind in may, (machine.version, found["helpers", helper])
    assert "tracepoint" not in found["helpers", "bpf_d_path"]["value"].split(), found["helpers", "bpf_d_path"]
    # A form that an old kernel refuses makes no helper callable.
    assert "kprobe" not in found["helpers", "bpf_xdp_adjust_head"]["value"].split(), found["helpers", "bpf_xdp_adjust_head"]


@check(PROBED, needs=TRACING)
def features_are_those_of_the_version(machine, probed):
    found = facts(probed)
    version = tuple(int(number) for number in found["kernel", "version"]["value"].split(".")[:2])
    for feature, since in (("bounded_loops", (5, 3)), ("global_data", (5, 2)), ("cpu_v3", (5, 1)), ("kfuncs", (5, 13)),
                           ("atomics_fetch", (5, 12)), ("xdp_frags", (5, 18)), ("log_fixed", (6, 4)), ("cpu_v4", (6, 6)),
                           ("may_goto", (6, 9)), ("token", (6, 9)), ("raw_tracepoint_cookie", (6, 10)),
                           ("btf_tag_kind_flag", (6, 15)), ("prog_streams", (6, 17))):
        equal(found["features", feature]["value"], "yes" if version >= since else "no", (feature, machine.version))
