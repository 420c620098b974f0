#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sources for Android 10 to 15 compile against include/lade-bpf/android, and their objects are what loaders expect."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from headers.built import built, built_text, compiled, compilers, refused, strip, taken  # noqa: E402
from headers.elf import ALLOC, EXECUTE, WRITE, Object  # noqa: E402
from headers.records import MAP_BYTES, MIN_LOADER, PROG_BYTES, kver, map_record, prog_record  # noqa: E402
from runner.check import contains, equal, lade, live, main, pins, test  # noqa: E402

ROOT, SYSTEM, GRAPHICS, STACK = 0, 1000, 1003, 1073
DNS, CLAT, NET_ADMIN, BW_ACCT = 1051, 1029, 3005, 3007
LAYOUTS = (11, 12, 13, 14, 15)
R_BPF_64_64 = 1


def gpu_memory(layout):
    return ({"gpu_mem_total_map": map_record(layout, "HASH", 8, 8, 1024, gid=GRAPHICS, mode=0o640)},
            {"tp_gpu_mem_total": prog_record(layout, gid=GRAPHICS)})


def times(layout):
    return ({"total_time_map": map_record(layout, "PERCPU_HASH", 8, 256, 1024, gid=SYSTEM, mode=0o660),
             "cpu_last_update_map": map_record(layout, "PERCPU_ARRAY", 4, 8, 1),
             "cpu_policy_map": map_record(layout, "ARRAY", 4, 4, 1, gid=SYSTEM, mode=0o620),
             "frequency_map": map_record(layout, "HASH", 8, 1, 4096, gid=SYSTEM, mode=0o620)},
            {"tp_sched_switch": prog_record(layout, gid=SYSTEM),
             "tp_cpu_frequency": prog_record(layout, gid=SYSTEM, min_kver=kver(layout, 4, 14))})


def offload(layout):
    def program(**more):
        return prog_record(layout, gid=STACK, **more)
    return ({"error_map": map_record(layout, "ARRAY", 4, 4, 1, gid=STACK, mode=0o660),
             "downstream6_map": map_record(layout, "HASH", 20, 20, 64, gid=STACK, mode=0o660),
             "dev_map": map_record(layout, "DEVMAP_HASH", 4, 4, 64, gid=STACK, mode=0o660)},
            {"downstream6_ether": program(), "upstream6_ether": program(),
             "downstream6_rawip_4_14": program(min_kver=kver(layout, 4, 14), max_kver=kver(layout, 5, 4)),
             "downstream6_rawip_5_4": program(min_kver=kver(layout, 5, 4)),
             "xdp_downstream": program(min_kver=kver(layout, 5, 9), optional=1),
             "at_will": program(optional=1)})


def network(layout):
    def own_map(kind, key, value, entries, **more):
        return map_record(layout, kind, key, value, entries, min_loader=38, **more)

    def ring(size, **more):
        return own_map("RINGBUF", 0, 0, size, gid=SYSTEM, mode=0o060, min_kver=kver(layout, 5, 8), **more)

    def own(*window, **more):
        return program(*window, gid=NET_ADMIN, context="fs_bpf_netd_readonly", **more)

    def program(low=(0, 0), high=None, **more):
        high = {"max_kver": kver(layout, *high)} if high else {}
        return prog_record(layout, **{"min_loader": 38, "min_kver": kver(layout, *low), **high, **more})
    read_only = {"gid": BW_ACCT, "mode": 0o460, "context": "fs_bpf_netd_readonly"}
    return ({"configuration_map": own_map("ARRAY", 4, 4, 2, **read_only),
             "owner_map": own_map("HASH", 4, 4, 4000, **read_only),
             "stats_map": own_map("HASH", 4, 16, 5000, gid=BW_ACCT, mode=0o660, context="fs_bpf_net_shared",
                                  subdir="netd_shared/", shared=1, ignore=2),
             "blocked_map": own_map("ARRAY", 4, 8, 1024, gid=SYSTEM, mode=0o440),
             "packet_ring": ring(32768, context="fs_bpf_net_shared"), "short_ring": ring(4096)},
            {"in_trace": own((5, 8)), "in_4_19": own((4, 19)), "in_4_14": own((0, 0), (4, 19)), "out": own(),
             "xt_egress": program(gid=NET_ADMIN), "account": program(gid=NET_ADMIN), "may_create": program((4, 14)),
             "bind4": program((5, 4), optional=1, context="fs_bpf_net_shared", subdir="net_shared/", ignore=5),
             "connect6": program((4, 19)), "get_option": program((5, 4)), "later": program(min_loader=60)})


