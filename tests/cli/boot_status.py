#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a boot leaves for others: its report, readiness, where its lines go, rescue, and who holds what it attached."""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import (BUILD, LADE, SOURCE, Skip, command, contains, equal, lade, live, main, path,  # noqa: E402
                          pins, test)

PATIENCE = 60  # seconds
OTHER_BOOT = "00000000-1111-2222-3333-444444444444"


class Machine:
    """A machine of files: a policy with some objects, the kernel's files, journald's socket."""

    def __init__(self, *objects, policy=""):
        self.top = tempfile.mkdtemp()
        self.bpf = self.directory("bpf")
        for name in objects:
            shutil.copy(path(name), self.bpf)
        self.policy = self.directory("policy")
        self.write("policy/a.conf", f"[location {self.bpf}]\n{policy}")
        self.environment = {"LADE_MACHINE": self.top}
        self.directory("dev")
        self.directory("proc/sys/kernel")

    def directory(self, name):
        made = os.path.join(self.top, name)
        os.makedirs(made, exist_ok=True)
        return made

    def write(self, name, text):
        with open(os.path.join(self.top, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.top, name), encoding="utf-8") as file:
            return file.read()

    def exists(self, name):
        return os.path.exists(os.path.join(self.top, name))

    def lade(self, *words, env=None, **more):
        return lade(*words, env={**self.environment, **(env or {})}, **more)

    def boot(self, *words, **more):
        return self.lade("boot", "--policy", self.policy, *words, **more)

    def status(self):
        done = self.lade("boot", "--status", "--json")
        equal(done.code, 0, done)
        return done.json()

    def token(self):
        return dict(line.split("=", 1) for line in self.read("run/lade/readiness").splitlines())


@contextlib.contextmanager
def unloaded(*names):
    try:
        yield
    finally:
        for name in names:
            lade("unload", "-q", name)
        equal([pin for pin in pins() if pin != "lade"], [])


def this_boot():
    with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
        return file.read().strip()


def sleeps(process):
    """Until it waits in poll(2): what is done to it from now on it has to notice."""
    while process.poll() is None:
        with open(f"/proc/{process.pid}/syscall", encoding="utf-8") as file:
            if file.read().split()[0] in ("7", "271", "73"):  # poll, ppoll (x86, arm64)
                return


# ---- readiness and the report ----

@test
def where_nothing_was_booted_it_says_so():
    machine = Machine()
    done = machine.lade("boot", "--status")
    equal(done.code, 0, done)
    contains(done.out, "none", "no report of a boot")
    document = machine.status()
    equal((document["state"], document["report"]), ("none", None))


@live
def a_boot_is_ready_and_told_of():
    machine = Machine("bootrun_plain.bpf.o")
    with unloaded("bootrun_plain"):
        done = machine.boot()
        equal(done.code, 0, done)
        token = machine.token()
        equal((token["STATE"], token["BOOT_ID"]), ("ready", this_boot()))
        equal(machine.read("run/lade/properties"), "bpf.progs_loaded=1\n")
        equal(machine.lade("wait").code, 0)
        for directory in ("run/lade", "var/lib/lade"):
            report = json.loads(machine.read(f"{directory}/boot.json"))
            equal((report["boot_id"], report["loaded"], report["objects"][0]["name"]),
                  (this_boot(), 1, "bootrun_plain"))
            equal(os.listdir(os.path.join(machine.top, "var/lib/lade")), ["boot.json"])
        document = machine.status()
        equal((document["state"], document["is_earlier"], document["report"]["loaded"]), ("ready", False, 1))
        done = machine.lade("boot", "--status")
        equal(done.code, 0, done)
        contains(done.out, "ready", "1 loaded", "bootrun_plain")


@live
def a_report_of_an_earlier_boot_is_told_apart():
    machine = Machine("bootrun_plain.bpf.o")
    with unloaded("bootrun_plain"):
        equal(machine.boot().code, 0)
        shutil.rmtree(os.path.join(machine.top, "run"))  # as the machine starts again
        machine.write("var/lib/lade/boot.json",
                      machine.read("var/lib/lade/boot.json").replace(this_boot(), OTHER_BOOT))
        document = machine.status()
        equal((document["state"], document["is_earlier"], document["report"]["boot_id"]), ("none", True, OTHER_BOOT))
        contains(machine.lade("boot", "--status").out, "earlier boot of the machine", "bootrun_plain")


