#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade run: what it attaches, prints, counts and leaves behind."""
import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import json  # noqa: E402
import re  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from runner.check import BUILD, LADE, Done, contains, equal, lade, live, main, path, pins, test  # noqa: E402


def start(*words, **more):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
    return subprocess.Popen([LADE, "run", *words], **options)


def run(*words, **more):
    """Starts processes, for run to see, until it has ended. Into files: a full pipe would hold it."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = start(*words, **{"stdout": out, "stderr": err, **more})
        while process.poll() is None:
            subprocess.run(["/bin/true"], check=True)
            time.sleep(0.02)
        done = Done(process)
        out.seek(0)
        err.seek(0)
        done.out, done.err = out.read(), err.read()
    assert "Sanitizer" not in done.err and "runtime error" not in done.err, done
    equal(pins(), [])
    return done


@test
def wrong_use_is_refused_before_anything_is_done():
    for words in (["--for", "soon"], ["--for", "0"], ["--for", "-1"], ["--record", "=x"], ["--record", "map="],
                  ["--buffer", "much"], ["--buffer", "99G"]):
        equal(lade("run", "nothing.o", *words).code, 1, words)


@live
def programs_that_cannot_attach_are_named_and_the_others_run():
    done = run(path("run_mixed.bpf.o"), "--for", "1")
    equal(done.code, 0, done)
    contains(done.err, "on_kprobe", "on_packet", "[attach.no-target]", "attached on_socket to socket lo",
             "attached on_exec to tracepoint sched/sched_process_exec")


ABSENT = ["attach.tracepoint.missing", "attach.raw-tracepoint.missing", "attach.uprobe.file", "attach.uprobe.symbol"]


def codes_of(text):
    return re.findall(r"^not attached: .* \[([a-z.-]+)\]$", text, re.M)


@live
def what_the_kernel_has_not_to_verify_against_is_left_out_and_the_others_run():
    done = run(path("core_targets.bpf.o"), "--prog", "on_switch", "--prog", "misspelt", "--for", "0.5")
    equal(done.code, 0, done)
    contains(done.err, "program misspelt is left out: this kernel has no tracepoint sched_swich [plan.target.absent]",
             "did you mean sched_switch?", "attached on_switch to tp_btf sched_switch")
    alone = run(path("core_targets.bpf.o"), "--prog", "misspelt", "--for", "0.5")
    equal(alone.code, 3, alone)
    contains(alone.err, "plan.target.unknown", "did you mean sched_switch?")
    whole = lade("load", "--json", "--attach", path("core_targets.bpf.o"), "--prog", "on_switch", "--prog", "misspelt")
    equal((whole.code, whole.codes(), pins()), (3, ["plan.target.unknown"], []), whole)


@live
def what_a_section_names_and_the_machine_lacks_is_noted_and_the_others_run():
    done = run(path("run_absent.bpf.o"), "--for", "0.5")
    equal(done.code, 0, done)
    *known, kprobe = codes_of(done.err)
    equal(known, ABSENT, done)
    # Where the kernel hides its probes, that is why.
    assert kprobe in ("attach.function.missing", "attach.probe.absent", "attach.absent"), done
    contains(done.err, "lade/nothing", "libnothing.so.99", "lade_nothing",
             "attached of_every_kernel to raw_tracepoint sys_enter")
    equal(run(path("run_absent.bpf.o"), "--for", "0.5", "--json").err, "")


@live
def run_with_nothing_that_could_be_attached_fails_as_the_first_one_did():
    for programs, code in ((["of_no_event", "of_no_file"], 3), (["of_no_file"], 6)):
        words = [word for program in programs for word in ("--prog", program)]
        done = lade("run", path("run_absent.bpf.o"), "--for", "60", *words)
        equal((done.code, done.out), (code, ""), done)
        codes = ["attach.tracepoint.missing", "attach.uprobe.file"][-len(programs):]
        equal(re.findall(r"^error\[([a-z.-]+)\]", done.err, re.M), codes)
        done = lade("run", path("run_absent.bpf.o"), "--for", "60", "--json", *words)
        equal((done.code, len(done.findings())), (code, len(programs)), done)
        equal(pins(), [])


@live
def run_of_a_program_without_a_place_says_how_to_name_one():
    done = lade("run", path("run_mixed.bpf.o"), "--for", "60", "--prog", "on_packet")
    equal(done.code, 6, done)
    contains(done.err, "error[attach.no-target]", "--attach on_packet=dev:IF")
    done = lade("run", path("user_usdt.bpf.o"), "--for", "60", "--prog", "on_usdt")
    equal(done.code, 6, done)
    contains(done.err, "--attach on_usdt=file:PATH,usdt=PROVIDER:NAME")


@live
def what_is_absent_is_an_error_where_it_was_asked_for():
    done = lade("run", path("run_absent.bpf.o"), "--for", "60", "--attach", "of_no_event=")
    equal(done.code, 3, done)
    contains(done.err, "error[attach.tracepoint.missing]")
    equal(pins(), [])


@live
def missing_file_of_one_usdt_program_leaves_the_other():
    done = run(path("user_usdt.bpf.o"), "--for", "0.5", "--attach",
               f"on_usdt=file:{os.path.join(BUILD, 'tests', 'test-attach-usdt')},usdt=lade:twice")
    equal((done.code, codes_of(done.err)), (0, ["attach.uprobe.file"]), done)
    contains(done.err, "attached on_usdt to usdt")


@live
def explicit_target_that_fails_ends_the_run():
    done = run(path("run_mixed.bpf.o"), "--for", "1", "--attach", "on_socket=dev:nowhere")
    equal(done.code, 6, done)
    contains(done.err, "attach.device.missing", "nowhere", "lo")
    done = run(path("run_mixed.bpf.o"), "--for", "1", "--attach", "on_packet=pid:1")
    equal(done.code, 6, done)
    contains(done.err, "attach.target-kind")


@live
def bad_target_names_its_form():
    done = run(path("run_mixed.bpf.o"), "--for", "1", "--attach", "on_socket=dev:lo,prio=high")
    equal(done.code, 1, done)
    contains(done.err, "attach.target.syntax", "prio=N")


@live
def lost_records_are_printed_and_counted_and_a_size_is_named():
    done = run(path("run_mixed.bpf.o"), "--for", "2", "--buffer", "4K")
    equal(done.code, 0, done)
    summary = re.search(r"flood: (\d+) records, (\d+) lost", done.err)
    assert summary and int(summary[2]) > 0, done.err
    contains(done.out, " lost=")
    contains(done.err, "stream.lost", "--buffer 16384")
    equal(sum(int(lost) for lost in re.findall(r" lost=(\d+)", done.out)), int(summary[2]))


@live
def record_of_unknown_type_is_hexadecimal_and_the_candidates_are_named_once():
    done = run(path("run_mixed.bpf.o"), "--for", "1")
    contains(done.out, " hex:")
    contains(done.err, "--record")
    equal(len([line for line in done.err.splitlines() if "several structs have this size" in line]), 1, done.err)


@live
def record_option_chooses_the_type():
    for option in ("flood", "flood=flood", "struct flood"):
        done = run(path("run_mixed.bpf.o"), "--for", "1", "--record", option)
        assert re.search(r"^\d\d:\d\d:\d\d\.\d{6} flood cpu\d+ number=\d+ text=\"all work and no play\"$", done.out,
                         re.M), done.out[:500]


@live
def unknown_record_type_is_refused():
    done = run(path("run_mixed.bpf.o"), "--for", "1", "--record", "flod")
    equal(done.code, 1, done)
    contains(done.err, "stream.type.unknown")


@live
def json_lines_and_summary_are_json():
    done = run(path("run_mixed.bpf.o"), "--for", "2", "--json", "--buffer", "4096", "--record", "flood")
    lines = [json.loads(line) for line in done.out.splitlines()]
    records = [line for line in lines if "record" in line]
    lost = [line for line in lines if "lost" in line]
    equal({line["map"] for line in lines}, {"flood"})
    equal(records[0]["type"], "flood")
    equal(records[0]["record"]["text"], "all work and no play")
    assert records[0]["cpu"] >= 0 and records[0]["time"] > 1e9, records[0]
    summary = json.loads(done.err.strip().splitlines()[-1])
    equal(summary["maps"], [{"name": "flood", "records": len(records), "lost": sum(line["lost"] for line in lost),
                             "full": 0, "type": "flood", "type_from": "chosen"}])


@live
def object_without_buffers_runs_and_says_where_to_look():
    done = run(path("run_silent.bpf.o"), "--for", "1")
    equal((done.code, done.out), (0, ""), done)
    contains(done.err, "attached on_exec to raw_tracepoint", "trace_pipe")


@contextlib.contextmanager
def somebody_executes():
    """A quiet machine has nothing to report: without this the next event may never come."""
    with subprocess.Popen(["sh", "-c", "while :; do /bin/true; sleep 0.05; done"]) as shell:
        try:
            yield
        finally:
            shell.kill()


@live
def reader_that_has_gone_ends_the_run_quietly():
    with somebody_executes():
        process = start(path("exec.bpf.o"))
        process.stdout.readline()
        process.stdout.close()
        equal(process.wait(timeout=30), 0)
    err = process.stderr.read()
    assert "error" not in err, err
    equal(pins(), [])


@live
def reader_that_goes_before_any_record_ends_the_run():
    process = start(path("run_silent.bpf.o"))
    process.stdout.close()
    equal(process.wait(timeout=30), 0)
    equal(pins(), [])


@live
def full_disk_is_an_error():
    with open("/dev/full", "w", encoding="utf-8") as full, somebody_executes():
        equal(run(path("exec.bpf.o"), "--for", "1", stdout=full).code, 5)
        equal(run(path("run_mixed.bpf.o"), "--for", "60", stdout=full).code, 5)


@live
def closed_standard_files_do_no_harm():
    words = " ".join([LADE, "run", path("exec.bpf.o"), "--for", "1", "0<&-", "1>&-", "2>&-"])
    process = subprocess.Popen(["sh", "-c", words])
    while process.poll() is None:
        subprocess.run(["/bin/true"], check=True)
        time.sleep(0.02)
    equal(process.returncode, 0)
    equal(pins(), [])


@live
def signals_end_the_run_with_a_summary():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process = start(path("run_mixed.bpf.o"), stdout=subprocess.DEVNULL)
        while "attached on_socket" not in process.stderr.readline():
            assert process.poll() is None, process.stderr.read()
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        equal(process.returncode, 0, err)
        contains(err, "flood: ", " records, ")
        equal(pins(), [])


main()
