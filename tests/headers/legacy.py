#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sources for iproute2 and the kernel's old samples compile against include/lade-bpf/{tc,samples}."""
import json
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from headers.built import built, built_text, compiled, compilers, refused, taken  # noqa: E402
from headers.elf import ALLOC, WRITE  # noqa: E402
from runner.check import contains, equal, lade, live, main, pins, test  # noqa: E402

ARRAY, HASH, PROG_ARRAY, ARRAY_OF_MAPS = 2, 1, 3, 12
TC_BYTES, SAMPLES_BYTES = (20, 24, 28, 36), (16, 20, 24, 28)
X86 = "-D__TARGET_ARCH_x86"


def tc_flags(size):
    return [f"-DLADE_TC_MAP_BYTES={size}"]


def samples_flags(size):
    return [f"-DLADE_SAMPLES_MAP_BYTES={size}", X86]


def tc_record(size, kind, key, value, entries, number, pinning):
    """Words that an iproute2 of this record reads; the flags came to lie in the middle with 28 bytes."""
    words = [kind, key, value, entries, *([0] if size >= 28 else []), number, *([pinning] if size >= 24 else [])]
    return struct.pack(f"<{size // 4}I", *words, *[0] * (size // 4 - len(words)))


# ---- iproute2 ----

@test
def tc_records_have_the_words_of_their_iproute2():
    for compiler in compilers():
        for size in TC_BYTES:
            elf = built("tc", "shaper.c", *tc_flags(size), compiler=compiler)
            equal(elf.named("maps", "OBJECT"), ["map_shared", "jumps"])
            equal(elf.data("maps"), tc_record(size, ARRAY, 4, 4, 1, 7, 2) +
                  tc_record(size, PROG_ARRAY, 4, 4, 8, 0xabccba, 1))
            equal([elf.symbol(name).size for name in ("map_shared", "jumps")], [size, size])


@test
def tc_record_has_36_bytes_where_nobody_says_otherwise():
    elf = built("tc", "shaper.c")
    equal((elf.section("maps").size, elf.section("maps").flags), (72, ALLOC | WRITE))


@test
def tc_sections_are_named_as_the_loader_looks_for_them():
    for compiler in compilers():
        elf = built("tc", "shaper.c", compiler=compiler)
        equal([section.name for section in elf.code()], ["0xabccba/3", "0xabccba/4", "classifier", "action"])
        equal((elf.data("license"), elf.named("license")), (b"GPL\0", ["____license"]))
        assert not elf.has(".rodata")
    text = "#include <bpf_api.h>\n__section_xdp_entry int x(struct xdp_md *c) { return c->data ? 1 : 2; }\n" \
           "__section(\"from-netdev\") int y(struct __sk_buff *c) { return c->len; }"
    equal([section.name for section in built_text("tc", text).code()], ["prog", "from-netdev"])


@test
def tc_helpers_are_calls_of_the_kernels_numbers():
    """Each is called once: the numbers are the kernel's, whatever the header calls them."""
    calls = {"map_lookup_elem(skb, &k)": 1, "map_update_elem(skb, &k, &k, 0)": 2, "map_delete_elem(skb, &k)": 3,
             "ktime_get_ns()": 5, "get_prandom_u32()": 7, "get_smp_processor_id()": 8,
             "skb_store_bytes(skb, 0, &k, 4, 0)": 9, "l3_csum_replace(skb, 0, 0, 0, 0)": 10,
             "l4_csum_replace(skb, 0, 0, 0, 0)": 11, "tail_call(skb, skb, 0)": 12, "clone_redirect(skb, 1, 0)": 13,
             "get_cgroup_classid(skb)": 17, "skb_vlan_push(skb, 0, 0)": 18, "skb_vlan_pop(skb)": 19,
             "skb_get_tunnel_key(skb, 0, 0, 0)": 20, "skb_set_tunnel_key(skb, 0, 0, 0)": 21, "redirect(1, 0)": 23,
             "get_route_realm(skb)": 24, "skb_event_output(skb, skb, 0, &k, 4)": 25, "skb_load_bytes(skb, 0, &k, 4)": 26,
             "csum_diff(0, 0, &k, 4, 0)": 28, "skb_get_tunnel_opt(skb, &k, 4)": 29, "skb_set_tunnel_opt(skb, &k, 4)": 30,
             "skb_change_proto(skb, 0, 0)": 31, "skb_change_type(skb, 0)": 32, "skb_under_cgroup(skb, skb, 0)": 33,
             "get_hash_recalc(skb)": 34, "skb_change_tail(skb, 0, 0)": 38, "skb_pull_data(skb, 0)": 39,
             "csum_update(skb, 0)": 40, "set_hash_invalid(skb)": 41, "get_numa_node_id()": 42}
    body = "".join(f"{call}; " for call in calls)
    elf = built_text("tc", "#include <bpf_api.h>\n__section_cls_entry int cls(struct __sk_buff *skb) "
                     f"{{ int k = 0; {body} return 0; }}")
    code = elf.data("classifier")
    numbers = [struct.unpack_from("<i", code, at + 4)[0] for at in range(0, len(code), 8) if code[at] == 0x85]
    equal(numbers, list(calls.values()))


@test
def tc_maps_of_the_first_headers_are_there():
    text = """#include <bpf_api.h>
BPF_HASH(hash, 1, 12, 16, PIN_GLOBAL_NS, 5);
BPF_ARRAY(array, 2, 20, PIN_NONE, 6);
BPF_ARRAY2(two, 3, PIN_NONE, 7);
BPF_ARRAY4(four, 4, PIN_OBJECT_NS, 8);
BPF_ARRAY8(eight, 5, PIN_NONE, 9);
BPF_PROG_ARRAY(jumps, 6, PIN_NONE, 10);
__BPF_MAP(own, BPF_MAP_TYPE_ARRAY, 7, 4, 40, PIN_NONE, 11);
BPF_LICENSE("GPL");"""
    for size in TC_BYTES:
        rows = [(HASH, 12, 16, 5, 1, 2), (ARRAY, 4, 20, 6, 2, 0), (ARRAY, 4, 2, 7, 3, 0), (ARRAY, 4, 4, 8, 4, 1),
                (ARRAY, 4, 8, 9, 5, 0), (PROG_ARRAY, 4, 4, 10, 6, 0), (ARRAY, 4, 40, 11, 7, 0)]
        equal(built_text("tc", text, *tc_flags(size)).data("maps"), b"".join(tc_record(size, *row) for row in rows))


@test
def tc_types_of_keys_and_values_are_annotated():
    elf = built_text("tc", "#include <bpf_api.h>\nBPF_ARRAY8(m, 1, PIN_NONE, 1);\nBPF_ANNOTATE_KV_PAIR(m, __u32, __u64);",
                     "-g")
    equal((elf.named(".maps.m"), elf.data(".maps.m")), (["____btf_map_m"], bytes(16)))


@test
def tc_refuses_records_that_never_were():
    for size in (16, 32, 40):
        contains(refused("tc", "#include <bpf_elf.h>", *tc_flags(size)), "LADE_TC_MAP_BYTES is 20, 24, 28 or 36")
    taken("tc", "#include <bpf_elf.h>")


# ---- the kernel's samples ----

@test
def samples_records_have_the_words_of_their_kernel():
    for compiler in compilers():
        for size in SAMPLES_BYTES:
            elf = built("samples", "filter_kern.c", *samples_flags(size), compiler=compiler)
            rows = [(HASH, 4, 8, 1024), (PROG_ARRAY, 4, 4, 8)] + ([(ARRAY_OF_MAPS, 4, 4, 1)] if size >= 24 else [])
            equal(elf.data("maps"), b"".join(struct.pack("<4I", *row).ljust(size, b"\0") for row in rows))
            equal(elf.named("maps", "OBJECT"), ["counts", "slots", "outer"][:len(rows)])


@test
def samples_version_is_this_kernels_headers():
    elf = built("samples", "filter_kern.c", X86)
    equal((elf.section("version").size, elf.data("license")), (4, b"GPL\0"))
    assert elf.word("version") >= 0x60000, hex(elf.word("version"))


@test
def samples_sections_name_system_calls_and_slots():
    for arch, call in (("x86", "__x64_sys_unlinkat"), ("arm64", "__arm64_sys_unlinkat"), ("riscv", "sys_unlinkat")):
        elf = built("samples", "filter_kern.c", f"-D__TARGET_ARCH_{arch}")
        equal([section.name for section in elf.code()], ["socket1", "socket/2", "kprobe/" + call, "kretprobe/do_unlinkat"])


NAMES = ("PARM1", "PARM2", "PARM3", "PARM4", "PARM5", "RC", "SP", "IP", "FP", "RET")
# Where a kernel of that processor puts the registers: of the ABI of each kernel's struct pt_regs.
REGISTERS = {
    "x86": (112, 104, 96, 88, 72, 80, 152, 128, 32, 152),
    "arm64": (0, 8, 16, 24, 32, 0, 248, 256, 232, 240),
    "arm": (0, 4, 8, 12, 16, 0, 52, 60, 44, 56),
    "riscv": (80, 88, 96, 104, 112, 80, 16, 0, 64, 8),
    "s390": (40, 48, 56, 64, 72, 40, 144, 16, 112, 136),
    "powerpc": (24, 32, 40, 48, 56, 24, 8, 256, 248, 288),
}


@test
def samples_registers_are_where_each_processors_kernel_has_them():
    functions = "".join(f'SEC("kprobe/{name}") int f_{name}(struct pt_regs *r) {{ return PT_REGS_{name}(r); }}\n'
                        for name in NAMES)
    for arch, places in REGISTERS.items():
        elf = built_text("samples", f"#include <bpf_helpers.h>\n{functions}", f"-D__TARGET_ARCH_{arch}")
        found = [struct.unpack_from("<h", elf.data("kprobe/" + name), 2)[0] for name in NAMES]
        equal(found, list(places), arch)


@test
def samples_registers_of_no_processor_are_refused():
    text = '#include <bpf_helpers.h>\nSEC("kprobe/f") int f(struct pt_regs *r) { return PT_REGS_PARM1(r); }'
    contains(refused("samples", text), "PT_REGS_PARM1")
    taken("samples", text, X86)


@test
def samples_headers_are_found_by_later_names_too():
    built_text("samples", """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <linux/ptrace.h>
#include "bpf_legacy.h"
struct bpf_map_def_legacy SEC("maps") old = { .type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1 };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u32); __type(value, __u64); __uint(max_entries, 1); } now SEC(".maps");
#define bpf_printk(format, ...) 0
SEC("kprobe/f") int f(struct pt_regs *r) { return r->di + bpf_printk("x"); }""", X86)


@test
def samples_refuse_records_that_never_were():
    for size in (12, 32):
        contains(refused("samples", "#include <bpf_helpers.h>", *samples_flags(size)),
                 "LADE_SAMPLES_MAP_BYTES is 16, 20, 24 or 28")


# ---- what lade reads in these objects ----

def inspected(path, *options):
    done = lade("inspect", "--json", path, *options)
    equal(done.code, 0, done)
    return json.loads(done.out)


@test
def lade_reads_tc_objects_of_every_record():
    for size in TC_BYTES:
        for debug in ([], ["-g"]):
            document = inspected(compiled("tc", "shaper.c", *tc_flags(size), *debug), "--dialect", "iproute2")
            equal([(entry["name"], entry["type"]) for entry in document["maps"]],
                  [("map_shared", "array"), ("jumps", "prog_array")])
            if size >= 24:
                equal(document["maps"][0]["pin_path"], "tc/globals/map_shared")
            equal([entry["type"] for entry in document["programs"]], ["sched_cls"] * 3 + ["sched_act"])
    for size in (28, 36):
        equal(inspected(compiled("tc", "shaper.c", *tc_flags(size)))["dialect"], "iproute2")


@test
def lade_reads_samples_objects_of_every_record():
    for size in SAMPLES_BYTES:
        for debug in ([], ["-g"]):
            document = inspected(compiled("samples", "filter_kern.c", *samples_flags(size), *debug))
            equal(document["dialect"], "samples", size)
            equal([entry["type"] for entry in document["programs"]], ["socket_filter"] * 2 + ["kprobe"] * 2)
            equal(document["maps"][0]["max_entries"], 1024)


def loads(path, *options):
    done = lade("load", "--json", path, *options)
    equal(done.code, 0, done)
    loaded, = json.loads(done.out)["objects"]
    equal([entry["name"] for entry in loaded["programs"] if not entry["loaded"]], [])
    equal(lade("unload", loaded["name"]).code, 0)
    equal([name for name in pins() if name not in ("lade", "tc", "tc/globals") and not name.startswith("tc/")], [])


@live
def tc_objects_load():
    for compiler in compilers():
        for size in TC_BYTES:
            for debug in ([], ["-g"]):
                loads(compiled("tc", "shaper.c", *tc_flags(size), *debug, compiler=compiler), "--dialect", "iproute2")


@live
def samples_objects_load():
    if os.uname().machine != "x86_64":
        return
    for compiler in compilers():
        for size in SAMPLES_BYTES:
            for debug in ([], ["-g"]):
                loads(compiled("samples", "filter_kern.c", *samples_flags(size), *debug, compiler=compiler))


IP = "00" * 12 + "0800" + "45" + "00" * 11 + "0a000001" + "00" * 40


@live
def tail_calls_of_tc_objects_are_made():
    for compiler in compilers():
        equal(lade("load", compiled("tc", "shaper.c", "-g", compiler=compiler)).code, 0)
        for times in (1, 2):
            equal(lade("test", "lade/shaper/progs/cls", "--hex", IP).code, 0)
            value, = lade("map", "dump", "--json", "tc/globals/map_shared").json()["entries"]
            equal(value["value"], times)
        equal(lade("unload", "shaper").code, 0)


@live
def programs_of_samples_count_what_they_see():
    for compiler in compilers():
        equal(lade("load", compiled("samples", "filter_kern.c", X86, compiler=compiler)).code, 0)
        equal(lade("test", "lade/filter_kern/progs/entry", "--hex", IP).code, 0)
        equal(len(lade("map", "dump", "--json", "filter_kern/counts").json()["entries"]), 1)
        equal(lade("unload", "filter_kern").code, 0)


main()
