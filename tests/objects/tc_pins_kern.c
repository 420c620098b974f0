/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of pinning */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") own = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_NONE };
struct bpf_elf_map SEC("maps") object_ns = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_OBJECT_NS };
struct bpf_elf_map SEC("maps") global_ns = { BPF_MAP_TYPE_HASH, 4, 4, 8, 0, 0, PIN_GLOBAL_NS };
struct bpf_elf_map SEC("maps") custom = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, 5 };
struct bpf_elf_map SEC("maps") unknown = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, 4711 };

SEC("classifier") int enter(void *context)
{
	int key = 0;
	map_lookup_elem(&own, &key);
	map_lookup_elem(&object_ns, &key);
	map_lookup_elem(&global_ns, &key);
	map_lookup_elem(&custom, &key);
	return map_lookup_elem(&unknown, &key) != 0;
}

char _license[] SEC("license") = "GPL";
