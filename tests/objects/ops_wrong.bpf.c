/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables that this kernel cannot have; each is asked for alone. */
#include "ops_tcp.h"

struct lade_no_such_ops {
	int (*work)(void);
};

struct tcp_congestion_ops___missing {
	__u64 lade_unknown;
	char name[16];
};

struct tcp_congestion_ops___program {
	__u32 (*lade_unknown)(struct sock *sk);
	char name[16];
};

struct tcp_congestion_ops___size {
	char name[8];
};

struct tcp_congestion_ops___kind {
	__u64 ssthresh;
	char name[16];
};

struct tcp_congestion_ops___pointer {
	void *owner;
	char name[16];
};

struct tcp_congestion_ops___bits {
	__u32 flags : 4;
	char name[16];
};

SEC("struct_ops/ssthresh") __u32 ops_ssthresh(__u64 *context)
{
	return 2;
}

SEC("?.struct_ops") struct lade_no_such_ops ops_kernel = {};
SEC("?.struct_ops") struct tcp_congestion_ops___missing ops_missing = { .lade_unknown = 1 };
SEC("?.struct_ops") struct tcp_congestion_ops___program ops_program = { .lade_unknown = (void *)ops_ssthresh };
SEC("?.struct_ops") struct tcp_congestion_ops___size ops_size = { .name = "x" };
SEC("?.struct_ops") struct tcp_congestion_ops___kind ops_kind = { .ssthresh = 1 };
SEC("?.struct_ops") struct tcp_congestion_ops___pointer ops_pointer = { .owner = (void *)1 };
SEC("?.struct_ops") struct tcp_congestion_ops___bits ops_bits = { .flags = 1 };
SEC("?.struct_ops") struct tcp_congestion_ops ops_reuse = {
	.ssthresh = (void *)ops_ssthresh,
	.undo_cwnd = (void *)ops_ssthresh,
};

char _license[] SEC("license") = "GPL";
