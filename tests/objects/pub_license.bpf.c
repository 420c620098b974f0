/* SPDX-License-Identifier: BSD-2-Clause */
/* S1.3: a helper for programs under the GPL. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Proprietary";

SEC("socket")
int printing(void *context)
{
	char text[] = "x";

	return (int)bpf_trace_printk(text, sizeof text);
}