@test
def a_damaged_report_is_none():
    machine = Machine()
    machine.directory("run/lade")
    machine.directory("var/lib/lade")
    for text in ("", "{", "[]", "null", "{\"boot_id\":7}", "{\"objects\":[1,{\"outcome\":[]},{\"parts\":[3]}]}",
                 "{\"notes\":[{\"message\":\"\\u001b[31m\"}]}", "[" * 100000):
        machine.write("run/lade/boot.json", text)
        done = machine.lade("boot", "--status")
        equal(done.code, 0, done)
        assert "\x1b" not in done.out, done
        equal(machine.lade("boot", "--status", "--json").code, 0)
        equal(machine.lade("hold").code, 0)


@live
def a_read_only_var_is_a_note():
    machine = Machine("bootrun_plain.bpf.o")
    machine.directory("var")
    with unloaded("bootrun_plain"):
        equal(command("mount", "-t", "tmpfs", "-o", "ro", "none", os.path.join(machine.top, "var")).code, 0)
        try:
            done = machine.boot()
            equal(done.code, 0, done)
            contains(done.err, "note:", "var/lib/lade/boot.json", "Read-only")
            equal(machine.status()["report"]["loaded"], 1)
        finally:
            command("umount", os.path.join(machine.top, "var"))


@live
def a_full_var_keeps_the_old_report():
    machine = Machine("bootrun_plain.bpf.o")
    machine.directory("var")
    with unloaded("bootrun_plain"):
        equal(command("mount", "-t", "tmpfs", "-o", "size=8k,mode=755", "none",
                      os.path.join(machine.top, "var")).code, 0)
        try:
            machine.directory("var/lib/lade")
            machine.write("var/lib/lade/boot.json", "{}")
            machine.write("var/fill", "x" * 4096)
            done = machine.boot()
            equal(done.code, 0, done)
            contains(done.err, "note:", "No space left")
            equal(os.listdir(os.path.join(machine.top, "var/lib/lade")), ["boot.json"])
            equal(machine.read("var/lib/lade/boot.json"), "{}")
        finally:
            command("umount", os.path.join(machine.top, "var"))


@live
def a_boot_that_is_killed_is_told_of_and_the_next_one_goes_on():
    machine = Machine("bootrun_plain.bpf.o")
    died = 0
    with unloaded("bootrun_plain"):
        for _ in range(20):
            shutil.rmtree(os.path.join(machine.top, "run"), ignore_errors=True)
            with subprocess.Popen([LADE, "boot", "-q", "--policy", machine.policy],
                                  env={**os.environ, **machine.environment}) as process:
                while process.poll() is None and not machine.exists("run/lade/readiness"):
                    pass
                process.kill()
            state = machine.token()["STATE"]
            done = machine.lade("wait", "--timeout", "0", "--json")
            equal(done.code, {"booting": 8, "ready": 0}[state], done)
            died += state == "booting"
            if state == "booting":
                equal(done.codes(), ["ready.died"])
                contains(machine.lade("boot", "--status").out, "gone")
            equal(machine.boot("-q").code, 0)
            equal(machine.lade("wait", "--timeout", "0").code, 0)
        assert died, "not one of 20 boots was killed before its end"


# ---- a critical failure ----

CRITICAL = "[object cli_refused]\ncritical = the network\n"


def check_screen(text):
    lines = text.strip().splitlines()
    assert 3 <= len(lines) <= 10, text
    contains(lines[0], "CRITICAL[")
    contains(text, "cli_refused.bpf.o (critical: the network)", "lade boot --status")


@live
def a_critical_failure_fits_on_one_screen_wherever_it_is_read():
    machine = Machine("cli_refused.bpf.o", "bootrun_plain.bpf.o", policy=CRITICAL)
    machine.write("dev/console", "")
    machine.write("dev/kmsg", "")
    with unloaded("bootrun_plain"):
        done = machine.boot("-q")
        equal(done.code, 8, done)
        check_screen(machine.read("dev/console"))
        records = machine.read("dev/kmsg").splitlines()
        assert 3 <= len(records) <= 10 and all(re.match(r"<26>lade\[\d+\]: ", record) for record in records), records
        check_screen(done.err)
        equal(machine.token()["STATE"], "failed")
        assert not machine.exists("run/lade/properties")
        done = machine.lade("wait")
        equal(done.code, 8, done)
        document = machine.status()
        equal((document["state"], document["report"]["critical"]), ("failed", True))
        contains(machine.lade("boot", "--status").out, "failed", "error[")


