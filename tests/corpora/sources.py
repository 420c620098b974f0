# SPDX-License-Identifier: BSD-2-Clause
"""Modern objects that others wrote: where they come from, how they are compiled, where they are kept.

The kernel's selftests are compiled from Debian's source package of Linux 6.1, as their own Makefile does it, with a
vmlinux.h of the running kernel. bcc's libbpf-tools come as Debian built them: every one of those programs carries
its object inside, whole. Nothing of this is in our tree; everything is kept in the cache, keyed by what made it.
"""
import concurrent.futures
import glob
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass, field

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "vm"))
import debian  # noqa: E402 pylint: disable=wrong-import-position

KERNEL_BTF = "/sys/kernel/btf/vmlinux"
LINUX_FILES = ["tools/testing/selftests/bpf", "tools/lib/bpf", "tools/include", "tools/arch/x86/include",
               "scripts/bpf_doc.py"]
SELFTESTS = "tools/testing/selftests/bpf"
COMPILE_SECONDS = 120
# The second compiler is for what the first cannot do: what it refuses, enumerators of 64 bits, matching types.
COMPILERS = ("clang-14", "clang-19")
NEWER = re.compile("core_reloc_(enum64val|type_based)")
# -mcpu and atomics as in the selftests' own Makefile
SELFTEST_FLAGS = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-mlittle-endian", "-Wno-everything",
                  "-D__TARGET_ARCH_x86", "-D__x86_64__", "-DENABLE_ATOMICS_TESTS"]
NO_INLINE = {"test_l4lb_noinline", "test_xdp_noinline"}
TOOLS_RELEASES = ("bookworm", "trixie")
EM_BPF = 247
RELOCATION = "^(test|btf_)_core_reloc_"


class Unavailable(debian.Unavailable):
    pass


@dataclass(frozen=True)
class Object:
    path: str
    btf: str = ""  # a file of types that it is relocated against; "": the running kernel's

    @property
    def name(self):
        own, other = (os.path.basename(path).removesuffix(".bpf.o") for path in (self.path, self.btf))
        return f"{own} against {other}" if other else own

    @property
    def options(self):
        return ("--btf", self.btf) if self.btf else ()


@dataclass
class Corpus:
    """Objects of one origin; what did not compile, with the compiler's last word."""
    name: str
    objects: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)

    def note(self):
        names = " ".join(sorted(self.refused))
        return f"{len(self.objects)} objects" + (f"; {len(self.refused)} do not compile: {names}" if names else "")


