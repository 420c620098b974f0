/* SPDX-License-Identifier: BSD-2-Clause */
/* The one writable tracepoint that every kernel has: what BPF_PROG_TEST_RUN answers, here only to one process. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define ANSWER (-42)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps"); /* the process */

static __always_inline int is_wanted(void)
{
	__u32 zero = 0;
	__u64 *pid = bpf_map_lookup_elem(&settings, &zero);

	return pid && *pid == bpf_get_current_pid_tgid() >> 32;
}

SEC("raw_tracepoint.w/bpf_test_finish")
int answers(struct bpf_raw_tracepoint_args *ctx)
{
	int *answer = (int *)ctx->args[0];

	if (is_wanted())
		*answer = ANSWER;
	return 0;
}

/* The tracepoint lends four bytes. */
SEC("raw_tracepoint.w/bpf_test_finish")
int writes_too_much(struct bpf_raw_tracepoint_args *ctx)
{
	long *answer = (long *)ctx->args[0];

	if (is_wanted())
		*answer = ANSWER;
	return 0;
}

SEC("raw_tracepoint.w/sched_process_exit")
int writes_what_is_not_lent(struct bpf_raw_tracepoint_args *ctx)
{
	int *task = (int *)ctx->args[0];

	if (is_wanted())
		*task = ANSWER;
	return 0;
}

SEC("socket")
int asked(struct __sk_buff *skb)
{
	return 7;
}

char _license[] SEC("license") = "GPL";