@live
def the_console_is_told_with_json_too_and_not_of_a_try():
    machine = Machine("cli_refused.bpf.o", "bootrun_plain.bpf.o", policy=CRITICAL)
    with unloaded("bootrun_plain"):
        for words, told in ((["--json"], True), (["--dry-run"], False), (["--only", "cli_refused"], False)):
            machine.write("dev/console", "")
            machine.write("dev/kmsg", "")
            machine.boot(*words)
            equal("CRITICAL[" in machine.read("dev/console"), told, words)
            equal("CRITICAL[" in machine.read("dev/kmsg"), told, words)


@test
def what_keeps_a_boot_from_beginning_is_told_there_too():
    machine = Machine()
    machine.write("policy/a.conf", "[nonsense]\n")
    machine.write("dev/console", "")
    done = machine.boot()
    assert done.code not in (0, 1), done
    contains(machine.read("dev/console"), "CRITICAL[boot.policy", "a.conf")
    equal(machine.token()["STATE"], "failed")
    equal(machine.status()["state"], "failed")


# ---- where lines go ----

@test
def sinks_have_names():
    machine = Machine()
    for words in (["--log", "syslog"], ["--log", ""], ["--logcat", "--log", "kmsg"]):
        equal(machine.boot(*words).code, 1, words)


@live
def logcat_has_its_format():
    machine = Machine("bootrun_plain.bpf.o")
    with unloaded("bootrun_plain"):
        done = machine.boot("--logcat")
        equal(done.code, 0, done)
        lines = [line for line in done.err.splitlines() if line and not line.startswith("note:")]
        assert lines, done
        for line in lines:
            assert re.match(r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +\d+ +\d+ [DIWE] \S+ *: ", line), line


@live
def kmsg_gets_records_and_the_rate_limit_is_mentioned():
    machine = Machine("bootrun_plain.bpf.o")
    machine.write("dev/kmsg", "")
    machine.write("proc/sys/kernel/printk_devkmsg", "off\n")
    with unloaded("bootrun_plain"):
        done = machine.boot("--log", "kmsg")
        equal(done.code, 0, done)
        records = machine.read("dev/kmsg").splitlines()
        assert records, done
        for record in records:
            assert re.match(r"<(27|28|30|31)>\S+\[\d+\]: .", record), record
            assert len(record) <= 976, record
        contains(done.err, "printk_devkmsg is off")


@live
def journald_gets_fields():
    machine = Machine("bootrun_plain.bpf.o")
    machine.directory("run/systemd/journal")
    with unloaded("bootrun_plain"), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(os.path.join(machine.top, "run/systemd/journal/socket"))
        journal.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        done = machine.boot("--log", "journald")
        equal((done.code, done.err), (0, ""), done)
        journal.setblocking(False)
        datagrams = []
        with contextlib.suppress(BlockingIOError):
            while True:
                datagrams.append(journal.recv(1 << 16).decode())
    assert datagrams, "nothing came"
    for datagram in datagrams:
        assert re.match(r"PRIORITY=[3467]\nSYSLOG_IDENTIFIER=\S+\n(LADE_CODE=\S+\n)?MESSAGE=.*\n$", datagram), datagram


@live
def findings_of_objects_go_where_lines_go():
    machine = Machine("cli_refused.bpf.o", "bootrun_plain.bpf.o")
    machine.write("dev/kmsg", "")
    machine.directory("run/systemd/journal")
    with unloaded("bootrun_plain"), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(os.path.join(machine.top, "run/systemd/journal/socket"))
        datagrams = []
        reader = threading.Thread(target=lambda: [datagrams.append(text) for text in iter(lambda: journal.recv(1 << 16), b"END")])
        reader.start()  # the kernel keeps ten
        done = machine.boot("--log", "kmsg")
        equal(done.code, 7, done)
        told = [record for record in machine.read("dev/kmsg").splitlines() if "error[" in record]
        assert told and all(re.match(r"<27>lade\[\d+\]: error\[verifier\.", record) for record in told), told
        contains(done.err, "error[verifier.")
        equal(machine.boot("--log", "journald").code, 7)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"END", journal.getsockname())
        reader.join()
    assert any(text.startswith(b"PRIORITY=3\n") and b"\nLADE_CODE=verifier." in text for text in datagrams), datagrams


