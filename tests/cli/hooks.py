#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Programs on cgroups, sockmaps, sockets and network namespaces, by the command alone."""
import contextlib
import errno
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import Skip, contains, equal, lade, live, main, path, pins  # noqa: E402

CONNECT = """
import errno, os, socket, sys
open(sys.argv[1] + "/cgroup.procs", "w").write("0")
sys.exit(socket.socket().connect_ex(("127.0.0.1", 9)))
"""


def mount_point():
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        for line in mounts:
            if line.split()[2] == "cgroup2":
                return line.split()[1]
    raise Skip("cgroup v2 is not mounted")


@contextlib.contextmanager
def cgroup():
    """Its name below the mount point, and what a connection in it ends with."""
    name = f"lade-cli-{os.getpid()}"
    directory = os.path.join(mount_point(), name)
    os.mkdir(directory)
    try:
        yield name, lambda: subprocess.run([sys.executable, "-c", CONNECT, directory], check=False).returncode
    finally:
        os.rmdir(directory)


def load(program, target, file="hook_cgroup.bpf.o", name="hooks"):
    return lade("load", "--json", path(file), "--name", name, "--prog", program, "--attach", f"{program}={target}")


@live
def cgroup_is_held_until_unload():
    with cgroup() as (name, connect):
        for _round in range(2):
            equal(connect(), errno.ECONNREFUSED)
            equal(load("connect4", f"cgroup:{name}").code, 0)
            equal(connect(), errno.EPERM)
            link, = lade("show", "hooks", "--json").json()["instances"][0]["links"]
            contains(json.dumps(link), f"cgroup:{name}", "cgroup")
            equal(lade("unload", "hooks").code, 0)
            equal(connect(), errno.ECONNREFUSED)
            equal(pins(), [])


@live
def word_of_a_target_chooses_the_programs_that_it_fits():
    with cgroup() as (name, _connect):
        done = lade("run", path("hook_cgroup.bpf.o"), "--for", "0.2", "--attach", f"cgroup:{name},egress")
        equal(done.code, 0, done)
        contains(done.err, f"attached egress to cgroup cgroup:{name},egress", f"attached undirected to cgroup cgroup:{name}")
        assert "attached ingress" not in done.err and "attached connect4" not in done.err, done


@live
def refusals_name_what_to_do():
    with cgroup() as (name, _connect):
        for program, target, code, word in [("undirected", f"cgroup:{name}", "attach.hook.unsaid", "ingress"),
                                            ("connect4", f"cgroup:{name}x", "attach.cgroup.missing", name),
                                            ("connect4", "dev:lo", "attach.target-kind", "cgroup:")]:
            done = load(program, target)
            equal(done.code, 6, done)
            finding = done.findings()[0]
            equal(finding["code"], code, done)
            contains(json.dumps(finding), word)
            equal(pins(), [])


@live
def program_on_a_socket_of_another_process_is_listed_and_taken_off():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        target = f"socket:{os.getpid()}/{receiver.fileno()}"
        equal(load("nothing", target, "hook_sockets.bpf.o").code, 0)
        contains(lade("show", "hooks", "--json").out, target)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", receiver.getsockname())
            equal(lade("unload", "hooks").code, 0)
            sender.sendto(b"y", receiver.getsockname())
        receiver.settimeout(60)
        equal(receiver.recv(1), b"y")
        equal(pins(), [])


@live
def program_of_type_syscall_runs_once():
    done = lade("run", path("hook_sockets.bpf.o"), "--for", "0.2", "--prog", "call")
    equal(done.code, 0, done)
    contains(done.err, "attached call to syscall once, returned 42")
    equal(pins(), [])


main()
