/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.19: what the published remedy for a void pointer (pub_void.bpf.c) leads to. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct trace_event_raw_sys_enter {
	__u64 common;
	long id;
	unsigned long args[6];
	char data[0];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

__attribute__((noinline)) int parse(struct trace_event_raw_sys_enter *context, int which)
{
	__u64 value = (__u64)which;

	return (int)bpf_perf_event_output(context, &events, BPF_F_CURRENT_CPU, &value, sizeof value);
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(struct trace_event_raw_sys_enter *context)
{
	return parse(context, 1);
}
