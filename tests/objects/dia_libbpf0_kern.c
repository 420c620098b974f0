/* SPDX-License-Identifier: BSD-2-Clause */
#include "dia_samples.h"

struct five_words {
	unsigned int type, key_size, value_size, max_entries, map_flags;
};

struct five_words SEC("maps") counts = { BPF_MAP_TYPE_HASH, 4, 8, 100 };

SEC("tp/sched/sched_switch") int enter(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&counts, &key) != 0;
}

char _license[] SEC("license") = "GPL";