def forms(layout):
    window = {"min_loader": 42, "max_loader": 50}
    usual = {"uid": CLAT, "context": "fs_bpf_net_private", "subdir": "net_private/", **window}

    def program(low=(0, 0), high=None, **more):
        high = {"max_kver": kver(layout, *high)} if high else {}
        return prog_record(layout, **{**window, "context": "fs_bpf_tethering", "subdir": "tethering/",
                                      "min_kver": kver(layout, *low), **high, **more})
    return ({"plain": map_record(layout, "HASH", 4, 4, 1, **usual),
             "writable": map_record(layout, "HASH", 4, 4, 2, gid=DNS, mode=0o620, **usual),
             "bare": map_record(layout, "HASH", 4, 2, 3, **usual),
             "internal": map_record(layout, "HASH", 4, 8, 4, mode=0, context="fs_bpf_loader", subdir="net_private/",
                                    **window),
             "base": map_record(layout, "ARRAY", 4, 12, 5, uid=CLAT, gid=DNS, mode=0o444, shared=1, ignore=7,
                                min_loader=43, max_loader=44, min_kver=kver(layout, 4, 19),
                                max_kver=kver(layout, 5, 4)),
             "storage": map_record(layout, "SK_STORAGE", 4, 8, 0, gid=BW_ACCT, mode=0o060, flags=1,
                                   context="fs_bpf_net_shared", min_kver=kver(layout, 5, 10), **window)},
            {"a": program((4, 9), (6, 12), uid=CLAT, gid=DNS, optional=1),
             "b": program((4, 14), (6, 6), optional=1), "c": program((5, 15), optional=1),
             "d": program(min_loader=43, max_loader=45, optional=1),
             "e": program((6, 1), (6, 6), min_loader=44, max_loader=45), "f": program((5, 10))})


# source: (what it says, the layouts that can say it, the first loader it is for)
PROGRAMS = {"gpuMem.c": (gpu_memory, LAYOUTS, None), "times.c": (times, LAYOUTS, None),
            "offload.c": (offload, LAYOUTS, None), "network.c": (network, (14, 15), 38), "forms.c": (forms, (14, 15), 42)}


def layout_flags(layout):
    return [f"-DLADE_ANDROID_LAYOUT={layout}"]


def every_object(*flags):
    """(object, layout, source) by each compiler."""
    for compiler in compilers():
        for source, (_says, layouts, _loader) in PROGRAMS.items():
            for layout in layouts:
                yield built("android", source, *layout_flags(layout), *flags, compiler=compiler), layout, source


def records(elf, section, names, size):
    """name → bytes, by where the symbols say they are."""
    data = elf.data(section)
    equal(len(data), size * len(names), section)
    return {name: data[elf.symbol(name).value:][:size] for name in names}


def holds_its_records(elf, layout, source):
    says = PROGRAMS[source][0]
    maps, programs = says(layout)
    equal(elf.named("maps"), list(maps), source)
    equal(records(elf, "maps", maps, MAP_BYTES[layout]), maps, f"{source} {layout}")
    definitions = {name + "_def": record for name, record in programs.items()}
    equal(elf.named("progs"), list(definitions), source)
    equal(records(elf, "progs", definitions, PROG_BYTES[layout]), definitions, f"{source} {layout}")


