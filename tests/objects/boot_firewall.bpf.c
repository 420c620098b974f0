/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy file can speak of: programs with and without a place, maps with and without words of their own, data. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} shared_rules SEC(".maps");

__u64 dropped;

static void count(void)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

SEC("xdp") int filter(struct xdp_md *context)
{
	__u32 key = context->ingress_ifindex;

	count();
	if (!bpf_map_lookup_elem(&shared_rules, &key))
		return XDP_PASS;
	dropped++;
	return XDP_DROP;
}

SEC("kprobe/do_exit") int watch(void *context)
{
	count();
	return 0;
}

char _license[] SEC("license") = "GPL";
