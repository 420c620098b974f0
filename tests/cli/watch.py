#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade watch: what it prints, counts, chooses and refuses; that nothing keeps it from ending."""
import contextlib
import ctypes
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import json  # noqa: E402
import platform  # noqa: E402
import re  # noqa: E402
import signal  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402

from runner.check import BPFFS, LADE, Done, contains, equal, lade, live, main, path, pins, scratch, test  # noqa: E402

# What watch_all.bpf.c answers: getpgid(MARK, what, number).
MARK = 0x1ade57
EVENT, OTHER, SAMPLE, SAMPLES, EVENTS, HUGE, DISCARD = range(1, 8)
GETPGID = {"x86_64": 121, "aarch64": 155}.get(platform.machine())
libc = ctypes.CDLL(None)


def send(what, number=0):
    libc.syscall(ctypes.c_long(GETPGID), ctypes.c_long(MARK), ctypes.c_long(what), ctypes.c_long(number))


@contextlib.contextmanager
def loaded(name="watch_all", *words):
    done = lade("load", "--attach", path(name + ".bpf.o"), *words)
    equal(done.code, 0, done)
    try:
        yield
    finally:
        equal(lade("unload", name).code, 0)
        equal(pins(), [])


class Watcher:
    """A running lade watch that has said that it watches; its output goes to files, so that no pipe holds it."""

    def __init__(self, *words, **more):
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")  # noqa: SIM115
        options = {"stdout": self.out, "stderr": self.err, "text": True, **more}
        self.process = subprocess.Popen([LADE, "watch", *words], **options)  # noqa: SIM115
        self.await_text(self.err, "watching ")

    def await_text(self, file, text):
        """Until the file has it; a watcher that ends first has failed."""
        while text not in self.read(file):
            assert self.process.poll() is None, self.read(self.err)

    @staticmethod
    def read(file):
        return os.pread(file.fileno(), 1 << 26, 0).decode(errors="replace")

    def end(self, number=signal.SIGINT):
        if number:
            self.process.send_signal(number)
        self.process.wait(timeout=60)
        done = Done(self.process)
        done.out, done.err = self.read(self.out), self.read(self.err)
        self.out.close()
        self.err.close()
        assert "Sanitizer" not in done.err and "runtime error" not in done.err, done
        return done


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


# ---- wrong use ----

@test
def wrong_use_is_refused_before_anything_is_done():
    for words in (["--for", "soon"], ["--count", "0"], ["--count", "x"], ["--record", "=x"], ["--fields", "a,,b"],
                  ["--fields", ""], ["--buffer", "99G"], ["--every", "0"]):
        equal(lade("watch", "nothing", *words).code, 1, words)
    equal(lade("watch").code, 1)


@live
def what_is_not_there_is_said():
    for which in ("nothing", "nothing/at-all", "id:4000000000", "id:x", BPFFS + "/nothing"):
        done = lade("watch", which, "--for", "1")
        equal(done.code in (1, 5, 6), True, done)
        contains(done.err, which)


@live
def map_that_is_no_buffer_is_refused_and_buffers_are_named():
    with loaded():
        for which in ("watch_all/counts", BPFFS + "/lade/watch_all/maps/counts"):
            done = lade("watch", which)
            equal(done.code, 1, done)
            contains(done.err, "stream.map.no-buffer", "hash", "events is a ringbuf", "samples is a perf_event_array")
        done = lade("watch", "watch_all/missing")
        equal(done.code, 1, done)
        contains(done.err, "has no map missing")


# ---- what is shown ----

