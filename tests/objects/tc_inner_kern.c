/* SPDX-License-Identifier: BSD-2-Clause */
/* An outer map with two inner ones of one id, one that is not inserted, and a hash with a far key */
#include "tc_api.h"

#define NOT_INSERTED 0xffffffff

struct bpf_elf_map SEC("maps") outer = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 0, 2, 0, 1, PIN_GLOBAL_NS, 7, NOT_INSERTED };
struct bpf_elf_map SEC("maps") first = { BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0, 7, PIN_NONE, 0, 0 };
struct bpf_elf_map SEC("maps") second = { BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0, 7, PIN_NONE, 0, 1 };
struct bpf_elf_map SEC("maps") spare = { BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0, 7, PIN_NONE, 0, NOT_INSERTED };
struct bpf_elf_map SEC("maps") far = { BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 2, 0, 2, PIN_NONE, 8, NOT_INSERTED };
struct bpf_elf_map SEC("maps") far_inner = { BPF_MAP_TYPE_HASH, 4, 4, 4, 0, 8, PIN_NONE, 0, 4711 };

SEC("classifier") int enter(void *context)
{
	int key = 1;
	void *map = map_lookup_elem(&outer, &key);
	if (map)
		map_lookup_elem(map, &key);
	return map_lookup_elem(&far, &key) != 0;
}

char _license[] SEC("license") = "GPL";
