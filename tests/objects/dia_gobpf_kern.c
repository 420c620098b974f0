/* SPDX-License-Identifier: BSD-2-Clause */
#include "dia_samples.h"

struct gobpf_map {
	unsigned int type, key_size, value_size, max_entries, map_flags, pinning;
	char space[256];
};

struct gobpf_map SEC("maps/counts") counts = { BPF_MAP_TYPE_HASH, 4, 8, 100 };

SEC("kprobe/sys_read") int enter(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&counts, &key) != 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0xFFFFFFFE;
