#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade doctor in real namespaces: what it says, how it exits, what it leaves."""
import csv
import ctypes
import json
import os
import platform
import struct
import subprocess
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, SOURCE, Skip, command, contains, equal, lade, live, main, path, scratch, test  # noqa: E402

with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)
with open(os.path.join(SOURCE, "docs", "schema", "doctor.json"), encoding="utf-8") as f:
    DESCRIPTION = json.load(f)  # of a kernel, as other verbs read it


def fits(kind, document):
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}).validate(document)
    return document


def report(*words, wrap=()):
    done = command(*wrap, LADE, "doctor", "--json", *words)
    document = fits("doctor", done.json())
    equal(document["exit"], done.code, done)
    jsonschema.Draft202012Validator(DESCRIPTION).validate(document)
    return document


def facts(document):
    found = {(fact["section"], fact["name"]): fact for fact in document["facts"]}
    equal(len(found), len(document["facts"]), "facts are not unique")
    return found


def codes(document):
    return [finding["code"] for finding in document["findings"]]


def root():
    if os.geteuid() != 0:
        raise Skip("needs root")


def wrapped(*words):
    """A command line that must work before it can say anything about lade."""
    root()
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        raise Skip(f"{words[0]} is not allowed here")
    return words


@test
def one_screen_names_kernel_privileges_mounts_and_who_may_load():
    done = lade("doctor")
    assert done.code in (0, 3, 5), done
    contains(done.out, os.uname().release, os.uname().machine, "jit", "privileges", "mounts", "security", "btf", "config",
             "may load")
    facts_only = min((done.out.find(word) for word in ("  note ", "warning[", "error[") if word in done.out), default=None)
    assert len(done.out[:facts_only].splitlines()) < 40, done


@test
def facts_are_those_of_this_machine():
    found = facts(report())
    equal(found["kernel", "release"]["value"], os.uname().release)
    for name in ("unprivileged_bpf_disabled", "perf_event_paranoid"):
        if os.path.exists(f"/proc/sys/kernel/{name}"):
            with open(f"/proc/sys/kernel/{name}", encoding="ascii") as file:
                equal(found["security", name]["value"], file.read().strip())
    has_btf = os.path.exists("/sys/kernel/btf/vmlinux")
    equal(found["btf", "vmlinux"]["state"], "given" if has_btf else "absent")


