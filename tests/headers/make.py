#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""share/lade/bpf.mk as a stranger's makefile includes it, from this tree and from where it is installed."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from headers.built import SOURCES, built, compilers  # noqa: E402
from headers.elf import Object  # noqa: E402
from runner.check import BUILD, SOURCE, Skip, command, contains, equal, lade, live, main, test  # noqa: E402

FRAGMENT = os.path.join(SOURCE, "share", "lade", "bpf.mk")
ANDROID = ("gpuMem.c", "times.c", "network.c")


def needs_make():
    if not shutil.which("make"):
        raise Skip("make is not installed")
    return compilers()[0]


class Project:
    """A directory with our sources and a makefile of these calls."""

    def __init__(self, *calls, fragment=FRAGMENT, before=(), after=()):
        self.compiler = needs_make()
        self.directory = tempfile.mkdtemp()
        for name in os.listdir(SOURCES):
            shutil.copy(os.path.join(SOURCES, name), self.directory)
        lines = [*before, f"include {fragment}", *(f"$(eval $(call lade-bpf,{call}))" for call in calls), *after]
        self.write("Makefile", "\n".join(lines) + "\n")

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as f:
            f.write(text)

    def path(self, name):
        return os.path.join(self.directory, name)

    def make(self, *words):
        return command("make", "-C", self.directory, "LADE_BPF_CLANG=" + self.compiler, *words)

    def made(self, *names):
        done = self.make(*names)
        equal(done.code, 0, done)
        return [Object(self.path(name)) for name in names]


def debugs(elf):
    return [section.name for section in elf.sections if section.name.startswith((".debug", ".rel.debug"))]


@test
def btf_is_kept_and_debugging_information_is_not():
    elf, = Project("srcs=gpuMem.c, cflags=-Wall -Werror, btf=true").made("gpuMem.o")
    assert elf.has(".BTF") and elf.has(".BTF.ext")
    equal(debugs(elf), [])
    equal(len(elf.sections), 19)


@test
def without_btf_there_is_none_whatever_the_flags_say():
    for call in ("srcs=gpuMem.c", "srcs=gpuMem.c, btf=false", "srcs=gpuMem.c, btf=false, cflags=-g"):
        elf, = Project(call).made("gpuMem.o")
        assert not elf.has(".BTF") and not elf.has(".BTF.ext"), call
        equal(debugs(elf), [])


@test
def records_and_code_are_those_of_a_compilation_by_hand():
    for btf in ("true", "false"):
        project = Project(f"srcs={' '.join(ANDROID)}, btf={btf}")
        for name, elf in zip(ANDROID, project.made(*(name.replace(".c", ".o") for name in ANDROID))):
            hand = built("android", name, *(["-g"] if btf == "true" else []), compiler=project.compiler)
            for section in ("maps", "progs", "license", *(part.name for part in hand.code())):
                equal(elf.data(section), hand.data(section), f"{name} {section}")


@test
def every_kind_of_headers_can_be_said():
    project = Project("srcs=gpuMem.c, layout=12", "srcs=shaper.c, headers=tc",
                      "headers=samples, srcs=filter_kern.c, arch=arm64, btf=true")
    android, tc, samples = project.made("gpuMem.o", "shaper.o", "filter_kern.o")
    equal((android.section("maps").size, tc.section("maps").size, samples.section("maps").size), (48, 72, 84))
    assert samples.has("kprobe/__arm64_sys_unlinkat"), "arch="
    equal([lade("inspect", project.path(name)).code for name in ("gpuMem.o", "shaper.o", "filter_kern.o")], [0, 0, 0])


@test
def objects_are_listed_and_go_where_they_are_told():
    project = Project("srcs=gpuMem.c times.c", "srcs=network.c", before=["LADE_BPF_OUT := made/here"],
                      after=["all: $(LADE_BPF_OBJECTS)"])
    equal(project.make().code, 0)
    equal(sorted(name for name in os.listdir(project.path("made/here")) if name.endswith(".o")),
          ["gpuMem.o", "network.o", "times.o"])


@test
def tools_are_found_under_the_names_that_debian_gives_them():
    project = Project("srcs=gpuMem.c, btf=true")
    tools = tempfile.mkdtemp()
    for name in ("sh", "uname", "mkdir", "mv", "make", project.compiler, "llvm-strip-" + project.compiler[-2:]):
        if not shutil.which(name):
            raise Skip(name + " is not installed")
        os.symlink(shutil.which(name), os.path.join(tools, name))
    done = command("make", "-C", project.directory, "gpuMem.o", env={"PATH": tools})
    equal(done.code, 0, done)
    assert Object(project.path("gpuMem.o")).has(".BTF")


