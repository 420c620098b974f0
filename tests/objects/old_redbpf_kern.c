/* SPDX-License-Identifier: BSD-2-Clause */
/* One map in each section, one for tc in plain maps, and a template by index. */
#include "dia_samples.h"

struct five_words {
	unsigned int type, key_size, value_size, max_entries, map_flags;
};
struct seven_words {
	unsigned int type, key_size, value_size, max_entries, map_flags, id, pinning;
};

struct five_words SEC("maps/requests") symbol_of_requests = { BPF_MAP_TYPE_HASH, 4, 8, 32 };
struct seven_words SEC("maps/outer") symbol_of_outer = { BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, 0 };
struct seven_words SEC("maps") blocked = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, 2 };

SEC("xdp/filter") int filter(void *context)
{
	int key = 0;
	bpf_map_lookup_elem(&symbol_of_outer, &key);
	return bpf_map_lookup_elem(&symbol_of_requests, &key) ? 2 : 1;
}

SEC("socketfilter/dns") int dns(void *context)
{
	return 0;
}

SEC("tc_action/block") int block(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&blocked, &key) != 0;
}

SEC("kprobe/__x64_sys_getpid") int getpid(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0xFFFFFFFE;