def digest_of(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:20]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    """Whole or not at all: two runs may make the same file."""
    part = f"{path}.{os.getpid()}.part"
    with open(part, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    os.replace(part, path)


# ---- compiling ----

class Tree:
    """Where selftests are compiled: their tree, and beside it the headers that its build would generate."""

    def __init__(self):
        self.linux = debian.Release("bookworm").source("linux", LINUX_FILES)
        self.compilers = [found for found in map(shutil.which, COMPILERS) if found]
        if not self.compilers:
            raise Unavailable("clang is not installed")
        self.headers = self._headers()
        versions = "".join(debian.run(compiler, "--version") for compiler in self.compilers)
        self.key = digest_of(self.headers, versions, NEWER.pattern, *SELFTEST_FLAGS)
        self.output = debian.cache("objects", "selftests-" + self.key)
        os.makedirs(self.output, exist_ok=True)

    def _headers(self):
        """vmlinux.h and bpf/*.h, named by what they were made from."""
        bpftool = shutil.which("bpftool") or "/usr/sbin/bpftool"
        if not os.path.exists(KERNEL_BTF):
            raise Unavailable("the running kernel has no BTF to make vmlinux.h from")
        directory = debian.cache("headers", digest_of(os.path.basename(self.linux), read(KERNEL_BTF)))
        if os.path.isdir(directory):
            return directory
        part = f"{directory}.{os.getpid()}.part"
        os.makedirs(os.path.join(part, "bpf"))
        write(os.path.join(part, "vmlinux.h"), debian.run(bpftool, "btf", "dump", "file", KERNEL_BTF, "format", "c"))
        for header in glob.glob(os.path.join(self.linux, "tools/lib/bpf/*.h")):
            shutil.copy(header, os.path.join(part, "bpf"))
        write(os.path.join(part, "bpf", "bpf_helper_defs.h"), debian.run(
            sys.executable, os.path.join(self.linux, "scripts/bpf_doc.py"), "--header", "--file",
            os.path.join(self.linux, "tools/include/uapi/linux/bpf.h")))
        try:
            os.rename(part, directory)
        except OSError:  # another run was faster
            shutil.rmtree(part)
        return directory

    def names(self):
        return sorted(os.path.basename(path)[:-2] for path in
                      glob.glob(os.path.join(self.linux, SELFTESTS, "progs", "*.c")))

    def _command(self, compiler, name, output):
        selftests = os.path.join(self.linux, SELFTESTS)
        inline = ["-fno-inline"] if name in NO_INLINE else []
        return [compiler, *SELFTEST_FLAGS, *inline, "-I", self.headers, "-I", selftests,
                "-I", os.path.join(self.linux, "tools/include/uapi"),
                "-idirafter", f"/usr/include/{os.uname().machine}-linux-gnu",
                "-c", os.path.join(selftests, "progs", name + ".c"), "-o", output]

    def compile(self, name):
        """(path, None) or (None, why not)"""
        path, failed = (os.path.join(self.output, name + ending) for ending in (".bpf.o", ".failed"))
        if os.path.exists(path):
            return path, None
        if os.path.exists(failed):
            return None, read(failed).decode()
        part, said = f"{path}.{os.getpid()}.part", ""
        for compiler in reversed(self.compilers) if NEWER.search(name) else self.compilers:
            done = subprocess.run(self._command(compiler, name, part), capture_output=True, text=True, errors="replace",
                                  stdin=subprocess.DEVNULL, timeout=COMPILE_SECONDS, check=False)
            if done.returncode == 0:
                os.replace(part, path)
                return path, None
            errors = re.findall(r"(?:error|ERROR): (.*)", done.stderr) or ["no message"]
            said = f"{os.path.basename(compiler)}: {errors[0]}"
        write(failed, said)
        return None, said


def selftests(pattern=""):
    """The objects of progs/, or of the names in which the pattern is found."""
    corpus, tree = Corpus("selftests"), Tree()
    names = [name for name in tree.names() if re.search(pattern, name)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (path, why) in zip(names, pool.map(tree.compile, names)):
            if path:
                corpus.objects.append(Object(path))
            else:
                corpus.refused[name] = why
    return corpus


def relocated():
    """The selftests of relocation, each against every variant of the types that it was written for."""
    everything = {object_.name: object_.path for object_ in selftests(RELOCATION).objects}
    corpus = Corpus("relocation tests")
    for name, path in everything.items():
        kind = re.fullmatch(r"test_core_reloc_(.*?)(_direct|_probed)?", name)
        for other in sorted(everything) if kind else ():
            if re.fullmatch(rf"btf__core_reloc_{kind.group(1)}(__.*)?", other):
                corpus.objects.append(Object(path, everything[other]))
    return corpus


# ---- objects inside of programs ----

def embedded_objects(data):
    """Every whole ELF file for BPF in these bytes (little-endian, 64 bit, as skeletons carry them)."""
    at = data.find(b"\x7fELF\x02\x01\x01")
    while at >= 0:
        header = data[at:at + 64]
        if len(header) == 64 and struct.unpack_from("<H", header, 18)[0] == EM_BPF:
            sections, = struct.unpack_from("<Q", header, 40)
            size, count = struct.unpack_from("<HH", header, 58)
            end = at + sections + size * count
            if count and end <= len(data):
                yield data[at:end]
        at = data.find(b"\x7fELF\x02\x01\x01", at + 1)


def libbpf_tools(release, only=None, architecture="amd64"):
    """One object for each tool; tools that share one (btrfsdist, ext4dist …) give it once."""
    origin = debian.Release(release, architecture)
    package = origin.package("libbpf-tools")
    output = debian.cache("objects", f"{origin.label}-{os.path.basename(package)}")
    os.makedirs(output, exist_ok=True)
    corpus, seen = Corpus(f"libbpf-tools of {release}"), set()
    for program in sorted(glob.glob(os.path.join(package, "usr/sbin/*"))):
        name = os.path.basename(program).removesuffix("-libbpf")
        if only is not None and name not in only:
            continue
        for number, data in enumerate(embedded_objects(read(program))):
            if data in seen:
                continue
            seen.add(data)
            path = os.path.join(output, f"{name}{number or ''}.bpf.o")
            if not os.path.exists(path):
                write(path, data)
            corpus.objects.append(Object(path))
    if not corpus.objects:
        raise Unavailable(f"libbpf-tools of {release} carry no objects")
    return corpus


def own_objects(build, names="*.bpf.o"):
    corpus = Corpus("our own objects")
    corpus.objects = [Object(path) for directory in ("tests/objects", "examples")
                      for path in sorted(glob.glob(os.path.join(build, directory, names)))]
    return corpus


def corpora(build):
    """(name, function that gives the corpus or raises Unavailable): what is loaded as it is."""
    return [("our own objects", lambda: own_objects(build, "*.o")),
            *((f"libbpf-tools of {release}", lambda release=release: libbpf_tools(release)) for release in TOOLS_RELEASES),
            ("selftests", selftests)]
