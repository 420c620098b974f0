#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade boot as a stranger would break it: killed, run twice at once, in hostile directories, on a bpffs that is not there."""
import contextlib
import ctypes
import json
import os
import platform
import random
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import BPFFS, BUILD, EXAMPLES, LADE, Skip, command, contains, equal, lade, live, main, sanitizer  # noqa: E402

OBJECT = os.path.join(EXAMPLES, "gpu_mem", "gpuMem.o")
FORKS = os.path.join(EXAMPLES, "gpu_mem", "gpuMemForks.o")
PATIENCE = 60  # seconds


class Machine:
    """A directory of objects, and places of its own for what a boot leaves outside bpffs."""

    def __init__(self, count=8):
        self.top = tempfile.mkdtemp()
        self.objects = os.path.join(self.top, "objects")
        os.makedirs(self.objects)
        for number in range(count):
            self.add(f"part{number}")
        self.environment = {"LADE_MACHINE": self.top}

    def add(self, name, source=OBJECT):
        shutil.copy(source, os.path.join(self.objects, name + ".o"))

    def words(self, *words):
        return ["boot", "--android", "15", *words, self.objects]

    def boot(self, *words, env=None, **more):
        return lade(*self.words(*words), env={**self.environment, **(env or {})}, **more)

    def start(self, *words, env=None, **more):
        return subprocess.Popen([LADE, *self.words(*words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                errors="surrogateescape", env={**os.environ, **self.environment, **(env or {})}, **more)

    def document(self, *words, **more):
        done = self.boot("--json", *words, **more)
        return done, json.loads(done.out if done.out.strip() else "{}")


def state(root=BPFFS, numbers=False):
    """Every pin with its kind, owner and mode; with numbers: also its inode, which another pin would not have."""
    found = {}
    for top, directories, files in os.walk(root):
        for name in directories + files:
            place = os.path.join(top, name)
            what = os.lstat(place)
            kind = "link" if stat.S_ISLNK(what.st_mode) else "directory" if stat.S_ISDIR(what.st_mode) else "pin"
            if name in ("progs.debug", "maps.debug"):
                continue
            found[os.path.relpath(place, root)] = (kind, what.st_uid, what.st_gid, what.st_mode & 0o7777,
                                                   what.st_ino if numbers else 0)
    return found


def without_journals(found):
    """A replacement numbers its journal in another way."""
    return {place: what for place, what in found.items() if "/journal/" not in place}


def clean(root=BPFFS):
    """All that is below bpffs goes: the tests here are about what comes."""
    for top, directories, files in os.walk(root, topdown=False):
        for name in files + directories:
            place = os.path.join(top, name)
            if name in ("progs.debug", "maps.debug"):
                continue
            (os.rmdir if os.path.isdir(place) and not os.path.islink(place) else os.unlink)(place)


@contextlib.contextmanager
def cleaned():
    clean()
    try:
        yield
    finally:
        clean()


def good(done):
    equal(done.code, 0, done)
    return done


def same(found, wanted, what=""):
    differing = {place: (found.get(place), wanted.get(place)) for place in found.keys() | wanted.keys()
                 if found.get(place) != wanted.get(place)}
    equal(differing, {}, what)


def expected(machine):
    """What a boot that nobody disturbs leaves. Afterwards all is as before."""
    clean()
    good(machine.boot())
    wanted = state()
    clean()
    return wanted


def answered(process, seconds=PATIENCE):
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"it hangs\n{err[-2000:]}") from None
    assert process.returncode >= 0, f"killed by signal {-process.returncode}\n{err[-2000:]}"
    assert "Sanitizer" not in err and "runtime error" not in err, err
    return process.returncode, out, err


# ---- again and again ----

@live
def a_hundred_boots_leave_the_same_state():
    machine = Machine(3)
    with cleaned():
        good(machine.boot())
        wanted = state(numbers=True)
        assert any(place.startswith("map_part0_") for place in wanted), sorted(wanted)
        for _ in range(100):
            good(machine.boot("-q"))
            same(state(numbers=True), wanted, "a boot that found everything there changed something")


@live
def killed_at_any_moment_and_booted_again_it_is_as_if_nothing_had_happened():
    machine = Machine(6)
    wanted = expected(machine)
    began = time.monotonic()
    with cleaned():
        good(machine.boot())
    length = time.monotonic() - began
    chance = random.Random(0x1ade)
    killed = 0
    for turn in range(50):
        with cleaned():
            process = machine.start()
            time.sleep(chance.uniform(0, length * 1.1))
            process.kill()
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
            done = machine.boot()
            equal(done.code, 0, f"turn {turn}: {done}")
            same(state(), wanted, f"turn {turn}")
    assert killed > 5, f"only {killed} of 50 were killed before their end"


@live
def killed_again_and_again_without_cleaning_up():
    machine = Machine(6)
    wanted = expected(machine)
    chance = random.Random(4711)
    with cleaned():
        for _ in range(40):
            process = machine.start()
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
            process.communicate()
        good(machine.boot())
        same(state(), wanted)


@live
def killed_while_it_replaces_it_is_old_or_new_and_the_next_boot_whole():
    machine = Machine(4)
    wanted = without_journals(expected(machine))
    chance = random.Random(12)
    with cleaned():
        good(machine.boot())
        for turn in range(15):
            process = machine.start("--replace")
            time.sleep(chance.uniform(0, 0.06))
            process.kill()
            process.communicate()
            good(machine.boot())
            same(without_journals(state()), wanted, f"turn {turn}")
        good(machine.boot("--replace"))
        same(without_journals(state()), wanted)


@live
def terminated_by_a_signal_it_leaves_whole_objects_only():
    machine = Machine(6)
    wanted = expected(machine)
    for delay in (0, 0.01, 0.02, 0.04):
        with cleaned():
            process = machine.start()
            time.sleep(delay)
            process.terminate()
            process.communicate(timeout=PATIENCE)
            good(machine.boot())
            same(state(), wanted, delay)


@live
def several_boots_at_once_end_in_one_state():
    machine = Machine(6)
    wanted = expected(machine)
    for _ in range(5):
        with cleaned():
            ends = [answered(process) for process in [machine.start() for _ in range(4)]]
            equal([code for code, _out, _err in ends], [0] * 4, "\n".join(err[-1500:] for _c, _o, err in ends))
            same(state(), wanted)


@live
def what_is_unloaded_comes_again():
    machine = Machine(3)
    wanted = expected(machine)
    with cleaned():
        good(machine.boot())
        good(lade("unload", "part1"))
        assert not any("part1" in place for place in state()), sorted(state())
        good(machine.boot())
        same(state(), wanted)
        for name in os.listdir(os.path.join(BPFFS, "lade")):
            good(lade("unload", name))
        equal([place for place, what in state().items() if what[0] == "pin"], [])


# ---- directories ----

def make_hostile(directory):
    """Entries that end in .o and are no objects. Names of those that could be made."""
    made = ["fifo.o", "empty.o", "text.o", "huge.o", "loop.o", "gone.o", "directory.o", "socket.o", "truncated.o"]
    os.mkfifo(os.path.join(directory, "fifo.o"))
    with open(os.path.join(directory, "empty.o"), "wb"):
        pass
    with open(os.path.join(directory, "text.o"), "wb") as file:
        file.write(b"#!/bin/sh\nexit 0\n")
    with open(os.path.join(directory, "huge.o"), "wb") as file:
        file.truncate(1 << 40)
    os.symlink("loop.o", os.path.join(directory, "loop.o"))
    os.symlink("/nonexistent/object.o", os.path.join(directory, "gone.o"))
    os.mkdir(os.path.join(directory, "directory.o"))
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(directory)  # the path of a socket is short
        one.bind("socket.o")
        os.chdir(here)
    with open(OBJECT, "rb") as file, open(os.path.join(directory, "truncated.o"), "wb") as cut:
        cut.write(file.read()[:700])
    for name, device in (("zero.o", (1, 5)), ("tty.o", (5, 0)), ("kmsg.o", (1, 11))):
        with contextlib.suppress(OSError):
            os.mknod(os.path.join(directory, name), 0o600 | stat.S_IFCHR, os.makedev(*device))
            made.append(name)
    return made


@live
def entries_that_are_no_objects_fail_alone():
    machine = Machine(2)
    with cleaned():
        made = make_hostile(machine.objects)
        process = machine.start("--json")
        code, out, err = answered(process)
        equal(code, 7, err)
        document = json.loads(out)
        outcomes = {os.path.basename(entry["file"]): entry for entry in document["objects"]}
        for name in ("part0.o", "part1.o"):
            equal(outcomes[name]["outcome"], "loaded", outcomes[name])
        for name in made:
            if name not in outcomes:  # left out while the directory was read: then it must be said
                contains(out + err, name)
                continue
            assert outcomes[name]["outcome"] in ("failed", "skipped"), outcomes[name]
        assert os.path.exists(BPFFS + "/map_part1_gpu_mem_total_map")


@live
def names_that_nobody_would_choose_are_told_as_they_are():
    machine = Machine(0)
    names = ["-v.o", " .o", "a b.o", "quote\"'`$(id).o", "new\nline.o", "tab\there.o", "ä.o", "@.o", "a@b@1.o", "..o", "x" * 250 + ".o",
             "%s%n.o", "\x1b[31mred.o"]
    for name in names:
        shutil.copy(OBJECT, os.path.join(machine.objects, name))
    shutil.copy(OBJECT, os.path.join(os.fsencode(machine.objects), b"\xff\xfe.o"))
    with cleaned():
        code, out, err = answered(machine.start("--json"))
        assert code in (0, 6, 7), err
        document = json.loads(out)
        equal(len(document["objects"]), len(names) + 1, out)
        out.encode("utf-8")  # raises where JSON holds bytes that are no UTF-8
        assert "\x1b" not in out and "\x1b[31m" not in err, "a name must not talk to the terminal"
        for entry in document["objects"]:
            assert entry["outcome"] in ("loaded", "failed", "skipped"), entry
        code, out, err = answered(machine.start())
        assert "\x1b[31m" not in out + err, "a name must not talk to the terminal"
        assert all(".." not in place.split("/") for place in state())


@live
def a_directory_that_changes_meanwhile_harms_nothing():
    machine = Machine(4)
    machine.add("forks", FORKS)
    over = threading.Event()

    def change():
        chance = random.Random(7)
        while not over.is_set():
            place = os.path.join(machine.objects, f"moving{chance.randrange(4)}.o")
            with contextlib.suppress(OSError):
                action = chance.randrange(4)
                if action == 0:
                    shutil.copy(OBJECT, place + ".new")
                    os.rename(place + ".new", place)
                elif action == 1:
                    os.unlink(place)
                elif action == 2:
                    os.truncate(place, chance.randrange(4000))
                else:
                    shutil.copy(FORKS, place)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        for _ in range(20):
            with cleaned():
                code, _out, err = answered(machine.start())
                assert code in (0, 7), err
                for number in range(4):
                    assert os.path.exists(f"{BPFFS}/map_part{number}_gpu_mem_total_map"), err
    finally:
        over.set()
        writer.join()
    for entry in os.listdir(machine.objects):
        if entry.startswith("moving"):
            os.unlink(os.path.join(machine.objects, entry))
    wanted = expected(machine)
    with cleaned():
        good(machine.boot())
        same(state(), wanted)


@live
def a_directory_that_is_missing_or_none_is_said():
    machine = Machine(1)
    with cleaned():
        for place in ("/nonexistent/objects", OBJECT):
            done = lade("boot", "--android", "15", place, env=machine.environment)
            assert done.code != 0, done
            contains(done.err, place)


# ---- bpffs ----

@live
def symlinks_in_bpffs_lead_nothing_outside():
    machine = Machine(1)
    outside = tempfile.mkdtemp()
    with cleaned():
        os.symlink(outside, BPFFS + "/tethering")
        os.symlink(outside, BPFFS + "/lade")
        done = machine.boot()
        assert done.code != 0, done
        equal(os.listdir(outside), [])
        assert not os.path.exists(BPFFS + "/map_part0_gpu_mem_total_map"), done
    with cleaned():
        os.symlink(outside + "/map", BPFFS + "/map_part0_gpu_mem_total_map")
        done = machine.boot()
        assert done.code in (6, 7), done
        equal(os.listdir(outside), [])
        assert not os.path.exists(BPFFS + "/prog_part0_tracepoint_gpu_mem_gpu_mem_total"), sorted(state())


@live
def what_stands_in_the_way_of_a_pin_stays_and_is_named():
    machine = Machine(1)
    pin = BPFFS + "/map_part0_gpu_mem_total_map"
    with cleaned():
        os.mkdir(pin)
        done = machine.boot()
        assert done.code in (6, 7), done
        contains(done.err, "map_part0_gpu_mem_total_map")
        assert os.path.isdir(pin)
    with cleaned():  # a map of another kind, and a program, of somebody's
        good(lade("load", "--name", "other", FORKS))
        os.rename(BPFFS + "/lade/other/progs/tp_fork", pin)
        before = os.stat(pin).st_ino
        done = machine.boot()
        assert done.code in (6, 7), done
        equal(os.stat(pin).st_ino, before)


@live
def pins_of_somebody_else_are_not_reused():
    machine = Machine(1)
    pin = BPFFS + "/map_part0_gpu_mem_total_map"
    with cleaned():
        good(machine.boot())
        good(lade("load", "--name", "kept", OBJECT))
        good(lade("unload", "part0"))
        os.rename(BPFFS + "/lade/kept/maps/gpu_mem_total_map", pin)
        os.chown(pin, 4711, 4711)
        done = machine.boot()
        assert done.code in (6, 7), done
        contains(done.err, "4711")
        equal(os.stat(pin).st_uid, 4711)


@live
def a_bpffs_that_is_not_mounted_is_mounted_or_asked_for():
    machine = Machine(1)
    with cleaned():
        while os.path.ismount(BPFFS):  # also what the machine has below: nothing of it may be touched
            good(command("umount", BPFFS))
        try:
            done = machine.boot(env={"LADE_NO_MOUNT": "1"})
            equal(done.code, 5, done)
            contains(done.err, BPFFS)
            assert not os.path.ismount(BPFFS)
            good(machine.boot())
            assert os.path.ismount(BPFFS)
            assert os.path.exists(BPFFS + "/map_part0_gpu_mem_total_map")
            clean()
            command("umount", BPFFS)
        finally:
            if not os.path.ismount(BPFFS):
                good(command("mount", "-t", "bpf", "bpf", BPFFS, "-o", "mode=0700"))


@live
def a_bpffs_that_is_read_only_fails_before_anything_is_loaded():
    machine = Machine(2)
    with cleaned():
        good(command("mount", "-o", "remount,ro", BPFFS))
        try:
            done, document = machine.document()
            equal(done.code, 5, done)
            contains(done.err + json.dumps(document), "ead-only file system")
        finally:
            good(command("mount", "-o", "remount,rw", BPFFS))
        equal([place for place, what in state().items() if what[0] == "pin"], [])


@live
def another_bpffs_takes_the_pins():
    machine = Machine(2)
    elsewhere = tempfile.mkdtemp()
    with cleaned():
        good(command("mount", "-t", "bpf", "bpf", elsewhere))
        try:
            good(machine.boot(env={"LADE_BPFFS": elsewhere}))
            equal([place for place, what in state().items() if what[0] == "pin"], [])
            assert os.path.exists(elsewhere + "/map_part1_gpu_mem_total_map"), sorted(state(elsewhere))
            good(machine.boot(env={"LADE_BPFFS": elsewhere}))
            clean(elsewhere)
        finally:
            good(command("umount", elsewhere))
        done = machine.boot(env={"LADE_BPFFS": "relative/path"})
        assert done.code in (1, 5), done
        done = machine.boot(env={"LADE_BPFFS": tempfile.mkdtemp(), "LADE_NO_MOUNT": "1"})
        equal(done.code, 5, done)
        equal([place for place, what in state().items() if what[0] == "pin"], [])


# ---- privilege and limits ----

@live
def without_privilege_nothing_is_done():
    machine = Machine(2)
    os.chmod(machine.top, 0o777)
    with cleaned():
        before = state()
        done = command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", LADE, *machine.words(),
                       env=machine.environment)
        equal(done.code, 5, done)
        contains(done.err, "error[")
        same(state(), before)


