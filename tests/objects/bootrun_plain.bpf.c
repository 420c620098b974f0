/* SPDX-License-Identifier: BSD-2-Clause */
/* An object of no Android: for policies in files. One tracepoint program that counts, one filter. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} seen SEC(".maps");

static __always_inline int count(void)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_getpgid") int on_getpgid(void *context)
{
	return count();
}

SEC("socket") int on_packet(struct __sk_buff *skb)
{
	return count();
}

char _license[] SEC("license") = "GPL";
