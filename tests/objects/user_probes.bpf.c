/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One program for each way onto user-space code. Each counts calls of the process in settings[0] (0: of all), and keeps
 * the last argument or cookie that it saw.
 */
#ifndef __TARGET_ARCH_arm64
#define __TARGET_ARCH_x86
#endif
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

enum { ENTRY, RETURN, MANY, MANY_RETURNS, SESSION_ENTRY, SESSION_RETURN, COUNTS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");

static __always_inline int count(__u32 which, __u64 value)
{
	__u32 zero = 0;
	__u64 *pid = bpf_map_lookup_elem(&settings, &zero);
	if (pid && *pid && *pid != bpf_get_current_pid_tgid() >> 32)
		return 0;
	__u64 *counter = bpf_map_lookup_elem(&counts, &which);
	if (counter)
		__sync_fetch_and_add(counter, 1);
	bpf_map_update_elem(&values, &which, &value, BPF_ANY);
	return 0;
}

SEC("uprobe")
int on_entry(struct pt_regs *ctx)
{
	return count(ENTRY, PT_REGS_PARM1(ctx));
}

SEC("uretprobe")
int on_return(struct pt_regs *ctx)
{
	return count(RETURN, PT_REGS_RC(ctx));
}

SEC("uprobe")
int reads_stack(struct pt_regs *ctx)
{
	__u64 value = 0;
	bpf_probe_read_user(&value, sizeof value, (void *)(PT_REGS_SP(ctx) + 8));
	return count(ENTRY, value);
}

SEC("uprobe.multi")
int on_many(struct pt_regs *ctx)
{
	return count(MANY, PT_REGS_PARM1(ctx));
}

SEC("uretprobe.multi")
int on_many_returns(struct pt_regs *ctx)
{
	return count(MANY_RETURNS, PT_REGS_RC(ctx));
}

char LICENSE[] SEC("license") = "GPL";
