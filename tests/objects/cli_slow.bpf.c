/* SPDX-License-Identifier: BSD-2-Clause */
/* Two programs that take the verifier some time each: it walks every branch of an unrolled chain. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef ROUNDS
#define ROUNDS 18000
#endif

static __attribute__((noinline)) int spin(struct __sk_buff *packet)
{
	unsigned sum = packet->len;
	for (unsigned i = 0; i < ROUNDS; i++)
		sum += (sum ^ packet->mark) & 0xFF;
	return (int)sum;
}

SEC("socket")
int slow_one(struct __sk_buff *packet)
{
	return spin(packet);
}

SEC("socket")
int slow_two(struct __sk_buff *packet)
{
	return spin(packet) + 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
