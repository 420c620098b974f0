/* SPDX-License-Identifier: BSD-2-Clause */
/* States a size that no struct ever had. */
#define MAP_BYTES  48
#define PROG_BYTES 28
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
SIZES(16, 28);
