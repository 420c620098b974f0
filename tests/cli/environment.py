#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The environment: closed descriptors, full disks, no privilege, no bpffs."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
import shutil  # noqa: E402
import tempfile  # noqa: E402

from runner.check import (BPFFS, LADE, Skip, command, contains, equal, lade, live, main, path, pins,  # noqa: E402
                          scratch, test)


def shell(text, **env):
    return command("sh", "-c", text, env={"OBJ": path("cli_shared.bpf.o"), "LADE": LADE, **env})


@test
def full_disk_is_an_error():
    done = shell('"$LADE" inspect "$OBJ" >/dev/full')
    equal(done.code, 5, done)
    contains(done.err, "No space left")


@test
def reader_that_has_gone_is_no_crash():
    done = shell('{ "$LADE" help; echo "code $?" >&2; } | true')
    assert "code 0" in done.err or "code 5" in done.err, done


@test
def closed_descriptors_do_not_matter_to_inspect():
    equal(shell('"$LADE" inspect "$OBJ" <&- >&- 2>&-').code, 0)


@live
def closed_descriptors_are_not_used_for_kernel_objects():
    equal(shell('"$LADE" load "$OBJ" <&- >&- 2>&-').code, 0)
    contains(str(pins()), "lade/cli_shared/progs/share")
    equal(shell('"$LADE" unload cli_shared <&- >&- 2>&-').code, 0)
    equal(pins(), [])


@live
def failure_with_closed_descriptors_keeps_its_code():
    equal(shell('"$LADE" load "$BAD" <&- >&- 2>&-', BAD=path("cli_refused.bpf.o")).code, 4)
    equal(pins(), [])


def as_nobody(*words):
    """A copy that nobody may execute, and nothing of root's."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("needs root and setpriv")
    directory = tempfile.mkdtemp(dir="/var/tmp")
    try:
        os.chmod(directory, 0o755)
        binary, obj = (shutil.copy(file, directory) for file in (LADE, path("cli_shared.bpf.o")))
        os.chmod(obj, 0o644)
        return command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                       "--bounding-set=-all", binary, *words, obj, cwd="/")
    finally:
        shutil.rmtree(directory)


@live
def one_gate_is_explained_once_for_all_programs():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("needs root and setpriv")
    words = ("setpriv", "--bounding-set=-bpf,-sys_admin", LADE)
    done = command(*words, "load", path("dia_prefix_kern.o"))
    equal(done.code, 5, done)
    titles = done.err.count("error[environment.")
    assert titles > 5, done
    equal((done.err.count("  because "), done.err.count("  so ")), (1, 1), done)
    assert done.err.count("  fix ") < titles, done
    everything = command(*words, "-v", "load", path("dia_prefix_kern.o"))
    equal(everything.err.count("  because "), titles, everything)
    equal(pins(), [])


@live
def without_privilege_inspect_works():
    equal(as_nobody("inspect").code, 0)


@live
def without_privilege_load_names_what_is_missing():
    done = as_nobody("load")
    equal(done.code, 5, done)
    contains(done.err, "CAP_BPF")


@live
def without_privilege_run_names_what_is_missing():
    done = as_nobody("run", "--for", "1")
    equal(done.code, 5, done)
    contains(done.err, "CAP_")


@live
def missing_bpffs_is_mounted():
    directory = tempfile.mkdtemp()
    done = lade("load", path("cli_shared.bpf.o"), env={"LADE_BPFFS": directory})
    equal(done.code, 0, done)
    equal(command("stat", "-f", "-c", "%T", directory).out.strip(), "bpf_fs")
    equal(lade("unload", "cli_shared", env={"LADE_BPFFS": directory}).code, 0)
    equal(set(os.listdir(directory)) - {"progs.debug", "maps.debug"}, set())
    command("umount", directory)


@live
def plain_directory_is_no_bpffs_when_nothing_may_be_mounted():
    directory = tempfile.mkdtemp()
    done = lade("load", path("cli_shared.bpf.o"), "--json", env={"LADE_BPFFS": directory, "LADE_NO_MOUNT": "1"})
    assert done.code in (5, 6), done
    contains(done.err, directory)
    equal(os.listdir(directory), [])


@live
def unreadable_cache_does_not_matter():
    done = lade("load", path("cli_shared.bpf.o"), env={"LADE_CACHE": scratch("file")})
    equal(done.code, 0, done)
    equal(lade("unload", "cli_shared").code, 0)


@live
def too_few_descriptors_are_no_fault_of_object_or_kernel():
    for limit in range(3, 10):
        done = shell(f'ulimit -n {limit}; exec "$LADE" load --json "$OBJ"')
        if done.code == 127 and "shared libraries" in done.err:  # a program with sanitizers has not even begun
            continue
        if done.code == 0:  # it needs no more
            equal(lade("unload", "cli_shared").code, 0)
            break
        equal(done.code, 5, done)
        equal(set(done.codes()), {"environment.files"}, done)
        contains(done.findings()[0]["fix"], "ulimit -n")
        equal(pins(), [])


@live
def too_large_a_file_for_ulimit_f_ends_no_load():
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        raise Skip("this kernel has no BTF, of which an index would be kept")
    cache = tempfile.mkdtemp()
    done = shell('ulimit -f 1; exec "$LADE" load "$OBJ"', OBJ=path("core_live.bpf.o"), LADE_CACHE=cache)
    lade("unload", "core_live")
    assert done.code in (0, 4), done
    # What each program took is small enough, and kept if the kernel took long; an index of types is not.
    left = {os.path.join(os.path.basename(place), file) for place, _, files in os.walk(cache) for file in files}
    equal(left - {"costs/core_live"}, set())


@live
def cache_on_a_full_disk_does_not_matter():
    cache = tempfile.mkdtemp()
    equal(command("mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "none", cache).code, 0)
    done = lade("load", "--prog", "look", path("core_live.bpf.o"), env={"LADE_CACHE": cache})
    left = [file for _, _, files in os.walk(cache) for file in files]
    command("umount", cache)
    equal(done.code, 0, done)
    equal([file for file in left if file.startswith(".")], [])
    equal(lade("unload", "core_live").code, 0)


@test
def no_colour_without_a_terminal():
    assert "\033" not in lade("inspect", "/nonexistent.o").err


main()
