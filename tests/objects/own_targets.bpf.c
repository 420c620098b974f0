/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that replace and watch functions of others of the same object. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int watched, answered;

__attribute__((noinline)) int answer(struct __sk_buff *packet)
{
	volatile int result = 1;

	return packet->len ? result : 0;
}

/* Before the one that it goes to. */
SEC("?fexit/answer") int watch(void *context)
{
	watched++;
	return 0;
}

SEC("?freplace/answer") int other_answer(struct __sk_buff *packet)
{
	answered++;
	return packet->len ? 2 : 0;
}

/* Of the replacement, its main function. */
SEC("?fentry") int watch_replacement(void *context)
{
	watched += 100;
	return 0;
}

SEC("?fentry/nobody") int watch_nobody(void *context)
{
	return 0;
}

SEC("tc") int asks(struct __sk_buff *packet)
{
	return answer(packet);
}

char _license[] SEC("license") = "GPL";
