#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade map: maps of the running kernel, listed, read, set, dumped, watched."""
import contextlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, Done, contains, equal, lade, live, main, path, pins, test  # noqa: E402

TABLE = "m/table"
KEY = "pid=1 state=RUNNING"


@contextlib.contextmanager
def loaded(name="m", file="map_all.bpf.o"):
    done = lade("load", "-q", "--name", name, path(file))
    equal(done.code, 0, done)
    try:
        yield
    finally:
        done = lade("unload", name)
        equal(done.code, 0, done)
        equal(pins(), [])


def ok(*words, **more):
    done = lade("map", *words, **more)
    equal(done.code, 0, done)
    return done


def fails(code, *words, **more):
    done = lade("map", *words, "--json", **more)
    equal(done.code, code, done)
    return done.findings()[0]


@test
def wrong_use_is_refused():
    for words in (["gte", "x"], ["get"], ["set"], ["dump", "a", "b"], ["list", "a", "b"],
                  ["watch", "x", "--every", "0"], ["set", "x", "1", "2", "--new", "--existing"], ["get", "x", "1", "--cpu", "y"]):
        equal(lade("map", *words).code, 1, words)
    contains(lade("map", "gte", "x").err, "did you mean 'get'")
    contains(lade("map", "set", "x", "1", "-5").err, "write '--' before a negative number")


@live
def fields_are_set_by_name_and_shown_by_name():
    with loaded():
        ok("set", TABLE, KEY, "hits=3 comm=shell parts=[{port=80}] low=5 state=STOPPED")
        contains(ok("get", TABLE, KEY).out, "hits=3 ", 'comm="shell"', "{port=80 bytes=[0,0,0]}", "low=5",
                 "state=STOPPED")
        entry = ok("get", TABLE, '{"pid":1,"state":"RUNNING"}', "--json").json()
        equal(entry["key"], {"pid": 1, "state": "RUNNING"})
        equal(entry["value"]["comm"], "shell")
        ok("del", TABLE, KEY)
        equal(fails(1, "get", TABLE, KEY)["code"], "map.key.absent")


@live
def wrong_values_name_the_field():
    with loaded():
        finding = fails(1, "set", TABLE, KEY, "low=8")
        equal(finding["code"], "encode.range")
        contains(finding["message"], "low")
        finding = fails(1, "set", TABLE, KEY, "hist=8")
        equal(finding["code"], "encode.field")
        contains(finding["fix"], "hits")
        finding = fails(1, "set", TABLE, "pid=1 state=RUNING", "hits=8")
        contains(finding["message"], "key", "state")
        equal(fails(1, "get", "m/numbres", "1")["fix"], "did you mean numbers?")


@live
def what_dump_prints_can_be_set_again():
    with loaded():
        for i in range(0, 50, 10):
            ok("set", TABLE, f"pid={i}", f"hits={i * 1000000007} change=-{i} comm=c{i}")
        before = ok("dump", TABLE, "--json").out
        equal(len(json.loads(before)["entries"]), 5)
        keys = [f"pid={i}" for i in range(0, 50, 10)]
        ok("del", TABLE, *keys)
        equal(ok("dump", TABLE, "--json").json()["entries"], [])
        equal(ok("set", TABLE, "--json", input=before).json()["set"], 5)
        after = ok("dump", TABLE, "--json").json()["entries"]
        equal(sorted(map(json.dumps, after)), sorted(map(json.dumps, json.loads(before)["entries"])))
        equal(ok("set", TABLE, "-p", input=before).json()["set"], 5)


@live
def bulk_setting_says_which_entry_is_wrong_and_how_many_are_done():
    with loaded():
        text = '[{"key":0,"value":1},{"key":1,"value":"x"}]'
        done = lade("map", "set", "m/numbers", "--json", input=text)
        equal(done.code, 7, done)
        contains(done.findings()[0]["message"], "value", "x")
        equal(ok("get", "m/numbers", "0").out, "1\n")
        for wrong in ("[", "{}", '{"key":1}', "nonsense", "[[[[", '{"entries":3}'):
            equal(lade("map", "set", "m/numbers", "--json", input=wrong).code, 1, wrong)


@live
def new_and_existing_are_kept_apart():
    with loaded():
        equal(fails(1, "set", "m/per_cpu_hash", "1", "2", "--existing")["code"], "map.key.absent")
        ok("set", "m/per_cpu_hash", "1", "2", "--new")
        equal(fails(1, "set", "m/per_cpu_hash", "1", "2", "--new")["code"], "map.key.exists")
        ok("set", "m/per_cpu_hash", "1", "3", "--existing")


