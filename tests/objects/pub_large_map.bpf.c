/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.20: its test asks for 900000 entries, more than 4 GiB on one processor. Kernels from 5.11 on would try. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	char bytes[4792];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__type(key, __u64);
	__type(value, struct event);
	__uint(max_entries, 64);
} execs SEC(".maps");

SEC("socket")
int filter(void *context)
{
	__u64 key = 0;

	return bpf_map_lookup_elem(&execs, &key) != 0;
}
