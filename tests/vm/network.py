# SPDX-License-Identifier: BSD-2-Clause
"""Network devices by the command: links where the kernel has them, filters, qdiscs and the older ways elsewhere."""
import json

from newer import links, since
from scenario import Skip, check, contains, equal, failed, succeeded

UP = "ip link set lo up\n"
LOAD = UP + "lade load --json net_device.bpf.o --name net --prog {0} --attach {1}"
UNLOAD = "lade unload net"
ONE_CPU = "is built for fewer processors than the object's cpumap has entries"
SHOW = "lade show --json net"


@check(LOAD.format("counts_packets", "dev:lo:ingress"), SHOW, UNLOAD)
def classifier_is_a_link_where_the_kernel_has_tcx(machine, load, shown, unload):
    if load.code == 3 and "map.create.too-large" in load.err and machine.name.startswith("uml"):
        raise Skip("this kernel " + ONE_CPU)
    if load.code == 3 and "attach.absent" in load.err:
        raise Skip("neither tcx nor clsact in this kernel")
    succeeded(load, unload)
    if since(machine, 6, 6):
        equal(links(shown), ["tcx"], shown)
    else:
        contains(shown.out, "prio=49152,handle=0x1,da")


@check(LOAD.format("counts_packets", "dev:lo:ingress,prio=3"), SHOW,
       "lade load --json net_device.bpf.o --name second --prog counts_too --attach dev:lo:ingress,prio=3,handle=1", UNLOAD)
def filter_names_who_has_its_place(machine, load, shown, second, unload):
    if load.code == 3 and "map.create.too-large" in load.err and machine.name.startswith("uml"):
        raise Skip("this kernel " + ONE_CPU)
    if load.code == 3 and "attach.absent" in load.err:
        raise Skip("no clsact or bpf filters in this kernel")
    succeeded(load, unload)
    contains(shown.out, "prio=3,handle=0x1,da")
    failed(second, 6, "attach.exists")
    contains(second.err, "counts_packets")


@check(LOAD.format("drops_early", "dev:lo,mode=generic"), SHOW,
       "lade load --json net_device.bpf.o --name second --prog counts_early --attach dev:lo,mode=generic", UNLOAD)
def interface_has_one_xdp_program_and_names_it(machine, load, shown, second, unload):
    if load.code == 3 and "map.create.too-large" in load.err and machine.name.startswith("uml"):
        raise Skip("this kernel " + ONE_CPU)
    succeeded(load, unload)
    equal(links(shown), ["xdp"], shown)  # links since 5.9
    failed(second, 6, "attach.exists")
    contains(second.err, "drops_early")


@check("ip link add pair0 type netkit 2>/tmp/why; cat /tmp/why >&2; ip link set pair0 up\n"
       "lade load --json net_device.bpf.o --name net --prog on_primary --prog on_peer --attach on_primary=dev:pair0"
       " --attach on_peer=dev:pair0", SHOW, UNLOAD + "; code=$?; ip link del pair0; exit $code")
def both_sides_of_a_netkit_pair_take_programs(machine, load, shown, unload):
    if not since(machine, 6, 7) or load.code == 6 and "attach.device.missing" in load.err:
        assert load.code != 0, load
        raise Skip("no netkit devices in this kernel")
    succeeded(load, unload)
    equal(links(shown), ["netkit", "netkit"], shown)


@check(UP + "lade load --json net_device.bpf.o --name net --prog filters --attach netfilter:ipv4:input", SHOW, UNLOAD)
def netfilter_program_is_a_link(machine, load, shown, unload):
    if not since(machine, 6, 4):
        equal(load.code, 3, load)
        return
    if load.code == 3:
        raise Skip("no netfilter links in this kernel")
    succeeded(load, unload)
    equal(links(shown), ["netfilter"], shown)
