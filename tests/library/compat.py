#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Old code for load_bpf_file() builds against examples/compat and the installed library, and gets its events."""
import json
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import BUILD, SOURCE, command, contains, equal, live, main, path, pins, test  # noqa: E402

DESTDIR = tempfile.mkdtemp()
COMPAT = os.path.join(SOURCE, "examples", "compat")
SHIM = [os.path.join(COMPAT, name) for name in ("bpf_load.c", "trace_helpers.c")]
state = {}


def good(done):
    equal(done.code, 0, done)
    return done


def sanitizers():
    """What the library was built with, its users must be linked with."""
    options = json.loads(command("meson", "introspect", "--buildoptions", BUILD).out)
    value = next(option["value"] for option in options if option["name"] == "b_sanitize")
    return [] if value == "none" else ["-fsanitize=" + value]


def find(name):
    for top, _, files in os.walk(DESTDIR):
        if name in files:
            return os.path.join(top, name)
    raise AssertionError(f"{name} is not installed")


@test
def library_is_installed():
    good(command("meson", "install", "-C", BUILD, "--no-rebuild", env={"DESTDIR": DESTDIR}))
    state["include"] = os.path.dirname(os.path.dirname(find("lade.h")))
    state["library"] = os.path.dirname(find("liblade.so.0"))


@test
def compat_uses_the_public_headers_only():
    for name in os.listdir(COMPAT):
        with open(os.path.join(COMPAT, name), encoding="utf-8") as file:
            included = re.findall(r'#\s*include ([<"].*?[>"])', file.read())
        ours = [header for header in included if header.startswith('"')]
        assert set(ours) <= {'"bpf_load.h"', '"trace_helpers.h"'}, (name, ours)
        assert all("/" not in header or header.startswith(("<lade/", "<linux/", "<bpf/", "<sys/")) for header in included)


def build(directory):
    """The old way: user and loader in one command line. The object lies beside the program."""
    program = os.path.join(directory, "execs")
    good(command("cc", "-Wall", "-Wextra", "-Werror", "-I", COMPAT, "-I", state["include"],
                 os.path.join(COMPAT, "execs_user.c"), *SHIM, "-o", program, "-L", state["library"], "-llade", "-lbpf",
                 *sanitizers()))
    shutil.copy(path("execs_kern.o"), directory)
    return program


@test
def both_headers_can_be_included_in_any_order():
    directory = tempfile.mkdtemp()
    for first, second in (("bpf_load.h", "trace_helpers.h"), ("trace_helpers.h", "bpf_load.h")):
        source = os.path.join(directory, "order.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(f'#include "{first}"\n#include "{second}"\nint main(void) {{ return map_fd[0] + prog_cnt; }}\n')
        good(command("cc", "-std=gnu99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", COMPAT, source))


@live
def old_sample_builds_runs_and_sees_its_events():
    program = build(tempfile.mkdtemp())
    done = good(command(program, "64", env={"LD_LIBRARY_PATH": state["library"]}))
    contains(done.out, "map 0 is execs\nmap 1 is exits\n")
    seen = re.search(r"^2 programs saw true (\d+) times and its end$", done.out, re.MULTILINE)
    assert seen and int(seen.group(1)) >= 5, done
    equal(pins(), [])


@live
def old_sample_without_its_object_says_so():
    directory = tempfile.mkdtemp()
    program = build(directory)
    os.unlink(os.path.join(directory, "execs_kern.o"))
    done = command(program, env={"LD_LIBRARY_PATH": state["library"]})
    equal(done.code, 1, done)
    contains(done.err, "execs_kern.o", "No such file")


main()
