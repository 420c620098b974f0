/* SPDX-License-Identifier: BSD-2-Clause */
/* Global functions that are given the context, and say so by a tag: kernels before 6.8 want the type of the context. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CONTEXT __attribute__((btf_decl_tag("arg:ctx")))

/* Its name is what counts. */
struct pt_regs {
	unsigned long first;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, int);
	__type(value, int);
} events SEC(".maps");

/* Of programs of several types. */
__attribute__((noinline)) int report(int number, void *context CONTEXT)
{
	return bpf_perf_event_output(context, &events, BPF_F_CURRENT_CPU, &number, sizeof number);
}

__attribute__((noinline)) int traced(struct pt_regs *context CONTEXT)
{
	return report(5, context);
}

__attribute__((noinline)) long first(__u64 *context CONTEXT)
{
	return report(1, context) + context[0];
}

__attribute__((noinline)) int length(struct __sk_buff *context CONTEXT)
{
	return context->len;
}

SEC("xdp") int of_xdp(struct xdp_md *context)
{
	return report(2, context) ? XDP_DROP : XDP_PASS;
}

SEC("kprobe") int of_kprobe(void *context)
{
	return traced(context) && report(3, context);
}

SEC("raw_tp") int of_raw_tracepoint(void *context)
{
	return first(context) && report(4, context);
}

/* Every kernel since 5.6 knows this one. */
SEC("tc") int of_tc(struct __sk_buff *context)
{
	return length(context);
}

char _license[] SEC("license") = "GPL";
