/* SPDX-License-Identifier: BSD-2-Clause */
/* A map that is pinned by name and shared between objects. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} cli_common SEC(".maps");

SEC("socket")
int share(struct __sk_buff *packet)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&cli_common, &key);
	if (value)
		__sync_fetch_and_add(value, packet->len);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
