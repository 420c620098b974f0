#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""lade explain --last: what a failure leaves, who can read it, and what must not happen to it."""
import json
import os
import stat
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from runner.check import LADE, SOURCE, Skip, contains, equal, lade, live, main, path, test  # noqa: E402

with open(os.path.join(SOURCE, "docs", "schema", "lade-1.schema.json"), encoding="utf-8") as f:
    SCHEMA = json.load(f)
NAME = "last-failure.json"


def cache():
    return {"LADE_CACHE": os.path.join(tempfile.mkdtemp(), "cache")}


def fail(env, *words):
    done = lade(*(words or ("inspect", "/etc/passwd")), env=env)
    equal(done.code, 2, done)
    return done


def last(env, *words):
    return lade("explain", "--last", *words, env=env)


@test
def last_failure_is_shown_again_whole():
    env = cache()
    failed = fail(env)
    again = last(env)
    equal(again.code, 0, again)
    head, rest = again.out.split("\n", 1)
    contains(head, "lade inspect /etc/passwd", "exit code 2")
    equal(rest, failed.err)
    document = last(env, "--json").json()
    jsonschema.Draft202012Validator({"$ref": "#/$defs/last_failure", "$defs": SCHEMA["$defs"]}).validate(document)
    equal((document["verb"], document["exit"], document["arguments"]), ("inspect", 2, ["inspect", "/etc/passwd"]))
    failed = fail(env, "inspect", "--json", "/etc/passwd")
    equal(last(env, "--json").json()["findings"], failed.findings())


@test
def file_is_its_users_alone_and_nothing_else_is_left():
    env = cache()
    for _ in range(3):
        fail(env)
    directory = env["LADE_CACHE"]
    equal(os.listdir(directory), [NAME])
    equal(stat.S_IMODE(os.stat(os.path.join(directory, NAME)).st_mode), 0o600)
    equal(stat.S_IMODE(os.stat(directory).st_mode), 0o755)


@test
def only_the_last_one_is_kept_and_success_or_wrong_use_does_not_count():
    env = cache()
    fail(env)
    fail(env, "inspect", "/etc/hostname")
    equal(lade("inspect", "--no-such-option", env=env).code, 1)
    equal(lade("version", env=env).code, 0)
    equal(lade("explain", "/nonexistent/file", env=env).code, 1)
    contains(last(env).out, "lade inspect /etc/hostname")


@test
def nothing_is_kept_where_the_cache_is_off():
    for off in ("off", ""):
        env = {"LADE_CACHE": off, "HOME": tempfile.mkdtemp(), "XDG_STATE_HOME": tempfile.mkdtemp()}
        fail(env)
        equal((os.listdir(env["HOME"]), os.listdir(env["XDG_STATE_HOME"])), ([], []))
        done = last(env)
        equal(done.code, 1, done)
        contains(done.err, "LADE_CACHE is off")


@test
def without_a_failure_that_is_said():
    done = last(cache())
    equal((done.code, done.out), (1, ""), done)
    contains(done.err, "no failure is kept")
    equal(lade("explain", "--last", "x", env=cache()).code, 1)


@test
def failure_to_keep_changes_nothing():
    env = cache()
    whole = fail(env)
    os.chmod(env["LADE_CACHE"], 0o777)  # others may write there: neither written nor read
    os.unlink(os.path.join(env["LADE_CACHE"], NAME))
    again = fail(env)
    equal((again.code, again.out, again.err), (whole.code, whole.out, whole.err))
    equal(os.listdir(env["LADE_CACHE"]), [])
    for wrong in ("/proc/nothing", "/dev/null", "/etc/passwd/below", "relative/none/such", "/" + "x" * 5000):
        again = fail({"LADE_CACHE": wrong})
        equal((again.code, again.err), (whole.code, whole.err))


