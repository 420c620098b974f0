#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Programs of network devices by the command alone: objects of iproute2 and of libbpf, in a network namespace."""
import contextlib
import ctypes
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import contains, equal, lade, live, main, path, pins  # noqa: E402

CLONE_NEWNET = 0x40000000
PORT = 9


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def qdiscs():
    shown = subprocess.run(["tc", "qdisc", "show", "dev", "lo"], check=True, capture_output=True, text=True)
    return [line.split()[1] for line in shown.stdout.splitlines() if line.split()[1] != "noqueue"]


@contextlib.contextmanager
def network():
    """A network namespace of this test's own, and a socket that receives what comes to the port."""
    assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0
    ip("link", "set", "lo", "up")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # packets come in the order in which they went
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", PORT))
        receiver.settimeout(60)
        yield receiver
    equal(qdiscs(), [])
    equal(pins(), [])


def send(text):
    """Every program on its way has seen it when what was sent after it, to another port, has come."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marker:
        marker.bind(("127.0.0.1", 0))
        marker.settimeout(60)
        with contextlib.suppress(PermissionError):  # a program on the way out says so
            sender.sendto(text.encode(), ("127.0.0.1", PORT))
        sender.sendto(b"marker", marker.getsockname())
        equal(marker.recv(16), b"marker")


def drops_until_unload(receiver, name):
    """What is sent now is lost, what is sent after unload comes: nothing else may lie before it."""
    send("lost")
    equal(lade("unload", name).code, 0)
    send("comes")
    equal(receiver.recv(16), b"comes")


def iproute2(target, *options):
    return lade("load", "--json", path("net_iproute2_kern.o"), "--name", "old", "--attach", target, *options)


@live
def classifier_of_iproute2_drops_packets():
    for target in ("dev:lo:ingress", "dev:lo:ingress,da", "cls_main=dev:lo:egress", "classifier=dev:lo:egress,prio=7"):
        with network() as receiver:
            load = iproute2(target)
            equal(load.code, 0, load)
            shown = lade("show", "old", "--json").json()["instances"][0]
            contains(json.dumps(shown["links"]), "cls_main", target.partition("=")[2] or target.split(",", maxsplit=1)[0])
            drops_until_unload(receiver, "old")


@live
def target_without_a_program_goes_to_those_it_fits():
    with network() as receiver:
        equal(iproute2("dev:lo").code, 0)
        links = lade("show", "old", "--json").json()["instances"][0]["links"]
        equal(len(links), 1, links)
        contains(json.dumps(links), "xdp_main")
        drops_until_unload(receiver, "old")


@live
def run_attaches_while_it_runs():
    with network() as receiver:
        ran = lade("run", path("net_iproute2_kern.o"), "--for", "0.1", "--attach", "dev:lo:ingress,da")
        equal(ran.code, 0, ran)
        contains(ran.err, "cls_main", "dev:lo:ingress,prio=49152,handle=0x1,da")
        send("comes")
        equal(receiver.recv(16), b"comes")


@live
def holder_is_named_and_stays():
    with network() as receiver:
        equal(iproute2("dev:lo").code, 0)
        load = lade("load", "--json", path("net_device.bpf.o"), "--name", "second", "--prog", "counts_early", "--attach",
                    "dev:lo")
        equal(load.code, 6, load)
        equal(load.codes(), ["attach.exists"], load)
        contains(load.err, "xdp_main")
        drops_until_unload(receiver, "old")


@live
def filter_goes_from_another_namespace():
    with network() as receiver:
        equal(iproute2("dev:lo:ingress,da").code, 0)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0
        unload = lade("unload", "old")
        equal(unload.code, 0, unload)
        assert ctypes.CDLL(None, use_errno=True).setns(home, CLONE_NEWNET) == 0
        os.close(home)
        send("comes")
        equal(receiver.recv(16), b"comes")


@live
def filter_of_a_replaced_object_keeps_its_place():
    with network() as receiver:
        equal(iproute2("cls_main=dev:lo:ingress,da").code, 0)
        before = lade("show", "old", "--json").json()["instances"][0]
        load = iproute2("cls_main=dev:lo:ingress,da", "--replace")
        equal(load.code, 0, load)
        after = lade("show", "old", "--json").json()["instances"][0]
        equal([link["name"] for link in after["links"]], [link["name"] for link in before["links"]])
        assert {program["id"] for program in before["programs"]}.isdisjoint(program["id"] for program in after["programs"])
        contains(json.dumps(after["links"]), "dev:lo:ingress,prio=49152,handle=0x1,da")
        drops_until_unload(receiver, "old")


@live
def wrong_targets_name_the_form():
    with network():
        for target, code, codes in (("dev:lo:sideways", 1, ["attach.target.syntax"]),
                                    ("cls_main=dev:lo", 1, ["attach.tc.direction"]),
                                    ("cls_main=dev:l0:ingress", 6, ["attach.device.missing"]),
                                    ("cls_main=netfilter:ipv4:input", 6, ["attach.target-kind"])):
            load = iproute2(target)
            equal(load.code, code, load)
            equal(load.codes(), codes, load)


main()
