# SPDX-License-Identifier: BSD-2-Clause
"""Cgroups, sockmaps and receivers by the command, on kernels that have links for them and on those that have not."""
import json

from newer import since
from scenario import TRACING, Skip, check, contains, equal, failed, succeeded

MOUNT = "mount -t cgroup2 none /sys/fs/cgroup && mkdir /sys/fs/cgroup/box\n"
UNMOUNT = "\ncode=$?; rmdir /sys/fs/cgroup/box; umount /sys/fs/cgroup; exit $code"
# A process in the cgroup; what it says and how it ends.
IN_BOX = "sh -c 'echo $$ >/sys/fs/cgroup/box/cgroup.procs; {0}' 2>&1; echo \"code $?\"\n"
LISTEN = IN_BOX.format("timeout 2 nc -l -p 4040 </dev/null")
CONNECT = IN_BOX.format("nc -w 1 127.0.0.1 9 </dev/null")
UP = "ip link set lo up\n"


@check(MOUNT + "lade load --json hook_cgroup.bpf.o --prog connect4 --attach connect4=cgroup:box; code=$?\n" + UP + CONNECT +
       "lade show --json hook_cgroup >&2; lade unload hook_cgroup >/dev/null && " + CONNECT + "(exit $code)" + UNMOUNT,
       needs=TRACING)
def connection_is_refused_until_unload(machine, ran):
    succeeded(ran)
    contains(ran.out, "not permitted", "refused")
    assert ran.out.index("not permitted") < ran.out.index("Connection refused"), ran
    link, = json.loads(ran.err)["instances"][0]["links"]
    equal(link["pin_path"] is not None, True, ran)  # by a link since 5.7


@check("lade load --json hook_cgroup.bpf.o --prog connect4 --attach connect4=cgroup:box", needs=TRACING)
def cgroups_that_are_not_mounted_are_named(machine, load):
    failed(load, 5, "attach.cgroup.unmounted")


@check(MOUNT + "lade load --json hook_lsm.bpf.o --attach refuse_bind=cgroup:box; code=$?\n" + UP + LISTEN +
       "lade unload hook_lsm >/dev/null && " + LISTEN + "(exit $code)" + UNMOUNT, needs=TRACING)
def security_hook_of_a_cgroup_refuses(machine, ran):
    if not since(machine, 6, 0):
        assert ran.code in (3, 4), ran
        return
    succeeded(ran)
    equal(ran.out.count("not permitted"), 1, ran)  # while it was attached, and not after


@check("lade load -q hook_sockets.bpf.o --name sockets --prog message --attach message=map:sockets",
       "lade show --json sockets", "lade load --json hook_sockets.bpf.o --name second --prog message"
       " --attach message=map:/sys/fs/bpf/lade/sockets/maps/sockets; code=$?; lade unload second >/dev/null 2>&1; exit $code",
       "lade unload sockets", needs=TRACING)
def sockmap_takes_one_program_and_names_it(machine, load, shown, second, unload):
    succeeded(load, shown, unload)
    if not since(machine, 5, 17):
        raise Skip("kernels before 5.17 cannot be asked who is there")
    failed(second, 6, "attach.exists")
    contains(second.err, "(message)")
