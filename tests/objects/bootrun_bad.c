/* SPDX-License-Identifier: BSD-2-Clause */
/* A mandatory program that no verifier takes: it reads through a null pointer. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF

MAP(counts) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS, .mode = 0600 };
DEF(good) = { ALWAYS };
DEF(broken) = { ALWAYS };
SEC("skfilter/good") int good(void *context) { return count(&counts); }
SEC("skfilter/broken") int broken(void *context) { return *(volatile int *)0; }

LICENSE("Apache 2.0");
WINDOW(19, LOADER_INF);
SIZES(120, 92);
