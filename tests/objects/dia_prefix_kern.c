/* SPDX-License-Identifier: BSD-2-Clause */
/* Names are compared by their beginning only. */
#include "dia_samples.h"

#define PROGRAM(section, name)                                                                                         \
	SEC(section) int name(void *context)                                                                           \
	{                                                                                                              \
		return 0;                                                                                              \
	}

PROGRAM("socket1", plain_socket)
PROGRAM("xdp_prog0", plain_xdp)
PROGRAM("perf_event_x", plain_perf)
PROGRAM("cgroup/skb1", plain_cgroup_skb)
PROGRAM("cgroup/sock_addr", plain_cgroup_sock)
PROGRAM("sk_msg1", plain_sk_msg)
PROGRAM("sockops", plain_sockops)
PROGRAM("tracepoint/sched/sched_switch", on_switch)
PROGRAM("raw_tracepoint/sys_enter", on_enter)
PROGRAM("kretprobe/do_exit", on_exit)
PROGRAM("classifier", not_loaded)

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x050a00;
