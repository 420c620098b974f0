/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps whose keys and values are described in .maps.NAME, as Android 13's macros did. Compiled with BTF. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF
#define TYPES(name, key_type, value_type)                                                                              \
	struct ____btf_map_##name {                                                                                    \
		key_type key;                                                                                          \
		value_type value;                                                                                      \
	} ____btf_map_##name SEC(".maps." #name) = {}

MAP(counts) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS };
TYPES(counts, unsigned int, unsigned int);
MAP(wrong) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS };
TYPES(wrong, unsigned int, unsigned long long);
MAP(untold) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS };

DEF(pick) = { ALWAYS };
SEC("skfilter/pick") int pick(void *context) { return count(&counts) + count(&wrong) + count(&untold); }

LICENSE("GPL");
WINDOW(19, LOADER_INF);
SIZES(120, 92);
