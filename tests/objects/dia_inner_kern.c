/* SPDX-License-Identifier: BSD-2-Clause */
/* inner_map_idx is an index among the maps sorted by offset; numa_node counts with its flag only. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") numa = { BPF_MAP_TYPE_HASH, 4, 8, 10, BPF_F_NUMA_NODE, 0, 1 };
struct bpf_map_def SEC("maps") inner = { BPF_MAP_TYPE_ARRAY, 4, 8, 3 };
struct bpf_map_def SEC("maps") outer = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 77, 5, 0, 1 };
struct bpf_map_def SEC("maps") no_numa = { BPF_MAP_TYPE_HASH, 4, 8, 10, 0, 0, 7 };

SEC("kprobe/sys_connect") int lookup(void *context)
{
	int key = 0;
	bpf_map_update_elem(&numa, &key, &key, 0);
	bpf_map_update_elem(&no_numa, &key, &key, 0);
	return bpf_map_lookup_elem(&outer, &key) != 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x040d00;
