/* SPDX-License-Identifier: BSD-2-Clause */
/* The verifier refuses it: the looked-up value may be NULL. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("socket")
int count(struct __sk_buff *packet)
{
	__u32 key = packet->len;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);
	*value += 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
