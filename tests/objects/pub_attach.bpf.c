/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.2, S3.3: what can be loaded everywhere and attached nowhere. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("kprobe/do_execve")
int on_do_execve(void *context)
{
	return 0;
}

SEC("tracepoint/sched/sched_process_exce")
int on_exce(void *context)
{
	return 0;
}
