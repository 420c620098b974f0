/* SPDX-License-Identifier: BSD-2-Clause */
/* One object of a layout: two maps, one of them used by a socket filter, and a tracepoint program. */
#include "android.h"

MAP(second) = {
	BPF_MAP_TYPE_HASH, 4, 8, 16, .map_flags = BPF_F_NO_PREALLOC,
#if MAP_BYTES >= 40
	.max_loader = LOADER_INF,
#endif
#if MAP_BYTES >= 48
	.max_kernel = KVER_INF,
#endif
};

MAP(counts) = {
	.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 2,
#if MAP_BYTES >= 32
	.gid = 3007, .mode = 0640,
#endif
#if MAP_BYTES >= 40
	.min_loader = 2, .max_loader = LOADER_INF,
#endif
#if MAP_BYTES >= 48
	.min_kernel = KVER(4, 14, 0), .max_kernel = KVER_INF,
#endif
#if MAP_BYTES >= 116
	.selinux_context = "fs_bpf_net_shared", .pin_subdir = "net_shared/", .shared = 1, .ignore_on = 1 << 7,
#endif
#if MAP_BYTES >= 120
	.uid = 1029,
#endif
};

#if PROG_BYTES
DEF(pick) = {
	.uid = 0, .gid = 3003,
#if PROG_BYTES >= 16
#if PROG_BYTES <= 20
	.min_kernel = KVER_OLD(4, 14, 0),
#else
	.min_kernel = KVER(4, 14, 0),
#endif
	.max_kernel = KVER_INF,
#endif
#if PROG_BYTES >= 20
	.optional = 1,
#endif
#if PROG_BYTES >= 28
	.min_loader = 2, .max_loader = LOADER_INF,
#endif
#if PROG_BYTES >= 92
	.selinux_context = "fs_bpf_netd_readonly", .pin_subdir = "netd_readonly/",
#endif
};

DEF(on_switch) = {
	.gid = 1000,
#if PROG_BYTES >= 16
	.max_kernel = KVER_INF,
#endif
#if PROG_BYTES >= 28
	.max_loader = LOADER_INF,
#endif
};
#endif

SEC("skfilter/picker") int pick(void *context)
{
	return count(&counts);
}

SEC("tracepoint/sched/sched_switch") int on_switch(void *context)
{
	count(&counts);
	return count(&second);
}

LICENSE("Apache 2.0");
#if MAP_BYTES >= 40
WINDOW(2, LOADER_INF);
SIZES(MAP_BYTES, PROG_BYTES);
#endif
