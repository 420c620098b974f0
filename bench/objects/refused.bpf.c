/* SPDX-License-Identifier: BSD-2-Clause */
/* One long way through a loop, which the verifier gives up on after a million instructions. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("socket")
int endless(struct __sk_buff *packet)
{
	__u64 sum = 0;

	for (__u64 i = 0; i < 0x100000000ULL; i++)
		sum += *(volatile __u32 *)&packet->len;
	return (int)sum;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
