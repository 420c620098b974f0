# SPDX-License-Identifier: BSD-2-Clause
"""A machine that boots a kernel of a Debian package, runs some steps and reports what each of them did.

The machine has busybox, the files it is given (with their shared libraries, at the same paths as here), and our init.
It is emulated (QEMU's TCG, or a user-mode Linux); nothing of it touches this machine. What the steps write comes
back over a serial line while they write it; init.c says in which form.
"""
import contextlib
import glob
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

import debian
import modules

HEAD = re.compile(rb"LADE (\d+) (out|err|say|end|off) (\d+)\r?\n")


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
        """A file, or a directory with all that is in it; links are followed."""
        path = path or source
        if os.path.isdir(source):
            self.directory(path)
            for name in sorted(os.listdir(source)):
                self.copy(os.path.join(source, name), os.path.join(path, name))
            return
        with open(source, "rb") as file:
            self.file(path, file.read(), stat.S_IMODE(os.stat(source).st_mode) | 0o444)

    def program(self, source, path=None):
        """A program and the shared libraries that it needs."""
        self.copy(source, path)
        listed = subprocess.run(["ldd", source], capture_output=True, text=True, check=False)
        for library in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", listed.stdout, re.MULTILINE):
            self.copy(library)

    def bytes(self):
        self._entry("TRAILER!!!", 0)
        return b"".join(self.chunks)


class Content:
    """What a machine is given. programs and files: {path in the machine: file here}. Steps are shell scripts.
    wanted_modules are loaded before them; words go to the kernel's command line; memory in MiB. A machine that says
    nothing for `silence` seconds hangs, and is ended."""

    def __init__(self, programs, files, steps, seconds=240, wanted_modules=(), words="", memory=512, processors=2,
                 silence=None):
        self.programs, self.files, self.steps, self.seconds = programs, dict(files), steps, seconds
        self.modules, self.words, self.memory = list(wanted_modules), words, memory
        self.processors, self.silence = processors, silence


def root_file_system(content, loaded):
    archive = Archive()
    for directory in ("/proc", "/sys", "/dev", "/tmp"):
        archive.directory(directory)
    archive.device("/dev/console", 5, 1)
    archive.device("/dev/null", 1, 3)
    for number, (name, module) in enumerate(loaded):
        archive.file(f"/modules/{number:03}-{name}.ko", module)
    for path, source in content.programs.items():
        archive.program(source, path)
    for path, source in content.files.items():
        archive.copy(source, path)
    for number, step in enumerate(content.steps):
        archive.file(f"/steps/{number:03}", step.encode() + b"\n")
    archive.file("/seconds", b"%d\n" % content.seconds)
    return archive.bytes()


# ---- what comes over the line ----


class Report:
    """Takes the line's bytes as they come; listen(step, kind, bytes) hears them at once."""

    def __init__(self, listen=None):
        self.results, self.said, self.listen = [], b"", listen
        self.is_over = False
        self._rest, self._texts = b"", {b"out": b"", b"err": b""}

    def take(self, text):
        self._rest += text
        while (head := HEAD.search(self._rest)) is not None:
            step, kind, number = int(head.group(1)), head.group(2), int(head.group(3))
            length = number if kind in (b"out", b"err", b"say") else 0
            if len(self._rest) < head.end() + length:
                return
            text, self._rest = self._rest[head.end():head.end() + length], self._rest[head.end() + length:]
            if kind == b"end":
                self._end(number)
            elif kind == b"off":
                self.is_over = True
            else:
                self._hear(step, kind, text)

    def _hear(self, step, kind, text):
        if kind == b"say":
            self.said += text + b"\n"
        else:
            self._texts[kind] += text
        if self.listen:
            self.listen(step, kind.decode(), text)

    def _end(self, code):
        texts = [self._texts[kind].decode(errors="replace") for kind in (b"out", b"err")]
        self.results.append(Result(code, *texts))
        self._texts = {b"out": b"", b"err": b""}


# ---- kinds of machine: how to start one, and where its kernel comes from ----


