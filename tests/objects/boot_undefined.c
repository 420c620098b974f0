/* SPDX-License-Identifier: BSD-2-Clause */
/* As Android 12 took it: a program without a definition. */
#define MAP_BYTES  48
#define PROG_BYTES 28
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .mode = 0600, ALWAYS };
DEF(known) = { .gid = 3003, ALWAYS };
SEC("skfilter/known") int known(void *context) { return count(&plain); }
SEC("skfilter/unknown") int unknown(void *context) { return count(&plain); }
LICENSE("GPL");
SIZES(48, 28);
