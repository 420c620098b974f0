/* SPDX-License-Identifier: BSD-2-Clause */
/* The same in Android 12's layout, whose loader took it; its old uid is not zero. */
#define MAP_BYTES  48
#define PROG_BYTES 28
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .zero = 1029, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
DEF(gone) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
SIZES(48, 28);
