/* SPDX-License-Identifier: BSD-2-Clause */
/* What libbpf 0.x loaded: old records beside BTF-defined maps, globals, subprograms, loose section names. */
#include "dia_samples.h"

struct five_words {
	unsigned int type, key_size, value_size, max_entries, map_flags;
};

struct five_words SEC("maps") counts = { BPF_MAP_TYPE_HASH, 4, 8, 100, BPF_F_NO_PREALLOC };

#ifdef BOTH
struct {
	int (*type)[BPF_MAP_TYPE_ARRAY];
	int (*max_entries)[2];
	int *key;
	long long *value;
} modern SEC(".maps");
#endif

struct ____btf_map_counts {
	int key;
	long long value;
};
struct ____btf_map_counts SEC(".maps.counts") ____btf_map_counts = {};

const volatile int limit = 7;
int total = 3;
static volatile int hidden;

__attribute__((noinline)) static int add(int by)
{
	hidden += by;
	return hidden + limit;
}

SEC("xdp_pass") int pass(void *context)
{
	int key = 0;
	total += add(2);
	bpf_map_lookup_elem(&counts, &key);
#ifdef BOTH
	bpf_map_lookup_elem(&modern, &key);
#endif
	return 2;
}

SEC("classifier_in") int classify(void *context)
{
	return add(1);
}

SEC("prog") int plain(void *context)
{
	return 2;
}

char _license[] SEC("license") = "GPL";
