# SPDX-License-Identifier: BSD-2-Clause
"""Compiles sources against include/lade-bpf, with nothing else on the command line."""
import functools
import os
import shutil
import tempfile

from runner.check import SOURCE, Skip, command

from headers.elf import Object

HEADERS = os.path.join(SOURCE, "include", "lade-bpf")
SOURCES = os.path.join(SOURCE, "tests", "headers", "sources")
WARNINGS = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"]
directory = tempfile.mkdtemp()


def compilers():
    found = [name for name in ("clang-14", "clang-19") if shutil.which(name)]
    if not found:
        raise Skip("no clang-14 or clang-19")
    return found


def try_compile(kind, source, *flags, compiler=None, name=None):
    """(what the compiler did, path of the object)"""
    base = name or os.path.basename(source).removesuffix(".c")
    output = os.path.join(tempfile.mkdtemp(dir=directory), base + ".o")
    done = command(compiler or compilers()[0], "-target", "bpf", "-O2", *WARNINGS, *flags, "-I",
                   os.path.join(HEADERS, kind), "-c", source, "-o", output)
    return done, output


@functools.cache
def compiled(kind, source, *flags, **more):
    """Path of the object of a source in tests/headers/sources."""
    done, output = try_compile(kind, os.path.join(SOURCES, source), *flags, **more)
    assert done.code == 0 and not done.err, f"{source} {flags} does not compile\n{done}"
    return output


@functools.cache
def built(kind, source, *flags, **more):
    return Object(compiled(kind, source, *flags, **more))


def written(text):
    """A source of these words."""
    path = os.path.join(tempfile.mkdtemp(dir=directory), "text.c")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def built_text(kind, text, *flags, **more):
    done, output = try_compile(kind, written(text), *flags, **more)
    assert done.code == 0 and not done.err, f"does not compile: {text}\n{done}"
    return Object(output)


def refused(kind, text, *flags, **more):
    """What the compiler says of a source that it must not take."""
    done, _output = try_compile(kind, written(text), *flags, "-fsyntax-only", **more)
    assert done.code != 0, f"compiles: {text}"
    return done.err


def taken(kind, text, *flags, **more):
    done, _output = try_compile(kind, written(text), *flags, "-fsyntax-only", **more)
    assert done.code == 0 and not done.err, f"does not compile: {text}\n{done}"


def strip(path):
    """Without debugging information, as Android's build leaves objects; the object itself stays as it was."""
    path = shutil.copy(path, tempfile.mkdtemp(dir=directory))
    tool = next((name for name in ("llvm-strip-14", "llvm-strip-19") if shutil.which(name)), None)
    if not tool:
        raise Skip("no llvm-strip")
    done = command(tool, "--strip-debug", path)
    assert done.code == 0, done
    return Object(path)
