/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct tcp_congestion_ops {
	int (*ssthresh)(void *socket);
	char name[16];
};

SEC("struct_ops/ssthresh") int ssthresh(void *socket)
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops table = {
	.ssthresh = (void *)ssthresh,
	.name = "dia",
};

char _license[] SEC("license") = "GPL";
