/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners of before loader 0.28: the second map's is root. */
#define MAP_BYTES  116
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF

MAP(ours) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .zero = 1029, .gid = 1029, .mode = 0660, ALWAYS };
MAP(roots) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .gid = 1029, .mode = 0660, ALWAYS };
DEF(pick) = { ALWAYS };
SEC("skfilter/pick") int pick(void *context) { return count(&ours) + count(&roots); }
LICENSE("GPL");
SIZES(116, 92);
