/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that take the verifier long: every turn of their loops is another state. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 sum;

static __always_inline int turn(void *context, __u32 start)
{
	__u64 total = start;

	for (__u32 i = 0; i < 100000; i++) {
		total += i ^ (total >> 3);
		__asm__ volatile("" : "+r"(total));
	}
	sum += total;
	return 0;
}

SEC("raw_tracepoint/sched_process_exec")
int slow_one(void *context)
{
	return turn(context, 1);
}

SEC("raw_tracepoint/sched_process_exec")
int slow_two(void *context)
{
	return turn(context, 2);
}

SEC("raw_tracepoint/sched_process_exec")
int quick(void *context)
{
	sum++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
