# SPDX-License-Identifier: BSD-2-Clause
"""A kernel that was built without bpf(2), as the one of the boot log that ends in -38."""
import json

from scenario import NO_BPF, check, contains, equal

EVIDENCE = ["this kernel has no bpf(2)", "built without CONFIG_BPF_SYSCALL", "bpf(2) answers ENOSYS to every command",
            "/proc/filesystems has no line bpf", "/boot/config-", "CONFIG_BPF=y CONFIG_BPF_SYSCALL=y", "seccomp filter"]


def says_absent(result):
    """One error, in this order: what failed, that bpf(2) is absent, how that is known, what to build, and what else it
    could have been."""
    equal(result.err.count("error["), 1, result)
    contains(result.err, "error[kernel.bpf.absent]: cannot ")
    places = [result.err.find(part) for part in EVIDENCE]
    assert -1 not in places and places == sorted(places), (places, result)


@check("uname -r; grep -c bpf /proc/filesystems; ls -d /sys/fs/bpf", needs=NO_BPF)
def the_kernel_that_was_built_has_no_bpf(machine, found):
    equal(found.out.splitlines(), [machine.version, "0"], found)


@check("lade load load_all.bpf.o", "lade load --attach net_device.bpf.o", "lade run load_all.bpf.o",
       "lade load hook_cgroup.bpf.o", needs=NO_BPF)
def every_load_says_that_the_system_call_is_absent_and_what_to_build(machine, load, attached, run, cgroup):
    for result in (load, attached, run, cgroup):
        equal(result.code, 3, result)
        says_absent(result)
    contains(load.err, "needed here besides: CONFIG_BPF_EVENTS")
    contains(cgroup.err, "CONFIG_CGROUP_BPF")


@check("lade load --json load_all.bpf.o", "lade load --json core_live.bpf.o", needs=NO_BPF)
def the_finding_is_the_first_and_only_one(machine, load, core):
    for result in (load, core):
        equal([finding["code"] for finding in json.loads(result.err)["findings"]], ["kernel.bpf.absent"], result)


@check("lade list", "lade inspect load_all.bpf.o >/dev/null", "lade inspect --needs load_all.bpf.o",
       "lade load --dry-run -q load_all.bpf.o", needs=NO_BPF)
def what_needs_no_kernel_works(machine, listed, inspected, needs, dry):
    for result in (listed, inspected, needs, dry):
        equal(result.code, 0, result)
    contains(listed.out + listed.err, "nothing is loaded")


@check("mkdir -p /tmp/image/system/etc/bpf; cp android_b.o /tmp/image/system/etc/bpf/",
       "lade boot --android 12 --root /tmp/image", "lade boot --android 12 --root /tmp/image --json",
       "lade boot --android 12 --root /tmp/image --dry-run", "rm -r /tmp/image", needs=NO_BPF)
def a_boot_ends_in_one_error_that_says_which_options_are_missing(machine, _made, boot, document, dry, _removed):
    assert boot.code != 0, boot
    says_absent(boot)
    contains(boot.err, "of /tmp/image/system/etc/bpf/android_b.o", "needed here besides: ", "CONFIG_BPF_EVENTS")
    equal([finding["code"] for finding in json.loads(document.err)["findings"]], ["kernel.bpf.absent"], document)
    equal(dry.code, 0, dry)
