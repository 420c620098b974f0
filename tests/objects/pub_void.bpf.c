/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.18: a function that is not static, and a parameter whose size nobody knows. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__attribute__((noinline)) int parse(void *context, int which)
{
	return *(char *)context + which;
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(void *context)
{
	return parse(context, 1);
}
