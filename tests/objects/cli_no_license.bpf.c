/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls a helper for which the kernel wants a GPL-compatible license, and has none. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exit")
int print(void *context)
{
	char text[] = "gone";
	bpf_trace_printk(text, sizeof text);
	return 0;
}
