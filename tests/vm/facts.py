# SPDX-License-Identifier: BSD-2-Clause
"""data/ against real kernels: which types of programs may call which helpers, which types of maps take which flags."""
import csv
import json
import os

from scenario import TRACING, Skip, check

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))), "data")
MEASURED = {(5, 10): "5.10", (6, 1): "6.1", (6, 12): "6.12", (7, 2): "7.2"}  # columns of helper_progtypes.csv
# What the table offers under a condition that these machines do not meet.
UNMET = {
    ("bpf_override_return", "kprobe"): set(MEASURED.values()),  # CONFIG_BPF_KPROBE_OVERRIDE is not set
    ("bpf_copy_from_user", "lsm"): {"5.10"},                    # only at hooks that may sleep, of which there were few
    ("bpf_skb_pull_data", "lwt_seg6local"): {"6.12"},           # 6.12.117 took it away, which earlier ones have
}
BY_TARGET = {"struct_ops", "ext"}  # what these may call, the table of operations or the replaced program says
# Flags that want a companion: local storage (BTF), tables of kernel operations, a descriptor.
COMPANION = {"BPF_F_CLONE", "BPF_F_LINK", "BPF_F_PATH_FD", "BPF_F_VTYPE_BTF_OBJ_FD", "BPF_F_TOKEN_FD"}


def table(name):
    with open(os.path.join(DATA, name + ".csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def version_of(machine):
    return tuple(int(part) for part in machine.version.split("-")[0].split("+")[0].split(".")[:2])


def short(name):
    return name.removeprefix("BPF_PROG_TYPE_").lower()


def offered(column):
    """{(helper, type)} that the table offers on that kernel."""
    return {(row["name"], short(row["prog_type"])) for row in table("helper_progtypes")
            if column in row["allowed_in_kernels(of 5.10 6.1 6.12 7.2)"].split()}


def measured(facts):
    """({(helper, type)} that may be called, those that could not be asked)"""
    there = {name for (section, name), fact in facts.items() if section == "program types" and fact["value"] == "yes"}
    may, unasked = set(), set()
    for (section, helper), fact in facts.items():
        if section != "helpers":
            continue
        if fact["state"] == "given":
            may |= {(helper, kind) for kind in fact["value"].split()}
        unasked |= {(helper, kind) for kind in (fact["detail"] or "").removeprefix("not asked: ").split()}
    return may, unasked, there


@check("lade doctor --probe --json", needs=TRACING)
def helpers_may_be_called_by_the_types_of_the_table(machine, probed):
    assert probed.code in (0, 5), probed
    column = MEASURED.get(version_of(machine))
    if not column:
        raise Skip(f"{machine.version} is none of the kernels of the table")
    facts = {(fact["section"], fact["name"]): fact for fact in json.loads(probed.out)["facts"]}
    may, unasked, there = measured(facts)
    there -= BY_TARGET
    may = {pair for pair in may if pair[1] in there}
    known = {helper for helper, _kind in offered(column)}
    says = {pair for pair in offered(column) if pair[1] in there} - unasked
    asked = {pair for pair in may if pair[0] in known} - unasked
    refused = sorted(pair for pair in says - asked if column not in UNMET.get(pair, ()))
    taken = sorted(asked - says)
    assert len(says) > 1000, len(says)
    assert not refused and not taken, f"the kernel refuses what the table offers: {refused}\nand takes: {taken}"


@check("flags", needs=TRACING)
def flags_of_maps_are_there_since_the_release_of_the_table(machine, flags):
    assert flags.code == 0, flags
    taken = {int(line.split()[0], 16): line.split()[1:] for line in flags.out.splitlines()}
    wrong, known = [], 0
    for row in table("map_flags"):
        number = int(row["value"], 16)
        if row["kind"] != "create flag" or row["name"] in COMPANION:
            continue
        due = tuple(map(int, row["first_kernel"].split("."))) <= version_of(machine)
        known |= number
        if due != bool(taken[number]):
            wrong.append(f"{row['name']}: since {row['first_kernel']} says the table, taken for types {taken[number]}")
    wrong += [f"{number:#x}: taken for types {types}, the table has no such flag"
              for number, types in taken.items() if types and not known & number]
    assert not wrong, "\n".join(wrong)
