// SPDX-License-Identifier: BSD-2-Clause
/* A map of some 70 MB. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct value {
	__u8 bytes[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1000000);
	__type(key, __u32);
	__type(value, struct value);
} large SEC(".maps");

SEC("socket")
int look(void *context)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&large, &key) != 0;
}