@test
def records_of_every_layout_are_what_its_loader_reads():
    for elf, layout, source in every_object():
        holds_its_records(elf, layout, source)


@test
def default_layout_is_that_of_15():
    for compiler in compilers():
        for source in PROGRAMS:
            holds_its_records(built("android", source, compiler=compiler), 15, source)


@test
def debugging_information_changes_no_record():
    for elf, layout, source in every_object("-g"):
        holds_its_records(elf, layout, source)
        assert elf.has(".BTF") and elf.has(".BTF.ext"), source


@test
def sizes_and_versions_are_stated_from_12_on():
    stated = ["bpfloader_min_ver", "bpfloader_max_ver", "size_of_bpf_map_def", "size_of_bpf_prog_def"]
    for elf, layout, source in every_object():
        if layout < 12:
            assert not any(elf.has(name) for name in stated), source
            continue
        equal([elf.section(name).size for name in stated], [4, 4, 8, 8])
        low = PROGRAMS[source][2] or MIN_LOADER[layout]
        equal([elf.word(name) for name in stated],
              [low, 50 if source == "forms.c" else 0x10000, MAP_BYTES[layout], PROG_BYTES[layout]], source)
        equal([elf.named(name) for name in stated], [["_" + name] for name in stated])


@test
def license_and_reason_are_strings_with_an_end():
    for elf, _layout, source in every_object():
        license_name = {"times.c": b"GPL\0", "forms.c": b"GPL\0"}.get(source, b"Apache 2.0\0")
        equal((elf.data("license"), elf.named("license")), (license_name, ["_license"]))
        reason = {"times.c": b"accounting\0", "offload.c": b"tethering\0", "network.c": b"Connectivity and netd\0"}
        equal(elf.data("critical") if elf.has("critical") else None, reason.get(source))


@test
def gates_of_network_objects_are_numbers():
    for layout in (14, 15):
        elf = built("android", "network.c", *layout_flags(layout))
        equal([elf.word(name) for name in ("btf_min_bpfloader_ver", "btf_user_min_bpfloader_ver", "netbpfload_min_ver")],
              [39, 0xFFFFFFFF, 45])
        names = [section.name for section in elf.sections]
        order = ["maps", "progs", "license", "critical", "btf_min_bpfloader_ver", "btf_user_min_bpfloader_ver",
                 "netbpfload_min_ver"]
        equal(sorted(order, key=names.index), order)


@test
def types_of_keys_and_values_are_there_from_13_on():
    for elf, layout, source in every_object():
        found = {section.name: section.data for section in elf.sections if section.name.startswith(".maps.")}
        if layout < 13:
            equal(found, {})
            continue
        for name, data in found.items():
            equal(data, bytes(len(data)), name)
            equal(elf.named(name), ["____btf_map_" + name.removeprefix(".maps.")])
        wanted = set(PROGRAMS[source][0](layout)[0]) - {"packet_ring", "short_ring", "base"}
        equal({name.removeprefix(".maps.") for name in found}, wanted, "ring buffers have none")


@test
def every_program_has_a_section_of_its_own_and_one_function():
    for elf, layout, source in every_object():
        functions = [elf.named(section.name, "FUNC") for section in elf.code()]
        equal([names for names in functions if len(names) != 1], [])
        equal({names[0] for names in functions}, set(PROGRAMS[source][0](layout)[1]))


@test
def sections_keep_their_variants():
    names = [section.name for section in built("android", "network.c").code()]
    equal(names[:4], ["cgroupskb/ingress/stats$trace", "cgroupskb/ingress/stats$4_19", "cgroupskb/ingress/stats$4_14",
                      "cgroupskb/egress/stats"])


@test
def code_is_linked_to_maps_by_their_names_alone():
    for elf, layout, source in every_object():
        for section in elf.code():
            for offset, kind, name in elf.relocations(section.name):
                equal((kind, section.data[offset], section.data[offset + 4:offset + 8]), (R_BPF_64_64, 0x18, bytes(4)))
                assert name in PROGRAMS[source][0](layout)[0], name


