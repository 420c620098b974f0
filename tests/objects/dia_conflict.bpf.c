/* SPDX-License-Identifier: BSD-2-Clause */
/* A map with a mistake in it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(key_size, 8);
	__type(key, int);
} wrong SEC(".maps");

SEC("xdp") int enter(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&wrong, &key) != 0;
}

char _license[] SEC("license") = "GPL";
