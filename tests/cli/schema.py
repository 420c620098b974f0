#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every document of the command fits docs/schema/lade-1.schema.json."""
import json
import os
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import SOURCE, equal, lade, live, main, path, test  # noqa: E402

with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)


def fits(kind, document):
    """One definition of the schema, not any of them: else a load could pass for a list."""
    schema = {"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(document)


@test
def the_schema_itself_is_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@test
def the_schema_refuses_what_is_not_a_document():
    for wrong in ({}, {"schema": "lade/2", "ok": False, "findings": []}, {"schema": "lade/1", "ok": False}):
        try:
            fits("failure", wrong)
        except jsonschema.ValidationError:
            continue
        raise AssertionError(f"passed: {wrong}")


@test
def inspect_fits():
    for name in ("load_all.bpf.o", "dia_prefix_kern.o", "dia_tail_kern.o", "elf_basic.eb.o", "dia_needs.bpf.o",
                 "android_filters.o", "android_e.o", "android_a.o"):
        done = lade("inspect", "--json", "--sections", path(name))
        equal(done.code, 0, done)
        fits("inspect", done.json())


@test
def inspect_of_several_fits():
    fits("inspect_several", lade("inspect", "--json", path("load_all.bpf.o"), path("dia_tail_kern.o")).json())


@test
def failures_fit():
    done = lade("inspect", "--json", "/etc/passwd")
    equal(done.code, 2, done)
    fits("failure", json.loads(done.err))


@test
def dry_run_fits():
    fits("load", lade("load", "--dry-run", "--json", path("load_all.bpf.o")).json())


@live
def load_list_and_show_fit():
    done = lade("load", "--json", "--attach", path("load_all.bpf.o"))
    equal(done.code, 0, done)
    fits("load", done.json())
    fits("list", lade("list", "--json").json())
    fits("list", lade("show", "--json", "load_all").json())
    equal(lade("unload", "load_all").code, 0)


@live
def a_rejection_fits():
    done = lade("load", "--json", path("cli_refused.bpf.o"))
    equal(done.code, 4, done)
    fits("failure", json.loads(done.err))


@live
def run_prints_one_document_a_line():
    done = lade("run", "--json", "--for", "1", path("load_all.bpf.o"))
    equal(done.code, 0, done)
    fits("run_end", json.loads(done.err.splitlines()[-1]))
    for line in done.out.splitlines():
        fits("record", json.loads(line))


@live
def maps_and_test_runs_fit():
    done = lade("load", "-q", path("map_all.bpf.o"))
    equal(done.code, 0, done)
    for kind, *words in (("map_list", "map", "list", "map_all"),
                         ("map_set", "map", "set", "map_all/table", "pid=1", "hits=2"),
                         ("map_get", "map", "get", "map_all/table", "pid=1"),
                         ("map_dump", "map", "dump", "map_all/table"),
                         ("map_dump", "map", "dump", "map_all/per_cpu"), ("map_dump", "map", "dump", "map_all/calls"),
                         ("map_set", "map", "del", "map_all/table", "pid=1"), ("test", "test", "map_all/drop")):
        fits(kind, lade(*words, "--json").json())
    equal(lade("unload", "map_all").code, 0)


main()
