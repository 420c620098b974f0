#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade send: records that programs read out of a user ring buffer, and what they answer."""
import contextlib
import ctypes
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import json  # noqa: E402
import platform  # noqa: E402

from runner.check import LADE, Skip, command, contains, equal, lade, live, main, path, pins, test  # noqa: E402

MARK = 0x1ade58
GETPGID = {"x86_64": 121, "aarch64": 155}.get(platform.machine())
libc = ctypes.CDLL(None)


@contextlib.contextmanager
def loaded():
    done = lade("load", "--attach", path("watch_user.bpf.o"))
    if done.code == 3:
        raise Skip("this kernel has no user ring buffers (since 6.1)")
    equal(done.code, 0, done)
    try:
        yield
    finally:
        equal(lade("unload", "watch_user").code, 0)
        equal(pins(), [])


def answers(count):
    """The program reads its commands now; each is sent back with its number raised by one."""
    libc.syscall(ctypes.c_long(GETPGID), ctypes.c_long(MARK))
    done = lade("watch", "watch_user/answers", "--json", "--count", str(count))
    return [json.loads(line)["record"] for line in done.out.splitlines()]


@test
def wrong_use_is_refused():
    equal(lade("send", "map").code, 1)
    equal(lade("send", "map", "1", "--wait", "long").code, 1)


@live
def text_json_and_bytes_arrive_at_the_program():
    with loaded():
        done = lade("send", "watch_user/commands", "number=41 name=hello", '{"number":7,"name":"a \\"b\\""}',
                    "hex:09000000" + "00" * 12)
        equal((done.code, done.out), (0, "sent 3 records to watch_user/commands\n"), done)
        equal(answers(3), [{"number": 42, "name": "hello"}, {"number": 8, "name": 'a "b"'},
                           {"number": 10, "name": ""}])


@live
def lines_of_standard_input_are_records():
    with loaded():
        done = command("sh", "-c", f"printf '{{\"number\":1}}\\n\\nnumber=2\\n' | {LADE} send watch_user/commands - -j")
        equal(done.json()["sent"], 2)
        equal([record["number"] for record in answers(2)], [2, 3])


@live
def what_cannot_be_sent_names_the_reason():
    with loaded():
        for words, parts in ((["commands", "numbr=1"], ["encode.field", "number"]),
                             (["commands", "number=x"], ["number"]),
                             (["commands", "hex:00"], ["encode."]),
                             (["commands", "number=1", "--record", "nope"], ["stream.type.unknown", "command"]),
                             (["answers", "number=1"], ["user-ring.none", "answers"]),
                             (["missing", "number=1"], ["missing"])):
            done = lade("send", "watch_user/" + words[0], *words[1:])
            assert done.code, done
            contains(done.err, *parts)


@live
def full_ring_is_an_error_after_the_wait():
    with loaded():
        done = command("sh", "-c", "i=0; while [ $i -lt 300 ]; do echo number=$i; i=$((i + 1)); done | "
                       f"{LADE} send watch_user/commands - --wait 20")
        equal(done.code, 5, done)
        contains(done.err, "user-ring.full")
        equal(answers(1)[0]["number"], 1)


main()
