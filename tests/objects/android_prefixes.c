/* SPDX-License-Identifier: BSD-2-Clause */
/* Every prefix of a section that Android's loaders ever knew. */
#define MAP_BYTES  48
#define PROG_BYTES 28
#include "android.h"

#define PROGRAM(name, section)                                                                                         \
	DEF(name) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };                                              \
	SEC(section) int name(void *context) { return 1; }

PROGRAM(p_bind4, "bind4/x")
PROGRAM(p_bind6, "bind6/x")
PROGRAM(p_cgroupskb, "cgroupskb/x")
PROGRAM(p_cgroupsock, "cgroupsock/x")
PROGRAM(p_cgroupsockcreate, "cgroupsockcreate/x")
PROGRAM(p_cgroupsockrelease, "cgroupsockrelease/x")
PROGRAM(p_cgroupsockaddr, "cgroupsockaddr/x")
PROGRAM(p_connect4, "connect4/x")
PROGRAM(p_connect6, "connect6/x")
PROGRAM(p_egress, "egress/x")
PROGRAM(p_ingress, "ingress/x")
PROGRAM(p_getsockopt, "getsockopt/x")
PROGRAM(p_setsockopt, "setsockopt/x")
PROGRAM(p_kprobe, "kprobe/x")
PROGRAM(p_kretprobe, "kretprobe/x")
PROGRAM(p_uprobe, "uprobe/x")
PROGRAM(p_uretprobe, "uretprobe/x")
PROGRAM(p_lwt_in, "lwt_in/x")
PROGRAM(p_lwt_out, "lwt_out/x")
PROGRAM(p_lwt_xmit, "lwt_xmit/x")
PROGRAM(p_lwt_seg6local, "lwt_seg6local/x")
PROGRAM(p_perf_event, "perf_event/x")
PROGRAM(p_postbind4, "postbind4/x")
PROGRAM(p_postbind6, "postbind6/x")
PROGRAM(p_recvmsg4, "recvmsg4/x")
PROGRAM(p_recvmsg6, "recvmsg6/x")
PROGRAM(p_sendmsg4, "sendmsg4/x")
PROGRAM(p_sendmsg6, "sendmsg6/x")
PROGRAM(p_schedact, "schedact/x")
PROGRAM(p_schedcls, "schedcls/x")
PROGRAM(p_skfilter, "skfilter/x")
PROGRAM(p_sockops, "sockops/x")
PROGRAM(p_sysctl, "sysctl_without_slash")
PROGRAM(p_tracepoint, "tracepoint/a/b")
PROGRAM(p_xdp, "xdp/x")
SEC("classifier") int not_android(void *context) { return 1; }

LICENSE("GPL");
WINDOW(2, LOADER_INF);
SIZES(48, 28);
