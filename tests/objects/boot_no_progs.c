/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps and no program. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .mode = 0600, .max_loader = LOADER_INF, .max_kernel = KVER_INF };
LICENSE("GPL");
SIZES(120, 92);
