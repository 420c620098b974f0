# SPDX-License-Identifier: BSD-2-Clause
"""Kernels that can be booted here, and how to run one command in one of them.

    import guest
    result = guest.execute("6.12", "cd /judge && ./judge *.o", put={"/judge": "/tmp/judge-and-objects"})
    result.code, result.out, result.err, result.version

put: {path in the machine: file or directory here}, copied into its memory; programs: the same for programs, which
bring their shared libraries with them. modules: kernel modules to load (veth, tun, nf_conntrack …). words: more
words for the kernel's command line. silence: seconds without a word after which the machine is ended.
listen(step, kind, bytes) hears at once what the command writes.
A kernel that cannot be had raises debian.Unavailable, which says why; a machine that stops early raises Stopped.
"""
import os
import platform
import tempfile
import threading

import debian
import machine
import nobpf_kernel

HERE = os.path.dirname(os.path.realpath(__file__))
OWN_RELEASE = "bookworm"  # busybox comes from here
# Where the demo of a machine that refuses bpf(2) runs.
DEMO_KERNELS = {"amd64": "6.1", "arm64": "arm64"}
COMPILERS = {"amd64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc"}
BOOT_SECONDS = 60
COMPILING = threading.Lock()  # two machines may be prepared at once


class Stopped(Exception):
    pass


def kernels():
    """What each can do, as far as the checks ask."""
    able = {word: True for word in machine.ABILITIES}
    # Its own choice of security modules leaves BPF out.
    security = "lsm=lockdown,yama,apparmor,bpf"
    return [
        machine.Emulated("5.10", "bullseye", has_tracing=True, words=security),
        machine.Emulated("6.1", "bookworm", **able),
        machine.Emulated("6.12", "trixie", **able),
        # Without cmpxchg16b (machine.py) kmalloc_nolock() gives nothing, nor do arenas, but from caches that are checked.
        machine.Emulated("newest", "sid", words="slab_debug=F,kmalloc-*", **able),
        machine.Arm("arm64", "trixie", **able),
        machine.UserMode("uml-6.1", "bookworm", has_enum64=True),
        machine.BuiltUserMode("uml-nobpf", "bookworm", nobpf_kernel.kernel),
    ]


def kernel(name):
    for target in kernels():
        if target.name == name:
            return target
    raise KeyError(f"no kernel {name}: there are {', '.join(target.name for target in kernels())}")


def own_architecture():
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def compile_static(architecture, source, scratch):
    """One of this directory's small programs, for a machine without libraries."""
    own = architecture == own_architecture()
    output = os.path.join(scratch, f"{os.path.basename(source)[:-2]}-{architecture}")
    with COMPILING:
        if not os.path.exists(output):
            debian.run("cc" if own else COMPILERS[architecture], "-O2", "-static", "-D_GNU_SOURCE", "-o", output,
                       os.path.join(HERE, source))
    return output


def essentials(architecture, scratch):
    """{path in the machine: program here}: what every machine has."""
    busybox = debian.Release(OWN_RELEASE, architecture).package("busybox-static")
    return {"/init": compile_static(architecture, "init.c", scratch),
            "/bin/census": compile_static(architecture, "census.c", scratch),
            "/bin/flags": compile_static(architecture, "flags.c", scratch),
            "/bin/busybox": os.path.join(busybox, "bin", "busybox")}


def execute(name, command, put=None, programs=None, modules=(), words="", memory=512, seconds=600, listen=None,
            processors=2, silence=None):
    target = kernel(name)
    with tempfile.TemporaryDirectory(prefix="lade-vm-") as scratch:
        programs = {**(programs or {}), **essentials(target.architecture, scratch)}
        content = machine.Content(programs, put or {}, [command], seconds, modules, words, memory, processors, silence)
        results = target.boot(content, seconds + BOOT_SECONDS, listen)
    if not results:
        raise Stopped(f"the machine with {target.name} stopped early:\n{target.console[-3000:]}")
    results[0].version, results[0].console = target.version, target.console
    return results[0]
