# SPDX-License-Identifier: BSD-2-Clause
"""Tests of the command as TAP: functions marked @test, or @live when they need root and bpf(2)."""
import json
import os
import subprocess
import sys
import tempfile
import traceback

LADE = os.environ.get("LADE", "build/lade")
BUILD = os.environ.get("BUILD", "build")
SOURCE = os.environ.get("SOURCE", ".")
OBJECTS = os.path.join(BUILD, "tests", "objects")
EXAMPLES = os.path.join(BUILD, "examples")
BPFFS = "/sys/fs/bpf"
tests = []


class Skip(Exception):
    pass


class Done:
    """What a command did."""

    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"

    def json(self):
        return json.loads(self.out)

    def findings(self):
        """Of a failure with --json: the document on stderr."""
        document = json.loads(self.err)
        assert document["schema"] == "lade/1" and document["ok"] is False, document
        return document["findings"]

    def codes(self):
        return [finding["code"] for finding in self.findings()]


def sanitizer():
    """Of the build directory: "none", "address,undefined", "thread"."""
    options = json.loads(command("meson", "introspect", "--buildoptions", BUILD).out)
    return next(option["value"] for option in options if option["name"] == "b_sanitize")


def test(function):
    tests.append(function)
    return function


def live(function):
    def wrapped():
        if not may_bpf():
            raise Skip("needs root and bpf(2)")
        function()
    wrapped.__name__ = function.__name__
    tests.append(wrapped)
    return wrapped


def may_bpf():
    """Root with a bpffs of its own, which tests/run makes."""
    return os.geteuid() == 0 and "LADE_ISOLATED" in os.environ


def command(*words, env=None, timeout=60, **more):
    return Done(subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=timeout, check=False,
                               env={**os.environ, **(env or {})}, **more))


def lade(*words, **more):
    done = command(LADE, *words, **more)
    assert done.code >= 0, f"killed by signal {-done.code}\n{done}"
    assert "Sanitizer" not in done.err and "runtime error" not in done.err, done
    return done


def path(name):
    """A test object, or an example."""
    for directory in (OBJECTS, EXAMPLES):
        found = os.path.join(directory, name)
        if os.path.exists(found):
            return found
    raise Skip(f"{name} was not built")


def equal(found, wanted, what=""):
    assert found == wanted, f"{found!r} instead of {wanted!r}\n{what}"


def contains(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is missing in:\n{text}"


def pins():
    """Everything below bpffs but the kernel's own iterators."""
    found = {os.path.relpath(os.path.join(top, name), BPFFS)
             for top, directories, files in os.walk(BPFFS) for name in directories + files}
    return sorted(found - {"progs.debug", "maps.debug"})


def scratch(name, content=b""):
    """A file with these bytes in a directory that the runner removes."""
    file = os.path.join(tempfile.mkdtemp(), name)
    with open(file, "wb") as f:
        f.write(content)
    return file


def comment(text):
    for line in str(text).splitlines():
        print("# " + line)


def main():
    print(f"1..{len(tests)}")
    failed = 0
    for number, function in enumerate(tests, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print(f"ok {number} - {name}")
        except Skip as skip:
            print(f"ok {number} - {name} # SKIP {skip}")
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            comment(traceback.format_exc() if not isinstance(error, AssertionError) else
                    traceback.format_exc(limit=-2))
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
