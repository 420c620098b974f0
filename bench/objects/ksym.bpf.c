/* SPDX-License-Identifier: BSD-2-Clause */
/* The address of one symbol of the kernel, without a type. */
#include "kernel.h"

extern const void bpf_prog_load __ksym; /* a function: without CONFIG_KALLSYMS_ALL there is nothing else */

__u64 address = 0;

SEC("raw_tracepoint/sys_enter")
int on_enter(void *context)
{
	address = (__u64)&bpf_prog_load;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
