/* SPDX-License-Identifier: BSD-2-Clause */
/* A variable at the offset of a map: the old loader took the map for it. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") innocent = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };
const volatile int setting = 7;

SEC("kprobe/sys_read") int read_setting(void *context)
{
	int key = setting;
	return bpf_map_lookup_elem(&innocent, &key) != 0;
}

char _license[] SEC("license") = "GPL";
