#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade diff: two objects, two kernels, two reports."""
import json
import os
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import SOURCE, contains, equal, lade, main, path, scratch, test  # noqa: E402

with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)


def diff(*words, code=0):
    done = lade("diff", "--json", *words)
    equal(done.code, code, done)
    document = done.json()
    jsonschema.Draft202012Validator({"$ref": "#/$defs/diff", "$defs": SCHEMA["$defs"]}).validate(document)
    return document


def changes(document):
    """{(section, name, what): change}"""
    return {(entry["section"], entry["name"], entry["what"]): entry for entry in document["changes"]}


def values(document, *key):
    entry = changes(document)[key]
    return entry["change"], entry["old"], entry["new"]


@test
def an_object_is_the_same_as_itself():
    done = lade("diff", path("check_older.bpf.o"), path("check_older.bpf.o"))
    equal((done.code, done.out), (0, "nothing differs\n"), done)
    document = diff(path("check_older.bpf.o"), path("check_older.bpf.o"))
    equal((document["differ"], document["changes"]), (False, []))
    equal(lade("diff", "--exit-code", path("check_older.bpf.o"), path("check_older.bpf.o")).code, 0)


@test
def maps_programs_instructions_and_needs_of_two_versions_differ():
    document = diff(path("check_older.bpf.o"), path("check_newer.bpf.o"))
    equal(document["kind"], "objects")
    equal(values(document, "map", "counts", "value_size"), ("changed", "4", "8"))
    equal(values(document, "map", "events", None)[0], "added")
    equal(values(document, "program", "gone", None)[0], "removed")
    equal(values(document, "need", "lowest kernel", "kernel")[2], "5.8")
    code = changes(document)["program", "count", "instructions"]
    assert int(code["old"]) < int(code["new"]) and 0 < code["removed"] < code["added"], code
    contains(code["detail"], "- ", "+ ")


@test
def the_other_way_round_everything_is_reversed():
    there = diff(path("check_older.bpf.o"), path("check_newer.bpf.o"))
    back = diff(path("check_newer.bpf.o"), path("check_older.bpf.o"))
    equal(values(back, "map", "events", None)[0], "removed")
    equal(values(back, "program", "gone", None)[0], "added")
    code = changes(back)["program", "count", "instructions"]
    equal((code["removed"], code["added"]), tuple(changes(there)["program", "count", "instructions"][key]
                                                  for key in ("added", "removed")))
    equal(len(there["changes"]), len(back["changes"]))


@test
def text_shows_the_first_instructions_that_differ():
    done = lade("diff", path("check_older.bpf.o"), path("check_newer.bpf.o"))
    equal(done.code, 0, done)
    contains(done.out, "value_size", "4 → 8", "+ map", "events", "- program", "gone", "removed, ", "r1 = map events")
    equal(lade("diff", "--exit-code", path("check_older.bpf.o"), path("check_newer.bpf.o")).code, 1)
    equal(lade("diff", "-q", path("check_older.bpf.o"), path("check_newer.bpf.o")).out, "")


@test
def value_of_a_variable_is_told():
    document = diff(path("rep_one.bpf.o"), path("rep_two.bpf.o"))
    equal(values(document, "variable", "version", "value"), ("changed", "1", "2"))


@test
def every_test_object_differs_from_another_without_harm():
    """Dialects of all kinds against each other; what is not readable is a finding."""
    names = sorted(os.listdir(os.path.dirname(path("load_all.bpf.o"))))
    names = [name for name in names if name.endswith(".o")]
    for first, second in zip(names, names[7:]):
        done = lade("diff", path(first), path(second))
        assert done.code in (0, 2, 3), (first, second, done)  # 3: an Android object that no loader of today may load


@test
def two_releases_differ_in_what_came_between():
    document = diff("5.4", "5.10")
    equal(document["kind"], "kernels")
    equal(values(document, "map type", "ringbuf", None)[0], "added")
    equal(values(document, "helper", "bpf_ringbuf_output", None)[0], "added")
    assert ("map type", "hash", None) not in changes(document), document
    equal(diff("6.1", "6.1")["differ"], False)


@test
def two_configurations_of_one_kernel_differ():
    first = scratch("one.config", b"CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\nCONFIG_HZ=250\n")
    second = scratch("two.config", b"CONFIG_BPF=y\n# CONFIG_BPF_SYSCALL is not set\nCONFIG_NET=y\nCONFIG_HZ=1000\n")
    document = diff(first, second)
    equal(values(document, "config", "CONFIG_BPF_SYSCALL", None), ("removed", "y", None))
    equal(values(document, "config", "CONFIG_HZ", None), ("changed", "250", "1000"))
    assert ("config", "CONFIG_NET", None) not in changes(document), document


@test
def two_reports_of_doctor_are_compared_fact_by_fact():
    report = lade("doctor", "--json").json()
    first = scratch("one.json", json.dumps(report).encode())
    for fact in report["facts"]:
        if (fact["section"], fact["name"]) == ("kernel", "release"):
            fact["value"] = "1.2.3-other"
    second = scratch("two.json", json.dumps(report).encode())
    document = diff(first, second)
    equal(document["kind"], "reports")
    equal([(entry["section"], entry["name"], entry["new"]) for entry in document["changes"]],
          [("kernel", "release", "1.2.3-other")])
    equal(diff(first, first)["differ"], False)


@test
def unlike_things_are_wrong_use():
    done = lade("diff", path("load_all.bpf.o"), "6.1")
    equal((done.code, done.out), (1, ""), done)
    contains(done.err, "two objects or two kernels")
    for words in ((path("load_all.bpf.o"),), ("5.4..5.10", "6.1"), ("6.1", "nonsense")):
        done = lade("diff", *words)
        equal((done.code, done.out), (1, ""), done)


@test
def damaged_objects_are_exit_2():
    with open(path("load_all.bpf.o"), "rb") as file:
        bad = scratch("bad.o", file.read()[:700])
    for words in ((bad, path("load_all.bpf.o")), (path("load_all.bpf.o"), bad), ("/nonexistent.o", path("load_all.bpf.o"))):
        done = lade("diff", "--json", *words)
        equal((done.code, done.out), (2, ""), done)
        assert done.codes()[0].startswith("elf."), done


@test
def a_file_that_is_no_report_is_told():
    for content in (b"{}", b"{\"facts\": 5}", b"[" * 5000, b"\xff\xfe{"):
        wrong = scratch("wrong.json", content)
        done = lade("diff", wrong, wrong)
        assert done.code in (1, 2) and done.err, done


main()
