/* SPDX-License-Identifier: BSD-2-Clause */
/* One of each kind of BTF that came late; compiled by a recent clang for the tags and the 64-bit enum. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum wide { LADE_WIDE = 0x123456789aull };
enum negative { LADE_NEGATIVE = -5 };

struct tagged {
	int __attribute__((btf_type_tag("lade_tag"))) *pointer;
	float real;
} __attribute__((btf_decl_tag("lade_decl")));

enum wide lade_wide = LADE_WIDE;
enum negative lade_negative = LADE_NEGATIVE;
struct tagged lade_tagged SEC(".data.lade");

__attribute__((noinline)) int lade_global(struct xdp_md *context)
{
	return context->ingress_ifindex ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int lade_older(struct xdp_md *context)
{
	return lade_tagged.pointer || lade_wide == 3 || lade_negative == 3 ? lade_global(context) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
