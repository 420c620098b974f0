/* SPDX-License-Identifier: BSD-2-Clause */
/* aya's seven words, in a section of its own naming. */
#include "dia_samples.h"

struct aya_map {
	unsigned int type, key_size, value_size, max_entries, map_flags, id, pinning;
};

struct aya_map SEC("maps.aya") PINNED = { BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0, 0, 1 };
struct aya_map SEC("maps.aya") PLAIN = { BPF_MAP_TYPE_HASH, 4, 4, 16, 0, 9, 0 };

SEC("xdp") int firewall(void *context)
{
	int key = 0;
	bpf_map_lookup_elem(&PLAIN, &key);
	return bpf_map_lookup_elem(&PINNED, &key) ? 2 : 1;
}

SEC("classifier") int shape(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