@live
def each_cpu_has_its_value():
    with loaded():
        ok("set", "m/per_cpu", "0", "5", "--cpu", "0")
        values = ok("get", "m/per_cpu", "0", "--json").json()["values"]
        equal([v["value"] for v in values], [5] + [0] * (len(values) - 1))
        equal(ok("get", "m/per_cpu", "0", "--cpu", "0").out, "5\n")
        equal(lade("map", "get", "m/per_cpu", "0", "--cpu", str(len(values))).code, 1)
        dump = ok("dump", "m/per_cpu", "--json").out
        ok("set", "m/per_cpu", "0", "6")
        equal({v["value"] for v in ok("get", "m/per_cpu", "0", "--json").json()["values"]}, {6})
        ok("set", "m/per_cpu", "--json", input=dump)
        equal(ok("get", "m/per_cpu", "0", "--json").json()["values"], values)
        one = ok("dump", "m/per_cpu", "--json", "--cpu", "0").out
        ok("set", "m/per_cpu", "0", "9")
        ok("set", "m/per_cpu", "--json", "--cpu", "0", input=one)
        now = [v["value"] for v in ok("get", "m/per_cpu", "0", "--json").json()["values"]]
        equal(now, [5] + [9] * (len(values) - 1))
        ok("set", "m/per_cpu", "--json", "--cpu", "0", input=json.dumps([{"key": 0, "values": [{"cpu": 0, "value": 4}]}]))
        equal(ok("get", "m/per_cpu", "0", "--cpu", "0").out, "4\n")
        ok("set", "m/per_cpu_hash", "--json", "--cpu", "0", input='{"key": 77, "value": 3}')
        equal([v["value"] for v in ok("get", "m/per_cpu_hash", "77", "--json").json()["values"]],
              [3] + [0] * (len(values) - 1))
        ok("del", "m/per_cpu_hash", "77")


@live
def slots_and_inner_maps_are_set_by_name():
    with loaded():
        equal(lade("test", "m/jump", "--json").json()["value_name"], "XDP_PASS")
        ok("set", "m/calls", "1", "drop")
        contains(ok("dump", "m/calls").out, "1: drop id:")
        equal(lade("test", "m/jump", "--json").json()["value_name"], "XDP_DROP")
        finding = fails(5, "set", "m/calls", "1", "shot")
        contains(" ".join(finding["evidence"]), "xdp")
        ok("del", "m/calls", "1")
        equal(lade("test", "m/jump", "--json").json()["value_name"], "XDP_PASS")
        ok("set", "m/outer", "3", "first_inner")
        contains(ok("dump", "m/outer").out, "3: first_inner id:")
        equal(fails(1, "set", "m/outer", "3", "no_such_map")["code"], "map.unknown")


@live
def number_beyond_an_array_is_no_full_map():
    with loaded():
        finding = fails(1, "set", "m/calls", "99", "drop")
        equal(finding["code"], "map.key.range", finding)
        contains(" ".join(finding["evidence"]), "max_entries is ", "the key is 99")


@live
def name_of_something_loaded_alone_says_which_maps_it_has():
    with loaded():
        finding = fails(1, "dump", "m")
        equal(finding["code"], "map.unknown")
        contains(" ".join(finding["evidence"]), "m is loaded, with the map table")
        contains(finding["fix"], "name the map, too: m/")


@live
def storage_of_tasks_is_set_got_and_deleted_by_process():
    # A kernel without it (before 5.13), or without its own types: the library's tests say so.
    done = lade("load", "-q", "--name", "m", "--prog", "task", path("map_storage.bpf.o"))
    if done.code == 3:
        return
    equal(done.code, 0, done)
    try:
        key = f"pid:{os.getpid()}"
        equal(fails(1, "get", "m/of_tasks", key)["code"], "map.key.absent")
        ok("set", "m/of_tasks", key, "number=5")
        equal(ok("get", "m/of_tasks", key).out, "number=5 seen=0\n")
        entry = ok("get", "m/of_tasks", key, "--json").json()
        equal((entry["key"], entry["value"]), (key, {"number": 5, "seen": 0}))
        equal(ok("del", "m/of_tasks", key, "--json").json()["deleted"], 1)
        contains(lade("map", "del", "m/of_tasks", key).err, key)
        equal(fails(1, "get", "m/of_tasks", "5")["code"], "map.target")
        equal(fails(3, "dump", "m/of_tasks")["code"], "map.no-walk")
    finally:
        equal(lade("unload", "m").code, 0)


@live
def interfaces_are_named_in_device_maps():
    with loaded():
        ok("set", "m/devices", "1", "lo")
        equal(ok("dump", "m/devices").out, "1: lo\n")
        ok("set", "m/devices", "--json", input=ok("dump", "m/devices", "--json").out)
        equal(fails(1, "set", "m/devices", "1", "no-such-device")["code"], "map.target")


