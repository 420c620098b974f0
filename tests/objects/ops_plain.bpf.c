/* SPDX-License-Identifier: BSD-2-Clause */
/* One table without a link, as libbpf 1.1 knows them. */
#include "ops_tcp.h"

SEC("struct_ops/lade_ssthresh") __u32 lade_ssthresh(__u64 *context)
{
	return 2;
}

SEC("struct_ops/lade_undo_cwnd") __u32 lade_undo_cwnd(__u64 *context)
{
	return 4;
}

SEC("struct_ops/lade_cong_avoid") void lade_cong_avoid(__u64 *context)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops ops_plain = {
	.ssthresh = (void *)lade_ssthresh,
	.undo_cwnd = (void *)lade_undo_cwnd,
	.cong_avoid = (void *)lade_cong_avoid,
	.name = "lade_plain",
};

char _license[] SEC("license") = "GPL";
