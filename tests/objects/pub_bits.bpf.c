/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.3a: a structure with bit fields, which kernels before 5.0 do not take; nothing else is new. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct flags {
	unsigned small : 3, other : 5;
	int rest;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct flags);
	__uint(max_entries, 1);
} table SEC(".maps");

SEC("socket")
int filter(void *context)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&table, &key) != 0;
}