@live
def a_log_that_is_not_there_does_not_keep_a_machine_from_booting():
    machine = Machine("bootrun_plain.bpf.o")
    with unloaded("bootrun_plain"):
        for sink in ("journald", "kmsg"):
            done = machine.boot("--log", sink)
            equal(done.code, 0, done)
            contains(done.err, "does not take lines", "standard error")


@live
def the_service_manager_is_told():
    machine = Machine("bootrun_plain.bpf.o")
    for name in (os.path.join(machine.top, "notify"), "@lade-test-" + str(os.getpid())):
        with unloaded("bootrun_plain"), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(name.replace("@", "\0"))
            equal(machine.boot("-q", env={"NOTIFY_SOCKET": name}).code, 0)
            manager.setblocking(False)
            told = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    told.append(manager.recv(4096).decode())
        assert any(text.startswith("STATUS=") for text in told), told
        equal(told.count("READY=1"), 1, told)


# ---- rescue ----

@live
def rescue_off_loads_nothing_and_fails_nothing():
    machine = Machine("bootrun_plain.bpf.o")
    machine.write("proc/cmdline", "quiet lade.boot=off\n")
    done = machine.boot()
    equal(done.code, 0, done)
    contains(done.err, "rescue.off")
    equal([pin for pin in pins() if pin != "lade"], [])
    equal(machine.token()["STATE"], "off")
    equal(machine.lade("wait").code, 8)
    contains(machine.lade("boot", "--status").out, "off")


@live
def rescue_critical_only_leaves_the_others_out():
    machine = Machine("bootrun_plain.bpf.o", "cli_refused.bpf.o", policy="[object bootrun_plain]\ncritical = it\n")
    machine.write("proc/cmdline", "lade.boot=critical-only")
    with unloaded("bootrun_plain"):
        done = machine.boot()
        equal(done.code, 0, done)
        contains(done.err, "rescue.critical-only")
        equal(machine.token()["STATE"], "ready")
        outcomes = {entry["name"]: entry["outcome"] for entry in machine.status()["report"]["objects"] if entry["name"]}
        equal(outcomes.get("bootrun_plain"), "loaded", outcomes)


# ---- what the kernel cannot pin ----

HELD = "[program bootrun_plain/on_packet]\nattach = dev:lo\n"


