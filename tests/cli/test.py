#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade test: programs run on packets and contexts without being attached."""
import contextlib
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import contains, equal, lade, live, main, path, pins, scratch, test  # noqa: E402

MAGICS = {"micro": 0xa1b2c3d4, "nano": 0xa1b23c4d}
FRAME = bytes(range(60))
TURNED = FRAME[6:12] + FRAME[:6] + FRAME[12:]


def of(program):
    return path("map_all.bpf.o") + ":" + program


def run(program, *words, code=0):
    done = lade("test", of(program), "--json", *words)
    equal(done.code, code, done)
    equal(pins(), [])
    return done.json() if code == 0 else done.findings()[0]


def pcap(packets, order="<", magic="micro", link=1):
    head = struct.pack(order + "IHHIIII", MAGICS[magic], 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack(order + "IIII", 7, 8, len(packet), len(packet)) + packet for packet in packets)


def read_pcap(file):
    with open(file, "rb") as f:
        data = f.read()
    equal(struct.unpack_from("=IHHIIII", data), (MAGICS["nano"], 2, 4, 0, 0, 256 << 10, 1))
    packets, at = [], 24
    while at < len(data):
        seconds, fraction, size, _length = struct.unpack_from("=IIII", data, at)
        packets.append((seconds, fraction, data[at + 16:at + 16 + size]))
        at += 16 + size
    return packets


@contextlib.contextmanager
def loaded():
    equal(lade("load", "-q", "--name", "t", path("map_all.bpf.o")).code, 0)
    try:
        yield
    finally:
        equal(lade("unload", "t").code, 0)
        equal(pins(), [])


@test
def wrong_use_is_refused():
    for words in (["--data", "a", "--hex", "00"], ["--repeat", "x"], ["--cpu", "-1"], ["--live", "--out", "x"]):
        equal(lade("test", "nothing", *words).code, 1, words)


@live
def values_have_their_names():
    equal(run("drop")["value_name"], "XDP_DROP")
    equal(run("shot")["value_name"], "TC_ACT_SHOT")
    equal(run("bounce", "--hex", "00 " * 14)["value_name"], "XDP_TX")
    equal(run("add", "--ctx", "hex:0100000000000000")["value_name"], None)
    contains(lade("test", of("drop")).out, "XDP_DROP (1)", " ns", "64 → 64 bytes")


@live
def packet_comes_back_as_the_program_left_it():
    file = scratch("frame", FRAME)
    equal(bytes.fromhex(run("bounce", "--data", file)["data"]), TURNED)
    out = scratch("out")
    run("bounce", "--hex", "hex:" + FRAME.hex(), "--out", out)
    with open(out, "rb") as f:
        equal(f.read(), TURNED)


@live
def context_goes_in_and_comes_out():
    equal(run("add", "--ctx", "hex:0100000000000000")["context"], "0600000000000000")
    skb = bytearray(192)
    skb[8:12] = struct.pack("=I", 5)  # mark
    out = scratch("ctx")
    run("shot", "--ctx", scratch("skb", bytes(skb)), "--ctx-out", out)
    with open(out, "rb") as f:
        equal(struct.unpack_from("=I", f.read(), 8)[0], 5 + 64)


@live
def runs_are_repeated_and_counted():
    with loaded():
        before = lade("map", "get", "t/.data", "0", "--json").json()["value"]["counter"]
        done = lade("test", "t/drop", "--repeat", "1000", "--json")
        equal(done.code, 0, done)
        equal(lade("map", "get", "t/.data", "0", "--json").json()["value"]["counter"], before + 1000)


@live
def raw_tracepoints_run_on_the_cpu_that_is_named():
    for cpu in range(min(2, os.cpu_count())):
        equal(run("raw", "--ctx", "hex:0a00000000000000", "--cpu", str(cpu))["value"], 10 + cpu)


@live
def every_packet_of_a_capture_is_run():
    for order in "<>":
        for magic in MAGICS:
            out = scratch("out.pcap")
            file = scratch("in.pcap", pcap([FRAME, FRAME + b"more"], order, magic))
            found = run("bounce", "--pcap", file, "--out", out)["packets"]
            equal([packet["value_name"] for packet in found], ["XDP_TX", "XDP_TX"])
            fraction = 8 if magic == "nano" else 8000
            equal(read_pcap(out), [(7, fraction, TURNED), (7, fraction, TURNED + b"more")])
            # What was written is read.
            equal(len(run("bounce", "--pcap", out)["packets"]), 2)
    contains(lade("test", of("drop"), "--pcap", file).out, "1: XDP_DROP (1)", "2: XDP_DROP (1)")


@live
def damaged_captures_are_refused():
    whole = pcap([FRAME])
    for wrong, part in ((b"", "shorter"), (whole[:20], "shorter"), (whole[:30], "cut off"), (whole[:-1], "cut off"),
                        (b"\0" * 40, "no pcap"), (bytes.fromhex("0a0d0d0a") + b"\0" * 40, "pcapng"),
                        (pcap([], link=101), "link type 101"),
                        (whole[:32] + b"\xff\xff\xff\xff" + whole[36:], "longer")):
        finding = run("drop", "--pcap", scratch("wrong.pcap", wrong), code=2)
        equal(finding["code"], "test.pcap")
        contains(finding["message"], part)
    equal(run("drop", "--pcap", scratch("empty.pcap", pcap([])))["packets"], [])
    equal(run("drop", "--pcap", "/no/such/file", code=5)["code"], "test.file")


@live
def types_that_the_kernel_cannot_run_are_named():
    finding = run("no_test", code=3)
    equal(finding["code"], "test.unsupported")
    contains(finding["message"], "524")
    contains(" ".join(finding["evidence"]), "tracepoint")


@live
def what_the_kernel_refuses_is_explained():
    finding = run("drop", "--hex", "00", code=1)
    equal(finding["code"], "test.refused")
    contains(finding["cause"], "14 bytes")
    contains(run("add", code=1)["fix"], "--ctx")
    equal(run("drop", "--hex", "0g", code=1)["code"], "test.hex")


@live
def live_frames_run():
    equal(run("drop", "--live", "--repeat", "10", "--hex", FRAME.hex())["value_name"], None)
    contains(lade("test", of("drop"), "--live", "--repeat", "10").out, "done")


@live
def programs_are_found_by_name_pin_and_id():
    with loaded():
        id_ = [pin["id"] for pin in lade("show", "t", "--json").json()["instances"][0]["programs"]
               if pin["name"] == "drop"][0]
        for name in ("t/drop", "/sys/fs/bpf/lade/t/progs/drop", "lade/t/progs/drop", f"id:{id_}", str(id_)):
            equal(lade("test", name, "--json").json()["value_name"], "XDP_DROP", name)
        for name in ("t/dorp", "id:4294967294", "/sys/fs/bpf/lade/t/progs/none"):
            equal(lade("test", name).code, 1, name)
        contains(lade("test", "t/dorp").err, "did you mean drop?")
        equal(lade("test", "/sys/fs/bpf/lade/t/maps/calls").code, 5)
    done = lade("test", of("dorp"))
    equal(done.code, 1, done)
    contains(done.err, "it has drop")


if __name__ == "__main__":
    main()
