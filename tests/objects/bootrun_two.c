/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares a map with its sibling: whichever is first makes it. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF

MAP(common) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS, .shared = 1, .gid = 1003, .mode = 0660 };
DEF(filter_two) = { ALWAYS, .gid = 1003 };
SEC("skfilter/two") int filter_two(void *context) { return count(&common); }

LICENSE("Apache 2.0");
WINDOW(19, LOADER_INF);
SIZES(120, 92);
