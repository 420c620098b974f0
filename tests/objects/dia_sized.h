/* SPDX-License-Identifier: BSD-2-Clause */
/* Two maps whose records have WORDS words; LAST is the last word of the second. */
#include "dia_samples.h"

struct sized {
	unsigned int word[WORDS];
};

struct sized SEC("maps") first = { { BPF_MAP_TYPE_HASH, 4, 8, 100 } };
struct sized SEC("maps") second = { { BPF_MAP_TYPE_ARRAY, 4, 16, 1, LAST_WORDS } };

SEC("kprobe/sys_read") int count(void *context)
{
	int key = 0;
	bpf_map_lookup_elem(&first, &key);
	return bpf_map_lookup_elem(&second, &key) != 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x040f00;
