#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""examples/gpu_mem: its objects boot as Android's do, and its service waits, attaches, reads totals and prints them."""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import BPFFS, EXAMPLES, LADE, SOURCE, command, contains, equal, lade, live, main, pins, test  # noqa: E402

HERE = os.path.join(EXAMPLES, "gpu_mem")
SERVICE = os.path.join(HERE, "gpu_mem_service")
# Where `lade load` pins, and what stands in for the driver's tracepoint: a system call that there is not, whose number
# the program takes for the GPU and whose first argument for the size.
LOADED = ["--program", "lade/gpuMem/progs/tp_gpu_mem_total", "--map", "lade/gpuMem/maps/gpu_mem_total_map"]
STAND_IN = ["--tracepoint", "raw_syscalls/sys_enter"]
GPU = 999999
TRACEFS = "/sys/kernel/tracing"


def good(done):
    equal(done.code, 0, done)
    return done


class Service:
    """Runs while a block runs; lines of its output as they come."""

    def __init__(self, *words, env=None):
        self.words, self.env = words, {**os.environ, **(env or {})}

    def __enter__(self):
        self.process = subprocess.Popen([SERVICE, *self.words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=self.env)
        return self

    def attached(self):
        line = self.process.stderr.readline()
        contains(line, "attached to")

    def document(self):
        return json.loads(self.process.stdout.readline())

    def wait(self):
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def __exit__(self, *_what):
        self.process.kill()
        self.process.communicate()


def emit(size):
    """An event of GPU 999999: there is no such system call, but its tracepoint tells of it."""
    ctypes.CDLL(None).syscall(GPU, ctypes.c_long(size))


def totals(service, gpu):
    return {entry["pid"]: entry["bytes"] for entry in service.document()["totals"] if entry["gpu"] == gpu}


def until(condition):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
    raise AssertionError("it did not come")


def remove_directories():
    """Those that Android's rules make stay when what was booted is unloaded."""
    for top, directories, _files in os.walk(BPFFS, topdown=False):
        for name in directories:
            os.rmdir(os.path.join(top, name))


@test
def objects_say_what_android_would_make_of_them():
    document = good(lade("inspect", "--json", os.path.join(HERE, "gpuMem.o"))).json()
    assert document["dialect"].startswith("android"), document["dialect"]
    (area,) = document["maps"]
    equal((area["name"], area["type"], area["key_size"], area["value_size"], area["max_entries"]),
          ("gpu_mem_total_map", "hash", 8, 8, 1024))
    (program,) = document["programs"]
    equal((program["name"], program["section"], program["type"]),
          ("tp_gpu_mem_total", "tracepoint/gpu_mem/gpu_mem_total", "tracepoint"))


@live
def service_reads_the_records_of_another_tracepoint():
    good(lade("load", os.path.join(HERE, "gpuMem.o")))
    before = pins()
    with Service("--json", "--interval", "0.05", *LOADED, *STAND_IN) as service:
        service.attached()
        equal(totals(service, GPU), {})
        emit(12345)
        equal(until(lambda: totals(service, GPU)), {0: 12345})
        emit(99)
        until(lambda: totals(service, GPU) == {0: 99})
        emit(0)
        until(lambda: totals(service, GPU) == {})
        equal(pins(), before, "the service pins nothing")
        service.process.send_signal(signal.SIGTERM)
        equal(service.process.wait(60), 0)
    emit(5)  # nobody listens any more
    with Service("--json", "--rounds", "1", "--interval", "0", *LOADED, "--tracepoint", "oom/oom_score_adj_update") as late:
        late.attached()
        equal(totals(late, GPU), {})
    good(lade("unload", "gpuMem"))
    equal(pins(), [])


@live
def service_names_processes_and_prints_a_table():
    good(lade("load", os.path.join(HERE, "gpuMemForks.o")))
    words = ["--program", "lade/gpuMemForks/progs/tp_fork", "--map", "lade/gpuMemForks/maps/gpu_mem_total_map",
             "--tracepoint", "sched/sched_process_fork"]
    with Service("--json", "--interval", "0.05", *words) as service:
        service.attached()
        shell = subprocess.Popen(["/bin/sh", "-c", "/bin/true; /bin/true; /bin/true; read line"], stdin=subprocess.PIPE)
        entry = until(lambda: [one for one in service.document()["totals"]
                               if one["pid"] == shell.pid and one["bytes"] == 3 * 4096])[0]
        equal(entry, {"gpu": 0, "pid": shell.pid, "process": "sh", "bytes": 3 * 4096})
        shell.communicate(b"\n")
        ended = until(lambda: [one for one in service.document()["totals"]
                               if one["pid"] == shell.pid and one["process"] is None])
        equal(len(ended), 1)
    with Service("--rounds", "1", "--interval", "0", *words) as table:  # a program is on a tracepoint once
        code, out, err = table.wait()
        equal((code, err), (0, "gpu_mem_service: attached to sched/sched_process_fork\n"))
        header, *lines = out.splitlines()
        equal(header.split(), ["GPU", "PID", "PROCESS", "BYTES"])
        assert ["0", str(shell.pid), "(ended)", str(3 * 4096)] in [line.split() for line in lines], out
    good(lade("unload", "gpuMemForks"))


@live
def service_waits_for_the_pins():
    with Service("--json", "--rounds", "1", "--interval", "0", *LOADED, *STAND_IN) as service:
        time.sleep(0.1)
        equal(service.process.poll(), None, "it waits")
        good(lade("load", os.path.join(HERE, "gpuMem.o")))
        service.attached()
        equal(service.wait()[0], 0)
    good(lade("unload", "gpuMem"))


@live
def service_waits_for_the_driver():
    if os.path.exists(TRACEFS + "/events/gpu_mem"):
        return
    good(lade("load", os.path.join(HERE, "gpuMem.o")))
    with Service(*LOADED) as service:
        time.sleep(0.1)
        equal(service.process.poll(), None, "it waits")
        service.process.send_signal(signal.SIGTERM)
        code, out, err = service.wait()
        equal((code, out), (0, ""), err)
    with Service(*LOADED, "--timeout", "0.3") as service:
        code, out, err = service.wait()
        equal((code, out), (6, ""), err)
        contains(err, "waited 300 ms for tracepoint:gpu_mem/gpu_mem_total",
                 "this kernel has no tracepoint gpu_mem/gpu_mem_total")
    good(lade("unload", "gpuMem"))


@live
def hidden_tracepoint_is_attached_to_when_it_appears():
    """An empty directory over the event stands for a driver that is not loaded yet."""
    place = TRACEFS + "/events/raw_syscalls"
    good(lade("load", os.path.join(HERE, "gpuMem.o")))
    good(command("mount", "-t", "tmpfs", "none", place))
    try:
        with Service("--json", "--interval", "0.05", *LOADED, *STAND_IN) as service:
            time.sleep(0.1)
            equal(service.process.poll(), None, "it waits")
            good(command("umount", "--lazy", place))  # the service may be looking into it at this moment
            service.attached()
            emit(7)
            equal(until(lambda: totals(service, GPU)), {0: 7})
    finally:
        command("umount", place)
        good(lade("unload", "gpuMem"))


@live
def kill_leaves_no_attachment():
    good(lade("load", os.path.join(HERE, "gpuMem.o")))
    with Service("--json", "--interval", "0.05", *LOADED, *STAND_IN) as service:
        service.attached()
        emit(1)
        until(lambda: totals(service, GPU) == {0: 1})
        service.process.kill()
        service.process.wait(60)
    emit(2)
    time.sleep(0.1)
    with Service("--json", "--rounds", "1", "--interval", "0", *LOADED, "--tracepoint", "oom/oom_score_adj_update") as late:
        late.attached()
        equal(totals(late, GPU), {0: 1})
    good(lade("unload", "gpuMem"))


@live
def service_says_what_is_missing_or_wrong():
    for words, code, text in (
            ([*LOADED, "--timeout", "0.2"], 1, "lade/gpuMem/progs/tp_gpu_mem_total is not there"),
            (["--nonsense"], 1, "usage:"), (["--timeout", "soon"], 1, "usage:"), (["more"], 1, "usage:"),
            (["--help"], 0, "usage:")):
        with Service(*words) as service:
            answer, out, err = service.wait()
            equal(answer, code, words)
            contains(out + err, text)
    good(lade("load", os.path.join(HERE, "gpuMem.o")))
    with Service("--program", LOADED[1], "--map", LOADED[1], *STAND_IN) as service:
        answer, _out, err = service.wait()
        equal(answer, 5, err)
        contains(err, "is no map")
    with Service(*LOADED, "--tracepoint", "power/cpu_frequency") as service:
        answer, _out, err = service.wait()
        equal(answer, 6, "the record is too short: " + err)
    good(lade("unload", "gpuMem"))


@live
def boot_makes_the_pins_that_the_service_looks_for():
    directory = tempfile.mkdtemp()
    shutil.copy(os.path.join(HERE, "gpuMem.o"), directory)
    good(lade("boot", "--android", "15", "--owners", "numeric", directory, env={"LADE_MACHINE": tempfile.mkdtemp()}))
    area, program = BPFFS + "/map_gpuMem_gpu_mem_total_map", BPFFS + "/prog_gpuMem_tracepoint_gpu_mem_gpu_mem_total"
    equal([(os.stat(pin).st_uid, os.stat(pin).st_gid, os.stat(pin).st_mode & 0o777) for pin in (area, program)],
          [(0, 1003, 0o640), (0, 1003, 0o440)])
    with Service("--json", "--interval", "0.05", *STAND_IN) as service:
        service.attached()
        emit(4711)
        equal(until(lambda: totals(service, GPU)), {0: 4711})
    good(lade("unload", "gpuMem"))
    remove_directories()
    equal(pins(), [])


@test
def readme_names_what_there_is():
    directory = os.path.join(SOURCE, "examples", "gpu_mem")
    with open(os.path.join(directory, "README.md"), encoding="utf-8") as file:
        text = file.read()
    contains(text, *[name for name in os.listdir(directory) if name not in ("meson.build", "README.md")])
    options = good(command(SERVICE, "--help")).out
    for word in set(word.strip("`,.") for word in text.split() if word.startswith("--")):
        if word in ("--android", "--owners", "--now"):  # of lade boot and systemctl
            continue
        contains(options, word)
    assert os.path.exists(LADE)


main()
