#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade boot: what it prints and pins, what it leaves when it is interrupted, refused, or started twice."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import (BPFFS, LADE, SOURCE, Skip, contains, equal, lade, live, main, path, pins, sanitizer,
                          test)  # noqa: E402

APEX = "apex/com.android.tethering/etc/bpf"
SYSTEM = "system/etc/bpf"
with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)


class Image:
    """A system's image, and places where a boot keeps what it says of itself."""

    def __init__(self):
        self.root = tempfile.mkdtemp()
        self.kept = tempfile.mkdtemp()
        self.env = {"LADE_RUN": self.kept + "/run", "LADE_VAR": self.kept + "/var", "LADE_MACHINE": self.kept,
                    "LADE_CACHE": "off"}

    def put(self, directory, name, source):
        os.makedirs(os.path.join(self.root, directory), exist_ok=True)
        shutil.copy(path(source), os.path.join(self.root, directory, name))

    def boot(self, *words, android="14", **more):
        rules = ("--android", android, "--root", self.root) if android else ()
        return lade("boot", *rules, *words, env=self.env, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in json.loads(lade("list", "--json").out)["instances"] if os.path.isdir(BPFFS + "/lade") else ():
            lade("unload", name["directory"])
        for top, directories, _ in os.walk(BPFFS, topdown=False):
            for name in directories:
                try:
                    os.rmdir(os.path.join(top, name))
                except OSError:
                    pass
        shutil.rmtree(self.root)
        shutil.rmtree(self.kept)


def typical():
    image = Image()
    image.put(APEX, "offload.o", "bootrun_net.o")
    image.put(SYSTEM, "one.o", "bootrun_one.o")
    image.put(SYSTEM, "two.o", "bootrun_two.o")
    return image


def fits(document):
    schema = {"$ref": "#/$defs/boot", "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(document)


def owned():
    """Pins outside of lade/ with owner and mode."""
    found = []
    for name in pins():
        if not name.startswith("lade"):
            status = os.lstat(os.path.join(BPFFS, name))
            found.append((name, status.st_uid, status.st_gid, status.st_mode & 0o7777))
    return found


@test
def wrong_use_is_exit_1():
    with Image() as image:
        for words, part in ((("--android", "9"), "Android"), (("--loader", "40"), "Android"),
                            (("--owners", "me"), "--owners"), (("--timeout", "soon"), "--timeout"),
                            (("--android", "14", "--policy", "/etc"), "--policy"),
                            (("--android", "14", "--build-type", "release"), "build type"),
                            (("--android", "14", "--kernel", "5.10.0"), "kernel")):
            done = lade("boot", *words, env=image.env)
            equal(done.code, 1, done)
            contains(done.err, part)


@test
def a_dry_run_needs_no_kernel_and_says_everything():
    with typical() as image:
        done = image.boot("--dry-run", "--kernel", "5.10.100", "--arch", "aarch64", "--owners", "numeric")
        equal(done.code, 0, done)
        contains(done.out, "Android 14: loader 46, build type user, kernel 5.10.100, aarch64",
                 "/sys/fs/bpf/tethering/map_offload_limits", "0:1073 0660", "left out: ", "3 would be loaded")
        document = image.boot("--dry-run", "--json").json()
        fits(document)
        equal([o["outcome"] for o in document["objects"]], ["planned"] * 3)
        assert document["dry_run"]
        assert not os.path.exists(image.env["LADE_RUN"]), "a dry run says nothing about the machine"


@test
def a_dry_run_refuses_what_the_plan_alone_refuses():
    with Image() as image:
        image.put(SYSTEM, "needed.o", "android_needed.o")
        done = image.boot("--dry-run", "--kernel", "6.1.0")
        equal(done.code, 7, done)
        contains(done.out, "needed.o: failed", "1 failed")
        contains(done.err, "error[plan.policy.map]", "map later")
        equal(image.boot("--dry-run", "--kernel", "99.1.0").code, 0)


@test
def nothing_to_do_is_said():
    with Image() as image:
        done = image.boot("--dry-run")
        equal(done.code, 0, done)
        contains(done.out, "no object lies in any directory", "0 would be loaded")


@live
def one_line_an_object_and_the_sum():
    with typical() as image:
        done = image.boot("--owners", "numeric")
        equal(done.code, 0, done)
        contains(done.out, "Android 14: loader 46", "offload.o  loaded", "4 maps, 2 programs", "3 loaded, 0 unchanged")
        assert len(done.out.splitlines()) < 10, done.out
        assert ("tethering/map_offload_readers", 1000, 3005, 0o640) in owned(), owned()
        contains(lade("boot", "--status", env=image.env).out, "offload.o")
        equal(lade("wait", "--timeout", "0", env=image.env).code, 0)
        again = image.boot("--json")
        equal(again.code, 0, again)
        fits(again.json())
        equal(again.json()["unchanged"], 3)
        equal([o["outcome"] for o in again.json()["objects"]], ["unchanged"] * 3)


@live
def failures_that_are_not_critical_are_exit_7():
    with typical() as image:
        image.put(SYSTEM, "bad.o", "bootrun_bad.o")
        done = image.boot()
        equal(done.code, 7, done)
        contains(done.out, "3 loaded", "1 failed")
        contains(done.err, "error[verifier.", "broken")
        equal(lade("wait", "--timeout", "0", env=image.env).code, 0, "the property is set all the same")
        done = image.boot("--json")
        equal((done.code, done.err), (7, ""))
        fits(done.json())
        assert not done.json()["ok"]
        equal(done.json()["android_value"], 0)


@live
def a_critical_failure_is_exit_8_and_fits_a_screen():
    with typical() as image:
        image.put(APEX, "critical.o", "bootrun_critical.o")
        done = image.boot()
        equal(done.code, 8, done)
        lines = (done.out + done.err).splitlines()
        assert len(lines) <= 10, lines
        contains(lines[0], "verifier.", "critical.o")
        equal(lade("wait", "--timeout", "1", env=image.env).code, 8)
        document = image.boot("--json").json()
        fits(document)
        equal((document["critical"], document["android_value"]), (True, 2))
        equal(document["objects"][-1]["outcome"], "not tried")


@live
def the_log_is_androids():
    with typical() as image:
        done = image.boot("--log", "stderr", "--quiet")
        equal(done.code, 0, done)
        contains(done.err, "Loading critical for tethering ELF object", "Loaded object: ")


@live
def killed_at_any_moment_and_booted_again():
    with typical() as image:
        for number in range(12):
            image.put(SYSTEM, f"more{number}.o", "bootrun_two.o")
        image.boot("--owners", "numeric")
        whole, tree = owned(), pins()
        generator = random.Random(6)
        for _ in range(15):
            for name in json.loads(lade("list", "--json").out)["instances"]:
                equal(lade("unload", name["directory"]).code, 0)
            process = subprocess.Popen([LADE, "boot", "--android", "14", "--root", image.root, "--owners", "numeric"],
                                       env={**os.environ, **image.env}, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(generator.random() * 0.03)
            process.send_signal(signal.SIGKILL)
            process.wait()
            done = image.boot("--owners", "numeric")
            equal(done.code, 0, done)
            equal(owned(), whole)
            equal([name for name in pins() if "/journal" not in name], [n for n in tree if "/journal" not in n])


@live
def two_boots_at_once_are_one_after_the_other():
    with typical() as image:
        command = [LADE, "boot", "--android", "14", "--root", image.root, "--json"]
        both = [subprocess.Popen(command, env={**os.environ, **image.env}, stdout=subprocess.PIPE) for _ in range(2)]
        documents = [json.loads(process.communicate()[0]) for process in both]
        equal([process.returncode for process in both], [0, 0])
        equal(sorted(document["loaded"] for document in documents), [0, 3])
        equal(sorted(document["unchanged"] for document in documents), [0, 3])


@live
def a_limit_of_time_ends_verification():
    if sanitizer() == "thread":
        raise Skip("a process that shares this one's memory, as deadlines need, dies of ThreadSanitizer")
    with Image() as image:
        image.put("", "slow.o", "cli_slow.bpf.o")
        done = image.boot("--timeout", "0.001", image.root, android=None)
        equal(done.code, 7, done)
        contains(done.err, "load.timeout")
        equal([n for n in pins() if not n.startswith("lade")], [])
        done = image.boot("--timeout", "100", image.root, android=None)
        equal(done.code, 0, done)


@live
def a_policy_in_files_pins_and_attaches():
    with Image() as image:
        image.put("objects", "plain.o", "bootrun_plain.bpf.o")
        os.mkdir(image.root + "/policy")
        with open(image.root + "/policy/10-plain.conf", "w", encoding="utf-8") as file:
            file.write(f"[location {image.root}/objects]\nprefix = plain/\nattach = yes\nmode = 0640\n")
        os.chmod(image.root + "/policy", 0o755)
        done = image.boot("--policy", image.root + "/policy", "-v", android=None)
        equal(done.code, 0, done)
        contains(done.out, "plain.o")
        assert ("plain/plain/maps/seen", 0, 0, 0o640) in owned(), owned()
        document = json.loads(lade("list", "--json").out)
        equal(document["instances"][0]["link_count"], 1, "the tracepoint is attached, the filter names no place")


@live
def what_was_detached_is_attached_again():
    with Image() as image:
        image.put("objects", "plain.o", "bootrun_plain.bpf.o")
        os.mkdir(image.root + "/policy")
        with open(image.root + "/policy/10-plain.conf", "w", encoding="utf-8") as file:
            file.write(f"[location {image.root}/objects]\nattach = yes\n")
        words = ("--policy", image.root + "/policy", "--json")
        equal(image.boot(*words, android=None).code, 0)
        before = [pin for pin in pins() if "/links/" in pin and not os.path.isdir(os.path.join(BPFFS, pin))]
        equal(len(before), 1)
        os.unlink(os.path.join(BPFFS, before[0]))
        for codes in (["boot.link.gone"], []):
            done = image.boot(*words, android=None)
            equal(done.code, 0, done)
            fits(done.json())
            equal(done.json()["objects"][0]["outcome"], "unchanged")
            equal([note["code"] for note in done.json()["objects"][0]["notes"]], codes)
            assert before[0] in pins(), pins()
            equal(json.loads(lade("list", "--json").out)["instances"][0]["link_count"], 1)
        elsewhere = os.path.join(BPFFS, "elsewhere")
        os.link(os.path.join(BPFFS, before[0]), elsewhere)
        os.unlink(os.path.join(BPFFS, before[0]))
        done = image.boot(*words, android=None)
        os.unlink(elsewhere)
        equal(done.code, 7, "the program runs, by a link that is not the instance's: it is not told as unchanged")
        contains(done.out, "attach.exists")


@live
def what_cannot_be_kept_is_a_note_and_a_directory_need_not_be_writable():
    with typical() as image:
        mounted = os.path.join(image.root, SYSTEM)
        equal(subprocess.run(["mount", "--bind", mounted, mounted], check=False).returncode, 0)
        subprocess.run(["mount", "-o", "remount,bind,ro", mounted], check=True)
        try:
            done = lade("boot", "--android", "14", "--root", image.root,
                        env={**image.env, "LADE_RUN": "/proc/nowhere", "LADE_VAR": "/proc/nowhere"})
        finally:
            subprocess.run(["umount", mounted], check=True)
        equal(done.code, 0, done)
        contains(done.out, "3 loaded")
        contains(done.err, "note: ")


main()