@test
def full_disk_leaves_the_file_before_it():
    env = cache()
    fail(env)
    script = f"ulimit -f 0; exec {LADE} inspect /etc/hostname"
    done = subprocess.run(["bash", "-c", script], env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode != 2:
        raise Skip(f"ulimit -f 0: exit {done.returncode}")
    equal(os.listdir(env["LADE_CACHE"]), [NAME])
    contains(last(env).out, "lade inspect /etc/passwd")


@test
def file_that_a_killed_process_left_is_no_obstacle():
    env = cache()
    fail(env)
    # Any number of them: the process's own name is always free.
    for number in range(3):
        with open(os.path.join(env["LADE_CACHE"], f".{NAME}.{number + 1}"), "w", encoding="utf-8") as file:
            file.write("{")
    fail(env, "inspect", "/etc/hostname")
    contains(last(env).out, "/etc/hostname")


@test
def link_in_its_place_is_not_followed():
    env = cache()
    fail(env)
    victim = os.path.join(tempfile.mkdtemp(), "victim")
    with open(victim, "w", encoding="utf-8") as file:
        file.write("precious")
    place = os.path.join(env["LADE_CACHE"], NAME)
    os.unlink(place)
    os.symlink(victim, place)
    equal(last(env).code, 1)
    fail(env)
    with open(victim, encoding="utf-8") as file:
        equal(file.read(), "precious")
    assert not os.path.islink(place)


@test
def damaged_file_is_as_none():
    env = cache()
    fail(env)
    place = os.path.join(env["LADE_CACHE"], NAME)
    with open(place, "rb") as file:
        whole = file.read()
    for text in (b"", b"{", b"[]", b"null", b"{}", b'{"findings":7}', b'{"findings":[]}', whole[:len(whole) // 2],
                 b"\xff" * 100, b"[" * 100000):
        with open(place, "wb") as file:
            file.write(text)
        equal(last(env).code, 1, text[:40])
    for text in (b'{"findings":[7,null,{"code":7,"evidence":{"a":1},"source":"x","instruction":"x"},{"evidence":[1,null]}]}',
                 b'{"findings":[{}],"arguments":[1,{"a":2},null],"time":3,"exit":"x"}'):
        with open(place, "wb") as file:
            file.write(text)
        done = last(env)
        equal(done.code, 0, done)


@test
def user_without_privilege_keeps_it_at_home():
    if os.geteuid() != 0:
        raise Skip("needs root, to become another user")
    home = tempfile.mkdtemp()
    os.chown(home, 65534, 65534)
    for top in (home, os.path.dirname(home)):
        os.chmod(top, 0o755)
    base = {key: value for key, value in os.environ.items() if key not in ("LADE_CACHE", "XDG_STATE_HOME")}

    def run(*words, **more):
        return subprocess.run([LADE, *words], env={**base, "HOME": home, **more}, user=65534, group=65534, extra_groups=[],
                              capture_output=True, text=True, check=False)

    try:
        done = run("inspect", "/etc/passwd")
    except PermissionError as error:
        raise Skip(f"another user cannot run {LADE}: {error}") from error
    equal(done.returncode, 2, done)
    place = os.path.join(home, ".local", "state", "lade", NAME)
    status = os.stat(place)
    equal((status.st_uid, stat.S_IMODE(status.st_mode)), (65534, 0o600))
    contains(run("explain", "--last").stdout, "lade inspect /etc/passwd")
    # sudo keeps HOME sometimes: root leaves nothing there and reads nothing from there.
    os.unlink(place)
    state = tempfile.mkdtemp()
    os.chown(state, 65534, 65534)
    run("inspect", "/etc/passwd", XDG_STATE_HOME=state)
    assert os.path.exists(os.path.join(state, "lade", NAME))


@live
def log_of_a_rejection_is_there_when_it_is_asked_for():
    env = cache()
    done = lade("load", path("cli_refused.bpf.o"), env=env)
    equal(done.code, 4, done)
    short, whole = last(env).out, last(env, "--log").out
    contains(short, "error[verifier.deref.maybe-null]", "*value += 1;", "fix")
    assert "R10=fp0" not in short, short
    contains(whole, "R10=fp0", "processed")


@live
def boot_keeps_its_own_report_and_not_this():
    env = cache()
    directory = tempfile.mkdtemp()
    lade("boot", "--policy", os.path.join(directory, "none"), env={**env, "LADE_RUN": directory, "LADE_VAR": directory})
    assert not os.path.exists(os.path.join(env["LADE_CACHE"], NAME))


@live
def last_log_is_explained_with_an_object_or_for_a_kernel():
    env = cache()
    done = lade("load", path("cli_refused.bpf.o"), env=env)
    equal(done.code, 4, done)
    again = last(env, "--obj", path("cli_refused.bpf.o"))
    equal(again.code, 0, again)
    contains(again.out, "the log of the last failure", "error[verifier.deref.maybe-null]", "program count", "*value += 1;")
    document = last(env, "--kernel", "5.10", "--json").json()
    jsonschema.Draft202012Validator({"$ref": "#/$defs/explained", "$defs": SCHEMA["$defs"]}).validate(document)
    equal((document["kernel"]["version"], document["errors"]), ("5.10", 1))


@test
def object_adds_nothing_to_a_failure_without_a_log_and_that_is_said():
    env = cache()
    fail(env)
    for words in (("--obj", "/etc/passwd"), ("--kernel", "5.10")):
        done = last(env, *words)
        equal((done.code, done.out), (1, ""), done)
        contains(done.err, "no verifier's log was kept")


main()
