/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that refer to data and to subprograms, of which Android loads neither. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF
MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS };
volatile const unsigned int limit = 3;
static __attribute__((noinline)) int helper(int number) { return number * 3; }
DEF(optional_data) = { ALWAYS, .optional = 1 };
DEF(pick) = { ALWAYS };
SEC("skfilter/data") int optional_data(void *context) { return limit; }
SEC("skfilter/pick") int pick(struct __sk_buff *context) { return helper(count(&plain) + context->len); }
LICENSE("GPL");
SIZES(120, 92);
