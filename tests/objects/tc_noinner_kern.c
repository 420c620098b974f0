/* SPDX-License-Identifier: BSD-2-Clause */
/* An outer map whose inner_id nobody has */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") outer = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, 1, PIN_NONE, 7, 0 };
struct bpf_elf_map SEC("maps") other = { BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0, 8, PIN_NONE, 0, 0 };

SEC("classifier") int enter(void *context)
{
	int key = 1;
	return map_lookup_elem(&outer, &key) != 0 && map_lookup_elem(&other, &key) != 0;
}

char _license[] SEC("license") = "GPL";
