/* SPDX-License-Identifier: BSD-2-Clause */
/* A critical object of the network: owners and modes of every kind, a pin in another directory, labels. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF
#define COUNTER BPF_MAP_TYPE_ARRAY, 4, 4, 1

MAP(limits) = { COUNTER, ALWAYS, .gid = 1073, .mode = 0660 };
MAP(readers) = { BPF_MAP_TYPE_HASH, 4, 8, 16, ALWAYS, .uid = 1000, .gid = 3005, .mode = 0640 };
MAP(elsewhere) = { COUNTER, ALWAYS, .gid = 3005, .mode = 0460, .pin_subdir = "netd_readonly/" };
MAP(labelled) = { COUNTER, ALWAYS, .mode = 0600, .selinux_context = "fs_bpf_net_shared" };
MAP(future) = { COUNTER, .max_loader = LOADER_INF, .min_kernel = KVER(99, 0, 0), .max_kernel = KVER_INF };

DEF(down) = { ALWAYS, .gid = 1073 };
DEF(up) = { ALWAYS, .uid = 1000, .gid = 3005 };
DEF(later) = { .max_loader = LOADER_INF, .min_kernel = KVER(99, 0, 0), .max_kernel = KVER_INF };
DEF(maybe) = { ALWAYS, .optional = 1 };

SEC("schedcls/tether/down$4_14") int down(void *context) { return count(&limits); }
SEC("schedcls/tether/up") int up(void *context) { return count(&readers) + count(&elsewhere) + count(&labelled); }
SEC("schedcls/later") int later(void *context) { return 0; }
SEC("schedcls/maybe") int maybe(void *context) { return *(volatile int *)0; }

LICENSE("Apache 2.0");
CRITICAL("tethering");
WINDOW(19, LOADER_INF);
SIZES(120, 92);
