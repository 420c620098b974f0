# SPDX-License-Identifier: BSD-2-Clause
"""lade check: many objects against many kernels, and one object against the types of one kernel; on one processor."""
import glob
import os
import shutil

import contenders
from rounds import interleaved, medians, ms, wall_of

OBJECTS = 500
KERNELS = "4.19,5.4,5.10,5.15,6.1,6.6,6.12,6.18"
KERNEL_TYPES = "/sys/kernel/btf/vmlinux"


def many(build, scratch):
    """As many objects as there are, each under names of its own until there are enough."""
    sources = sorted(glob.glob(os.path.join(build, "tests", "objects", "*.o")))
    place = os.path.join(scratch, "check")
    os.makedirs(place)
    for number in range(OBJECTS):
        shutil.copy(sources[number % len(sources)], os.path.join(place, f"object{number:03}.o"))
    return sorted(glob.glob(os.path.join(place, "*.o"))), len(sources)


def on_one(*command):
    return wall_of("taskset", "-c", "0", *command)


def whatever_it_says(*command):
    """Objects that do not load somewhere are the point: any exit will do."""
    return on_one("sh", "-c", '"$@" >/dev/null 2>&1; [ $? -lt 8 ]', "sh", *command)


def matrix(lade, objects, sources, rounds, say, row):
    found = medians(interleaved(rounds, {
        "lade check": lambda: whatever_it_says(lade, "check", "--json", "--kernel", KERNELS, *objects),
        "lade inspect": lambda: whatever_it_says(lade, "inspect", "--json", *objects)}))
    text = ", ".join(f"{name} {ms(value).strip()} ms" for name, value in found.items() if value)
    say(f"{OBJECTS} objects ({sources} different) against {KERNELS.count(',') + 1} kernels: {text}")
    row(f"lade check, {OBJECTS} objects against 8 kernels", "2 s", f"{(found['lade check'] or 0) / 1e9:.2f} s",
        ", ".join(f"{name} {value / 1e9:.2f} s" for name, value in found.items() if value and name != "lade check"))


def against_types(lade, path, rounds, say, row):
    words = (lade, "check", "--json", "--kernel", ".".join(os.uname().release.split(".")[:2]), "--btf", KERNEL_TYPES)
    runs = {"lade check": lambda: whatever_it_says(*words, path)}
    bpftool = contenders.find_bpftool()
    if bpftool:
        runs["bpftool btf dump"] = lambda: whatever_it_says(bpftool, "btf", "dump", "file", KERNEL_TYPES)
    found = medians(interleaved(rounds, runs))
    text = ", ".join(f"{name} {ms(value).strip()} ms" for name, value in found.items() if value)
    say(f"{os.path.basename(path)} against the types of one kernel: {text}\n")
    row("lade check, one object against the types of one kernel", "15 ms", f"{ms(found['lade check'] or 0).strip()} ms",
        ", ".join(f"{name} {ms(value).strip()} ms" for name, value in found.items() if value and name != "lade check"))


def measure(bench, rounds, say):
    objects, sources = many(bench.build, bench.scratch)
    matrix(bench.lade, objects, sources, rounds, say, bench.row)
    against_types(bench.lade, os.path.join(bench.build, "bench", "core_many.bpf.o"), rounds, say, bench.row)
