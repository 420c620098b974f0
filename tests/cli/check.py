#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade check: the table, the reasons, the document, the exit codes."""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, SOURCE, Skip, command, contains, equal, lade, main, path, scratch, test  # noqa: E402

with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)

OLD, NEW = "5.4", "6.1"  # without and with ring buffers
ASCII = {"LC_ALL": "C"}


def check(*words, code=None, **more):
    done = lade("check", "--json", *words, **more)
    document = done.json()
    jsonschema.Draft202012Validator({"$ref": "#/$defs/check", "$defs": SCHEMA["$defs"]}).validate(document)
    equal(document["exit"], done.code, done)
    if code is not None:
        equal(done.code, code, done)
    return document


def answers(document):
    """{(file name, kernel): answer}"""
    return {(os.path.basename(entry["file"]), answer["kernel"]): answer["answer"]
            for entry in document["objects"] for answer in entry["answers"]}


def reasons(document):
    return [finding for entry in document["objects"] for answer in entry["answers"] for finding in answer["findings"]
            if finding["severity"] == "error"]


@test
def object_that_loads_everywhere_is_exit_0():
    document = check("--kernel", f"{OLD},{NEW}", path("dia_size28_kern.o"), code=0)
    equal(set(answers(document).values()), {"loads"}, document)
    equal((document["ok"], [kernel["name"] for kernel in document["kernels"]]), (True, [OLD, NEW]))


@test
def object_that_does_not_load_somewhere_is_exit_3_and_says_what_lacks():
    document = check("--kernel", f"{OLD},{NEW}", path("load_all.bpf.o"), code=3)
    equal(answers(document)["load_all.bpf.o", OLD], "does_not_load", document)
    assert answers(document)["load_all.bpf.o", NEW] != "does_not_load", document
    found = reasons(document)
    assert any(finding["map"] == "events" and "ringbuf" in json.dumps(finding) for finding in found), found
    assert all(finding["message"] and finding["fix"] for finding in found), found


@test
def what_rests_on_tables_says_so():
    answer = check("--kernel", OLD, path("load_all.bpf.o"))["objects"][0]["answers"][0]
    equal(answer["by_table"], True)
    contains(lade("check", "--kernel", OLD, path("load_all.bpf.o")).out, "rests on tables", "not predicted")
    contains(lade("check", "--kernel", f"{OLD},{NEW}", path("load_all.bpf.o")).out, "tables of mainline releases",
             "not predicted")


@test
def one_object_and_one_kernel_are_told_in_the_shape_of_a_load():
    done = lade("check", "--kernel", OLD, path("load_all.bpf.o"))
    equal(done.code, 3, done)
    assert done.out.splitlines()[0].endswith(f"load_all.bpf.o on {OLD}: does not load"), done
    contains(done.out, "error[", "  fix  ", "map events")


@test
def table_has_a_row_an_object_and_a_column_a_kernel():
    done = lade("check", "--kernel", f"{OLD},{NEW}", path("load_all.bpf.o"), path("dia_size28_kern.o"),
                env={"COLUMNS": "200"})
    equal(done.code, 3, done)
    head, first, second = done.out.splitlines()[:3]
    equal(head.split(), [OLD, NEW])
    equal((first.split()[1], second.split()[1:]), ("✗", ["✓", "✓"]), done)
    contains(done.out, "✓ loads", "✗ does not load")


@test
def table_is_ascii_where_the_terminal_is():
    done = lade("check", "--kernel", f"{OLD},{NEW}", path("dia_size28_kern.o"), path("load_all.bpf.o"), env=ASCII)
    table = done.out.split("\nerror")[0]
    assert table.isascii(), table
    contains(table, "+ loads", "x does not load")


@test
def table_fits_the_terminal():
    for columns in (20, 40, 80, 132):
        done = lade("check", "--kernel", "4.19,5.4,5.10,5.15,6.1,6.6,6.12", path("load_all.bpf.o"),
                    path("dia_size28_kern.o"), env={"COLUMNS": str(columns)})
        table = done.out.split("\n\nerror")[0].splitlines()[:-1]  # without the legend
        assert max(len(line) for line in table) <= columns, (columns, table)
        for release in ("4.19", "5.4", "5.10", "6.12"):
            equal("\n".join(table).split().count(release), 1, done)


@test
def the_same_reason_is_told_once_with_its_kernels():
    done = lade("check", "--kernel", "4.19,5.4,5.10,5.15,6.1", path("load_all.bpf.o"))
    about = [block for block in done.out.split("\n\n") if "map events" in block and "error[" in block]
    equal(len(about), 1, done)
    contains(about[0], "on       5.4 and older")


@test
def truncated_object_is_exit_2_and_the_others_are_answered():
    with open(path("load_all.bpf.o"), "rb") as file:
        bad = scratch("bad.o", file.read()[:700])
    document = check("--kernel", OLD, path("dia_size28_kern.o"), bad, path("load_all.bpf.o"), code=2)
    found = answers(document)
    equal((found["dia_size28_kern.o", OLD], found["bad.o", OLD], found["load_all.bpf.o", OLD]),
          ("loads", "bad_object", "does_not_load"))
    assert document["objects"][1]["findings"][0]["code"].startswith("elf."), document
    done = lade("check", "--kernel", OLD, path("dia_size28_kern.o"), bad)
    contains(done.out, "bad object")
    contains(done.err, "error[elf.", "bad.o")


