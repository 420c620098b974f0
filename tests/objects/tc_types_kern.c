/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections that say their type, and one that does not */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") counts = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_NONE };

SEC("classifier") int cls(void *context)
{
	int key = 0;
	return map_lookup_elem(&counts, &key) != 0;
}
SEC("action") int act(void *context)
{
	return 0;
}
SEC("prog") int xdp(void *context)
{
	return 2;
}
SEC("from-netdev") int free_name(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
