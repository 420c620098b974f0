/* SPDX-License-Identifier: BSD-2-Clause */
/* A program without filters that uses a map which only later kernels get. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

MAP(later) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .min_kernel = KVER(99, 0, 0), .max_kernel = KVER_INF };
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&later); }
LICENSE("GPL");
SIZES(120, 92);
