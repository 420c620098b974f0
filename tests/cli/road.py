#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The whole road: load, list, show, unload, run."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import json  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from runner.check import BPFFS, LADE, contains, equal, lade, live, main, path, pins, test  # noqa: E402


def load(*words):
    done = lade("load", *words)
    equal(done.code, 0, done)
    return done


def unload(*names):
    done = lade("unload", *names)
    equal(done.code, 0, done)
    equal(pins(), [])


@test
def inspect_is_one_json_document():
    document = lade("inspect", path("exec.bpf.o"), "--json").json()
    equal(document["schema"], "lade/1")
    equal(document["dialect"], "btf")
    equal([program["attach_target"] for program in document["programs"]], ["sched/sched_process_exec"])
    assert {"events", "executions"} <= {entry["name"] for entry in document["maps"]}, document
    equal(json.loads(lade("inspect", path("exec.bpf.o"), "--pretty").out), document)


@test
def samples_object_is_recognised():
    document = lade("inspect", path("lifetime_kern.o"), "--json").json()
    equal(document["dialect"], "samples")
    equal([entry["name"] for entry in document["maps"]], ["started", "lifetimes"])
    equal([program["type"] for program in document["programs"]], ["tracepoint", "tracepoint"])


@test
def sections_are_all_shown():
    text = lade("inspect", path("exec.bpf.o"), "--sections").out
    contains(text, ".maps", "tracepoint/sched/sched_process_exec", ".BTF.ext", "license")


@live
def nothing_is_loaded_at_first():
    done = lade("list")
    equal((done.code, done.out), (0, ""), done)
    equal(lade("list", "--json").json()["instances"], [])


@live
def loaded_object_is_listed_shown_and_removed():
    load(path("exec.bpf.o"))
    listed = lade("list", "--json").json()["instances"]
    equal([(entry["name"], entry["state"]) for entry in listed], [("exec", "loaded")])
    shown = lade("show", "exec", "--json").json()["instances"][0]
    equal(shown["programs"][0]["name"], "on_exec")
    events = next(entry for entry in shown["maps"] if entry["name"] == "events")
    equal((events["type"], events["max_entries"]), ("ringbuf", 256 * 1024))
    contains(lade("show", "exec").out, "on_exec", "events", "ringbuf", "executions")
    assert os.path.exists(events["pin_path"]) and os.path.exists(f"{BPFFS}/lade/exec/progs/on_exec")
    unload("exec")


@live
def samples_object_goes_the_same_road():
    load(path("lifetime_kern.o"))
    shown = lade("show", "lifetime_kern", "--json").json()["instances"][0]
    equal(sorted(entry["name"] for entry in shown["maps"]), ["lifetimes", "started"])
    unload("lifetime_kern")


@live
def name_option_decides():
    load(path("exec.bpf.o"), "--name", "audit")
    contains(lade("list").out, "audit")
    unload("audit")


@live
def loaded_name_is_a_conflict():
    load(path("exec.bpf.o"))
    done = lade("load", path("exec.bpf.o"))
    equal(done.code, 6, done)
    contains(done.err, "--name", "lade unload")
    unload("exec")


@live
def map_is_resized_and_variable_set():
    load(path("exec.bpf.o"), "--max-entries", "executions=7", "--set", "only_uid=1")
    shown = lade("show", "exec", "--json").json()["instances"][0]
    equal([entry["max_entries"] for entry in shown["maps"] if entry["name"] == "executions"], [7])
    unload("exec")


@live
def unknown_map_and_variable_are_named():
    for words in (["--max-entries", "no_such=7"], ["--set", "no_such=1"]):
        done = lade("load", path("exec.bpf.o"), *words)
        assert done.code in (1, 2), done
        contains(done.err, "no_such")
    equal(pins(), [])


@live
def dry_run_changes_nothing():
    done = load(path("exec.bpf.o"), "--dry-run")
    contains(done.out.lower(), "map", "on_exec")
    equal(pins(), [])


@live
def load_attaches_where_the_section_says():
    for words in (["--attach"], ["--attach=on_exec="]):
        load(path("exec.bpf.o"), *words)
        links = lade("show", "exec", "--json").json()["instances"][0]["links"]
        equal(len(links), 1, links)
        contains(links[0]["detail"], "sched/sched_process_exec")
        unload("exec")


@live
def attaching_to_what_is_not_there_is_a_conflict_and_leaves_nothing():
    done = lade("load", path("exec.bpf.o"), "--attach", "on_exec=file:/nonexistent:main")
    equal(done.code, 6, done)
    equal(pins(), [])


@live
def unknown_name_cannot_be_shown_or_unloaded():
    for verb in ("show", "unload"):
        done = lade(verb, "nothing", "--json")
        equal(done.code, 1, done)
        contains(done.findings()[0]["message"], "nothing")


@live
def some_of_several_unloaded_is_partly():
    load(path("exec.bpf.o"))
    equal(lade("unload", "exec", "nothing").code, 7)
    equal(pins(), [])


@live
def pinned_map_stays_while_another_uses_it():
    load(path("cli_shared.bpf.o"), "--name", "one")
    load(path("cli_shared.bpf.o"), "--name", "two")
    shown = lade("show", "two", "--json").json()["instances"][0]["maps"][0]
    equal((shown["shared"], shown["created"]), (True, False), shown)
    equal(lade("unload", "one").code, 0)
    assert os.path.exists(f"{BPFFS}/cli_common")
    unload("two")


@live
def pin_option_replaces_the_directory():
    load(path("exec.bpf.o"), "--pin", "elsewhere/exec")
    assert os.path.exists(f"{BPFFS}/elsewhere/exec/progs/on_exec"), pins()
    done = lade("unload", f"{BPFFS}/elsewhere/exec")
    equal(done.code, 0, done)
    equal([pin for pin in pins() if pin != "elsewhere"], [])
    if pins():
        os.rmdir(f"{BPFFS}/elsewhere")


def run_with_processes(*words):
    """lade run, with processes of our own to see. To files: nobody reads a pipe meanwhile."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen([LADE, "run", *words], stdout=out, stderr=err)
        while process.poll() is None:
            subprocess.run(["/bin/true"], check=True)
            time.sleep(0.02)
        out.seek(0)
        err.seek(0)
        equal(process.returncode, 0, err.read())
        return out.read()


@live
def run_prints_decoded_records():
    contains(run_with_processes(path("exec.bpf.o"), "--for", "2"), "/bin/true", "pid")
    equal(pins(), [])


@live
def run_prints_one_json_document_a_line():
    lines = run_with_processes(path("exec.bpf.o"), "--for", "2", "--json").splitlines()
    records = [json.loads(line) for line in lines]
    assert any("/bin/true" in json.dumps(record) for record in records), lines[:3]


@live
def run_prints_records_of_old_samples():
    assert run_with_processes(path("lifetime_kern.o"), "--for", "2").strip()
    equal(pins(), [])


@live
def run_ends_with_an_interrupt():
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen([LADE, "run", path("exec.bpf.o")], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
        equal(process.returncode, 0, err)
        equal(pins(), [])


main()