@test
def object_that_cannot_be_read_alone_fails_as_everywhere():
    done = lade("check", "--json", "--kernel", OLD, "/etc/passwd")
    equal((done.code, done.out), (2, ""), done)
    equal(done.codes(), ["elf.not-elf"])
    equal(lade("check", "--json", "--kernel", OLD, "/nonexistent.o").codes(), ["elf.open"])


@test
def unknown_kernel_is_wrong_use_and_the_nearest_is_named():
    done = lade("check", "--kernel", "5.99", path("load_all.bpf.o"))
    equal((done.code, done.out), (1, ""), done)
    contains(done.err, "5.99")
    done = lade("check", "--kernel", "lst", path("load_all.bpf.o"))
    equal(done.code, 1, done)
    contains(done.err, "lts")


@test
def without_a_kernel_the_long_term_releases_are_meant():
    names = [kernel["name"] for kernel in check(path("dia_size28_kern.o"))["kernels"]]
    assert len(names) > 3 and "6.1" in names, names


@test
def kernels_may_be_given_in_several_options():
    document = check("--kernel", OLD, "-k", NEW, path("dia_size28_kern.o"))
    equal([kernel["name"] for kernel in document["kernels"]], [OLD, NEW])


@test
def wrong_use_is_exit_1():
    for words in ((), ("--root", "/", path("load_all.bpf.o")), ("--cpus", "many", path("load_all.bpf.o")),
                  ("--type", "nonsense", path("load_all.bpf.o")), ("--set", "no_such=1", path("load_all.bpf.o"))):
        done = lade("check", "--kernel", NEW, *words)
        equal((done.code, done.out), (1, ""), done)


@test
def options_of_a_load_change_the_answer():
    target = ("--kernel", "4.19", path("load_all.bpf.o"))
    before = len(reasons(check(*target)))
    after = check(*target, "--max-entries", "events=5000")
    assert len(reasons(after)) >= before, after
    done = lade("check", "--kernel", OLD, "--type", "xdp", path("dia_size28_kern.o"))
    assert done.code in (0, 3, 7), done


@test
def cannot_say_is_exit_7_unless_unknown_is_allowed():
    """Whether a kernel has a function of its own, no table says."""
    target = ("--kernel", "6.18", path("dia_needs.bpf.o"))
    document = check(*target)
    if "cannot_say" not in answers(document).values():
        raise Skip("tables know the answer")
    equal(document["exit"], 7, document)
    equal(check(*target, "--allow-unknown")["exit"], 0)


@test
def pieces_of_a_kernel_are_used():
    config = scratch("config", b"CONFIG_BPF=y\n# CONFIG_BPF_SYSCALL is not set\n")
    document = check("--config", config, "--kernel", NEW, path("dia_size28_kern.o"), code=3)
    contains(json.dumps(document), "CONFIG_BPF_SYSCALL")
    assert "CONFIG_BPF_SYSCALL" in [lack["option"] for lack in document["lacks"]], document["lacks"]
    equal(document["kernels"][0]["known"], ["config"])
    contains(lade("check", "--config", config, "--kernel", NEW, path("dia_size28_kern.o")).out, "lacks:",
             "CONFIG_BPF_SYSCALL")


def image(**objects):
    """An unpacked system image with these objects: NAME=DIRECTORY."""
    root = tempfile.mkdtemp()
    for name, directory in objects.items():
        os.makedirs(os.path.join(root, directory), exist_ok=True)
        shutil.copy(path(name + ".o"), os.path.join(root, directory))
    return root


@test
def image_is_checked_before_flashing():
    root = image(android_c40="apex/com.android.tethering/etc/bpf", android_c48="system/etc/bpf",
                 android_filters="apex/com.android.tethering/etc/bpf")
    config = scratch("kernel.config", b"# Linux/arm64 5.10.43 Kernel Configuration\nCONFIG_BPF=y\nCONFIG_ARM64=y\n"
                                      b"# CONFIG_BPF_SYSCALL is not set\n")
    document = check("--android", "12", "--root", root, "--config", config, code=3)
    found = {name: answer for (name, _kernel), answer in answers(document).items()}
    equal(found, {"android_c40.o": "does_not_load", "android_c48.o": "does_not_load", "android_filters.o": "left_out"})
    contains(next(entry["left_out"] for entry in document["objects"] if entry["left_out"]), "bpfloader version")
    options = {lack["option"]: lack["to"] for lack in document["lacks"]}
    equal((options["CONFIG_BPF_SYSCALL"], options["CONFIG_BPF_EVENTS"], options["CONFIG_PERF_EVENTS"]),
          ("load", "load", "attach"))
    equal({finding["code"] for finding in reasons(document)} - {"check.config"}, set(), "said once, not of each map")
    done = lade("check", "--android", "12", "--root", root, "--config", config)
    contains(done.out, "/system/etc/bpf/android_c48.o", "left out", "fix      CONFIG_BPF_SYSCALL=y CONFIG_NET=y")
    assert root not in done.out.split("error[")[0], "the image's paths are the device's"
    shutil.rmtree(root)


