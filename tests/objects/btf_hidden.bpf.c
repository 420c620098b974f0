/* SPDX-License-Identifier: BSD-2-Clause */
/* Hidden variables, and fields that only BTF tells the kernel of: a lock and a list of what lies on it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define private(name) SEC(".data." #name) __attribute__((visibility("hidden"), aligned(8)))

struct bpf_list_head {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct bpf_list_node {
	__u64 opaque[3];
} __attribute__((aligned(8)));

struct element {
	struct bpf_list_node node;
	int number;
};

private(A) struct bpf_spin_lock hidden_lock;
private(A) struct bpf_list_head hidden_list __attribute__((btf_decl_tag("contains:element:node")));
__attribute__((visibility("hidden"))) int hidden_number = 3;
int seen_number SEC(".data.seen") = 4;

struct element *element_type; /* keeps the type in BTF */

__attribute__((visibility("hidden"), noinline)) int hidden_function(int number)
{
	return number + hidden_number;
}

__attribute__((weak, noinline)) int weak_function(int number)
{
	return number * 2;
}

SEC("xdp") int uses_lock(struct xdp_md *context)
{
	bpf_spin_lock(&hidden_lock);
	seen_number++;
	bpf_spin_unlock(&hidden_lock);
	return hidden_function((int)context->ingress_ifindex) + weak_function(2) > 4 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
