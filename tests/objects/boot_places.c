/* SPDX-License-Identifier: BSD-2-Clause */
/* Every way to say where a pin goes: nothing, a label, a directory, both, shared; as block.o of Android 13 did. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF
#define ONE    BPF_MAP_TYPE_ARRAY, 4, 4, 1

MAP(plain) = { ONE, .mode = 0600, ALWAYS };
MAP(labelled) = { ONE, .gid = 3007, .mode = 0460, .selinux_context = "fs_bpf_netd_readonly", ALWAYS };
MAP(moved) = { ONE, .gid = 1073, .mode = 0660, .pin_subdir = "netd_shared/", ALWAYS };
MAP(both) = { ONE, .uid = 1029, .gid = 1029, .mode = 0060, .selinux_context = "fs_bpf_net_private",
	      .pin_subdir = "tethering/", ALWAYS };
MAP(common) = { ONE, .mode = 0640, .selinux_context = "fs_bpf_net_shared", .shared = 1, ALWAYS };
DEF(here) = { .gid = 3003, ALWAYS };
DEF(block) = { .gid = 1073, .selinux_context = "fs_bpf_netd_readonly", .pin_subdir = "netd_readonly/", ALWAYS };

SEC("skfilter/here") int here(void *context)
{
	return count(&plain) + count(&labelled) + count(&moved) + count(&both) + count(&common);
}
SEC("bind4/block_port") int block(void *context) { return 1; }

LICENSE("Apache 2.0");
CRITICAL("Connectivity");
SIZES(120, 92);
