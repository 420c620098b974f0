/* SPDX-License-Identifier: BSD-2-Clause */
/* For lade run: programs whose sections name what no machine has, and one that every kernel runs. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/lade/nothing")
int of_no_event(void *ctx)
{
	return 0;
}

SEC("raw_tp/lade_nothing")
int of_no_raw_event(void *ctx)
{
	return 0;
}

SEC("uprobe//nowhere/libnothing.so.99:nothing")
int of_no_file(void *ctx)
{
	return 0;
}

SEC("uprobe//proc/self/exe:lade_nothing")
int of_no_symbol(void *ctx)
{
	return 0;
}

SEC("kprobe/lade_nothing")
int of_no_function(void *ctx)
{
	return 0;
}

SEC("raw_tp/sys_enter")
int of_every_kernel(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
