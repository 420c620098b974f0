# SPDX-License-Identifier: BSD-2-Clause
"""The loaders that are measured: programs of bench/, all with one main() and one clock, all static.

Lade and the distribution's libbpf are built by Meson. Debian's newest libbpf and light skeletons are built here, into
BUILD/bench; what cannot be had is left out, and the bench says why.
"""
import concurrent.futures
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.realpath(__file__))
COMMON = [os.path.join(HERE, name) for name in ("contender.c", "bpf_clock.c")]
FLAGS = ["-O2", "-D_GNU_SOURCE", "-w", f"-I{HERE}", "-Wl,--wrap=syscall", "-static", "-pthread"]


def find_bpftool():
    return shutil.which("bpftool", path=os.environ["PATH"] + ":/usr/sbin")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def last_line(text):
    return (text.strip().splitlines() or ["no message"])[-1]


def newest_libbpf(build):
    """(program, version) or (None, why not)"""
    fetched = run(os.path.join(HERE, "..", "tests", "corpora", "libbpf_newest"))
    if fetched.returncode:
        return None, last_line(fetched.stderr)
    directory = fetched.stdout.strip()
    program = os.path.join(build, "bench", "bench-libbpf-newest")
    done = run("cc", *FLAGS, f"-I{directory}/include", *COMMON, os.path.join(HERE, "with_libbpf.c"),
               f"{directory}/lib/libbpf.a", "-lelf", "-lz", "-o", program)
    return (program, version_of(directory)) if done.returncode == 0 else (None, last_line(done.stderr))


def version_of(directory):
    with open(os.path.join(directory, "lib", "pkgconfig", "libbpf.pc"), encoding="utf-8") as file:
        return next(line.split()[1] for line in file if line.startswith("Version:"))


def distribution_version():
    return run("pkg-config", "--modversion", "libbpf").stdout.strip() or "of the distribution"


def light_skeleton(build, path):
    """The program that is this object's light skeleton; None where bpftool makes none that compiles."""
    directory = os.path.join(build, "bench", "skeletons")
    os.makedirs(directory, exist_ok=True)
    name = os.path.basename(path)
    program, header = (os.path.join(directory, name + ending) for ending in (".bench", ".h"))
    if os.path.exists(program) and os.path.getmtime(program) > os.path.getmtime(path):
        return program
    made = run(find_bpftool(), "gen", "skeleton", "-L", path, "name", "subject")
    if made.returncode:
        return None
    with open(header, "w", encoding="utf-8") as file:
        file.write(made.stdout)
    done = run("cc", *FLAGS, f'-DSKELETON="{header}"', *COMMON, os.path.join(HERE, "with_skeleton.c"), "-o", program)
    return program if done.returncode == 0 else None


def light_skeletons(build, paths):
    """{path: program} of those objects that can be one."""
    if not find_bpftool():
        return {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = zip(paths, pool.map(lambda path: light_skeleton(build, path), paths))
    return {path: program for path, program in made if program}