@live
def queues_are_pushed_peeked_and_popped():
    with loaded():
        ok("set", "m/line", "3")
        ok("set", "m/line", "4")
        equal(ok("get", "m/line").out, "3\n")
        equal(ok("del", "m/line").out, "3\n")
        equal(ok("del", "m/line", "--json").json()["value"], 4)
        equal(fails(1, "del", "m/line")["code"], "map.empty")
        equal(lade("map", "get", "m/line", "1").code, 1)


@live
def globals_are_maps_too_and_frozen_ones_stay():
    with loaded():
        equal(ok("get", "m/.data", "0").out, "counter=7\n")
        ok("set", "m/.data", "0", "counter=9")
        equal(lade("test", "m/drop").code, 0)
        equal(ok("get", "m/.data", "0").out, "counter=10\n")
        finding = fails(5, "set", "m/.rodata", "0", "limit=1")
        equal(finding["code"], "map.frozen")
        contains(finding["fix"], "lade load --set")


@live
def arrays_keep_their_elements():
    with loaded():
        equal(fails(1, "del", "m/numbers", "1")["code"], "map.delete.fixed")
        ok("set", "--", "m/numbers", "1", "-5")
        equal(ok("get", "m/numbers", "1").out, "-5\n")


@live
def list_shows_types_users_and_pins():
    with loaded():
        maps = {m["name"]: m for m in ok("list", "m", "--json").json()["maps"]}
        equal(maps["calls"]["type"], "prog_array")
        equal(maps[".rodata"]["frozen"], True)
        equal(maps["calls"]["pins"], ["/sys/fs/bpf/lade/m/maps/calls"])
        users = [(user["kind"], user["name"]) for user in maps["calls"]["users"]]
        assert ("instance", "m") in users and ("program", "jump") in users, users
        contains(ok("list").out, "calls", "/sys/fs/bpf/lade/m/maps/calls")
        contains(ok("list", "m/calls").out, "prog_array")
        equal(fails(1, "list", "nothing-here")["code"], "map.unknown")


@live
def process_that_holds_a_map_is_named():
    with loaded():
        with subprocess.Popen([LADE, "map", "watch", "m/numbers"], stdout=subprocess.PIPE) as process:
            try:
                for _ in range(100):
                    users = ok("list", "m/numbers", "--json").json()["maps"][0]["users"]
                    if any(user["kind"] == "process" and user["id"] == process.pid for user in users):
                        break
                    time.sleep(0.05)
                else:
                    raise AssertionError(users)
            finally:
                process.terminate()


@live
def watching_prints_what_changes():
    with loaded():
        ok("set", "m/per_cpu_hash", "1", "1")
        with subprocess.Popen([LADE, "map", "watch", "m/table", "--every", "0.05", "--json"], stdout=subprocess.PIPE,
                              text=True) as process:
            try:
                # Until it has looked once nobody knows whether a change is one.
                lines, number = [], 0
                while not lines and number < 100:
                    number += 1
                    ok("set", TABLE, KEY, f"hits={number}")
                    time.sleep(0.1)
                    os.set_blocking(process.stdout.fileno(), False)
                    lines = [line for line in (process.stdout.readline() for _ in range(5)) if line]
                change = json.loads(lines[0])
                equal(change["map"], "table")
                assert change["change"] in ("added", "changed"), change
                equal(change["key"], {"pid": 1, "state": "RUNNING"})
                ok("del", TABLE, KEY)
                time.sleep(0.3)
            finally:
                process.terminate()
            os.set_blocking(process.stdout.fileno(), True)
            rest = [json.loads(line) for line in process.stdout.read().splitlines()]
        equal(rest[-1]["change"], "removed")
        equal(rest[-1]["value"], None)
        equal(process.returncode, 0)


@live
def watching_ends_after_its_time():
    with loaded():
        done = Done(subprocess.run([LADE, "map", "watch", "m/numbers", "--for", "0.3"], capture_output=True, text=True,
                                   timeout=30, check=False))
        equal(done.code, 0, done)
        equal(done.out, "")


@live
def buffers_have_no_entries():
    with loaded():
        equal(fails(3, "dump", "m/events")["code"], "map.no-walk")


@live
def documents_are_json_with_pretty_too():
    with loaded():
        ok("set", TABLE, KEY, "hits=1")
        for words in (["list", "m"], ["get", TABLE, KEY], ["dump", TABLE], ["del", TABLE, KEY]):
            document = ok(*words, "-p").json()
            equal(document["schema"], "lade/1")
            equal(document["ok"], True)


if __name__ == "__main__":
    main()
