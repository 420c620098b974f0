# SPDX-License-Identifier: BSD-2-Clause
"""The objects that are measured: our own, and where they can be had those of the kernel's selftests and of bcc.

Each comes with its floor: the system calls of its load, captured once (recording.h).
"""
import concurrent.futures
import glob
import json
import os
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "corpora"))
sys.dont_write_bytecode = True

# Not of the road that libbpf knows, or slow for the sake of being slow.
NOT_MEASURED = ("android_", "tc_", "old_", "cli_slow")
TYPES_BY_NAME = {"tracing", "lsm", "ext", "struct_ops"}  # program types that attach to something of the kernel's BTF


@dataclass
class Subject:
    path: str
    recording: str      # of its floor
    needs_kernel: bool  # kernel BTF, to be loaded
    own: bool           # of Lade's tests, examples and bench
    programs: int

    @property
    def name(self):
        return os.path.basename(self.path)


def own_objects(build):
    return [path for directory in ("examples", "tests/objects", "bench")
            for path in sorted(glob.glob(os.path.join(build, directory, "*.o")))
            if not os.path.basename(path).startswith(NOT_MEASURED)]


def foreign_objects():
    """(objects, what is missing and why)"""
    try:
        import sources  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        return [], [f"tests/corpora: {error}"]
    objects, missing = [], []
    for name, fetch in (("libbpf-tools", lambda: sources.libbpf_tools("bookworm")), ("selftests", sources.selftests)):
        try:
            objects += [found.path for found in fetch().objects]
        except (sources.debian.Unavailable, OSError) as error:
            missing.append(f"{name}: {error}")
    return objects, missing


def inspect(lade, path):
    done = subprocess.run([lade, "inspect", "--json", path], capture_output=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def loaded_programs(info):
    return [program for program in info["programs"] if program["autoload"] and not program["skip"]]


def needs_kernel(info):
    programs = loaded_programs(info)
    symbols = [extern for extern in info["externs"] if extern["section"] == ".ksyms"]
    return bool(symbols) or any(program["core_relocations"] or program["type"] in TYPES_BY_NAME for program in programs)


class Corpus:
    def __init__(self, build, scratch):
        self.build, self.scratch = build, scratch
        self.lade = os.path.join(build, "lade")

    def subject(self, path):
        """None: Lade does not load it here, or there is nothing in it to load (only types, or only SEC("?…"))."""
        recording = os.path.join(self.scratch, path.replace("/", "_") + ".floor")
        capture = os.path.join(self.build, "bench", "bench-capture")
        if subprocess.run([capture, path, recording], capture_output=True, check=False).returncode:
            return None
        info = inspect(self.lade, path)
        if not info or not (info["maps"] or loaded_programs(info)):
            return None
        own = os.path.realpath(path).startswith(os.path.realpath(self.build) + os.sep)
        return Subject(path, recording, needs_kernel(info), own, len(info["programs"]))

    def subjects(self, paths):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return [subject for subject in pool.map(self.subject, paths) if subject]
