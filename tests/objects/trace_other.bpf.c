/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints what trace_print does not. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int shout(struct xdp_md *ctx)
{
	(void)ctx;
	bpf_printk("lade noise: %d", 7);
	return XDP_PASS;
}

/* Its format lies on the stack. */
SEC("xdp")
int mutter(struct xdp_md *ctx)
{
	char format[] = "hm %d";
	bpf_trace_printk(format, sizeof format, (int)(ctx->data_end - ctx->data));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