ABILITIES = {
    "has_tracing": "tracepoints, probes, perf events",
    "has_perf_links": "BPF_LINK_CREATE for them: since 5.15",
    "has_enum64": "BTF kinds up to ENUM64: since 6.0",
    "has_module_types": "BTF of modules: since 5.11",
    "has_module_functions": "kfuncs of nf_conntrack: since 5.18",
    "has_variable_types": "per-cpu variables in BTF as Debian builds it",
}


class Machine:
    """One kernel: what it can do, and boot(content) → results of the steps, in order."""

    architecture = "amd64"
    line_modules = []  # what the line of results itself needs
    lacks_bpf = False  # no bpf(2): only the checks about that are for it

    def __init__(self, name, release, words="", **abilities):
        self.name, self.release, self.words = name, debian.Release(release, self.architecture), words
        for word in ABILITIES:
            setattr(self, word, abilities.get(word, False))
        self.version = ""   # what uname -r must say, after boot()
        self.config = None  # the file that says what the kernel was built with
        self.console = ""   # what the kernel printed, and init had to say, after boot()

    def fetch(self):
        """The kernel is there afterwards; sets version and modules."""
        raise NotImplementedError

    def command(self, scratch, initrd, content):
        raise NotImplementedError

    def has_module(self, name):
        self.fetch()
        return self.modules.has(name)

    def boot(self, content, seconds, listen=None):
        self.fetch()
        loaded = self.modules.in_order(self.line_modules + content.modules)
        if self.config:  # where a system has it
            content.files.setdefault(f"/boot/config-{self.version}", self.config)
        image = root_file_system(content, loaded)
        with tempfile.TemporaryDirectory(prefix="lade-vm-") as scratch:
            initrd, report = os.path.join(scratch, "initrd"), Report(listen)
            with open(initrd, "wb") as file:
                file.write(image)
            try:
                self._run(self.command(scratch, initrd, content), report, scratch, seconds, content.silence or seconds)
            finally:
                shutil.rmtree(os.path.join(scratch, "uml"), ignore_errors=True)
            self.console += report.said.decode(errors="replace")
            return report.results

    def _run(self, command, report, scratch, seconds, silence):
        """The machine's serial line is a socket; its console goes to standard output."""
        with open(os.path.join(scratch, "console"), "w+b") as console:
            here, there = socket.socketpair()
            with here:
                with there:
                    process = subprocess.Popen(with_line(command, there.fileno()), stdin=subprocess.DEVNULL,
                                               stdout=console, stderr=subprocess.STDOUT, pass_fds=[there.fileno()],
                                               start_new_session=True)
                try:
                    why = listen_until_end(here, report, process, seconds, silence)
                    if why:
                        console.seek(0, os.SEEK_END)
                        console.write(f"\n(killed: {why})\n".encode())
                finally:
                    kill_group(process)
            console.seek(0)
            self.console = console.read().decode(errors="replace")


def listen_until_end(line, report, process, seconds, silence):
    """None, or why it had to end before it had turned itself off. The line ends with the machine's last process."""
    now = heard = time.monotonic()
    deadline = now + seconds
    while now < min(deadline, heard + silence):
        if select.select([line], [], [], 0.5)[0]:
            heard = time.monotonic()
            try:
                text = line.recv(1 << 20)
            except ConnectionResetError:  # it ended without having read our answer
                return None
            if not text:
                return None
            report.take(text)
            if report.is_over:
                answer(line)
        elif process.poll() is not None:
            return None
        now = time.monotonic()
    return f"the machine did not turn itself off in {seconds} s" if now >= deadline else f"silent for {silence} s"


def answer(line):
    """All has come: the machine may turn itself off. A virtual port would lose what is still on its way."""
    with contextlib.suppress(OSError):
        line.send(b"\n")


def with_line(command, descriptor):
    """The machine ends with this process, however that ends."""
    return ["setpriv", "--pdeathsig", "KILL", *(word.replace("@LINE@", str(descriptor)) for word in command)]


