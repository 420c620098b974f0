/* SPDX-License-Identifier: BSD-2-Clause */
/* The second of three has nothing to attach to. */
#include "dia_samples.h"

SEC("tracepoint/sched/sched_process_exec") int on_exec(void *context)
{
	return 0;
}

SEC("raw_tracepoint/nobody_has_this") int nowhere(void *context)
{
	return 0;
}

SEC("raw_tracepoint/sched_process_exit") int on_exit(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
