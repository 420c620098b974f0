/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.3a, S2.7, S2.12: a variable, a constant, a format, and a structure with bit fields among the types. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct flags {
	unsigned small : 3, other : 5;
	int rest;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct flags);
	__uint(max_entries, 1);
} table SEC(".maps");

const volatile int limit = 3;
int hits;

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(void *context)
{
	if (hits++ < limit)
		bpf_printk("execve %d", hits);
	return 0;
}