@test
def goal_of_a_make_without_words_stays_the_callers():
    contains(Project("srcs=gpuMem.c", after=["mine:", "\t@echo this one"]).make().out, "this one")
    contains(Project("srcs=gpuMem.c", before=["mine:", "\t@echo this one"]).make().out, "this one")


@test
def a_changed_header_makes_the_object_again():
    project = Project("srcs=own.c")
    project.write("own.h", "#define ENTRIES 5\n")
    project.write("own.c", '#include <bpf_helpers.h>\n#include "own.h"\n'
                  "DEFINE_BPF_MAP(m, HASH, uint32_t, uint32_t, ENTRIES)\nLICENSE(\"GPL\");\n")
    equal(project.made("own.o")[0].data("maps")[12], 5)
    contains(project.make("own.o").out, "up to date")
    time.sleep(0.02)  # a time stamp of its own
    project.write("own.h", "#define ENTRIES 6\n")
    equal(project.made("own.o")[0].data("maps")[12], 6)
    os.unlink(project.path("own.h"))
    assert project.make("own.o").code != 0, "the header is gone"


@test
def a_failed_compilation_leaves_no_object():
    project = Project("srcs=own.c")
    project.write("own.c", "#include <bpf_helpers.h>\nDEFINE_BPF_RINGBUF(r, uint32_t, 5, 0, 0, 0600)\n")
    assert project.make("own.o").code != 0
    assert not os.path.exists(project.path("own.o"))


@test
def wrong_calls_say_what_is_wrong():
    for call, says in (("src=gpuMem.c", "no parameter is called src"), ("srcs=gpuMem.c, btf=yes", "btf= is true or false"),
                       ("btf=true", "srcs= is missing"), ("srcs=gpuMem.c, headers=mine", "headers= is android, tc")):
        done = Project(call).make("gpuMem.o")
        equal(done.code, 2)
        contains(done.err, says)


@test
def commas_in_flags_have_a_name():
    project = Project("srcs=own.c, cflags=-DTWO=1$(lade-bpf-comma)2")
    project.write("own.c", "#include <bpf_helpers.h>\nint two[] SECTION(\"numbers\") = { TWO };\nLICENSE(\"GPL\");\n")
    equal(len(project.made("own.o")[0].data("numbers")), 8)


@test
def installed_fragment_finds_the_installed_headers():
    needs_make()
    destination = tempfile.mkdtemp()
    equal(command("meson", "install", "-C", BUILD, "--no-rebuild", env={"DESTDIR": destination}).code, 0)
    found = subprocess.run(["find", destination, "-name", "bpf.mk"], capture_output=True, text=True, check=True).stdout
    fragment, = found.split()
    elf, = Project("srcs=gpuMem.c, btf=true", fragment=fragment).made("gpuMem.o")
    equal(elf.section("maps").size, 120)
    prefix = fragment.removesuffix("/share/lade/bpf.mk")
    for kind, name in (("android", "gpuMem.c"), ("tc", "shaper.c"), ("samples", "filter_kern.c")):
        equal(command(compilers()[0], "-target", "bpf", "-D__TARGET_ARCH_x86", "-O2", "-c", "-I",
                      f"{prefix}/include/lade-bpf/{kind}", os.path.join(SOURCES, name), "-o", "/dev/null").code, 0)
    listed = subprocess.run(["find", SOURCE + "/include/lade-bpf", "-name", "*.h", "-printf", "%P\n"],
                            capture_output=True, text=True, check=True).stdout.split()
    missing = [name for name in listed if not os.path.exists(f"{prefix}/include/lade-bpf/{name}")]
    equal(missing, [])


@live
def objects_with_and_without_btf_load():
    for btf in ("true", "false"):
        project = Project(f"srcs={' '.join(ANDROID)}, btf={btf}")
        project.made(*(name.replace(".c", ".o") for name in ANDROID))
        for name in ANDROID:
            done = lade("load", project.path(name.replace(".c", ".o")))
            equal(done.code, 0, done)
            equal(lade("unload", name.removesuffix(".c")).code, 0)


main()