def kill_group(process):
    """The machine and what it started: a user-mode Linux is many processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Emulated(Machine):
    """A kernel of a linux-image package under QEMU. Newer releases split it into several packages."""

    emulator = ["qemu-system-x86_64"]
    # Without cmpxchg16b: QEMU 7.2 damages the flags with it, and kernels since 6.x panic at random.
    processor = ["-cpu", "max,-cx16"]
    console_words = "console=ttyS0 mitigations=off"
    package = "qemu-system-x86"
    # A virtio port: 8 MB take 0.3 s, over the emulated serial port 35.
    line_modules = ["virtio_pci", "virtio_console"]

    def fetch(self):
        family = f"cloud-{self.architecture}"
        image = self.release.depends(f"linux-image-{family}", rf"linux-image-\d[\w.+~-]*-{family}")
        parts = [image, *self.release.all_depends(image, r"linux-(?:base|binary|modules)-\d[\w.+~-]*")]
        unpacked = [self.release.package(part) for part in parts]
        self.version = image.split("-", 2)[2]
        trees = [os.path.join(part, where, self.version)
                 for part in unpacked for where in ("lib/modules", "usr/lib/modules")]
        places = [os.path.join(part, "boot", f"vmlinuz-{self.version}") for part in unpacked]
        self.kernel, = filter(os.path.exists, places + [os.path.join(tree, "vmlinuz") for tree in trees])
        self.modules = modules.Modules(trees)
        configs = [os.path.join(part, "boot", f"config-{self.version}") for part in unpacked]
        self.config = next(filter(os.path.isfile, configs + [os.path.join(tree, "config") for tree in trees]), None)

    def command(self, scratch, initrd, content):
        qemu = shutil.which(self.emulator[0])
        if not qemu:
            raise debian.Unavailable(f"{self.emulator[0]} is not installed (package {self.package})")
        return [qemu, *self.emulator[1:], "-accel", "tcg,thread=single", *self.processor, "-smp",
                str(content.processors), "-m", str(content.memory), "-nodefaults", "-display", "none", "-no-reboot", "-kernel", self.kernel, "-initrd",
                initrd, "-append",
                f"{self.console_words} panic=-1 quiet nokaslr lade.line=vport0p1 {self.words} {content.words}",
                "-serial", "stdio", "-chardev", "socket,id=line,fd=@LINE@", "-device", "virtio-serial-pci",
                "-device", "virtserialport,chardev=line,nr=1"]


class Arm(Emulated):
    """The same for arm64."""

    architecture = "arm64"
    emulator = ["qemu-system-aarch64", "-M", "virt,gic-version=3"]
    processor = ["-cpu", "cortex-a57"]
    console_words = "console=ttyAMA0"
    package = "qemu-system-arm"


class UserMode(Machine):
    """Debian's user-mode Linux: no BTF, no just-in-time compiler, no tracing."""

    def fetch(self):
        self.unpacked = self.release.package("user-mode-linux")
        tree, = glob.glob(os.path.join(self.unpacked, "usr", "lib", "uml", "modules", "*"))
        self.version, self.modules = os.path.basename(tree), modules.Modules([tree])
        self.linux = os.path.join(self.unpacked, "usr", "bin", "linux.uml")

    def command(self, scratch, initrd, content):
        # A new process has the address space of another one, and no place for what glibc would register.
        return ["env", "GLIBC_TUNABLES=glibc.pthread.rseq=0", self.linux, f"initrd={initrd}", "rdinit=/init",
                f"mem={content.memory}M", f"uml_dir={scratch}/uml", "con=null", "con0=null,fd:1", "ssl=null",
                "ssl1=null,fd:@LINE@", "panic=-1", "quiet", "lade.line=ttyS1", *content.words.split()]


class BuiltUserMode(UserMode):
    """One that was built here without CONFIG_BPF_SYSCALL: build() gives a directory with linux, config and release."""

    lacks_bpf = True

    def __init__(self, name, release, build):
        super().__init__(name, release)
        self.build = build

    def fetch(self):
        directory = self.build()
        self.linux, self.config = os.path.join(directory, "linux"), os.path.join(directory, "config")
        with open(os.path.join(directory, "release"), encoding="ascii") as file:
            self.version = file.read().strip()
        self.modules = modules.Modules([])
