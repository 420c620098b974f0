/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls the old loader did not know: to .text, and within a program's section. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") calls = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };

__attribute__((noinline)) int global_helper(int key)
{
	return bpf_map_lookup_elem(&calls, &key) != 0;
}

static __attribute__((noinline)) int static_helper(int *key)
{
	unsigned long long value = 1;
	return bpf_map_update_elem(&calls, key, &value, 0);
}

__attribute__((noinline, section("kprobe/sys_read"))) static int beside(int *key)
{
	unsigned long long value = 2;
	return bpf_map_update_elem(&calls, key, &value, 2);
}

SEC("kprobe/sys_read") int enter(void *context)
{
	int key = 0;
	return global_helper(1) + static_helper(&key) + beside(&key);
}

char _license[] SEC("license") = "GPL";