@live
def all_buffers_of_an_instance_are_shown_and_the_types_are_explained():
    with loaded():
        send(EVENT, 7)
        send(OTHER, 8)
        watcher = Watcher("watch_all")
        send(SAMPLE, 9)
        watcher.await_text(watcher.out, " samples ")
        done = watcher.end()
    equal(done.code, 0, done)
    contains(done.out, ' events number=7 from=127.0.0.1 to_addr=10.0.0.2 sequence=258 six=::1 port=443 flags=5 rest=77 '
             'state=RUNNING when=1.500000000s waited=2.000000001s name="a \\"b\\"\\n" inner={x=-3 deep={y=4}} '
             'list=[{a=0 b=0},{a=0 b=9}]\n', " others number=8 words=[0,0,0,0]")
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{6} samples cpu\d+ number=9 cpu=\d+$", done.out, re.M), done.out
    contains(done.err, "events: records are shown as event, as the map declares",
             "others: records are shown as other, the only type of that size",
             "events: 1 records; others: 1 records; samples: 1 records, 0 lost")


@live
def json_has_one_object_a_line():
    with loaded():
        send(EVENT, 7)
        done = lade("watch", "watch_all/events", "--json", "--count", "1")
    equal(done.code, 0, done)
    record = lines(done.out)[0]
    equal((record["map"], record["cpu"], record["type"]), ("events", None, "event"))
    fields = record["record"]
    equal((fields["from"], fields["six"], fields["port"], fields["when"], fields["state"], fields["name"]),
          ("127.0.0.1", "::1", 443, 1500000000, "RUNNING", 'a "b"\n'))
    equal(fields["inner"], {"x": -3, "deep": {"y": 4}})
    equal(json.loads(done.err)["maps"], [{"name": "events", "records": 1, "lost": 0, "full": 0, "type": "event",
                                          "type_from": "declared"}])


@live
def fields_are_chosen_by_path_and_in_the_wanted_order():
    with loaded():
        send(EVENT, 7)
        send(EVENT, 8)
        text = lade("watch", "watch_all/events", "--count", "1", "--fields", "list[1].b,inner.deep.y,number")
        contains(text.out, " events list[1].b=9 inner.deep.y=4 number=7\n")
        done = lade("watch", "watch_all/events", "--count", "1", "--fields", "number", "--fields", "inner", "--json")
        equal(lines(done.out)[0]["record"], {"number": 8, "inner": {"x": -3, "deep": {"y": 4}}})
        for field in ("nope", "inner.nope", "number.x", "list.a", "list[2].a", "list[", ".number", "inner."):
            done = lade("watch", "watch_all/events", "--for", "1", "--fields", field)
            equal(done.code, 1, done)
            contains(done.err, "stream.field.unknown", field)


@live
def hex_shows_bytes():
    with loaded():
        send(OTHER, 0x1234)
        send(OTHER, 0x1234)
        contains(lade("watch", "watch_all/others", "--hex", "--count", "1").out, " others hex:3412000000000000")
        record = lines(lade("watch", "watch_all/others", "--hex", "--count", "1", "--json").out)[0]["record"]
        equal(record["hex"], "3412" + "00" * 46)


@live
def record_option_wins_and_must_be_known():
    with loaded():
        send(OTHER, 5)
        done = lade("watch", "watch_all", "--count", "1", "--record", "others=sample")
        contains(done.out, " others number=5 cpu=0\n")
        contains(done.err, "as --record says")
        done = lade("watch", "watch_all", "--for", "1", "--record", "smaple")
        equal(done.code, 1, done)
        contains(done.err, "stream.type.unknown", "sample has 16 bytes")
        done = lade("watch", "watch_all", "--for", "1", "--record", "nomap=sample")
        contains(done.err, "stream.map.unknown", "there is others")


@live
def pin_and_id_name_a_map_and_naming_it_twice_reads_it_once():
    with loaded():
        pin = BPFFS + "/lade/watch_all/maps/events"
        shown = lade("show", "--json", "watch_all").json()["instances"][0]
        number = next(item["id"] for item in shown["maps"] if item["name"] == "events")
        for words in ([pin], ["lade/watch_all/maps/events"], [f"id:{number}"], [pin, f"id:{number}"],
                      ["watch_all", pin]):
            send(EVENT, 3)
            done = lade("watch", *words, "--count", "1", "--fields", "number")
            equal(done.code, 0, done)
            equal(len(re.findall(r" events number=3\n", done.out)), 1, done)


