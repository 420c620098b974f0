/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object in versions: every program counts for its version and stops what it sees, so that a test sees which one
 * ran, and that none did not.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#ifndef ENTRIES
#define ENTRIES 16
#endif
#ifndef VALUE
#define VALUE __u64
#endif

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps"); /* by version */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, VALUE);
} table SEC(".maps");

#ifdef MORE_VARIABLES
__u64 added = 7;
#endif
__u64 counter;
const volatile __u32 version = VERSION;

static __always_inline void count(void)
{
	__u32 key = version;
	__u64 *hit = bpf_map_lookup_elem(&hits, &key);

	if (hit)
		__sync_fetch_and_add(hit, 1);
	__sync_fetch_and_add(&counter, 1);
	key = 1;
	(void)bpf_map_lookup_elem(&table, &key);
}

SEC("cgroup_skb/egress")
int egress(struct __sk_buff *skb)
{
	count();
	return 0;
}

SEC("xdp")
int drop(struct xdp_md *context)
{
	count();
	return XDP_DROP;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	count();
	return 2; /* TC_ACT_SHOT */
}

SEC("raw_tracepoint/sys_enter")
int enter(struct bpf_raw_tracepoint_args *context)
{
	if (context->args[1] == 121) /* getpgid: nobody else calls it in a test */
		count();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
