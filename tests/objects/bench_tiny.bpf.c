/* SPDX-License-Identifier: BSD-2-Clause */
/* Three programs that the verifier is done with at once: threads must not make them slower. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int tiny_one(struct __sk_buff *packet)
{
	return (int)packet->len;
}

SEC("socket")
int tiny_two(struct __sk_buff *packet)
{
	return (int)packet->mark;
}

SEC("socket")
int tiny_three(struct __sk_buff *packet)
{
	return (int)packet->protocol;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
