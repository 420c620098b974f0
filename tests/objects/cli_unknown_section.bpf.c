/* SPDX-License-Identifier: BSD-2-Clause */
/* A section name that says nothing about a program type. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("whatever/this_is")
int nothing(void *context)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