@live
def object_file_gives_the_types():
    with loaded():
        send(EVENT, 3)
        done = lade("watch", "watch_all/events", "--obj", path("watch_all.bpf.o"), "--count", "1", "--fields",
                    "number")
        contains(done.out, "number=3")
        done = lade("watch", "watch_all/events", "--obj", scratch("broken.o", b"\x7fELF" + b"\xff" * 100), "--for", "1")
        equal(done.code, 2, done)


@live
def records_larger_than_a_page_are_whole_and_discarded_ones_are_not_shown():
    with loaded():
        send(DISCARD, 1)
        send(HUGE, 2)
        send(DISCARD, 3)
        send(OTHER, 4)
        done = lade("watch", "watch_all/others", "--count", "2", "--json")
        equal([line["record"]["number"] for line in lines(done.out)], [2, 4])
        equal(len(lines(done.out)[0]["record"]["bytes"]), 60000)


# ---- ends ----

@live
def count_takes_no_record_more():
    with loaded():
        for number in range(5):
            send(OTHER, number)
        for wanted in ([0, 1], [2, 3]):
            done = lade("watch", "watch_all/others", "--count", "2", "--fields", "number", "--json")
            equal([line["record"]["number"] for line in lines(done.out)], wanted)


@contextlib.contextmanager
def producer(what):
    """Never pauses."""
    script = (f"import ctypes\nlibc = ctypes.CDLL(None)\nwhile True:\n    libc.syscall(ctypes.c_long({GETPGID}), "
              f"ctypes.c_long({MARK}), ctypes.c_long({what}), ctypes.c_long(1))\n")
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        try:
            yield
        finally:
            process.kill()


@live
def producer_that_never_pauses_holds_neither_time_nor_signals_nor_other_buffers():
    for what in (EVENTS, SAMPLES):
        with loaded(), producer(what):
            done = lade("watch", "watch_all", "--for", "0.5")
            equal(done.code, 0, done)
            watcher = Watcher("watch_all")
            send(OTHER, 77)
            watcher.await_text(watcher.out, " others number=77")
            equal(watcher.end().code, 0)


@live
def reader_that_stands_still_does_not_hold_the_end():
    with loaded(), producer(EVENTS):
        for words, number in ((["--for", "0.5"], 0), ([], signal.SIGINT)):
            reading, writing = os.pipe()
            watcher = Watcher("watch_all/events", *words, stdout=writing)
            os.close(writing)
            done = watcher.end(number)
            equal(done.code, 0, done)
            os.close(reading)


@live
def reader_that_has_gone_ends_it_quietly():
    with loaded(), producer(EVENTS):
        reading, writing = os.pipe()
        watcher = Watcher("watch_all/events", stdout=writing)
        os.close(writing)
        os.close(reading)
        done = watcher.end(0)
        equal(done.code, 0, done)
        assert "error" not in done.err, done.err


# ---- losses ----

@live
def perf_losses_are_counted_exactly_though_no_record_tells_of_them():
    with loaded():
        watcher = Watcher("watch_all/samples", "--buffer", "4K")
        watcher.process.send_signal(signal.SIGSTOP)
        for _ in range(4):
            send(SAMPLES)
        watcher.process.send_signal(signal.SIGCONT)
        watcher.await_text(watcher.out, " lost=")
        done = watcher.end()
    delivered, lost = (int(number) for number in re.search(r"(\d+) records, (\d+) lost", done.err).groups())
    equal(delivered + lost, 4000, done.err)
    equal(sum(int(number) for number in re.findall(r" lost=(\d+)$", done.out, re.M)), lost)
    equal(len(re.findall(r" number=", done.out)), delivered)
    assert lost > 0
    contains(done.err, "stream.lost", "--buffer 16384")


