/* SPDX-License-Identifier: BSD-2-Clause */
/* Word 6 is 1: pinned in iproute2's object namespace, or by name in aya. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") shared = { BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, 0, 1 };

SEC("xdp") int enter(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&shared, &key) != 0;
}

char _license[] SEC("license") = "GPL";