@test
def accessors_leave_the_same_code_in_every_layout():
    for compiler in compilers():
        for source, (_says, layouts, _loader) in PROGRAMS.items():
            code = [{section.name: section.data for section in built("android", source, *layout_flags(layout),
                                                                     compiler=compiler).code()}
                    for layout in layouts]
            equal([other for other in code if other != code[0]], [], source)


@test
def nothing_but_what_loaders_know_is_in_an_object():
    """No function of the headers, no string, no data of theirs."""
    for elf, _layout, source in every_object():
        names = [section.name for section in elf.sections if section.flags & ALLOC and section.size]
        strange = [name for name in names if name.startswith((".rodata", ".data", ".bss", ".text")) and
                   ".str" not in name]  # bpf_printk's formats, which code holds itself
        equal(strange, [], source)


@test
def gpu_memory_object_of_15_is_laid_out_as_androids():
    """Section by section what facts say of the stripped v15_gpuMem.o, its code's size and relocations included."""
    code = "tracepoint/gpu_mem/gpu_mem_total"
    elf = strip(compiled("android", "gpuMem.c", "-g", compiler="clang-14" if "clang-14" in compilers() else None))
    rows = [(section.name, section.size) for section in elf.sections]
    equal(rows[2:13], [(".text", 0), (code, 0x100), (".rel" + code, 48), ("maps", 0x78),
                       (".maps.gpu_mem_total_map", 0x10), ("progs", 0x5c), ("bpfloader_min_ver", 4),
                       ("bpfloader_max_ver", 4), ("size_of_bpf_map_def", 8), ("size_of_bpf_prog_def", 8),
                       ("license", 0xb)])
    equal([name for name, _size in rows[13:]],
          [".BTF", ".rel.BTF", ".BTF.ext", ".rel.BTF.ext", ".llvm_addrsig", ".symtab"])
    equal((elf.names_index, elf.sections[1].name, elf.section(".symtab").link), (1, ".strtab", 1))
    equal((elf.section(code).flags, elf.section("maps").flags, elf.section("maps").align), (ALLOC | EXECUTE, ALLOC, 4))
    equal((elf.section("progs").flags, elf.section(".maps.gpu_mem_total_map").flags), (ALLOC, ALLOC | WRITE))
    equal(elf.relocations(code), [(offset, R_BPF_64_64, "gpu_mem_total_map") for offset in (0x50, 0x80, 0xd0)])
    symbols = {symbol.name: (symbol.type, symbol.size) for symbol in elf.symbols if symbol.type in ("FUNC", "OBJECT")}
    equal(symbols, {"tp_gpu_mem_total": ("FUNC", 256), "gpu_mem_total_map": ("OBJECT", 120),
                    "____btf_map_gpu_mem_total_map": ("OBJECT", 16), "tp_gpu_mem_total_def": ("OBJECT", 92),
                    "_bpfloader_min_ver": ("OBJECT", 4), "_bpfloader_max_ver": ("OBJECT", 4),
                    "_size_of_bpf_map_def": ("OBJECT", 8), "_size_of_bpf_prog_def": ("OBJECT", 8),
                    "_license": ("OBJECT", 11)})
    equal((elf.word("bpfloader_min_ver"), elf.word("bpfloader_max_ver")), (41, 65536))


@test
def objects_of_10_have_maps_and_nothing_else():
    for compiler in compilers():
        elf = built("android", "old.c", *layout_flags(10), compiler=compiler)
        equal(elf.data("maps"), map_record(10, "HASH", 8, 4, 1000) + map_record(10, "ARRAY", 4, 1, 1))
        assert not elf.has("progs") and not elf.has("size_of_bpf_map_def")
        equal([section.name for section in elf.code()], ["cgroupskb/ingress/stats"])


