/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that ask for their cookie (since 5.15), and one that runs at entry and return (since 6.13). */
#ifndef __TARGET_ARCH_arm64
#define __TARGET_ARCH_x86
#endif
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

enum { SINGLE, MULTI, SESSION, COUNTS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

static __always_inline int add(__u32 which, __u64 value)
{
	__u64 *sum = bpf_map_lookup_elem(&values, &which);
	if (sum)
		__sync_fetch_and_add(sum, value);
	return 0;
}

SEC("uprobe")
int with_cookie(struct pt_regs *ctx)
{
	return add(SINGLE, bpf_get_attach_cookie(ctx));
}

SEC("uprobe.multi")
int multi_with_cookie(struct pt_regs *ctx)
{
	return add(MULTI, bpf_get_attach_cookie(ctx));
}

SEC("uprobe.session")
int in_session(struct pt_regs *ctx)
{
	return add(SESSION, 1); /* 0: the return is wanted too */
}

char LICENSE[] SEC("license") = "GPL";
