// SPDX-License-Identifier: BSD-2-Clause
/* A scheduler that leaves everything to the kernel: a table without programs: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct sched_ext_ops {
	__u32 timeout_ms;
	char name[128];
};

SEC(".struct_ops.link")
struct sched_ext_ops idle_hands = { .timeout_ms = 20000, .name = "idle_hands" };
