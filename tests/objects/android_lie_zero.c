/* SPDX-License-Identifier: BSD-2-Clause */
/* The old place of the uid is not zero. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .zero = 1029, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
SIZES(120, 92);
