/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of tc_pins with another value in every word that a pin is compared by */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") global_ns = { BPF_MAP_TYPE_LRU_HASH, 8, 16, 9, BPF_F_NO_COMMON_LRU, 3, PIN_GLOBAL_NS };

SEC("classifier") int enter(void *context)
{
	long key = 0;
	return map_lookup_elem(&global_ns, &key) != 0;
}

char _license[] SEC("license") = "GPL";
