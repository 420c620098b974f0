# SPDX-License-Identifier: BSD-2-Clause
"""A user-mode Linux without bpf(2): built from Debian's linux-source, as small as a machine of ours can be.

Networking selects CONFIG_BPF (the interpreter of socket filters), so CONFIG_BPF_SYSCALL alone is what is missing: the
kernel of the published boot log that ends in -38. It stays in the cache outside of this tree.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess

import debian

PACKAGE, RELEASE = "linux-source-6.1", "bookworm"
BUILD_SECONDS = 3600
# What init, busybox's shell and lade need, and whatever shows in /proc how a kernel refuses.
OPTIONS = """
64BIT BINFMT_ELF BINFMT_SCRIPT BLK_DEV_INITRD RD_GZIP MULTIUSER PRINTK BUG ELF_CORE FUTEX EPOLL SIGNALFD TIMERFD
EVENTFD SHMEM AIO POSIX_TIMERS FILE_LOCKING FSNOTIFY INOTIFY_USER ADVISE_SYSCALLS MEMBARRIER KALLSYMS TTY UNIX98_PTYS
PROC_FS PROC_SYSCTL SYSCTL SYSFS TMPFS DEVTMPFS NAMESPACES UTS_NS IPC_NS USER_NS PID_NS NET_NS SYSVIPC CGROUPS
NET UNIX INET SECCOMP SECCOMP_FILTER STATIC_LINK STDERR_CONSOLE SSL NULL_CHAN PORT_CHAN PTY_CHAN TTY_CHAN FD_CHAN
""".split()
# Nothing of these is compiled for user-mode Linux, but their Kconfig files are read.
NOT_COMPILED = ["drivers/gpu", "drivers/net/ethernet", "drivers/net/wireless", "drivers/media", "drivers/infiniband",
                "drivers/staging", "drivers/scsi", "drivers/usb", "sound", "tools", "Documentation"]


def configuration():
    lines = [f"CONFIG_{name}=y" for name in OPTIONS]
    return "\n".join(lines + ["# CONFIG_BPF_SYSCALL is not set", 'CONFIG_CON_ZERO_CHAN="fd:0,fd:1"',
                              'CONFIG_CON_CHAN="null"', 'CONFIG_SSL_CHAN="null"', ""])


def make(tree, *words):
    done = subprocess.run(["nice", "make", "-s", "-C", tree, "ARCH=um", f"-j{os.cpu_count()}", *words],
                          capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL,
                          timeout=BUILD_SECONDS, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if re.search("error|undefined|No rule", line)] or ["no message"]
        raise debian.Unavailable(f"a kernel cannot be built: {said[0]}")


def unpack(package, tree):
    tarball, = glob.glob(os.path.join(package, "usr", "src", "linux-source-*.tar.xz"))
    os.makedirs(tree)
    debian.run("tar", "-x", "-f", tarball, "-C", tree, "--strip-components=1",
               *[f"--exclude=*/{place}/*.[chS]" for place in NOT_COMPILED])


def build(package, directory):
    """In the cache, beside its place, and moved there whole; the sources go."""
    part = directory + ".part"
    tree = os.path.join(part, "source")
    shutil.rmtree(part, ignore_errors=True)
    unpack(package, tree)
    with open(os.path.join(tree, "wanted.config"), "w", encoding="ascii") as file:
        file.write(configuration())
    make(tree, "KCONFIG_ALLCONFIG=wanted.config", "allnoconfig")
    make(tree, "linux")
    shutil.copy(os.path.join(tree, "linux"), os.path.join(part, "linux"))
    shutil.copy(os.path.join(tree, ".config"), os.path.join(part, "config"))
    with open(os.path.join(tree, "include", "config", "kernel.release"), encoding="ascii") as file:
        shutil.copy(file.name, os.path.join(part, "release"))
    shutil.rmtree(tree)
    os.rename(part, directory)


def kernel():
    """The directory with linux, config and release."""
    for tool in ("make", "gcc", "flex", "bison", "bc", "xz"):
        if not shutil.which(tool):
            raise debian.Unavailable(f"{tool} is not installed")
    package = debian.Release(RELEASE).package(PACKAGE)
    label = hashlib.sha256(configuration().encode()).hexdigest()[:12]
    directory = debian.cache("built", f"uml-nobpf-{os.path.basename(package)}-{label}")
    with debian.locked():
        if not os.path.isdir(directory):
            os.makedirs(os.path.dirname(directory), exist_ok=True)
            build(package, directory)
    return directory


if __name__ == "__main__":
    print(kernel())
