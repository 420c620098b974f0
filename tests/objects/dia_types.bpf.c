/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections and the types they give; no maps. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name)                                                                                         \
	SEC(section) int name(void *context)                                                                           \
	{                                                                                                              \
		return 1;                                                                                              \
	}

PROGRAM("socket", on_socket)
PROGRAM("kprobe/do_exit", on_kprobe)
PROGRAM("uprobe//bin/sh:main+4", on_uprobe)
PROGRAM("uprobe.s//bin/sh:main", on_uprobe_sleeping)
PROGRAM("tp/sched/sched_switch", on_tracepoint)
PROGRAM("raw_tp/sys_enter", on_raw_tracepoint)
PROGRAM("raw_tracepoint.w/x", on_raw_tracepoint_writable)
PROGRAM("xdp", on_xdp)
PROGRAM("xdp.frags", on_xdp_frags)
PROGRAM("xdp/devmap", on_xdp_devmap)
PROGRAM("tc", on_tc)
PROGRAM("perf_event", on_perf_event)
PROGRAM("cgroup/connect4", on_connect4)
PROGRAM("cgroup_skb/ingress", on_ingress)
PROGRAM("cgroup/skb", on_cgroup_skb)
PROGRAM("sk_lookup", on_sk_lookup)
PROGRAM("sk_skb/stream_parser", on_stream_parser)
PROGRAM("lwt_in", on_lwt_in)
PROGRAM("syscall", on_syscall)
PROGRAM("flow_dissector", on_flow_dissector)
PROGRAM("of_my_own", on_untyped)

char _license[] SEC("license") = "GPL";
