#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade trace. The pipe is the machine's: tracing_on is never changed here (tests/vm/trace.py does that)."""
import contextlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, Skip, contains, equal, lade, live, main, path, pins, test  # noqa: E402


@contextlib.contextmanager
def loaded():
    done = lade("load", "-q", path("trace_print.bpf.o"), path("trace_other.bpf.o"))
    equal(done.code, 0, done)
    try:
        yield
    finally:
        lade("unload", "trace_print")
        lade("unload", "trace_other")
        equal(pins(), [])


@contextlib.contextmanager
def tracing(*words):
    with subprocess.Popen([LADE, "trace", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        first = process.stderr.readline()  # it is open by then
        if "trace.busy" in first:
            process.wait()
            raise Skip("another process reads the trace pipe")
        if "environment.tracefs" in first:
            raise Skip("there is no tracefs")
        try:
            yield process
        finally:
            process.terminate()


def end(process):
    """All that came until now: a line that was written is in the pipe."""
    time.sleep(0.3)
    process.terminate()
    out, err = process.communicate(timeout=20)
    equal(process.returncode, 0, err)
    return out


def run(*programs):
    for program in programs:
        equal(lade("test", program).code, 0, program)


def run_as(program):
    """The process that ran it."""
    with subprocess.Popen([LADE, "test", program], stdout=subprocess.DEVNULL) as process:
        pass
    equal(process.returncode, 0, program)
    return process.pid


@test
def wrong_use_is_refused():
    for words in (["--for", "0"], ["--for", "soon"], ["a", "b"]):
        equal(lade("trace", *words).code, 1, words)


@live
def only_lines_of_the_instance_come():
    with loaded(), tracing("trace_print", "--json") as process:
        pid = run_as("trace_print/say")
        run("trace_other/shout", "trace_other/mutter", "trace_print/say_twice")
        lines = [json.loads(line) for line in end(process).splitlines()]
    texts = [line["text"] for line in lines]
    assert "lade test: 64 bytes of a packet" in texts, texts
    equal(texts[-2:], ["first half", "second half 50"])
    assert "lade noise: 7" not in texts and "hm 64" not in texts, texts
    line = lines[texts.index("lade test: 64 bytes of a packet")]
    assert line["task"], line  # not which: the kernel may still hold the name of whoever had this pid before
    equal(line["pid"], pid)
    equal(line["function"], "bpf_trace_printk")
    assert line["cpu"] >= 0 and line["time_ns"] > 0, line


@live
def every_line_comes_without_a_name():
    with loaded(), tracing() as process:
        run("trace_other/shout", "trace_other/mutter")
        out = end(process)
    contains(out, "lade noise: 7", "hm 64", "bpf_trace_printk: ")


@live
def formats_that_cannot_be_told_apart_are_said():
    with loaded(), tracing("trace_other", "--json") as process:
        run("trace_other/shout")
        contains(end(process), "lade noise: 7")


@live
def old_lines_are_dropped_first():
    with loaded():
        run("trace_other/shout")
        with tracing("trace_other", "--clear", "--json") as process:
            run("trace_other/shout")
            lines = [line for line in end(process).splitlines() if "lade noise" in line]
    equal(len(lines), 1, lines)


@live
def second_reader_learns_who_holds_the_pipe():
    with loaded(), tracing() as process:
        done = lade("trace", "--for", "0.1", "--json")
        if done.code == 0:  # this kernel lets several read it
            contains(done.err, "trace.shared", str(process.pid))
            return
        equal(done.code, 6, done)
        finding = done.findings()[0]
        equal(finding["code"], "trace.busy")
        contains(" ".join(finding["evidence"]), f"process {process.pid} (lade)")


@live
def it_says_that_it_is_for_debugging_and_ends_after_its_time():
    done = lade("trace", "--for", "0.3")
    if "trace.busy" in done.err or "environment.tracefs" in done.err:
        raise Skip("the trace pipe is not to be had")
    equal(done.code, 0, done)
    contains(done.err, "trace.debugging", "ring buffer")


@live
def unknown_instance_is_named():
    done = lade("trace", "nobody", "--json")
    assert done.code > 0, done
    equal(done.codes(), ["state.not-found"])


if __name__ == "__main__":
    main()
