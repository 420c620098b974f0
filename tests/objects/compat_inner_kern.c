/* SPDX-License-Identifier: BSD-2-Clause */
/* A callback gives the outer map its template by index; as written it is the first. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") small = { BPF_MAP_TYPE_ARRAY, 4, 8, 3 };
struct bpf_map_def SEC("maps") large = { BPF_MAP_TYPE_ARRAY, 4, 16, 3 };
struct bpf_map_def SEC("maps") outer = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 5 };

SEC("socket") int use(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&outer, &key) != 0;
}

char _license[] SEC("license") = "GPL";