@test
def appended_parameters_may_be_left_out():
    """As Android 13's programs do; the record is the same as with what they stand for."""
    start = 'DEFINE_BPF_MAP_EXT(m, HASH, uint32_t, uint32_t, 8, 0, 7, 0660, "fs_bpf_vendor", "vendor/", PRIVATE'
    tails = ["", ", BPFLOADER_MIN_VER, BPFLOADER_MAX_VER",
             ", BPFLOADER_MIN_VER, BPFLOADER_MAX_VER, LOAD_ON_ENG, LOAD_ON_USER, LOAD_ON_USERDEBUG"]
    for layout in (13, 14, 15):
        for tail in tails[:2] if layout == 13 else tails:
            elf = built_text("android", f"#include <bpf_helpers.h>\n{start}{tail});\nLICENSE(\"GPL\");",
                             *layout_flags(layout))
            equal(elf.data("maps"), map_record(layout, "HASH", 4, 4, 8, gid=7, mode=0o660, context="fs_bpf_vendor",
                                               subdir="vendor/"))


@test
def plain_booleans_are_words_as_they_were_until_14():
    text = ("#include <bpf_helpers.h>\n"
            'DEFINE_BPF_MAP_EXT(m, HASH, uint32_t, uint32_t, 8, 0, 0, 0600, "", "", true, 1, 2, false, true, (bool)1);\n'
            'LICENSE("GPL");')
    for flags, layout in ((layout_flags(14), 14), ([], 15)):
        equal(built_text("android", text, *flags).data("maps"),
              map_record(layout, "HASH", 4, 4, 8, shared=1, ignore=6, min_loader=1, max_loader=2))
    refused("android", text, *layout_flags(15))


@test
def own_bpf_printk_takes_the_headers_place():
    text = """#include <bpf_helpers.h>
#define bpf_printk(text, ...) bpf_trace_printk("own", 4, ##__VA_ARGS__)
DEFINE_BPF_PROG("kprobe/f", 0, 0, f)(void *context) { return bpf_printk("%d", 3); }
LICENSE("GPL");"""
    built_text("android", text)


@test
def other_flags_and_headers_of_the_host_do_no_harm():
    host = f"/usr/include/{os.uname().machine}-linux-gnu"
    sources = [("android", source, []) for source in PROGRAMS] + \
              [("tc", "shaper.c", []), ("samples", "filter_kern.c", ["-D__TARGET_ARCH_x86"])]
    for compiler in compilers():
        for kind, source, needed in sources:
            search = "-idirafter" if kind == "samples" else "-I"  # samples look into a pt_regs, which must be ours
            for flags in ([search, host], ["-target", "bpfeb"], ["-std=c11"], ["-mcpu=v3", "-O1"]):
                compiled(kind, source, *needed, *flags, compiler=compiler)


RING = "DEFINE_BPF_RINGBUF(ring, uint64_t, {}, 0, 0, 0600)"
EXT = 'DEFINE_BPF_MAP_EXT(m, HASH, uint32_t, uint32_t, 1, 0, 0, 0600, {}, {}, {})'
KEY = "typedef struct {{ char bytes[{}]; }} key_t; DEFINE_BPF_MAP(m, HASH, key_t, uint32_t, 1)"
VALUE = "typedef struct {{ char bytes[{}]; }} value_t; DEFINE_BPF_MAP(m, HASH, uint32_t, value_t, 1)"
FIVE = "PRIVATE, 0, 1, {}, {}, LOAD_ON_USERDEBUG"
OPT = 'DEFINE_BPF_PROG_KVER_RANGE_OPT("skfilter/f", 0, 0, f, 0, KVER_INF, {})(void *skb) {{ return 0; }}'
BUILDS = 'DEFINE_BPF_PROG_EXT("skfilter/f", 0, 0, f, 0, 1, 0, 1, MANDATORY, "", ""{})(void *skb) {{ return 0; }}'

