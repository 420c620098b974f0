/* SPDX-License-Identifier: BSD-2-Clause */
/* The verifier refuses the second program: it dereferences what may be NULL. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") counts = { BPF_MAP_TYPE_HASH, 4, 8, 1 };

SEC("socket") int fine(void *context)
{
	return 0;
}

SEC("socket1") int refused(void *context)
{
	int key = 0;
	unsigned long long *count = bpf_map_lookup_elem(&counts, &key);
	return (int)*count;
}

char _license[] SEC("license") = "GPL";
