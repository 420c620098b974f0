# SPDX-License-Identifier: BSD-2-Clause
"""What is checked on every kernel: @check gives the shell steps that the machine runs, the function judges them.

A check may raise AssertionError, or Skip with the reason.

After each check the machine must be as it was before the first one: no pin, no program, no map, no link.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner import tap  # noqa: E402 pylint: disable=wrong-import-position

TRACING, NO_TRACING = "tracing", "no tracing"  # what a kernel must or must not have for a check
NO_BPF = "no bpf"                              # the system call: no other check is for such a kernel
checks = []

BASELINE = "census >/tmp/census"
# Every pin but the kernel's own iterators and the directory of all instances, which may stay.
LEFT = "find /sys/fs/bpf -mindepth 1 ! -name '*.debug' ! -path /sys/fs/bpf/lade; census \"$(cat /tmp/census)\""
BUSY = "(while :; do /bin/true; sleep 0.1; done) & busy=$!\n"  # somebody must execute something
AT_REST = "\ncode=$?; kill $busy; exit $code"

# Objects of the old samples dialect that every kernel must take.
SAMPLES = ["dia_size16_kern", "dia_size20_kern", "dia_size24_kern", "dia_size28_kern", "dia_size32zero_kern",
           "dia_many_kern", "dia_prefix_kern", "dia_static_kern", "dia_license_kern"]


class Skip(Exception):
    pass


class Check:
    def __init__(self, name, steps, judge, needs):
        self.name, self.steps, self.judge, self.needs = name, steps, judge, needs
        self.is_live = False  # a test program of this machine


def check(*steps, needs=None):
    def add(function):
        checks.append(Check(function.__name__.replace("_", " "), steps, function, needs))
        return function
    return add


def equal(found, wanted, what=""):
    assert found == wanted, f"{found!r} instead of {wanted!r}\n{what}"


def contains(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is missing in:\n{text}"


def succeeded(*results):
    for result in results:
        equal(result.code, 0, result)


def failed(result, code, *findings):
    """With --json: this exit code, and these finding codes first."""
    equal(result.code, code, result)
    document = json.loads(result.err)
    equal(document["ok"], False, result)
    equal([finding["code"] for finding in document["findings"]][:len(findings)], list(findings), result)


def notes(result):
    return [note["code"] for entry in json.loads(result.out)["objects"] for note in entry["notes"]]


def no_step_back(result):
    """Every form that Lade uses is known since 5.10: a note would be a wrong diagnosis."""
    equal([note for note in notes(result) if "stepped-back" in note or note == "btf.load.without"], [], result)


@check("uname -r")
def the_kernel_of_the_package_boots(machine, uname):
    equal(uname.out.strip(), machine.version)


@check("lade load --json load_all.bpf.o", "grep -c ' /sys/fs/bpf bpf ' /proc/mounts", "lade list --json",
       "lade show load_all --json", "lade unload load_all", "lade list --json", needs=TRACING)
def object_with_one_of_everything_is_loaded_listed_shown_and_removed(machine, load, mounted, listed, shown, unload, gone):
    succeeded(load, listed, shown, unload)
    equal(mounted.out.strip(), "1")  # Lade mounted it: init did not
    contains(" ".join(notes(load)), "map.adjusted.ring")
    no_step_back(load)
    equal([entry["name"] for entry in json.loads(listed.out)["instances"]], ["load_all"])
    instance, = json.loads(shown.out)["instances"]
    equal(sorted(entry["name"] for entry in instance["programs"]), ["on_exec", "on_exit", "tail"])
    equal(sorted(entry["name"] for entry in instance["maps"]),
          [".bss", ".data", ".rodata", "calls", "events", "first", "load_all_shared", "outer"])
    equal(json.loads(gone.out)["instances"], [])


@check("lade load --json load_all.bpf.o --attach=on_exec=", "lade show load_all --json", "lade unload load_all",
       needs=TRACING)
def raw_tracepoint_link_is_pinned(machine, load, shown, unload):
    succeeded(load, shown, unload)
    link, = json.loads(shown.out)["instances"][0]["links"]
    contains(link["detail"], "sched_process_exec")


@check("lade load --json --attach load_all.bpf.o", "lade show load_all --json", "lade unload load_all", needs=TRACING)
def tracepoint_link_is_pinned_where_the_kernel_has_one(machine, load, shown, unload):
    if machine.has_perf_links:
        succeeded(load, shown, unload)
        equal(len(json.loads(shown.out)["instances"][0]["links"]), 2)
    else:
        failed(load, 6, "attach.not-pinnable")


@check(BUSY + "lade run exec.bpf.o --for 2 --json" + AT_REST, needs=TRACING)
def run_delivers_decoded_records_of_a_ring_buffer(machine, run):
    succeeded(run)
    records = [json.loads(line) for line in run.out.splitlines()]
    assert any("/bin/true" in json.dumps(record) for record in records), run


@check(BUSY + "lade run lifetime_kern.o --for 2" + AT_REST, needs=TRACING)
def run_delivers_records_of_a_samples_object(machine, run):
    succeeded(run)
    assert len(run.out.splitlines()) > 2, run


@check("".join(f"lade load -q {name}.o && lade unload -q {name} || echo failed: {name}\n" for name in SAMPLES),
       needs=TRACING)
def objects_of_the_samples_dialect_load(machine, loaded):
    equal(loaded.out + loaded.err, "")


@check("ulimit -l 16; ulimit -l; lade load -q exec.bpf.o", "lade unload exec", needs=TRACING)
def locked_memory_is_raised_where_maps_are_charged_to_it(machine, load, unload):
    equal(load.out.strip(), "16")
    succeeded(load, unload)


@check("lade load --json exec.bpf.o --attach=on_exec=file:/nonexistent:main", "lade list --json", needs=TRACING)
def load_whose_attachment_fails_is_rolled_back(machine, load, listed):
    equal(load.code, 6, load)
    equal(json.loads(listed.out)["instances"], [])


@check("lade load --json exec.bpf.o", needs=NO_TRACING)
def program_type_that_the_kernel_lacks_is_named(machine, load):
    failed(load, 3, "program.load.refused")
    contains(load.err, "does not take programs of type tracepoint")


@check("ls btf_recent.recent.o", "lade load --json btf_recent.recent.o", "lade unload btf_recent_recent")
def types_newer_than_the_kernel_do_not_stop_a_load(machine, compiled, load, unload):
    if compiled.code:
        raise Skip("there was no clang-19 to compile it")
    succeeded(load, unload)
    if not machine.has_enum64:
        assert any(note.startswith("btf.") for note in notes(load)), load


@check("lade load --json cli_refused.bpf.o", "lade load --json cli_map999.bpf.o", "lade load --json cli_shared.eb.o")
def failed_loads_say_why(machine, refused, unknown, foreign):
    failed(refused, 4, "verifier.deref.maybe-null")
    failed(unknown, 3, "map.create.type")
    failed(foreign, 2, "plan.endian")


@check("""for object in *.o; do
	[ $object != cli_slow.bpf.o ] || continue
	lade load -q --dry-run $object >/dev/null 2>&1; plan=$?
	lade load -q --json --name it $object >/dev/null 2>/tmp/err; load=$?; code=
	[ $load != 0 ] || lade unload -q it
	[ $load = 0 ] || code=$(tr ',' '\\n' </tmp/err | sed -n 's/.*"code":"\\([^"]*\\)".*/\\1/p' | head -n 1)
	echo $object $plan $load $code
done""")
def every_object_ends_in_a_verdict_and_what_cannot_be_planned_is_not_loaded(machine, verdicts):
    succeeded(verdicts)
    for line in verdicts.out.splitlines():
        name, plan, load, *code = line.split()
        # 5: user-mode Linux comes without the file that says how it was built
        assert load in ("0", "2", "3", "4") or (load, code) == ("5", ["kconfig.missing"]), line
        assert plan in ("0", load), line
        assert bool(code) == (load != "0"), line
        assert not any(word.startswith("internal.") for word in code), line
    assert len(verdicts.out.splitlines()) > 40, verdicts


def live_test(program):
    """A test program with live tests of its own: none may fail."""
    @check(f"ulimit -l unlimited; CMOCKA_MESSAGE_OUTPUT=TAP {program} 2>&1", needs=TRACING)
    def judge(machine, ran):
        report = tap.parse(ran.out)
        assert ran.code == 0 and not report.count("failed"), ran
        equal(len(report.results), report.planned, ran)
        if not report.count("passed"):
            raise Skip("; ".join(result.name for result in report.results))
    checks[-1].name, checks[-1].is_live = f"{program} passes", True
