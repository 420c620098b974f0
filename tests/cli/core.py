#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""CO-RE relocations and load targets at the command line: --btf, --target, LADE_BTF_PATH, -v."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import shutil  # noqa: E402

from runner.check import LADE, Skip, command, contains, equal, lade, live, main, path, pins, scratch, test  # noqa: E402

KERNEL = "/sys/kernel/btf/vmlinux"


def kernel_types():
    if not os.access(KERNEL, os.R_OK):
        raise Skip(f"this kernel has no {KERNEL}")
    return KERNEL


@test
def every_relocation_is_shown_with_v():
    kernel_types()
    done = lade("load", "--dry-run", "-v", path("core_live.bpf.o"))
    equal(done.code, 0, done)
    contains(done.err, "core look+", "struct task_struct.tgid: byte_off 16 →", "struct task_struct___before_5_14.state",
             "enum pid_type::PIDTYPE_TGID")


@test
def types_from_a_file_are_those_that_count():
    types = scratch("types.btf")
    objcopy = shutil.which("llvm-objcopy-14") or shutil.which("llvm-objcopy")
    if not objcopy:
        raise Skip("no llvm-objcopy")
    equal(command(objcopy, f"--dump-section=.BTF={types}", path("core_targets.bpf.o"), "/dev/null").code, 0)
    done = lade("load", "--dry-run", "-v", "--btf", types, path("core_calls.bpf.o"))
    equal(done.code, 0, done)
    contains(done.err, "struct task_struct.tgid: byte_off 0 → 0")


@test
def file_of_types_that_is_none_is_named():
    nothing = scratch("nothing.btf", b"this is no BTF at all, and never was")
    done = lade("load", "--dry-run", "--json", "--btf", nothing, path("core_live.bpf.o"))
    equal(done.code, 2, done)
    contains(done.findings()[0]["message"], nothing)
    done = lade("load", "--dry-run", "--json", "--btf", "/nowhere/at/all", path("core_live.bpf.o"))
    assert done.code in (3, 5), done
    contains(done.findings()[0]["message"], "/nowhere/at/all")


@test
def damaged_types_of_a_kernel_are_not_blamed_on_the_object():
    types = scratch("types.btf")
    with open(kernel_types(), "rb") as whole, open(types, "wb") as part:
        part.write(whole.read(100000))
    done = lade("load", "--dry-run", "--json", "--btf", types, path("core_live.bpf.o"))
    equal(done.code, 2, done)
    equal(done.codes(), ["btf.kernel.damaged"], done)
    finding = done.findings()[0]
    contains(finding["message"], types)
    assert "compile" not in finding["fix"], finding


@test
def device_is_no_file_of_types():
    done = lade("load", "--dry-run", "--json", "--btf", "/dev/zero", path("core_live.bpf.o"))
    equal(done.code, 5, done)
    contains(done.findings()[0]["message"], "/dev/zero", "device")


@test
def empty_path_is_wrong_use():
    for option in ("--btf", "--config"):
        done = lade("load", "--dry-run", option, "", path("core_live.bpf.o"))
        equal(done.code, 1, done)
        contains(done.err, option)


@test
def directory_is_looked_into_by_release_and_says_which_names():
    directory = os.path.dirname(scratch("other"))
    done = lade("load", "--dry-run", "--json", "--btf", directory, path("core_live.bpf.o"))
    equal(done.code, 3, done)
    finding = done.findings()[0]
    contains(finding["evidence"][0], directory, "vmlinux-" + os.uname().release)
    contains(finding["cause"], "directory that was given")
    os.symlink(kernel_types(), os.path.join(directory, "vmlinux-" + os.uname().release))
    equal(lade("load", "--dry-run", "--btf", directory, path("core_live.bpf.o")).code, 0)


def without_kernel_types(*words, **env):
    """In a mount namespace of its own, where /sys/kernel/btf is empty."""
    return command("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh", LADE, *words,
                   env=env)


