/* SPDX-License-Identifier: BSD-2-Clause */
/* Global variables: tc refused them, tc with libbpf loads them */
#include "tc_api.h"

struct bpf_elf_map SEC("maps") counts = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0, 0, PIN_GLOBAL_NS };
const volatile int limit = 7;
const int unused[2] SEC(".data.unused") = { 1, 2 };

SEC("classifier") int enter(void *context)
{
	int key = 0;
	return map_lookup_elem(&counts, &key) ? limit : 0;
}

char _license[] SEC("license") = "GPL";
