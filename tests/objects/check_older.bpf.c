/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifdef NEWER
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");
#endif

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
#ifdef NEWER
	__type(value, __u64);
#else
	__type(value, __u32);
#endif
} counts SEC(".maps");

#ifndef NEWER
SEC("socket") int gone(struct __sk_buff *packet)
{
	return 0;
}
#endif

SEC("xdp") int count(struct xdp_md *context)
{
	__u32 key = context->rx_queue_index;
	__u32 *value = bpf_map_lookup_elem(&counts, &key);

	if (!value)
		return XDP_PASS;
#ifdef NEWER
	bpf_ringbuf_output(&events, value, sizeof *value, 0);
#endif
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
