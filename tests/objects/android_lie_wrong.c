/* SPDX-License-Identifier: BSD-2-Clause */
/* States 40 bytes; five records of 48 happen to divide by that too. */
#define MAP_BYTES  48
#define PROG_BYTES 28
#include "android.h"

#define ONE(name) MAP(name) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .max_kernel = KVER_INF }
ONE(one);
ONE(two);
ONE(three);
ONE(four);
ONE(five);
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&two); }
LICENSE("GPL");
SIZES(40, 28);
