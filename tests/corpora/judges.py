# SPDX-License-Identifier: BSD-2-Clause
"""The judge programs: where they come from, what they are asked, here or in a machine with another kernel."""
import hashlib
import json
import os
import re
import subprocess

import machines
import sources
from machines import guest
from sources import debian

HERE = os.path.dirname(os.path.realpath(__file__))
LOAD_SECONDS = 60  # for a referee; what it loads in that time Lade must load, however busy the machine is
OUR_SECONDS = 300
EMULATED_SECONDS = 240  # for any of them: a slow machine that emulates another takes minutes for a million instructions
MACHINE_SECONDS = 6000
JUDGE_SOURCES = ("capture", "judge", "kernel_objects", "types", "verdict")
LADE_LIBRARIES = ("bpf", "elf", "z", "md", "lzma", "zstd")  # as meson.build has them
OTHERS = {"amd64": "x86_64", "arm64": "aarch64"}  # as uname calls them
# Refused after many seconds by every loader; as whole objects they are judged all the same.
ENDLESS = {"loop3", "strobemeta_bpf_loop", "xdp_synproxy_kern"}


class Judge:
    """One of the judge programs. `memory`: a directory that remembers verdicts of this boot, or None."""

    def __init__(self, name, path, seconds, memory=None):
        self.name, self.path, self.seconds, self.memory, self.said = name, path, seconds, memory, {}
        with open(path, "rb") as file:
            self.digest = hashlib.sha256(file.read()).hexdigest()[:16] if memory else ""

    def _ask(self, path, *options):
        words = [self.path, "--seconds", str(self.seconds), *options, path]
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False,
                              stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{self.name}: exit {done.returncode}: {done.stderr[-300:]}")
        return done.stdout

    def _remembered(self, path, *options):
        if not self.memory:
            return self._ask(path, *options)
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
            key = sources.digest_of(boot.read(), self.digest, path, sources.read(path), *options)
        file = os.path.join(self.memory, key)
        if not os.path.exists(file):
            sources.write(file, self._ask(path, *options))
        return sources.read(file).decode()

    def ask(self, object_, *options):
        """What it says of one object: a list with one element, or with one for each program (--each)."""
        key = object_, options
        if key not in self.said:
            self.said[key] = self._remembered(object_.path, *object_.options, *options)
        return [json.loads(line) for line in self.said[key].splitlines()]


class Recorded:
    """A judge that has said everything already, in a machine with another kernel."""

    def __init__(self, name, whole, each):
        self.name, self.whole, self.each = name, whole, each

    def ask(self, object_, *options):
        lines = {(): self.whole, ("--each",): self.each}.get(options, {}).get(os.path.basename(object_.path), [])
        return [json.loads(line) for line in lines]


def in_machine(kernel, judges, corpora, say):
    """For each corpus the judges as they speak on that kernel, the last of them Lade's. Raises machines.Hanging."""
    paths = {re.sub("[^a-z]", "-", judge.name): judge.path for judge in judges}
    objects = [[object_.path for object_ in corpus.objects if object_.name not in ENDLESS] for corpus in corpora]
    said, version = machines.verdicts(kernel, paths, objects, EMULATED_SECONDS, MACHINE_SECONDS, say)
    return [[Recorded(f"{judge.name} on {version}", *(said.get((number, key, kind), {}) for kind in ("WHOLE", "EACH")))
             for key, judge in zip(paths, judges)] for number in range(len(corpora))]


class Tools:
    """What judges for one architecture are built with: this machine's own, or the cross compiler and the archives that
    `make static` has brought together."""

    def __init__(self, build, kernel):
        self.build, self.architecture = build, guest.kernel(kernel).architecture if kernel else guest.own_architecture()
        self.is_own = self.architecture == guest.own_architecture()
        self.output = os.path.join(build, "tests", "corpora")
        self.compiler = ["cc"] if self.is_own else self._cross(OTHERS[self.architecture])

    def _cross(self, machine):
        self.tree = os.path.join(self.build, "static", f"build-{machine}")
        sysroot = os.path.join(self.build, "static", f"sysroot-{machine}")
        if not os.path.isdir(sysroot):
            raise sources.Unavailable(f"there is no {os.path.basename(sysroot)} (make static)")
        return [guest.COMPILERS[self.architecture], f"--sysroot={sysroot}"]

    def path(self, name):
        return os.path.join(self.output, name if self.is_own else f"{name}-{self.architecture}")

    def build_judge(self, name, loader, *more):
        """Static: it runs in machines that have no libraries, and --wrap reaches all of it."""
        output = self.path(name)
        part = f"{output}.{os.getpid()}.part"
        files = [os.path.join(HERE, "judge", source + ".c") for source in (*JUDGE_SOURCES, loader)]
        debian.run(*self.compiler, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-static", "-Wl,--wrap=syscall", *files, *more,
                   "-o", part)
        os.replace(part, output)
        return output

    def lade(self):
        if self.is_own:
            return self.path("judge-lade")  # meson builds it
        archive = os.path.join(self.tree, "src", "liblade-internal.a")
        if not os.path.exists(archive):
            raise sources.Unavailable(f"there is no {os.path.relpath(archive, self.build)} (make static)")
        return self.build_judge("judge-lade", "lade", "-I", os.path.join(sources.ROOT, "include"), archive,
                                *(f"-l{name}" for name in LADE_LIBRARIES), "-pthread")

    def libbpf(self):
        return self.build_judge("judge-libbpf", "libbpf", "-lbpf", "-lelf", "-lz")

    def newest_libbpf(self):
        place = newest_libbpf(self.compiler)
        return self.build_judge("judge-libbpf-newest", "libbpf", f"-I{place}/include", f"{place}/lib/libbpf.a", "-lelf",
                                "-lz")


def newest_libbpf(compiler):
    """The directory into which Debian's newest libbpf is built."""
    try:
        done = subprocess.run([os.path.join(HERE, "libbpf_newest"), *compiler], capture_output=True, text=True,
                              check=False, timeout=debian.FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise sources.Unavailable("libbpf's source took too long to fetch") from error
    if done.returncode:
        raise sources.Unavailable(done.stderr.strip() or "libbpf cannot be built")
    return done.stdout.strip()


def lade(tools, memory):
    return Judge("lade", tools.lade(), OUR_SECONDS, memory)


def referees(tools, memory):
    """(name, function that gives the judge or raises debian.Unavailable)"""
    return [(name, lambda name=name, make=make: Judge(name, make(), LOAD_SECONDS, memory)) for name, make in
            (("libbpf of this system", tools.libbpf), ("newest libbpf", tools.newest_libbpf))]