@test
def image_that_fits_its_configuration_is_exit_0():
    root = image(android_c48="system/etc/bpf")
    options = ["BPF", "BPF_SYSCALL", "NET", "BPF_EVENTS", "PERF_EVENTS", "KPROBES", "UPROBES", "EVENT_TRACING", "TRACING",
               "FTRACE", "CGROUPS", "CGROUP_BPF", "NET_CLS_BPF", "NET_SCH_INGRESS", "BPF_JIT", "ARM64", "INET"]
    config = scratch("kernel.config", b"# Linux/arm64 5.10.43 Kernel Configuration\n" +
                     "".join(f"CONFIG_{option}=y\n" for option in options).encode())
    document = check("--android", "12", "--root", root, "--config", config)
    equal((document["exit"], document["lacks"]), (0, []), document)
    shutil.rmtree(root)


@test
def image_without_objects_is_told():
    root = tempfile.mkdtemp()
    done = lade("check", "--android", "12", "--root", root, "--kernel", NEW)
    equal((done.code, done.out), (1, ""), done)
    contains(done.err, "no objects")
    assert lade("check", "--android", "99", "--root", root, "--kernel", NEW).code == 1
    os.rmdir(root)


@test
def damaged_pieces_are_told():
    for option in ("--btf", "--config", "--system-map"):
        done = lade("check", option, "/nonexistent", path("dia_size28_kern.o"))
        assert done.code in (1, 2, 5) and "/nonexistent" in done.err, done


@test
def page_is_written_whole_or_not_at_all():
    directory = tempfile.mkdtemp()
    page = os.path.join(directory, "page.html")
    equal(lade("check", "-q", "--kernel", NEW, "--html", page, path("dia_size28_kern.o")).code, 0)
    with open(page, encoding="utf-8") as file:
        first = file.read()
    contains(first, "<!DOCTYPE html>", "</html>")
    equal(lade("check", "-q", "--kernel", NEW, "--html", page, path("dia_size28_kern.o")).code, 0)
    equal(os.listdir(directory), ["page.html"])
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # noqa: E731 a disk that is full
    done = command(LADE, "check", "-q", "--kernel", OLD, "--html", page, path("dia_size28_kern.o"), preexec_fn=limit)
    equal(done.code, 5, done)
    contains(done.err, "error[environment.output]", page)
    equal(os.listdir(directory), ["page.html"], "nothing half written stays")
    with open(page, encoding="utf-8") as file:
        equal(file.read(), first, "the old page stays whole")
    shutil.rmtree(directory)


@test
def page_that_cannot_be_written_is_exit_5():
    done = lade("check", "--kernel", NEW, "--html", "/nonexistent/page.html", path("dia_size28_kern.o"))
    equal(done.code, 5, done)
    contains(done.err, "error[environment.output]", "/nonexistent/page.html", "fix")
    done = lade("check", "--json", "--kernel", NEW, "--html", "/nonexistent/page.html", path("dia_size28_kern.o"))
    equal((done.code, done.codes()), (5, ["environment.output"]), done)


@test
def page_escapes_what_objects_say():
    page = scratch("page.html")
    equal(lade("check", "-q", "--kernel", OLD, "--html", page, path("check_hostile_kern.o")).code, 3)
    with open(page, encoding="utf-8") as file:
        text = file.read()
    equal((text.count("<script"), text.count("<img")), (1, 0))
    contains(text, "&lt;/script&gt;&lt;script&gt;window.taken=1")


@test
def control_characters_of_names_do_not_reach_the_terminal():
    with open(path("dia_size28_kern.o"), "rb") as file:
        hostile = scratch("a\x1b[31m\nb.o", file.read())
    done = lade("check", "--kernel", f"{OLD},{NEW}", hostile)
    assert "\x1b" not in done.out, done
    check("--kernel", OLD, hostile)


@test
def needs_no_privilege_and_no_kernel():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("needs root to give it up")
    public = tempfile.mkdtemp(dir="/tmp")  # TMPDIR is ours alone
    os.chmod(public, 0o755)
    for name in (path("load_all.bpf.o"), LADE):
        shutil.copy(name, public)
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", os.path.join(public, "lade"),
             "check", "--kernel", OLD, os.path.join(public, "load_all.bpf.o")]
    done = command(*words)
    shutil.rmtree(public)
    equal(done.code, 3, done)
    traced = shutil.which("strace")
    if traced:
        found = subprocess.run([traced, "-f", "-e", "trace=bpf,perf_event_open,mount", LADE, "check", "--kernel", NEW,
                                path("load_all.bpf.o")], capture_output=True, text=True, check=False).stderr
        assert "bpf(" not in found and "mount(" not in found, found


main()