@test
def process_without_capabilities_is_exit_5_and_names_them():
    wrap = wrapped("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
    document = report(wrap=wrap)
    equal(document["exit"], 5, document["findings"])
    contains(" ".join(codes(document)), "doctor.capability.missing", "doctor.capability.partly")
    equal(facts(document)["privileges", "effective"]["state"], "absent")


@test
def bounding_set_without_bpf_is_said():
    wrap = wrapped("setpriv", "--bounding-set=-bpf,-sys_admin")
    assert "doctor.capability.bounding" in codes(report(wrap=wrap))


@test
def user_namespace_is_exit_5_though_all_capabilities_are_effective():
    document = report(wrap=wrapped("unshare", "--user", "--map-root-user"))
    equal(document["exit"], 5, document["findings"])
    assert "doctor.user-namespace" in codes(document), codes(document)
    assert "doctor.capability.missing" not in codes(document), codes(document)


@test
def other_network_namespace_hides_the_jit_and_that_is_said():
    document = report(wrap=wrapped("unshare", "--net"))
    assert "doctor.jit.absent" not in codes(document), codes(document)
    equal(facts(document)["jit", "enable"]["state"], "unknown")


@test
def what_lies_over_bpffs_is_found():
    wrap = wrapped("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/fs/bpf && exec "$@"', "sh")
    document = report(wrap=wrap)
    equal(document["exit"], 5, document["findings"])
    assert "doctor.bpffs.other" in codes(document), codes(document)
    contains(facts(document)["mounts", "bpffs"]["value"], "tmpfs")


@test
def securityfs_that_is_mounted_is_read():
    wrap = wrapped("unshare", "-m", "sh", "-c", 'mount -t securityfs none /sys/kernel/security && exec "$@"', "sh")
    found = facts(report(wrap=wrap))
    equal(found["security", "lsm"]["state"], "given")


@test
def pid_shows_the_gates_of_that_process():
    wrap = wrapped("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
    with subprocess.Popen([*wrap, "sleep", "60"]) as other:
        try:
            while "sleep" not in open(f"/proc/{other.pid}/comm", encoding="utf-8").read():
                pass
            document = report("--pid", str(other.pid))
            equal(document["exit"], 5, document["findings"])
            equal(facts(document)["privileges", "effective"]["source"], f"/proc/{other.pid}/status")
        finally:
            other.kill()


@test
def process_that_is_not_there_is_wrong_use():
    done = lade("doctor", "--pid", "4194305")
    equal((done.code, done.out), (1, ""), done)
    contains(done.err, "doctor.process", "4194305")


@test
def object_that_would_load_is_exit_0():
    root()
    done = lade("doctor", "--for", path("load_all.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "CONFIG_BPF_SYSCALL", "CAP_BPF", "maps of type ringbuf")
    assert "privileges" not in done.out, done


@test
def object_is_exit_5_without_capabilities_and_2_when_it_is_none():
    wrap = wrapped("setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin")
    document = report("--for", path("load_all.bpf.o"), wrap=wrap)
    equal(document["exit"], 5, document["findings"])
    assert "doctor.needs.capability" in codes(document), codes(document)
    equal(lade("doctor", "--for", "/etc/passwd").code, 2)


@test
def object_is_planned_for_this_kernel_as_a_load_would_plan_it():
    root()
    for name, code, finding in (("cli_unknown_section.bpf.o", 2, "plan.program.type"), ("cli_shared.eb.o", 2, "plan.endian"),
                                ("dia_needs.bpf.o", 3, "kfunc.absent"), ("vm_named_module.bpf.o", 3, "plan.target.unknown")):
        done = lade("doctor", "--for", path(name))
        equal(done.code, code, done)
        contains(done.err, f"error[{finding}]")
        equal(lade("load", "--dry-run", path(name)).code, code, name)
        done = lade("doctor", "--json", "--for", path(name))
        document = fits("doctor", done.json())
        equal((document["exit"], document["ok"], done.code), (code, False, code), done)
        equal(fits("failure", json.loads(done.err))["findings"][0]["code"], finding)


@live
def exit_code_is_the_one_that_a_load_ends_with():
    for name in ("load_all.bpf.o", "vm_fentry.bpf.o", "vm_lsm.bpf.o", "vm_scheduler.bpf.o", "dia_needs.bpf.o",
                 "own_targets.bpf.o", "core_targets.bpf.o", "vm_named_module.bpf.o"):
        foretold = lade("doctor", "-q", "--for", path(name))
        loaded = lade("load", "-q", "--name", "foretold", path(name))
        if loaded.code == 0:
            equal(lade("unload", "foretold").code, 0)
        equal(foretold.code, loaded.code, f"{name}\n{foretold}\n{loaded}")


@test
def machine_without_proc_is_said_and_nothing_is_guessed():
    wrap = wrapped("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")
    if command(*wrap, LADE, "version").code != 0:
        raise Skip("a sanitizer that looks for leaks needs /proc itself")
    document = report(wrap=wrap)
    assert "doctor.proc.missing" in codes(document) and "doctor.btf.missing" not in codes(document), codes(document)
    found = facts(document)
    equal((found["kernel", "release"]["value"], found["kernel", "release"]["source"]), (os.uname().release, "uname(2)"))
    for fact in (("security", "unprivileged_bpf_disabled"), ("security", "lockdown"), ("security", "kprobe blacklist"),
                 ("jit", "enable"), ("jit", "hardening"), ("mounts", "bpffs"), ("loaders", "processes")):
        equal((found[fact]["state"], found[fact]["value"]), ("unknown", "not known"), fact)


@test
def machine_without_sys_is_said_and_the_kernel_is_not_said_to_have_no_types():
    wrap = wrapped("unshare", "-m", "sh", "-c", 'umount -l /sys && exec "$@"', "sh")
    document = report(wrap=wrap)
    assert "doctor.sysfs.missing" in codes(document) and "doctor.btf.missing" not in codes(document), codes(document)
    equal(facts(document)["btf", "vmlinux"]["state"], "unknown")


@test
def option_whose_absence_costs_nothing_is_no_lack():
    screen = lade("doctor").out
    for option in ("CONFIG_HAVE_BPF_JIT", "CONFIG_BPFILTER", "CONFIG_TEST_BPF"):
        assert option not in screen, screen


@test
def seccomp_filter_that_refuses_bpf_is_found_though_all_capabilities_are_there():
    root()
    for errnum, part in ((1, "a command that does not exist answers EPERM"), (22, "answers EINVAL, and not E2BIG")):
        done = under_a_filter(errnum)
        equal(done.code, 5, done)
        contains(done.out, "seccomp: filter", "error[doctor.filtered", part)


def under_a_filter(errnum):
    number = {"x86_64": 321, "aarch64": 280}.get(platform.machine())
    if number is None:
        raise Skip("the number of bpf(2) on this machine is not known to the test")
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in (
        (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | errnum), (0x06, 0, 0, 0x7fff0000)))
    libc = ctypes.CDLL(None, use_errno=True)

    def install():
        text = ctypes.create_string_buffer(program)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, struct.pack("HxxxxxxP", 4, ctypes.addressof(text))):
            os._exit(99)

    return lade("doctor", preexec_fn=install)


@test
def probes_say_what_the_kernel_can_do():
    root()
    document = report("--probe")
    found = facts(document)
    for key in (("program types", "xdp"), ("map types", "hash"), ("btf kinds", "datasec")):
        equal(found[key]["value"], "yes", found[key])
    helper = found["helpers", "bpf_xdp_adjust_head"]
    equal((helper["state"], helper["value"]), ("given", "xdp"), helper)
    assert "socket_filter" in found["helpers", "bpf_map_lookup_elem"]["value"].split()
    contains(lade("doctor", "--probe").out, "program types", "map types", "helpers", "btf kinds")
    equal(lade("doctor", "--probe", "--pid", "1").code, 1)


@test
def probed_kernel_is_described_whole():
    root()
    document = report("--probe")
    found = facts(document)
    equal(found["kernel", "version"]["value"].split(".")[:2], os.uname().release.split("-")[0].split(".")[:2])
    equal(int(found["kernel", "processors"]["value"]) >= (os.cpu_count() or 1), True)
    for section, table, prefix in (("attach types", "attach_types", "BPF_"), ("link types", "link_types", "BPF_LINK_TYPE_")):
        with open(os.path.join(SOURCE, "data", table + ".csv"), encoding="utf-8") as rows:
            names = {row["name"].removeprefix(prefix).lower() for row in csv.DictReader(rows)} - {"unspec"}
        equal({name for where, name in found if where == section}, names)
    equal(found["attach types", "cgroup_inet_ingress"]["value"], "yes")
    equal(found["features", "global_data"]["value"], "yes")
    if document["config"] is not None:
        for (section, name), fact in found.items():
            if section == "config" and name != "file":
                equal(fact["value"], document["config"].get(name, "n"), name)


@test
def probing_twice_says_the_same_and_leaves_no_link():
    root()
    first, second = report("--probe"), report("--probe")
    equal([fact for fact in first["facts"] if fact["source"] == "bpf(2)"],
          [fact for fact in second["facts"] if fact["source"] == "bpf(2)"])


@test
def build_environment_is_asked_for_alone():
    done = lade("doctor", "--build", env={"PATH": "/nonexistent"})
    equal(done.code, 5)
    contains(done.out, "error[doctor.build.clang]", "pahole: not found", "Debian: bpftool")
    assert "privileges" not in done.out, done
    for words in (["--probe"], ["--pid", "1"], ["--for", "/x"]):
        equal(lade("doctor", "--build", *words).code, 1)
    done = lade("doctor", "--build", "--json")
    found = facts(fits("doctor", done.json()))
    jsonschema.Draft202012Validator(DESCRIPTION).validate(done.json())
    clang = found["build", "clang"]
    equal(done.code, 0 if clang["state"] == "given" and found["build", "bpf target"]["value"] == "yes" else 5, done)
    if clang["state"] == "given":
        assert all(("build", f"cpu v{level}") in found for level in range(1, 5)), found


@test
def probes_without_privilege_are_unknown_and_not_absent():
    wrap = wrapped("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
    found = facts(report("--probe", wrap=wrap))
    equal(found["program types", "xdp"]["state"], "unknown", found["program types", "xdp"])
    equal(found["map types", "stack_trace"]["state"], "unknown", found["map types", "stack_trace"])
    assert "absent" not in [fact["state"] for (section, _), fact in found.items() if section == "helpers"]


def changed(old, *words):
    return [change["fact"] for change in fits("doctor_diff", lade("doctor", "-j", *words, "--diff", old).json())["changes"]]


@test
def diff_shows_what_changed_and_refuses_what_is_no_report():
    document = report()
    equal(fits("doctor_diff", lade("doctor", "--json", "--diff", scratch("old", json.dumps(document).encode())).json())["ok"],
          True)
    for fact in document["facts"]:
        if fact["name"] == "release":
            fact["value"] = "5.10.0"
    document["facts"].append({"section": "kernel", "name": "colour", "value": "blue"})
    old = scratch("old", json.dumps(document).encode())
    changes = {change["fact"]: change for change in fits("doctor_diff", lade("doctor", "-j", "--diff", old).json())["changes"]}
    equal((changes["kernel/release"]["old"], changes["kernel/release"]["new"]), ("5.10.0", os.uname().release))
    equal((changes["kernel/colour"]["old"], changes["kernel/colour"]["new"]), ("blue", None))
    contains(lade("doctor", "--diff", old).out, "kernel/release", "5.10.0", "→")
    for text in (b"", b"{}", b"[1]", b'{"facts": 3}', b"\xff\x00"):
        equal(lade("doctor", "--diff", scratch("bad", text)).code, 1)
    old = scratch("old", json.dumps(report()).encode())
    assert not [fact for fact in changed(old, "--probe") if fact.startswith(("program types/", "helpers/"))]
    if os.geteuid() == 0:  # a report that was probed is compared with one that is
        old = scratch("old", json.dumps(report("--probe")).encode())
        equal([fact for fact in changed(old) if fact.startswith(("program types/", "helpers/"))], [])
    odd = b'{"facts": [3, {}, {"section": 1}%s]}'
    equal(lade("doctor", "--diff", scratch("odd", odd % b', {"section": "a", "name": "b", "value": "c"}')).code, 0)
    equal(lade("doctor", "--diff", scratch("odd", odd % b"")).code, 1)  # nothing in it is a fact
    contains(lade("doctor", "--diff", "/nonexistent.json").err, "No such file")


main()