# (what is compiled with this, what is refused with that, what the compiler says, layout)
EDGES = [
    (KEY.format(1023), KEY.format(1024), "a key has less than 1024 bytes", 15),
    (VALUE.format(65535), VALUE.format(65536), "a value has less than 65536 bytes", 15),
    (KEY.format(1024), "char key_t; " + KEY.format(1), "", 13),
    (RING.format(4096), RING.format(2048), "4096 to 0x10000000 bytes", 15),
    (RING.format(0x10000000), RING.format(0x20000000), "4096 to 0x10000000 bytes", 15),
    (RING.format(8192), RING.format(12288), "a power of two", 15),
    (RING.format(8192), RING.format(8192), "ring buffers need LADE_ANDROID_LAYOUT 13", (13, 12)),
    ("#define DEFAULT_BPF_MAP_UID 1029\n#define BPFLOADER_MIN_VER 28",
     "#define DEFAULT_BPF_MAP_UID 1029\n#define BPFLOADER_MIN_VER 27", "DEFAULT_BPF_MAP_UID needs loader 28", 15),
    ("#define BPFLOADER_MIN_VER 19\n#include <bpf_helpers.h>\nDEFINE_BPF_MAP(m, ARRAY, uint32_t, uint32_t, 2)",
     "#define BPFLOADER_MIN_VER 18\n#include <bpf_helpers.h>\nDEFINE_BPF_MAP(m, ARRAY, uint32_t, uint32_t, 2)",
     "needs BPFLOADER_MIN_VER 19", 15),
    ("#define BPFLOADER_MIN_VER 18\n#include <bpf_helpers.h>\nDEFINE_BPF_MAP(m, ARRAY, uint32_t, uint32_t, 1)",
     "#define BPFLOADER_MIN_VER 18\n#include <bpf_helpers.h>\nDEFINE_BPF_MAP_GRW(m, ARRAY, uint32_t, uint32_t, 2, 7)",
     "needs BPFLOADER_MIN_VER 19", 14),
    (EXT.format('""', '""', "SHARED"), EXT.format('""', '""', "OPTIONAL"), "not compatible with any", 15),
    (EXT.format('""', '""', "PRIVATE"), EXT.format('""', '""', "false"), "not compatible with any", 15),
    (EXT.format('""', '""', FIVE.format("LOAD_ON_ENG", "IGNORE_ON_USER")),
     EXT.format('""', '""', FIVE.format("LOAD_ON_USER", "IGNORE_ON_ENG")), "not compatible with any", 14),
    (OPT.format("OPTIONAL"), OPT.format("SHARED"), "not compatible with any", 15),
    (OPT.format("true"), OPT.format("true"), "not compatible with any", (14, 15)),
    (EXT.format('"0123456789012345678901234567890"', '""', "PRIVATE"),
     EXT.format('"01234567890123456789012345678901"', '""', "PRIVATE"), "at most 31 characters", 15),
    (EXT.format('""', '"0123456789012345678901234567890"', "PRIVATE"),
     EXT.format('""', '"01234567890123456789012345678901"', "PRIVATE"), "at most 31 characters", 15),
    (EXT.format('""', '""', "PRIVATE, 0, 1"), EXT.format('""', '""', "PRIVATE, 0"), "two_loaders_and_three_builds", 15),
    (EXT.format('""', '""', FIVE.format("LOAD_ON_ENG", "LOAD_ON_USER")),
     EXT.format('""', '""', FIVE.format("LOAD_ON_ENG", "LOAD_ON_USER")), "lade_builds_need_layout_14", (14, 13)),
    (BUILDS.format(""), BUILDS.format(", LOAD_ON_ENG"), "three_builds_or_nothing", 15),
    (BUILDS.format(", LOAD_ON_ENG, LOAD_ON_USER, LOAD_ON_USERDEBUG"),
     BUILDS.format(", LOAD_ON_ENG, LOAD_ON_USER, LOAD_ON_USERDEBUG"), "lade_builds_need_layout_14", (14, 13)),
    (EXT.format('""', '""', "PRIVATE"), EXT.format('""', '""', "PRIVATE"), "need LADE_ANDROID_LAYOUT 13", (13, 12)),
    ("", '#define DEFAULT_BPF_PROG_PIN_SUBDIR "vendor/"', "need LADE_ANDROID_LAYOUT 13", 12),
    ("DEFINE_BPF_MAP(m, HASH, uint32_t, uint32_t, 1)", "DEFINE_BPF_MAP_GRO(m, HASH, uint32_t, uint32_t, 1, 7)",
     "Android 10 has no owners of maps", 10),
    ("int f(void *m) SECTION(\"skfilter/f\");", "char _license[] SEC(\"license\") = \"GPL\";",
     "SEC() is of other loaders", 13),
    ("char _license[] SEC(\"license\") = \"GPL\";", "char _license[] SEC(\"license\") = \"GPL\";",
     "SEC() is of other loaders", (12, 13)),
    ("", "", "LADE_ANDROID_LAYOUT is 10, 11, 12, 13, 14 or 15", (15, 16)),
    ("", "", "LADE_ANDROID_LAYOUT is 10, 11, 12, 13, 14 or 15", (10, 9)),
    ("DEFINE_BPF_MAP(m, HASH, uint32_t, uint64_t, 1) uint64_t *f(uint32_t *k) { return bpf_m_lookup_elem(k); }",
     "DEFINE_BPF_MAP(m, HASH, uint32_t, uint64_t, 1) uint64_t *f(uint64_t *k) { return bpf_m_lookup_elem(k); }",
     "incompatible pointer types", 15),
    ("DEFINE_BPF_MAP(m, HASH, uint32_t, uint64_t, 1) int f(uint32_t *k, uint64_t *v) { return bpf_m_update_elem(k, v, 0); }",
     "DEFINE_BPF_MAP(m, HASH, uint32_t, uint64_t, 1) int f(uint32_t *k, uint32_t *v) { return bpf_m_update_elem(k, v, 0); }",
     "incompatible pointer types", 15),
]


