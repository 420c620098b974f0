/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of 28 and of 36 bytes in one section */
#include "tc_api.h"

struct older {
	unsigned int type, size_key, size_value, max_elem, flags, id, pinning;
};
struct older SEC("maps") a_short = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_GLOBAL_NS };
struct bpf_elf_map SEC("maps") b_long = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_GLOBAL_NS };

SEC("classifier") int enter(void *context)
{
	int key = 0;
	return map_lookup_elem(&a_short, &key) && map_lookup_elem(&b_long, &key);
}

char _license[] SEC("license") = "GPL";
