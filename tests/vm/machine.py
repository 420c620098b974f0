# SPDX-License-Identifier: BSD-2-Clause
"""A machine that boots a kernel of a Debian package, runs some steps and reports what each of them did.

The machine has busybox, the files it is given (with their shared libraries, at the same paths as here), and init.
It is emulated (QEMU's TCG, or a user-mode Linux); nothing of it touches this machine.
"""
import base64
import glob
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile

import debian

HERE = os.path.dirname(os.path.realpath(__file__))
STEP = re.compile(rb"LADE-STEP (\d+) (\d+) (\S*)= (\S*)=\r?$", re.MULTILINE)


class Result:
    """What one step did."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


# ---- the initial root file system: cpio, "newc" ----


class Archive:
    def __init__(self):
        self.chunks, self.paths = [], set()

    def _entry(self, path, mode, content=b"", device=(0, 0)):
        name = path.strip("/").encode() + b"\0"
        fields = [len(self.chunks) + 1, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name), 0]
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
        self.chunks += [head + b"\0" * (-len(head) % 4), content + b"\0" * (-len(content) % 4)]

    def directory(self, path):
        if path in self.paths or path in ("", "/"):
            return
        self.directory(os.path.dirname(path))
        self.paths.add(path)
        self._entry(path, stat.S_IFDIR | 0o755)

    def file(self, path, content, mode=0o644):
        if path in self.paths:
            return
        self.directory(os.path.dirname(path))
        self.paths.add(path)
        self._entry(path, stat.S_IFREG | mode, content)

    def device(self, path, major, minor):
        self.directory(os.path.dirname(path))
        self._entry(path, stat.S_IFCHR | 0o600, device=(major, minor))

    def copy(self, source, path=None):
        with open(source, "rb") as file:
            self.file(path or source, file.read(), stat.S_IMODE(os.stat(source).st_mode) | 0o444)

    def program(self, source, path=None):
        """A program and the shared libraries that it needs."""
        self.copy(source, path)
        listed = subprocess.run(["ldd", source], capture_output=True, text=True, check=False)
        for library in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", listed.stdout, re.MULTILINE):
            self.copy(library)

    def bytes(self):
        self._entry("TRAILER!!!", 0)
        return b"".join(self.chunks)


def root_file_system(busybox, programs, files, steps, seconds):
    """programs and files: {path in the machine: file here}. Steps are shell scripts."""
    archive = Archive()
    for directory in ("/proc", "/sys", "/dev", "/tmp"):
        archive.directory(directory)
    archive.device("/dev/console", 5, 1)
    archive.device("/dev/null", 1, 3)
    archive.copy(busybox, "/bin/busybox")
    archive.copy(os.path.join(HERE, "init"), "/init")
    for path, source in programs.items():
        archive.program(source, path)
    for path, source in files.items():
        archive.copy(source, path)
    for number, step in enumerate(steps):
        archive.file(f"/steps/{number:03}", step.encode() + b"\n")
    archive.file("/seconds", b"%d\n" % seconds)
    return archive.bytes()


# ---- kinds of machine: how to start one, and where its kernel comes from ----


class Machine:
    """One kernel: what it can do, and boot(root file system) → results of the steps, in order."""

    def __init__(self, name, release, has_tracing, has_perf_links, has_enum64):
        self.name, self.release = name, debian.Release(release)
        self.has_tracing = has_tracing        # tracepoints, probes, perf events
        self.has_perf_links = has_perf_links  # BPF_LINK_CREATE for them: since 5.15
        self.has_enum64 = has_enum64          # BTF kinds up to ENUM64: since 6.0
        self.version = ""   # what uname -r must say, after boot()
        self.console = ""   # what the kernel printed, after boot()

    def command(self, scratch, initrd):
        raise NotImplementedError

    def boot(self, image, seconds):
        with tempfile.TemporaryDirectory(prefix="lade-vm-") as scratch:
            initrd, said = os.path.join(scratch, "initrd"), os.path.join(scratch, "line")
            with open(initrd, "wb") as file:
                file.write(image)
            command = self.command(scratch, initrd)
            try:
                self._run(command, said, scratch, seconds)
            finally:
                shutil.rmtree(os.path.join(scratch, "uml"), ignore_errors=True)
            with open(said, "rb") as file:
                return [result_of(match) for match in STEP.finditer(file.read())]

    def _run(self, command, said, scratch, seconds):
        """The machine's serial line is descriptor 3; its console goes to standard output."""
        with open(said, "wb") as line, open(os.path.join(scratch, "console"), "w+b") as console:
            process = subprocess.Popen(with_line(command, line.fileno()), stdin=subprocess.DEVNULL, stdout=console,
                                       stderr=subprocess.STDOUT, pass_fds=[line.fileno()], start_new_session=True)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                console.write(b"\n(killed: the machine did not turn itself off in %d s)\n" % seconds)
            finally:
                kill_group(process)
            console.seek(0)
            self.console = console.read().decode(errors="replace")


def with_line(command, descriptor):
    """The machine ends with this process, however that ends."""
    return ["setpriv", "--pdeathsig", "KILL", *(word.replace("@LINE@", str(descriptor)) for word in command)]


def kill_group(process):
    """The machine and what it started: a user-mode Linux is many processes."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def result_of(match):
    _number, code, out, err = match.groups()
    return Result(int(code), *(base64.b64decode(text).decode(errors="replace") for text in (out, err)))


class Emulated(Machine):
    """A kernel of a linux-image package under QEMU."""

    def command(self, scratch, initrd):
        qemu = shutil.which("qemu-system-x86_64")
        if not qemu:
            raise debian.Unavailable("qemu-system-x86_64 is not installed (tools/vm-packages.txt)")
        package = self.release.depends("linux-image-cloud-amd64", r"linux-image-\d[\w.+~-]*-cloud-amd64")
        kernel, = glob.glob(os.path.join(self.release.package(package), "boot", "vmlinuz-*"))
        self.version = os.path.basename(kernel).split("-", 1)[1]
        # Without cmpxchg16b: QEMU 7.2 damages the flags with it, and kernels since 6.x panic at random.
        return [qemu, "-accel", "tcg,thread=multi", "-cpu", "max,-cx16", "-smp", "2", "-m", "512", "-nodefaults", "-display",
                "none", "-no-reboot", "-kernel", kernel, "-initrd", initrd, "-append",
                "console=ttyS0 panic=-1 quiet mitigations=off nokaslr lade.line=ttyS1",
                "-serial", "stdio", "-add-fd", "fd=@LINE@,set=1",
                "-chardev", "file,id=line,path=/dev/fdset/1", "-serial", "chardev:line"]


class UserMode(Machine):
    """Debian's user-mode Linux: no BTF, no just-in-time compiler, no tracing."""

    def command(self, scratch, initrd):
        package = self.release.package("user-mode-linux")
        modules, = glob.glob(os.path.join(package, "usr", "lib", "uml", "modules", "*"))
        self.version = os.path.basename(modules)
        return [os.path.join(package, "usr", "bin", "linux.uml"), f"initrd={initrd}", "rdinit=/init", "mem=512M",
                f"uml_dir={scratch}/uml", "con=null", "con0=null,fd:1", "ssl=null", "ssl1=null,fd:@LINE@",
                "panic=-1", "quiet", "lade.line=ttyS1"]