def source_of(words):
    """Definitions come before the header, everything else behind it."""
    if "#include" in words:
        return words
    before, after = (words, "") if words.startswith("#define") else ("", words)
    return f"{before}\n#include <bpf_helpers.h>\n{after}\n"


@test
def what_loaders_would_misread_is_refused_by_the_compiler():
    for compiler in compilers():
        for good, bad, says, layout in EDGES:
            right, wrong = layout if isinstance(layout, tuple) else (layout, layout)
            taken("android", source_of(good), *layout_flags(right), compiler=compiler)
            contains(refused("android", source_of(bad), *layout_flags(wrong), compiler=compiler), says)


@test
def programs_for_tests_may_write_arrays_on_old_loaders():
    built_text("android", "#define BPFLOADER_MIN_VER 2\n#define THIS_BPF_PROGRAM_IS_FOR_TEST_PURPOSES_ONLY\n"
               "#include <bpf_helpers.h>\nDEFINE_BPF_MAP(m, ARRAY, uint32_t, uint32_t, 9)\nLICENSE(\"GPL\");")


# ---- what lade reads in these objects ----

DIALECTS = {10: "android-a", 11: "android-b", 12: "android-c", 13: "android-d", 14: "android-d", 15: "android-d"}


def inspected(path, *options):
    done = lade("inspect", "--json", path, *options)
    equal(done.code, 0, done)
    return json.loads(done.out)


@test
def lade_knows_each_layout():
    for source, (says, layouts, _loader) in PROGRAMS.items():
        for layout in layouts:
            for debug in ([], ["-g"]):
                document = inspected(compiled("android", source, *layout_flags(layout), *debug))
                maps, programs = says(layout)
                equal(document["dialect"], DIALECTS[layout], source)
                equal([entry["name"] for entry in document["maps"]], list(maps))
                equal([entry["name"] for entry in document["programs"]], list(programs))
                equal((document["policy"]["map_bytes"], document["policy"]["program_bytes"]),
                      (MAP_BYTES[layout], PROG_BYTES[layout]))
    equal(inspected(compiled("android", "old.c", *layout_flags(10)))["dialect"], "android-a")


