# SPDX-License-Identifier: BSD-2-Clause
"""lade boot: directories of many objects, with all processors, with one thread, and as a loop of bpftool."""
import os
import shutil
import subprocess

import contenders
from rounds import interleaved, median, ms, number_of, wall_of

COUNTS = (100, 1000)
TYPICAL = ("bootrun_net.o", "bootrun_one.o", "bootrun_two.o", "bootrun_plain.bpf.o", "bootrun_net.o")


class Directory:
    """So many objects under names of their own, and a bpffs of its own for every run."""

    def __init__(self, scratch, name, sources):
        self.path = os.path.join(scratch, "boot-" + name)
        self.bpffs = os.path.join(scratch, "bpffs-" + name)
        os.makedirs(self.path)
        os.makedirs(self.bpffs)
        self.objects = []
        for number, source in enumerate(sources):
            self.objects.append(os.path.join(self.path, f"object{number:04}.o"))
            shutil.copy(source, self.objects[-1])

    def __enter__(self):
        subprocess.run(["mount", "-t", "bpf", "bpf", self.bpffs], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.bpffs], check=True)

    def boot(self, lade, *words):
        with self:
            return wall_of("env", f"LADE_BPFFS={self.bpffs}", f"LADE_RUN={self.path}/run", f"LADE_VAR={self.path}/var",
                           lade, "boot", "--quiet", *words, self.path)

    def bpftool_loop(self, bpftool):
        script = 'i=0; for o in "$@"; do i=$((i + 1)); "$B" prog loadall "$o" "$D/$i" || exit 1; done'
        with self:
            return wall_of("env", f"D={self.bpffs}", f"B={bpftool}", "sh", "-c", script, "sh", *self.objects)


def compare(bench, title, directory, rounds, with_bpftool=True):
    """{contender: median}"""
    bpftool = contenders.find_bpftool() if with_bpftool else None
    runs = {"lade": lambda: directory.boot(bench.lade), "lade, one thread": lambda: directory.boot(bench.lade, "--jobs", "1")}
    if bpftool:
        runs["bpftool loop"] = lambda: directory.bpftool_loop(bpftool)
    found = {name: median(values) for name, values in interleaved(rounds, runs).items()}
    return title, found


def text_of(found):
    return ", ".join(f"{name} {ms(value).strip()} ms" for name, value in found.items() if value)


def verification(bench, sources):
    """The PROG_LOAD phases of these objects, one after another."""
    return sum(number_of(bench.program("lade"), "one", source, "1", "1", column=2) or 0 for source in sources)


def measure(bench, say):
    rounds = max(3, bench.rounds // 8)
    objects = os.path.join(bench.build, "tests", "objects")
    plain, heavy = (os.path.join(objects, name) for name in ("bootrun_plain.bpf.o", "cli_slow.bpf.o"))

    for count in COUNTS:
        directory = Directory(bench.scratch, f"plain{count}", [plain] * count)
        _, found = compare(bench, "", directory, rounds if count < 1000 else 3)
        say(f"boot of {count} small objects, whole process: {text_of(found)}")
        if found["lade"] and found.get("bpftool loop"):
            bench.row(f"boot of {count} small objects: times faster than a bpftool loop", "",
                      f"{found['bpftool loop'] / found['lade']:.1f}", text_of(found))
    directory = Directory(bench.scratch, "heavy", [heavy] * 40)
    _, found = compare(bench, "", directory, rounds)
    say(f"boot of 40 objects whose verification dominates: {text_of(found)}")
    if found["lade"] and found["lade, one thread"]:
        bench.row("boot on 2 CPUs against one thread where verification dominates", "1.7",
                  f"{found['lade, one thread'] / found['lade']:.2f}", text_of(found))

    typical = [os.path.join(objects, name) for name in TYPICAL * 3]
    directory = Directory(bench.scratch, "typical", typical)
    _, found = compare(bench, "", directory, max(5, rounds), with_bpftool=False)
    verify = verification(bench, typical)
    if found["lade"]:
        over = found["lade"] - verify
        say(f"boot of 15 typical objects: {ms(found['lade']).strip()} ms, of which verification, one after another, "
            f"{ms(verify).strip()} ms\n")
        bench.row("boot of 15 typical objects, beyond their verification", "30 ms", f"{ms(over).strip()} ms", text_of(found))
