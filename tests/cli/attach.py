#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade attach, detach, load --replace, list, show and unload --orphans, as somebody types them."""
import ctypes
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, SOURCE, equal, lade, live, main, path, pins, test  # noqa: E402

CLONE_NEWNET = 0x40000000


def own_network():
    assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) == 0
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def links():
    return [(link["program"], link["method"], link["target"])
            for entry in lade("list", "--json").json()["instances"] for link in entry["links"]]


def bad(done, exit_code, finding):
    equal(done.code, exit_code, done)
    assert finding in done.err, done


@live
def what_is_loaded_is_attached_listed_and_detached():
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep").code, 0)
    done = lade("attach", "rep", "--prog", "drop", "--to", "dev:lo")
    equal((done.code, done.out.split()), (0, ["attached", "drop", "xdp", "dev:lo"]), done)
    bad(lade("attach", "rep", "--prog", "drop", "--to", "dev:lo"), 6, "attach.twice")
    equal(lade("attach", "rep", "--json").json()["attached"][0]["program"], "enter")
    equal(sorted(links()), [("drop", "xdp", "dev:lo"), ("enter", "raw_tracepoint", "sys_enter")])
    text = lade("list").out
    assert "LINK OF" in text and "dev:lo" in text, text
    assert "LINK OF" not in lade("list", "--quiet").out
    assert "dev:lo" in lade("show", "rep").out
    bad(lade("detach", "rep"), 1, "--all")
    bad(lade("detach", "rep", "--prog", "classify"), 6, "detach.not-attached")
    equal(lade("detach", "rep", "--to", "dev:lo").out, "detached 1 link\n")
    equal(lade("detach", "rep", "--all", "--json").json()["detached"], 1)
    equal(links(), [])
    equal(lade("unload", "rep").code, 0)
    equal(pins(), [])


@live
def an_attachment_without_a_pin_is_listed_and_undone():
    """The qdisc and the filter of an old kernel are links, too; here they are asked for by their options."""
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep").code, 0)
    done = lade("attach", "rep", "--prog", "classify", "--to", "dev:lo:ingress,prio=7")
    equal(done.code, 0, done)
    shown = lade("show", "rep", "--json").json()["instances"][0]["links"]
    filters = [link for link in shown if link["method"] in ("tc", "clsact") or "prio=7" in (link["target"] or "")]
    assert filters and all(link["gone"] is False for link in shown), shown
    subprocess.run(["tc", "filter", "del", "dev", "lo", "ingress"], check=True)
    shown = lade("show", "rep", "--json").json()["instances"][0]["links"]
    assert any(link["gone"] for link in shown), shown
    assert "gone" in lade("list").out
    equal(lade("unload", "rep").code, 0)
    equal(pins(), [])
    out = subprocess.run(["tc", "qdisc", "show", "dev", "lo"], capture_output=True, text=True, check=True).stdout
    assert "clsact" not in out, out


@live
def a_program_of_others_is_attached_and_stays_theirs():
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep").code, 0)
    pin = "/sys/fs/bpf/theirs"
    subprocess.run(["bpftool", "prog", "pin", "pinned", "/sys/fs/bpf/lade/rep/progs/drop", pin], check=True)
    equal(lade("unload", "rep").code, 0)
    equal(lade("attach", pin, "--to", "dev:lo", "--name", "mine").code, 0)
    equal(links(), [("drop", "xdp", "dev:lo")])
    equal(lade("detach", "mine", "--all").code, 0)
    equal(lade("unload", "mine").code, 0)
    equal(pins(), ["theirs"])
    bad(lade("attach", pin, "--prog", "drop"), 1, "--prog")
    os.unlink(pin)