@live
def ring_that_was_full_is_said():
    with loaded():
        watcher = Watcher("watch_all/events")
        send(EVENT)
        watcher.await_text(watcher.out, " events ")
        watcher.process.send_signal(signal.SIGSTOP)
        send(EVENTS)
        send(EVENTS)
        watcher.process.send_signal(signal.SIGCONT)
        watcher.await_text(watcher.err, "stream.ring.full")
        done = watcher.end()
    contains(done.err, "--max-entries events=262144", "found full ")


@live
def second_reader_of_a_ring_is_noticed():
    with loaded():
        first = Watcher("watch_all/events")
        send(EVENT)
        first.await_text(first.out, " events ")
        first.process.send_signal(signal.SIGSTOP)
        send(EVENT)
        equal(lade("watch", "watch_all/events", "--count", "1").code, 0)
        send(EVENT)
        first.process.send_signal(signal.SIGCONT)
        first.await_text(first.err, "stream.ring.shared")
        contains(first.end().err, "is read by somebody else too")


# ---- order ----

@live
def perf_records_of_all_cpus_come_in_the_order_of_their_time():
    cpus = sorted(os.sched_getaffinity(0))
    with loaded():
        watcher = Watcher("watch_all/samples", "--fields", "number")
        for number in range(200):
            os.sched_setaffinity(0, {cpus[number % len(cpus)]})
            send(SAMPLE, number)
        os.sched_setaffinity(0, set(cpus))
        watcher.await_text(watcher.out, " number=199\n")
        done = watcher.end()
    equal([int(number) for number in re.findall(r" number=(\d+)$", done.out, re.M)], list(range(200)))


# ---- iterators ----

@live
def iterators_are_read_to_their_end():
    done = lade("run", path("watch_iter.bpf.o"), "--prog", "elements", "--attach", "elements=map:table")
    equal((done.code, done.out), (0, "element 0 is 0\nelement 1 is 0\nelement 2 is 0\n"), done)
    done = lade("run", path("watch_iter.bpf.o"), "--prog", "tasks", "--attach", f"tasks=pid:{os.getpid()}")
    contains(done.out, f"task {os.getpid()} of {os.getpid()}\n")
    equal(pins(), [])


@live
def iterators_are_read_again_and_again():
    words = ["run", path("watch_iter.bpf.o"), "--prog", "elements", "--attach", "elements=map:table", "--json"]
    done = lade(*words, "--every", "0.05", "--for", "0.6")
    found = lines(done.out)
    assert len(found) >= 6 and len(found) % 3 == 0, done
    equal(found[:3], [{"iterator": "elements", "line": f"element {number} is 0"} for number in range(3)])


@live
def pinned_iterators_are_read_by_name_and_by_pin():
    done = lade("load", path("watch_iter.bpf.o"), "--prog", "elements", "--attach=elements=map:table")
    equal(done.code, 0, done)
    for which in ("watch_iter", BPFFS + "/lade/watch_iter/links/elements/0"):
        done = lade("watch", which)
        equal((done.code, done.out), (0, "element 0 is 0\nelement 1 is 0\nelement 2 is 0\n"), done)
    equal(lade("unload", "watch_iter").code, 0)
    equal(pins(), [])


@live
def iterator_goes_over_the_elements_that_a_map_has():
    equal(lade("load", "-q", path("k_iterators.bpf.o"), "--prog", "elements").code, 0)
    equal(lade("map", "set", "k_iterators/prices", "3", "70").code, 0)
    done = lade("attach", "k_iterators", "--prog", "elements", "--to", "map:prices", "--json")
    equal([link["target"] for link in done.json()["attached"]], ["map:prices"])
    done = lade("watch", "k_iterators")
    equal((done.code, done.out), (0, "3 costs 70\n"), done)
    equal(lade("unload", "k_iterators").code, 0)
    equal(pins(), [])


@live
def iterator_over_a_map_wants_one():
    done = lade("run", path("watch_iter.bpf.o"), "--prog", "elements", "--for", "0.1")
    contains(done.err, "attach.no-target", "which map's elements")


main()
