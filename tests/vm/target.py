# SPDX-License-Identifier: BSD-2-Clause
"""What is taken out of a kernel's image is what the booted kernel says of itself: release, types, symbols."""
import hashlib
import os
import subprocess
import sys
import tempfile

from scenario import Skip, check, equal


def facts_program():
    for word in sys.argv[1:]:
        program = os.path.join(word, "tests", "target", "kernel-facts")
        if os.access(program, os.X_OK):
            return program
    raise Skip("tests/target/kernel-facts is not built")


def taken_out(machine):
    """{name: bytes} of the image that was booted."""
    if not getattr(machine, "kernel", None):
        raise Skip("this kernel is no image, but a program")
    with tempfile.TemporaryDirectory(prefix="lade-facts-") as scratch:
        subprocess.run([facts_program(), machine.kernel, scratch], check=True)
        found = {}
        for name in os.listdir(scratch):
            with open(os.path.join(scratch, name), "rb") as file:
                found[name] = file.read()
        return found


@check("uname -r; uname -m", "sha256sum </sys/kernel/btf/vmlinux")
def image_has_the_release_machine_and_types_of_the_booted_kernel(machine, uname, types):
    found = taken_out(machine)
    equal([found["release"].decode(), found["machine"].decode()], uname.out.split())
    equal(hashlib.sha256(found["btf"]).hexdigest(), types.out.split()[0])


@check("awk 'NF == 3 { print $3 }' /proc/kallsyms | sort -u | sha256sum; awk 'NF == 3' /proc/kallsyms | wc -l")
def image_has_the_symbols_of_the_booted_kernel(machine, symbols):
    names = taken_out(machine)["symbols"].split()
    if not names:
        raise Skip("the image has no table of symbols")
    digest, _, count = symbols.out.split()
    equal(len(names), int(count))
    equal(hashlib.sha256(b"".join(name + b"\n" for name in sorted(set(names)))).hexdigest(), digest)
