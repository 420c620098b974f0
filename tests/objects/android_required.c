/* SPDX-License-Identifier: BSD-2-Clause */
/* An object that wants a loader which is not there yet. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
NUMBER(bpfloader_min_required_ver, 99);
SIZES(120, 92);
