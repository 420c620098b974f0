#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is installed is complete: headers, libraries, pkg-config, man page; and examples/embed.c works with it."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import (BUILD, SOURCE, command, contains, equal, live, main, path, pins, test)  # noqa: E402

DESTDIR = tempfile.mkdtemp()
state = {}


def sanitizers():
    """What the library was built with, its users must be linked with."""
    options = json.loads(command("meson", "introspect", "--buildoptions", BUILD).out)
    value = next(option["value"] for option in options if option["name"] == "b_sanitize")
    return [] if value == "none" else ["-fsanitize=" + value]


def good(done):
    equal(done.code, 0, done)
    return done


def find(name):
    for top, _, files in os.walk(DESTDIR):
        if name in files:
            return os.path.join(top, name)
    raise AssertionError(f"{name} is not installed")


def flags(*words):
    """pkg-config's answer for the tree below DESTDIR."""
    directory = os.path.dirname(find("lade.pc"))
    return good(command("pkg-config", "--define-variable=prefix=" + state["prefix"], *words, "lade",
                        env={"PKG_CONFIG_PATH": directory})).out.split()


def library_directory():
    return os.path.dirname(find("liblade.so.0"))


@test
def everything_is_installed():
    good(command("meson", "install", "-C", BUILD, "--no-rebuild", env={"DESTDIR": DESTDIR}))
    for name in ("lade", "lade.h", "liblade.so.0", "liblade.a", "lade.pc", "lade.1", "_lade", "lade.fish"):
        find(name)
    state["prefix"] = os.path.dirname(os.path.dirname(os.path.dirname(find("lade.h")))).removesuffix("/include")


@test
def exactly_the_marked_functions_are_exported():
    marked = set()
    for name in os.listdir(os.path.join(SOURCE, "include", "lade")):
        with open(os.path.join(SOURCE, "include", "lade", name), encoding="utf-8") as f:
            marked |= set(re.findall(r"LADE_API[^;(]*?\b(lade_\w+)\s*\(", f.read()))
    for words in (["-D"], ["-g"]):
        file = find("liblade.so.0" if words == ["-D"] else "liblade.a")
        listed = good(command("nm", *words, "--defined-only", file)).out
        exported = set(re.findall(r"^\w+ [A-TV-Z] (\w+?)(?:@@\w+)?$", listed, re.MULTILINE))
        exported = {name for name in exported if not name.startswith(("LADE_", "__", "_"))}
        equal(sorted(exported ^ marked), [], "only exported, or only in the headers")


@test
def library_has_a_soname_and_needs_little():
    dynamic = good(command("readelf", "-d", find("liblade.so.0"))).out
    contains(dynamic, "soname: [liblade.so.0]")
    needed = set(re.findall(r"NEEDED.*\[(\w+)", dynamic)) - {"libasan", "libubsan", "libtsan"}
    assert needed <= {"libc", "libelf", "libbpf", "libmd", "libinih", "libz", "liblzma", "libzstd", "ld"}, needed


@test
def headers_stand_alone():
    directory = tempfile.mkdtemp()
    for name in os.listdir(os.path.dirname(find("lade.h"))):
        source = os.path.join(directory, "one.c")
        with open(source, "w", encoding="utf-8") as f:
            f.write(f"#include <lade/{name}>\n#include <lade/{name}>\nint main(void) {{ return 0; }}\n")
        for standard in ("c99", "c11"):
            good(command("cc", "-std=" + standard, "-Wall", "-Wextra", "-Werror", "-Wpedantic", *flags("--cflags"),
                         "-fsyntax-only", source))


def build_embed(name, *words):
    output = os.path.join(DESTDIR, name)
    good(command("cc", "-Wall", "-Wextra", "-Werror", os.path.join(SOURCE, "examples", "embed.c"), "-o", output,
                 *sanitizers(), *words))
    return output


def watch_ten(binary):
    """It must print ten records of what we execute meanwhile, decoded, and leave nothing."""
    process = subprocess.Popen([binary, path("exec.bpf.o"), "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**os.environ, "LD_LIBRARY_PATH": library_directory()})
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        subprocess.run(["/bin/true"], check=True)
        time.sleep(0.01)
    process.kill()
    out, err = process.communicate()
    equal(process.returncode, 0, err)
    equal(len(out.splitlines()), 10, out)
    contains(out, "/bin/true", "comm")
    equal(pins(), [])


@test
def example_is_short():
    with open(os.path.join(SOURCE, "examples", "embed.c"), encoding="utf-8") as f:
        assert len(f.readlines()) < 60


@live
def example_works_with_the_shared_library():
    watch_ten(build_embed("embed-shared", *flags("--cflags", "--libs")))


@live
def example_works_with_the_static_library():
    libraries = [find("liblade.a") if word == "-llade" else word for word in flags("--static", "--libs")]
    binary = build_embed("embed-static", *flags("--cflags"), *libraries)
    assert "liblade" not in command("readelf", "-d", binary).out
    watch_ten(binary)


main()
