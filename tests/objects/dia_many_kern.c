/* SPDX-License-Identifier: BSD-2-Clause */
/* The old loader had room for 32 maps. */
#include "dia_samples.h"

#define MAP(n) struct bpf_map_def SEC("maps") map_##n = { BPF_MAP_TYPE_ARRAY, 4, 8, 1##n };
#define TEN(n) MAP(n##0) MAP(n##1) MAP(n##2) MAP(n##3) MAP(n##4) MAP(n##5) MAP(n##6) MAP(n##7) MAP(n##8) MAP(n##9)
TEN(0)
TEN(1) TEN(2) TEN(3)

	SEC("kprobe/last") int last(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&map_39, &key) != 0;
}

char _license[] SEC("license") = "GPL";
