/* SPDX-License-Identifier: BSD-2-Clause */
/* No section of this object is a program of the samples dialect. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") calls = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };

SEC("mine") int my_program(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&calls, &key) != 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x050a00;
