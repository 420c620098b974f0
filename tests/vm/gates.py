# SPDX-License-Identifier: BSD-2-Clause
"""What only other machines show: a cgroup without room for a map, an attach type that came later."""
import json

from scenario import Skip, check, contains, equal, succeeded

BOX = "/sys/fs/cgroup/room"
IN_BOX = (f"mount -t cgroup2 none /sys/fs/cgroup && echo +memory >/sys/fs/cgroup/cgroup.subtree_control && mkdir {BOX}\n"
          f"echo 33554432 >{BOX}/memory.max\n"
          f"sh -c 'echo $$ >{BOX}/cgroup.procs; lade load --json gate_large.bpf.o'\n"
          f"code=$?; lade unload gate_large >/dev/null 2>&1; rmdir {BOX}; umount /sys/fs/cgroup; exit $code")


@check(IN_BOX)
def a_cgroup_without_room_for_a_map_is_named_where_maps_are_charged_to_it(machine, load):
    if tuple(int(number) for number in machine.version.split("-")[0].split(".")[:2]) < (5, 11):
        succeeded(load)
        return
    equal(load.code, 5, load)
    finding = json.loads(load.err)["findings"][0]
    equal((finding["code"], finding["confidence"]), ("map.create.memory", "likely"), load)
    contains(finding["cause"], f"memory limit of the cgroup {BOX}")
    contains(" ".join(finding["evidence"]), "nothing changed but max_entries is made", "33554432 bytes of memory")


@check("lade load --json --prog unix_socket gate_new.bpf.o; code=$?; lade unload gate_new >/dev/null 2>&1; exit $code")
def an_attach_type_that_the_kernel_does_not_know_is_named_though_the_type_must_have_one(machine, load):
    if tuple(int(number) for number in machine.version.split("-")[0].split(".")[:2]) >= (6, 7):
        succeeded(load)
        return
    equal(load.code, 3, load)
    finding = json.loads(load.err)["findings"][0]
    equal((finding["code"], finding["confidence"]), ("program.load.refused", "certain"), load)
    contains(finding["cause"], "attach type cgroup_unix_connect (49) for cgroup_sock_addr")


# Where everybody may use bpf(2), what everybody may load needs no BTF, which the kernel takes from CAP_BPF only.
AS_NOBODY = ("mount | grep -q '/sys/fs/bpf type bpf' || mount -t bpf bpf /sys/fs/bpf; chmod 1777 /sys/fs/bpf\n"
             "rmdir /sys/fs/bpf/lade 2>/dev/null; mkdir -m 1777 /sys/fs/bpf/lade\n"
             "mkdir -p /etc; echo nobody:x:65534:65534::/:/bin/sh >/etc/passwd\n"
             "cd /proc/sys/kernel; was=$(cat unprivileged_bpf_disabled); echo 0 >unprivileged_bpf_disabled || exit 99\n"
             "su nobody -c 'cd /objects; lade load --json --prog {} gate_types.bpf.o'; code=$?\n"
             "lade unload gate_types >/dev/null 2>&1; echo $was >unprivileged_bpf_disabled\n"
             "rm -r /etc; rmdir /sys/fs/bpf/lade; exit $code")


@check(AS_NOBODY.format("everybody"), AS_NOBODY.format("network"))
def everybody_loads_without_btf_what_everybody_may(_, everybody, network):
    if 99 in (everybody.code, network.code):
        raise Skip("this kernel does not open bpf(2) to everybody again")
    equal(everybody.code, 0, everybody)
    contains(everybody.out + everybody.err, "btf.load.without")
    equal(network.code, 5, network)
    equal(json.loads(network.err)["findings"][0]["code"], "environment.capability", network)
