/* SPDX-License-Identifier: BSD-2-Clause */
/* Map types and flags that older kernels lack. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF
MAP(devices) = { BPF_MAP_TYPE_DEVMAP, 4, 4, 1, ALWAYS };
MAP(named_devices) = { BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 1, ALWAYS };
MAP(mapped) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .map_flags = 1 << 10, ALWAYS };
DEF(pick) = { ALWAYS };
SEC("skfilter/pick") int pick(void *context) { return count(&mapped); }
LICENSE("GPL");
SIZES(120, 92);
