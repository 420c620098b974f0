/* SPDX-License-Identifier: BSD-2-Clause */
/* A program whose function others replace and watch. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int answer(struct __sk_buff *packet)
{
	volatile int result = 42;

	return packet->len ? result : 0;
}

SEC("tc") int asks(struct __sk_buff *packet)
{
	return answer(packet);
}

char _license[] SEC("license") = "GPL";
