/* SPDX-License-Identifier: BSD-2-Clause */
/* What a USDT probe's arguments were when it was last hit, by the header that everybody uses. */
#ifndef __TARGET_ARCH_arm64
#define __TARGET_ARCH_x86
#endif
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

enum { HITS, COUNT, COOKIE, FIRST, RESULTS = FIRST + 12, VALUES = RESULTS + 12 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VALUES);
	__type(key, __u32);
	__type(value, __s64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");

static __always_inline void set(__u32 which, __s64 value)
{
	bpf_map_update_elem(&seen, &which, &value, BPF_ANY);
}

static __always_inline int look(struct pt_regs *ctx)
{
	__u32 zero = 0;
	__u64 *pid = bpf_map_lookup_elem(&settings, &zero);
	if (pid && *pid && *pid != bpf_get_current_pid_tgid() >> 32)
		return 0;
	__s64 *hits = bpf_map_lookup_elem(&seen, &zero);
	if (hits)
		__sync_fetch_and_add(hits, 1);
	set(COUNT, bpf_usdt_arg_cnt(ctx));
	set(COOKIE, bpf_usdt_cookie(ctx));
	for (int i = 0; i < 12; i++) {
		long value = 0;
		set(RESULTS + i, bpf_usdt_arg(ctx, i, &value));
		set(FIRST + i, value);
	}
	return 0;
}

SEC("usdt")
int on_usdt(struct pt_regs *ctx)
{
	return look(ctx);
}

SEC("usdt/missing_library.so.99:lade:probe")
int of_a_missing_file(struct pt_regs *ctx)
{
	return look(ctx);
}

char LICENSE[] SEC("license") = "GPL";
