/* SPDX-License-Identifier: BSD-2-Clause */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") flow_table_v4 = { BPF_MAP_TYPE_PERCPU_HASH, 16, 16, 128 };

SEC("filter") int hashfilter(void *context)
{
	int key[4] = { 0 };
	return bpf_map_lookup_elem(&flow_table_v4, key) ? 0 : -1;
}

SEC("loadbalancer") int lb(void *context)
{
	return 1;
}

SEC("xdp") int xdp_hashfilter(void *context)
{
	return 2;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x040f00;
