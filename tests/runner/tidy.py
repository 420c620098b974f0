# SPDX-License-Identifier: BSD-2-Clause
"""clang-tidy over src and cli, remembering which files were clean."""
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess


def hash_of(paths):
    digest = hashlib.sha256()
    for path in sorted(paths):
        with open(path, "rb") as f:
            digest.update(path.encode() + b"\0" + f.read())
    return digest.hexdigest()


def headers(root):
    for top in ("include", "src", "cli"):
        for directory, _, names in os.walk(os.path.join(root, top)):
            yield from (os.path.join(directory, name) for name in names if name.endswith(".h"))


def sources(root, build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        found = {os.path.normpath(os.path.join(row["directory"], row["file"])) for row in json.load(f)}
    wanted = tuple(os.path.join(root, top) + os.sep for top in ("src", "cli"))
    return sorted(path for path in found if path.startswith(wanted))


def check(tool, build, path, memory):
    """None when clean, else what clang-tidy says."""
    if os.path.exists(memory):
        return None
    done = subprocess.run([tool, "--quiet", "--extra-arg=-Wno-ignored-optimization-argument", "-p", build, path], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        open(memory, "w", encoding="utf-8").close()
        return None
    return done.stdout + done.stderr


def run(root, build, jobs):
    """(tool found, complaints)"""
    tool = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not tool:
        return False, []
    memory = os.path.join(build, "tidy")
    os.makedirs(memory, exist_ok=True)
    common = hash_of([*headers(root), os.path.join(root, ".clang-tidy")])
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        answers = pool.map(lambda path: check(tool, build, path, os.path.join(
            memory, hashlib.sha256((common + hash_of([path])).encode()).hexdigest())), sources(root, build))
        return True, [answer for answer in answers if answer]
