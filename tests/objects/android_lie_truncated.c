/* SPDX-License-Identifier: BSD-2-Clause */
/* A map record and the first bytes of another. */
#define MAP_BYTES  48
#define PROG_BYTES 28
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
const char tail[20] SEC("maps") = { 1 };
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
SIZES(48, 28);
