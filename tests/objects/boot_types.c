/* SPDX-License-Identifier: BSD-2-Clause */
/* One program for the platform, one for the network, one for every location; no map. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF

DEF(filter) = { .gid = 3003, ALWAYS };
DEF(trace) = { .gid = 1003, .optional = 1, ALWAYS };
DEF(classify) = { .gid = 1073, ALWAYS };
SEC("skfilter/filter") int filter(void *context) { return 1; }
SEC("tracepoint/sched/sched_switch") int trace(void *context) { return 0; }
SEC("schedcls/classify$old") int classify(void *context) { return 0; }
LICENSE("GPL");
SIZES(120, 92);