def refuse_bpf(errno_of_bpf):
    """Every bpf(2) of the child answers this errno."""
    number = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
    if number is None:
        raise Skip("the number of bpf(2) on this machine is not known to the test")
    text = b"".join(struct.pack("HBBI", *one) for one in (
        (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | errno_of_bpf), (0x06, 0, 0, 0x7fff0000)))
    libc = ctypes.CDLL(None, use_errno=True)

    def install():
        buffer = ctypes.create_string_buffer(text)
        program = struct.pack("HxxxxxxP", len(text) // 8, ctypes.addressof(buffer))
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program):
            os._exit(99)
    return install


@live
def a_filter_that_refuses_bpf_is_an_environment_and_not_an_object():
    machine = Machine(3)
    with cleaned():
        before = [place for place, what in state().items() if what[0] == "pin"]
        done = machine.boot(preexec_fn=refuse_bpf(1))  # EPERM
        equal(done.code, 5, done)
        contains(done.err, "eccomp")
        equal([place for place, what in state().items() if what[0] == "pin"], before)


@live
def few_descriptors_are_said_and_leave_nothing_half():
    machine = Machine(30)
    wanted = expected(machine)
    for limit in (3, 4, 6, 8, 12, 20, 40):
        with cleaned():
            code, _out, err = answered(machine.start(preexec_fn=lambda limit=limit: resource.setrlimit(
                resource.RLIMIT_NOFILE, (limit, limit))))
            assert code in (0, 5, 7, 127), f"limit {limit}: {code} {err[-1500:]}"
            named = {place.split("/")[1].split("~")[0] for place in state() if place.startswith("lade/")}
            owners = {place.split("_")[1] for place in state() if place.startswith(("map_part", "prog_part"))}
            assert owners <= named, f"limit {limit}: pins that no journal names: {sorted(owners - named)}"
            good(machine.boot())
            same(state(), wanted, limit)


