/* SPDX-License-Identifier: BSD-2-Clause */
/* A congestion control as an object of our own may know it: the kernel's struct is larger and ordered otherwise. */
#ifndef OPS_TCP_H
#define OPS_TCP_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sock;

struct tcp_congestion_ops {
	char name[16];
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 flags;
};

#endif
