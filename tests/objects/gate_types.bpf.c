// SPDX-License-Identifier: BSD-2-Clause
/* Programs that need different capabilities, and no map. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

SEC("socket")
int everybody(void *context)
{
	return 0;
}

SEC("xdp")
int network(void *context)
{
	return XDP_PASS;
}

SEC("tracepoint/sched/sched_switch")
int tracing(void *context)
{
	return 0;
}

SEC("kprobe/do_nanosleep")
int probe(void *context)
{
	return 0;
}