@live
def little_memory_is_no_crash():
    if sanitizer() != "none":
        raise Skip("sanitizers need all the address space there is")
    machine = Machine(4)
    wanted = expected(machine)
    for megabytes in (8, 16, 32, 64):
        with cleaned():
            code, _out, err = answered(machine.start(preexec_fn=lambda size=megabytes << 20: resource.setrlimit(
                resource.RLIMIT_AS, (size, size))))
            assert code in (0, 5, 7, 127), f"{megabytes} MiB: {code} {err[-1500:]}"
            good(machine.boot())
            same(state(), wanted, megabytes)


@live
def closed_standard_descriptors_are_not_written_to():
    machine = Machine(3)
    wanted = expected(machine)
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        with cleaned():
            done = command("sh", "-c", f'exec "$@" {closed}', "sh", LADE, *machine.words(), env=machine.environment)
            assert done.code in (0, 1, 5), (closed, done)
            good(machine.boot())
            same(state(), wanted, closed)


@live
def nobody_who_reads_is_no_failure_of_the_boot():
    machine = Machine(3)
    wanted = expected(machine)
    with cleaned():
        read, write = os.pipe()
        os.close(read)
        process = subprocess.Popen([LADE, *machine.words()], stdout=write, stderr=write,
                                   env={**os.environ, **machine.environment})
        os.close(write)
        process.wait(PATIENCE)
        good(machine.boot())
        same(state(), wanted)


@live
def a_directory_that_went_is_no_place_to_fall_over():
    machine = Machine(1)
    gone = tempfile.mkdtemp()
    with cleaned():
        done = command("sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', gone, LADE, *machine.words(), env=machine.environment)
        good(done)


main()
