/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that print; XDP ones, so that a test run makes them do it on every kernel. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int say(struct xdp_md *ctx)
{
	bpf_printk("lade test: %d bytes of %s", (int)(ctx->data_end - ctx->data), "a packet");
	return XDP_PASS;
}

SEC("xdp")
int say_twice(struct xdp_md *ctx)
{
	bpf_printk("first half\nsecond half %d", 50);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