def part(document, kind, name):
    return next(entry for entry in document[kind] if entry["name"] == name)


@test
def lade_reads_the_policy_that_was_written():
    document = inspected(compiled("android", "network.c"))
    equal((document["policy"]["critical"], document["policy"]["min_loader"], document["policy"]["network_loader"],
           document["policy"]["btf_loader"]), ("Connectivity and netd", 38, 45, 39))
    stats = part(document, "maps", "stats_map")["policy"]
    equal([stats[key] for key in ("uid", "gid", "mode", "shared", "pin_subdir", "selinux_context", "ignore_on",
                                  "pin_name")],
          [0, BW_ACCT, "0660", True, "netd_shared/", "fs_bpf_net_shared", ["user"], "map__stats_map"])
    bind = part(document, "programs", "bind4")
    equal((bind["type"], bind["policy"]["optional"], bind["policy"]["ignore_on"], bind["policy"]["pin_name"]),
          ("cgroup_sock_addr", True, ["eng", "userdebug"], "prog_network_bind4_block_port"))
    equal(part(document, "programs", "in_4_19")["policy"]["pin_name"], "prog_network_cgroupskb_ingress_stats")
    clat = part(inspected(compiled("android", "forms.c")), "maps", "plain")["policy"]
    equal((clat["uid"], clat["min_loader"], clat["max_loader"]), (CLAT, 42, 50))


@test
def kernel_versions_of_11_are_in_the_old_encoding():
    equal(part(inspected(compiled("android", "times.c", *layout_flags(11))), "programs",
               "tp_cpu_frequency")["policy"]["min_kernel"], "4.14.0")


@live
def objects_of_every_layout_load():
    for source, (_says, layouts, _loader) in PROGRAMS.items():
        for layout in layouts:
            for debug in ([], ["-g"]):
                loads(compiled("android", source, *layout_flags(layout), *debug), source)
    loads(compiled("android", "old.c", *layout_flags(10)), "old.c")


def run_program(place):
    done = lade("test", "--json", "lade/" + place)
    equal(done.code, 0, done)


def dumped(place):
    done = lade("map", "dump", "--json", place)
    equal(done.code, 0, done)
    return done.json()["entries"]


@live
def programs_count_what_they_see_in_maps_whose_types_are_known():
    """Accessors reach their map, words such as EGRESS arrive, and a map's annotation names the fields of its values."""
    for compiler in compilers():
        equal(lade("load", compiled("android", "network.c", "-g", compiler=compiler)).code, 0)
        run_program("network/progs/out")
        equal([entry["value"] for entry in dumped("network/stats_map")], [{"packets": 1, "bytes": 0}], "EGRESS")
        run_program("network/progs/in_4_19")
        value, = [entry["value"] for entry in dumped("network/stats_map")]
        equal(value["packets"], 2)
        assert value["bytes"] > 0, value
        equal(lade("unload", "network").code, 0)


def loads(path, source):
    document = inspected(path)
    done = lade("load", "--json", path)
    if source == "forms.c" and not Object(path).has(".BTF"):
        assert done.code != 0, "storage of sockets needs the types of its keys and values"
        equal(pins(), [])
        return
    equal(done.code, 0, done)
    loaded, = json.loads(done.out)["objects"]
    equal(lade("unload", loaded["name"]).code, 0)
    equal([name for name in pins() if name != "lade"], [])
    equal([entry["name"] for entry in loaded["maps"]],
          [entry["name"] for entry in document["maps"] if not entry["skip"]], source)
    equal([entry["name"] for entry in loaded["programs"]], [entry["name"] for entry in document["programs"]], source)
    left_out = {entry["name"] for entry in loaded["programs"] if not entry["loaded"]}
    assert left_out <= {"in_4_14", "downstream6_rawip_4_14", "later", "a", "b", "d", "e"}, left_out


main()
