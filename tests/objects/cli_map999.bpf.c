/* SPDX-License-Identifier: BSD-2-Clause */
/* A type of map that no kernel has. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, 999);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} future SEC(".maps");

SEC("socket")
int look(struct __sk_buff *packet)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&future, &key) != 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