@live
def a_running_object_is_replaced():
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep", "--attach", "drop=dev:lo", "--attach", "enter=").code, 0)
    bad(lade("load", path("rep_two.bpf.o"), "--name", "rep"), 6, "--replace")
    done = lade("load", path("rep_two.bpf.o"), "--name", "rep", "--replace")
    equal(done.code, 0, done)
    assert "goes on" in done.out and "replace.overlap" in done.out, done
    equal(sorted(links()), [("drop", "xdp", "dev:lo"), ("enter", "raw_tracepoint", "sys_enter")])
    done = lade("load", path("rep_three.bpf.o"), "--name", "rep", "--replace", "--json")
    equal((done.code, done.codes()), (6, ["replace.map.differs"]), done)
    bad(lade("load", path("rep_three.bpf.o"), "--name", "rep", "--migrate"), 1, "--replace")
    bad(lade("load", path("rep_three.bpf.o"), "--name", "rep", "--replace", "--migrate=tabel"), 1, "replace.map.unknown")
    done = lade("load", path("rep_three.bpf.o"), "--name", "rep", "--replace", "--migrate", "--json")
    equal(done.code, 0, done)
    assert "replace.map.migrated" in [note["code"] for note in done.json()["objects"][0]["notes"]], done
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep", "--replace", "--recreate=table").code, 0)
    equal(len(links()), 2)
    equal(lade("unload", "rep").code, 0)
    equal(pins(), [])


@live
def a_second_replacement_is_like_the_first():
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep", "--attach", "drop=dev:lo").code, 0)
    first = pins()
    for _ in range(3):
        done = lade("load", path("rep_one.bpf.o"), "--name", "rep", "--replace", "--attach", "drop=dev:lo")
        equal(done.code, 0, done)
        equal(pins(), first)
        equal(links(), [("drop", "xdp", "dev:lo")])
    equal(lade("unload", "rep").code, 0)


@live
def what_is_left_behind_is_found_and_removed():
    equal(lade("unload", "--orphans").out, "nothing is left behind\n")
    equal(lade("load", path("rep_two.bpf.o"), "--name", "stays").code, 0)
    for delay in range(1, 30):
        process = subprocess.Popen([LADE, "load", path("rep_one.bpf.o"), "--name", "rep", "--attach", "drop=dev:lo"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay / 2000)
        process.kill()
        process.communicate()
        if any(entry["state"] == "unfinished" for entry in lade("list", "--json").json()["instances"]):
            break
        lade("unload", "rep")
    looked = lade("unload", "--orphans", "--dry-run", "--json").json()["orphans"]
    before = pins()
    assert all(not orphan["removed"] for orphan in looked), looked
    equal(pins(), before)
    removed = lade("unload", "--orphans", "--json").json()["orphans"]
    equal([orphan["place"] for orphan in removed], [orphan["place"] for orphan in looked])
    assert all(orphan["removed"] for orphan in removed), removed
    equal([entry["name"] for entry in lade("list", "--json").json()["instances"]], ["stays"])
    equal(lade("unload", "stays").code, 0)
    equal(pins(), [])


@test
def wrong_use_is_said():
    bad(lade("unload"), 1, "--orphans")
    bad(lade("unload", "--orphans", "x"), 1, "--orphans")
    bad(lade("unload", "--dry-run", "x"), 1, "--orphans")
    bad(lade("attach"), 1, "attach")


@live
def what_is_not_there_is_said():
    bad(lade("attach", "nobody"), 1, "state.not-found")
    bad(lade("detach", "nobody", "--all"), 1, "state.not-found")


@live
def documents_fit_the_schema():
    import jsonschema
    with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    equal(lade("load", path("rep_one.bpf.o"), "--name", "rep").code, 0)
    for kind, words in (("attached", ["attach", "rep", "--prog", "drop", "--to", "dev:lo", "--json"]),
                        ("list", ["list", "--json"]), ("list", ["show", "rep", "--json"]),
                        ("detached", ["detach", "rep", "--all", "--json"]),
                        ("orphans", ["unload", "--orphans", "--dry-run", "--json"])):
        jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}).validate(
            lade(*words).json())
    equal(lade("unload", "rep").code, 0)


if os.geteuid() == 0:
    own_network()
main()
