/* SPDX-License-Identifier: BSD-2-Clause */
/* A program without a definition, and a definition without a program. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
DEF(gone) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
SIZES(120, 92);
