#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade wait: real processes, real inotify. Orders are measured, no times."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import BPFFS, LADE, contains, equal, lade, live, main, test  # noqa: E402

PATIENCE = 60  # seconds: who is not woken fails by it


class Machine:
    """Where a boot of the test keeps what it says."""

    def __init__(self):
        self.top = tempfile.mkdtemp()
        self.run = os.path.join(self.top, "run", "lade")
        self.env = {"LADE_RUN": self.run, "LADE_VAR": os.path.join(self.top, "var"), "LADE_MACHINE": self.top}

    def say(self, state, boot_id=None, process=None, text=""):
        """What lade_ready_set() writes, by a process that is `process` (default: this one)."""
        os.makedirs(self.run, exist_ok=True)
        pid = process.pid if process else os.getpid()
        temporary = os.path.join(self.run, ".by-test")
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(f"STATE={state}\nBOOT_ID={boot_id or this_boot()}\nPID={pid}\nSTARTED={started(pid)}\n"
                       f"NAMESPACE={os.stat('/proc/self/ns/pid').st_ino}\nTIME=1700000000\nTEXT={text}\n")
        os.rename(temporary, os.path.join(self.run, "readiness"))

    def wait(self, *words, **more):
        return lade("wait", *words, env=self.env, **more)

    @contextlib.contextmanager
    def waiting(self, *words):
        """A wait that has begun: it sleeps in the kernel."""
        with subprocess.Popen([LADE, "wait", "--timeout", str(PATIENCE), *words], env={**os.environ, **self.env},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            until_asleep(process)
            try:
                yield process
            finally:
                process.kill()


def this_boot():
    with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
        return file.read().strip()


def started(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[19]


def until_asleep(process):
    """In epoll_wait: what comes from now on has to wake it."""
    while process.poll() is None:
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            state = file.read().rpartition(")")[2].split()[0]
        with open(f"/proc/{process.pid}/syscall", encoding="utf-8") as file:
            call = file.read().split()[0]
        if state == "S" and call in ("232", "281", "22", "441"):  # epoll_wait, epoll_pwait (x86, arm64), epoll_pwait2
            return


def ended(process):
    out, err = process.communicate(timeout=PATIENCE)
    assert "Sanitizer" not in err and "runtime error" not in err, err
    return process.returncode, out, err


@test
def wrong_use_is_refused():
    machine = Machine()
    for words in (["--timeout", "soon"], ["--timeout", "-1"], ["--timeout", ""], ["--timeout", "1e9"], [""]):
        equal(machine.wait(*words).code, 1, words)


@test
def what_is_ready_needs_no_wait():
    machine = Machine()
    machine.say("ready")
    equal(machine.wait("--timeout", "0").code, 0)
    done = machine.wait("--json")
    equal(done.code, 0, done)
    document = done.json()
    equal((document["schema"], document["ok"], document["state"], document["pins"]), ("lade/1", True, "ready", []))
    equal(document["boot_id"], this_boot())


@test
def the_end_of_time_is_124():
    machine = Machine()
    done = machine.wait("--timeout", "0", "--json")
    equal((done.code, done.codes()), (124, ["ready.timeout"]), done)
    machine.say("booting")
    done = machine.wait("--timeout", "0.2")
    equal(done.code, 124, done)
    contains(done.err, "ready.timeout", "booting")


@test
def who_was_stopped_has_waited_all_of_the_time():
    machine = Machine()
    with machine.waiting("--timeout", "1") as process:
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.1)
        process.send_signal(signal.SIGCONT)
        code, _, err = ended(process)
    equal(code, 124, err)
    contains(err, "waited 1 s: the boot is not ready")


@test
def a_token_of_an_earlier_boot_does_not_count():
    machine = Machine()
    machine.say("ready", boot_id="00000000-1111-2222-3333-444444444444")
    done = machine.wait("--timeout", "0")
    equal(done.code, 124, done)
    contains(done.err, "earlier boot")
    machine.say("failed", boot_id="00000000-1111-2222-3333-444444444444")
    equal(machine.wait("--timeout", "0").code, 124)


@test
def two_who_wait_are_woken_when_it_is_ready():
    machine = Machine()
    with machine.waiting() as one, machine.waiting() as other:
        machine.say("booting")
        until_asleep(one)
        until_asleep(other)
        assert one.poll() is None and other.poll() is None
        machine.say("ready")
        equal(ended(one), (0, "", ""))
        equal(ended(other), (0, "", ""))


@test
def a_boot_that_fails_ends_the_wait_with_8():
    machine = Machine()
    machine.say("booting")
    with machine.waiting() as process:
        machine.say("failed", text="netd.o: this kernel has no bpf system call")
        code, out, err = ended(process)
        equal((code, out), (8, ""), err)
        contains(err, "ready.failed", "netd.o: this kernel has no bpf system call", "lade boot --status")
    done = machine.wait("--json")  # and who comes later does not wait at all
    equal((done.code, done.codes()), (8, ["ready.failed"]), done)


@test
def a_boot_that_is_killed_has_failed():
    machine = Machine()
    with subprocess.Popen(["sleep", str(PATIENCE)]) as booting:
        machine.say("booting", process=booting)
        with machine.waiting() as process:
            booting.kill()
            code, _, err = ended(process)
            equal(code, 8, err)
            contains(err, "ready.died")


@test
def a_boot_that_is_off_is_not_waited_for():
    machine = Machine()
    machine.say("off", text="lade.boot=off")
    done = machine.wait()
    equal(done.code, 8, done)
    contains(done.err, "ready.off", "lade.boot=off")


@test
def pins_are_waited_for_wherever_they_come_from():
    machine = Machine()
    first, second = (os.path.join(machine.top, "fs", name, "pin") for name in ("a", "b"))
    with machine.waiting(first, second) as process:
        os.makedirs(os.path.dirname(first))
        os.mkfifo(first)
        until_asleep(process)
        assert process.poll() is None
        os.makedirs(os.path.dirname(second) + "~1")
        os.mkfifo(os.path.join(os.path.dirname(second) + "~1", "pin"))
        os.rename(os.path.dirname(second) + "~1", os.path.dirname(second))
        equal(ended(process), (0, "", ""))


@test
def pins_and_the_boot():
    machine = Machine()
    pin = os.path.join(machine.top, "pin")
    machine.say("booting")
    with machine.waiting("--boot", pin) as process:
        os.mkfifo(pin)
        until_asleep(process)
        assert process.poll() is None
        machine.say("ready")
        equal(ended(process)[0], 0)
    os.unlink(pin)
    machine.say("failed")
    done = machine.wait(pin)
    equal(done.code, 8, done)
    contains(done.err, f"{pin} is not there")
    os.mkfifo(pin)
    equal(machine.wait(pin).code, 0)
    equal(machine.wait("--boot", pin).code, 8)


@live
def pins_of_a_load_wake():
    machine = Machine()
    with machine.waiting("lade/load_all/maps/hashed") as process, machine.waiting(f"{BPFFS}/lade/load_all") as other:
        from runner.check import path  # pylint: disable=import-outside-toplevel
        done = lade("load", path("load_all.bpf.o"))
        equal(done.code, 0, done)
        equal(ended(other)[0], 0)
        name = os.listdir(f"{BPFFS}/lade/load_all/maps")[0]
        equal(machine.wait("--timeout", "0", f"lade/load_all/maps/{name}").code, 0)
        equal(lade("unload", "load_all").code, 0)
        process.kill()


@test
def after_five_seconds_it_says_so_in_androids_words():
    machine = Machine()
    done = machine.wait("--timeout", "5.5")
    equal(done.code, 124, done)
    contains(done.err, "Waited 5s for bpf.progs_loaded, still waiting...\n")


@test
def what_is_missing_is_evidence():
    machine = Machine()
    done = machine.wait("--timeout", "0", "--json", "/nowhere/at/all")
    finding = json.loads(done.err)["findings"][0]
    assert "/nowhere/at/all is not there" in finding["evidence"], finding


main()
