#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Broken input: a finding that names the place, the right exit code, and no crash."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import struct  # noqa: E402

from runner.check import command, contains, equal, lade, live, main, path, pins, scratch, test  # noqa: E402


def read(name):
    with open(path(name), "rb") as f:
        return f.read()


def refused(file, code, *words, verb="inspect"):
    """Text and JSON must agree; the message names the file."""
    text, document = lade(verb, file), lade(verb, file, "--json")
    equal((text.code, document.code), (code, code), text)
    equal(document.out, "", document)
    findings = document.findings()
    assert findings, document
    contains(text.err, "error[", os.path.basename(file), *words)
    for finding in findings:
        contains(text.err, finding["code"])
    return findings


def elf_with(content, offset, form, value):
    changed = bytearray(content)
    struct.pack_into(form, changed, offset, value)
    return bytes(changed)


@test
def missing_file():
    contains(refused("/nonexistent/gone.o", 2)[0]["message"], "gone.o")


@test
def directory():
    refused("/tmp", 2)


@test
def empty_file():
    refused(scratch("empty.o"), 2)


@test
def text_file():
    refused(scratch("notes.o", b"this is a text file, not an object\n" * 20), 2)


@test
def truncated_objects_never_crash():
    content = read("exec.bpf.o")
    for length in [*range(0, 128, 7), *range(128, len(content), 211)]:
        done = lade("inspect", scratch("cut.o", content[:length]))
        assert done.code in (0, 2), done
    refused(scratch("cut.o", content[:len(content) // 2]), 2)


@test
def object_of_another_machine():
    source, file = scratch("native.c", b"int main(void) { return 0; }\n"), scratch("native.o")
    equal(command("cc", "-c", source, "-o", file).code, 0)
    refused(file, 2)


@test
def section_headers_beyond_the_file():
    content = read("exec.bpf.o")
    for offset in (len(content), len(content) - 8, 1 << 40, (1 << 64) - 64):
        refused(scratch("beyond.o", elf_with(content, 0x28, "<Q", offset)), 2)


@test
def section_count_beyond_the_file():
    refused(scratch("many.o", elf_with(read("exec.bpf.o"), 0x3C, "<H", 0xFEFF)), 2)


@test
def big_endian_object_is_readable():
    done = lade("inspect", path("cli_shared.eb.o"), "--json")
    equal(done.code, 0, done)
    equal(done.json()["endian"], "big")


@live
def big_endian_object_is_not_loaded():
    contains(str(refused(path("cli_shared.eb.o"), 2, verb="load")), "endian")
    equal(pins(), [])


@live
def unknown_map_type_is_refused():
    findings = refused(path("cli_map999.bpf.o"), lade("load", path("cli_map999.bpf.o")).code, "999", verb="load")
    equal(findings[0]["map"], "future")
    assert lade("load", path("cli_map999.bpf.o")).code in (2, 3)
    equal(pins(), [])


@live
def unknown_section_is_refused():
    refused(path("cli_unknown_section.bpf.o"), 2, "whatever/this_is", verb="load")
    equal(pins(), [])


@live
def missing_license_is_named():
    done = lade("load", path("cli_no_license.bpf.o"), "--json")
    assert done.code in (2, 4), done
    contains(done.err, "icense")
    equal(pins(), [])


@live
def verifier_log_goes_whole_to_the_file_that_is_named():
    name = scratch("whole.log")
    done = lade("load", "--verifier-log", "1:" + name, path("cli_refused.bpf.o"))
    equal(done.code, 4, done)
    with open(name, encoding="utf-8") as file:
        contains(file.read(), "; program count", "R0 invalid mem access", "processed")
    done = lade("load", "--verifier-log", "1:/dev/full", path("cli_shared.bpf.o"))
    equal(done.code, 5, done)
    contains(done.err, "/dev/full")
    equal(lade("unload", "cli_shared").code, 0)


@live
def verifier_rejection_shows_its_last_words():
    findings = refused(path("cli_refused.bpf.o"), 4, "count", verb="load")
    contains(findings[0]["log"], "map_value_or_null")
    equal(findings[0]["program"], "count")
    text = lade("load", path("cli_refused.bpf.o")).err
    contains(text, "map_value_or_null")
    equal(pins(), [])


@live
def of_several_objects_the_good_ones_are_loaded():
    done = lade("load", path("cli_refused.bpf.o"), path("cli_shared.bpf.o"))
    equal(done.code, 7, done)
    equal(lade("unload", "cli_shared").code, 0)
    equal(lade("load", path("cli_refused.bpf.o"), "/nonexistent.o").code, 4)
    equal(pins(), [])


main()
