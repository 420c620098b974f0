/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several tables: two in one section that share programs, one under a flavour with a member that no kernel has, one
 * that is only created when asked for, and programs that nothing holds.
 */
#include "ops_tcp.h"

struct tcp_congestion_ops___later {
	__u64 lade_unknown; /* no kernel has it; left at 0 */
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*lade_missing)(struct sock *sk);
	char name[16];
};

SEC("struct_ops/ssthresh") __u32 ops_ssthresh(__u64 *context)
{
	return 2;
}

SEC("struct_ops/undo_cwnd") __u32 ops_undo_cwnd(__u64 *context)
{
	return 4;
}

SEC("?struct_ops/undo_cwnd") __u32 ops_undo_later(__u64 *context)
{
	return 5;
}

SEC("struct_ops/cong_avoid") void ops_cong_avoid(__u64 *context)
{
}

SEC("struct_ops/ssthresh") __u32 ops_asleep_ssthresh(__u64 *context)
{
	return 3;
}

SEC("struct_ops/ssthresh") __u32 ops_unused(__u64 *context)
{
	return 9;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops ops_first = {
	.ssthresh = (void *)ops_ssthresh,
	.undo_cwnd = (void *)ops_undo_cwnd,
	.cong_avoid = (void *)ops_cong_avoid,
	.name = "lade_first",
};

SEC(".struct_ops.link")
struct tcp_congestion_ops___later ops_second = {
	.ssthresh = (void *)ops_ssthresh,
	.undo_cwnd = (void *)ops_undo_later,
	.cong_avoid = (void *)ops_cong_avoid,
	.name = "lade_second",
};

SEC("?.struct_ops.link")
struct tcp_congestion_ops ops_asleep = {
	.ssthresh = (void *)ops_asleep_ssthresh,
	.undo_cwnd = (void *)ops_undo_cwnd,
	.cong_avoid = (void *)ops_cong_avoid,
	.name = "lade_asleep",
};

char _license[] SEC("license") = "GPL";