@contextlib.contextmanager
def holding(machine, *words, env=None):
    with subprocess.Popen([LADE, "hold", *words], env={**os.environ, **machine.environment, **(env or {})},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@live
def what_cannot_be_pinned_is_held_until_the_end():
    machine = Machine("bootrun_plain.bpf.o", policy=HELD)
    with unloaded("bootrun_plain"):
        done = machine.boot()
        equal(done.code, 0, done)
        contains(done.out, "held")
        parts = machine.status()["report"]["objects"][0]["parts"]
        equal([(part["name"], part["held"]) for part in parts if part["held"]], [("on_packet", "dev:lo")])
        contains(machine.lade("boot", "--status").out, "held", "dev:lo")
        contains(machine.boot().out, "unchanged", "held     on_packet on dev:lo")  # else nobody would hold it any more
        contains(machine.lade("boot", "--status").out, "held", "dev:lo")
        notify = os.path.join(machine.top, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(notify)
            manager.settimeout(PATIENCE)
            with holding(machine, env={"NOTIFY_SOCKET": notify}) as process:
                equal(process.stdout.readline(), "holding  bootrun_plain/on_packet to dev:lo\n")
                equal(manager.recv(4096).decode(), "READY=1\nSTATUS=1 of 1 attachments held")
                packets(process)
                process.terminate()
                out, err = process.communicate(timeout=PATIENCE)
                equal((process.returncode, out, err), (0, "", ""))


def counted():
    text = lade("map", "get", "bootrun_plain/seen", "0", "--json")
    return int(re.search(r'"value":\s*"?(\d+)', text.out).group(1)) if text.code == 0 else text


def packets(process):
    """It does what it is for: packets on the loopback interface are counted."""
    assert process.poll() is None
    command("ip", "link", "set", "lo", "up")
    before = counted()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", 9))
    assert counted() > before, (before, counted())


@live
def what_is_unloaded_is_let_go_and_what_comes_again_is_taken_again():
    machine = Machine("bootrun_plain.bpf.o", policy=HELD)
    with unloaded("bootrun_plain"):
        equal(machine.boot("-q").code, 0)
        with holding(machine) as process:
            equal(process.stdout.readline(), "holding  bootrun_plain/on_packet to dev:lo\n")
            sleeps(process)
            equal(machine.lade("unload", "bootrun_plain").code, 0)
            equal(process.stdout.readline(), "released bootrun_plain/on_packet to dev:lo\n")
            equal(machine.boot("-q").code, 0)
            equal(process.stdout.readline(), "holding  bootrun_plain/on_packet to dev:lo\n")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
            equal(process.returncode, 0)


@live
def what_is_replaced_is_held_by_its_new_programs():
    machine = Machine("bootrun_plain.bpf.o", policy=HELD)
    with unloaded("bootrun_plain"):
        equal(machine.boot("-q").code, 0)
        with holding(machine) as process:
            equal(process.stdout.readline(), "holding  bootrun_plain/on_packet to dev:lo\n")
            sleeps(process)
            done = machine.boot("--only", "bootrun_plain", "--replace")
            equal(done.code, 0, done)
            equal(process.stdout.readline(), "released bootrun_plain/on_packet to dev:lo\n")
            equal(process.stdout.readline(), "holding  bootrun_plain/on_packet to dev:lo\n")
            packets(process)


@test
def with_nothing_to_hold_it_ends():
    machine = Machine()
    done = machine.lade("hold")
    equal(done.code, 0, done)
    contains(done.out, "nothing to hold")


@live
def what_cannot_be_attached_is_said():
    machine = Machine()
    machine.directory("run/lade")
    report = {"boot_id": this_boot(), "objects": [{"name": "gone", "parts": [{"name": "p", "held": "dev:lo"}]}]}
    machine.write("run/lade/boot.json", json.dumps(report))
    done = machine.lade("hold")
    assert done.code != 0, done
    contains(done.err, "gone")
    report["boot_id"] = OTHER_BOOT
    machine.write("run/lade/boot.json", json.dumps(report))
    equal(machine.lade("hold").code, 0)


# ---- units ----

def units():
    found = sorted(glob.glob(os.path.join(BUILD, "share", "systemd", "lade-*")))
    equal([os.path.basename(unit) for unit in found], ["lade-boot.service", "lade-hold.service", "lade-ready.target"])
    return found


@test
def units_say_what_they_have_to():
    texts = {}
    for unit in units():
        with open(unit, encoding="utf-8") as file:
            texts[os.path.basename(unit)] = file.read()
    contains(texts["lade-boot.service"], "\nType=oneshot\n", "\nRemainAfterExit=yes\n", "\nSuccessExitStatus=7\n",
             "\nNotifyAccess=main\n", "/bin/lade boot\n")
    contains(texts["lade-ready.target"], "\nRequires=lade-boot.service\n", "\nAfter=lade-boot.service\n")
    contains(texts["lade-hold.service"], "\nType=notify\n", "/bin/lade hold\n")
    for text in texts.values():
        assert "@" not in text, text


@test
def systemd_takes_the_units():
    if not shutil.which("systemd-analyze"):
        raise Skip("there is no systemd-analyze")
    with tempfile.TemporaryDirectory() as top:
        copies = []
        for unit in units():
            with open(unit, encoding="utf-8") as file:
                text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={os.path.realpath(LADE)}", file.read())
            copies.append(os.path.join(top, os.path.basename(unit)))
            with open(copies[-1], "w", encoding="utf-8") as file:
                file.write(text)
        done = command("systemd-analyze", "verify", "--man=no", *copies)
        equal((done.code, done.err.strip()), (0, ""), done)


# ---- the schema ----

def fits(kind, document):
    with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    schema = {"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(document)


@test
def documents_fit_the_schema():
    machine = Machine()
    machine.directory("run/lade")
    fits("boot_status", machine.status())
    fits("wait", machine.lade("wait", "--json", "/").json())
    machine.write("run/lade/boot.json", json.dumps({"boot_id": this_boot()}))
    fits("boot_status", machine.status())


main()
