#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bpf(2) that answers ENOSYS because of a real seccomp filter. (A kernel without it: tests/vm/no_bpf.py.)"""
import ctypes
import os
import platform
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import Skip, contains, equal, lade, live, main, path, pins  # noqa: E402

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # classic instructions
NUMBER, FIRST_ARGUMENT = 0, 16          # offsets in struct seccomp_data
ALLOW, ERRNO = 0x7fff0000, 0x00050000
BPF = {"x86_64": 321, "aarch64": 280}


def filter_of(commands, errnum=38):
    """ENOSYS or another number for bpf(2); of these commands only, or of all (None)."""
    refuse = ERRNO | errnum
    number = BPF.get(platform.machine())
    if number is None:
        raise Skip("the number of bpf(2) on this machine is not known to the test")
    program = [(LOAD, 0, 0, NUMBER)]
    if commands is None:
        program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, refuse)]
    else:
        program += [(EQUAL, 0, len(commands) + 1, number), (LOAD, 0, 0, FIRST_ARGUMENT)]
        program += [(EQUAL, len(commands) - at, 0, command) for at, command in enumerate(commands)]
        program += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, refuse)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program + [(RETURN, 0, 0, ALLOW)])


def filtered(*words, commands=None, errnum=38):
    instructions = filter_of(commands, errnum)
    libc = ctypes.CDLL(None, use_errno=True)

    def install():
        text = ctypes.create_string_buffer(instructions)
        program = struct.pack("HxxxxxxP", len(instructions) // 8, ctypes.addressof(text))
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program):
            os._exit(99)

    return lade(*words, preexec_fn=install)


@live
def a_filter_that_hides_bpf_is_told_from_a_kernel_without_it():
    done = filtered("load", path("cli_shared.bpf.o"))
    equal(done.code, 5, done)
    contains(done.err, "error[kernel.bpf.filtered]: cannot load", "cli_shared.bpf.o", "every command",
             "/proc/filesystems has a line bpf", "Seccomp of /proc/self/status is 2", "seccomp filter", "no line bpf there")
    equal(done.err.count("error["), 1, done)
    equal(pins(), [])


@live
def every_verb_that_loads_says_so():
    for words in (("run", "--for", "1", path("exec.bpf.o")), ("load", "--attach", path("exec.bpf.o")),
                  ("test", path("cli_shared.bpf.o") + ":share")):
        done = filtered(*words, "--json")
        equal(done.code, 5, done)
        equal(done.codes()[0], "kernel.bpf.filtered", done)


@live
def a_filter_of_single_commands_is_one_too():
    done = filtered("load", path("cli_shared.bpf.o"), commands=[0])
    equal(done.code, 5, done)
    contains(done.err, "error[kernel.bpf.filtered]", "ENOSYS to 1 of 9 commands", "BPF_MAP_LOOKUP_ELEM answers EINVAL")


@live
def a_boot_that_loses_a_critical_object_to_it_says_so_in_its_exit_code():
    for name, code in (("android_c48.o", 5), ("boot_places.o", 8)):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(f"{root}/apex/com.android.tethering/etc/bpf")
            shutil.copy(path(name), f"{root}/apex/com.android.tethering/etc/bpf")
            done = filtered("boot", "--android", "14", "--root", root)
            equal(done.code, code, done)
            contains(done.err, "error[kernel.bpf.filtered]", name)
    equal(pins(), [])


@live
def where_bpf_answers_nothing_is_said_of_it():
    done = lade("load", path("cli_map999.bpf.o"))
    equal(done.code, 3, done)
    assert "kernel.bpf" not in done.err, done


@live
def a_filter_that_answers_another_number_is_not_taken_for_the_kernel():
    """Commands that a load makes one after another, each of them refused with numbers that mean something else."""
    words = {0: "BPF_MAP_CREATE", 2: "BPF_MAP_UPDATE_ELEM", 5: "BPF_PROG_LOAD", 6: "BPF_OBJ_PIN", 18: "BPF_BTF_LOAD",
             22: "BPF_MAP_FREEZE", 28: "BPF_LINK_CREATE"}
    for command, name in words.items():
        for errnum, word in ((1, "EPERM"), (13, "EACCES"), (22, "EINVAL"), (12, "ENOMEM")):
            if errnum == 22 and command in (18, 28):
                continue  # then the load goes another way, as on an older kernel
            done = filtered("load", "--attach", path("load_all.bpf.o"), commands=[command], errnum=errnum)
            equal(done.code, 5, done)
            contains(done.err, "error[environment.seccomp]", "SystemCallFilter=bpf",
                     f"a {name} that the kernel could only answer with E2BIG is answered with {word}")
            equal(pins(), [])


main()