@live
def missing_kernel_types_are_said_with_every_place_that_was_tried():
    copy = scratch("vmlinux-" + os.uname().release)
    shutil.copy(kernel_types(), copy)
    nowhere = "/nowhere/at/all"
    done = without_kernel_types("load", "--json", path("core_live.bpf.o"), LADE_BTF_PATH=nowhere)
    if done.code == 0:
        raise Skip("this machine keeps its kernel's types elsewhere as well")
    equal(done.code, 3, done)
    finding = done.findings()[0]
    equal(finding["code"], "btf.kernel.absent")
    contains("\n".join(finding["evidence"]), "/sys/kernel/btf/vmlinux", nowhere, "/boot/vmlinux-", "/lib/modules/")
    contains(finding["fix"], "CONFIG_DEBUG_INFO_BTF", "--btf", "LADE_BTF_PATH")
    equal(pins(), [])
    equal(without_kernel_types("load", path("exec.bpf.o")).code, 0)
    equal(lade("unload", "exec").code, 0)
    done = without_kernel_types("load", "--prog", "look", path("core_live.bpf.o"),
                                LADE_BTF_PATH=nowhere + ":" + os.path.dirname(copy))
    equal(done.code, 0, done)
    equal(lade("unload", "core_live").code, 0)


@test
def object_that_asks_nothing_of_the_kernel_needs_no_types():
    done = lade("load", "--dry-run", "--btf", "/nowhere/at/all", path("exec.bpf.o"))
    equal(done.code, 0, done)


@test
def target_of_a_program_that_is_not_there_is_wrong_use():
    done = lade("load", "--dry-run", "--target", "on_swich=lo", path("core_targets.bpf.o"))
    equal(done.code, 1, done)
    contains(done.err, "on_swich", "on_switch")
    for words in ("on_switch", "on_switch="):
        done = lade("load", "--dry-run", "--target", words, path("core_targets.bpf.o"))
        equal(done.code, 1, done)
        contains(done.err, "--target")


@test
def target_of_a_program_that_takes_none_is_refused():
    done = lade("load", "--dry-run", "--json", "--prog", "look", "--target", "look=lo", path("core_live.bpf.o"))
    equal(done.code, 1, done)
    equal(done.codes(), ["plan.target.kind"], done)


@test
def missing_target_names_the_option():
    done = lade("load", "--dry-run", "--json", "--prog", "new_answer", path("core_targets.bpf.o"))
    equal(done.code, 2, done)
    equal(done.codes(), ["plan.target.missing"], done)
    contains(done.findings()[0]["fix"], "--target new_answer=")


@test
def name_that_the_kernel_does_not_have_gets_the_nearest():
    kernel_types()
    done = lade("load", "--dry-run", "--json", "--prog", "misspelt", path("core_targets.bpf.o"))
    equal(done.code, 3, done)
    equal(done.codes(), ["plan.target.unknown"], done)
    contains(done.findings()[0]["fix"], "sched_switch")


@test
def dry_run_shows_what_is_verified_against_what():
    kernel_types()
    done = lade("load", "--dry-run", "--prog", "on_switch", path("core_targets.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "against type id")
    done = lade("load", "--dry-run", "--prog", "new_answer", "--target", "new_answer=17", path("core_targets.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "open program 17, which new_answer is verified against")


@live
def unguarded_field_is_a_verifier_finding_with_its_guard():
    kernel_types()
    done = lade("load", "--json", "--prog", "unguarded", path("core_live.bpf.o"))
    equal(done.code, 4, done)
    equal(done.codes(), ["verifier.core.poisoned"], done)
    finding = done.findings()[0]
    contains(finding["message"], "struct task_struct.never_there")
    contains(finding["fix"], "bpf_core_field_exists")
    equal(pins(), [])


@live
def tracepoint_by_type_is_attached_pinned_and_removed():
    kernel_types()
    done = lade("load", "--json", "--attach", path("core_targets.bpf.o"))
    equal(done.code, 0, done)
    equal([link["method"] for link in done.json()["objects"][0]["links"]], ["tp_btf"])
    assert any(pin.startswith("lade/core_targets/links/on_switch/") for pin in pins()), pins()
    equal(lade("unload", "core_targets").code, 0)
    equal(pins(), [])


@live
def pinned_iterator_is_read_like_a_file():
    kernel_types()
    done = lade("load", "--json", "--attach", "--prog", "each_task", path("core_targets.bpf.o"))
    equal(done.code, 0, done)
    link = done.json()["objects"][0]["links"][0]
    equal(link["method"], "iter")
    pin = [pin for pin in pins() if pin.startswith("lade/core_targets/links/each_task/")][0]
    equal(command("cat", os.path.join("/sys/fs/bpf", pin)).code, 0)
    equal(lade("unload", "core_targets").code, 0)
    equal(pins(), [])


main()
