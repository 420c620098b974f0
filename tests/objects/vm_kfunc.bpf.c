// SPDX-License-Identifier: BSD-2-Clause
/* Functions that a module offers to programs: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct nf_conn {
	unsigned long status;
} __attribute__((preserve_access_index));

struct bpf_ct_opts___12 {
	int netns_id;
	int error;
	unsigned char l4proto;
	unsigned char dir;
	unsigned char reserved[2];
};

extern struct nf_conn *bpf_xdp_ct_lookup(struct xdp_md *ctx, struct bpf_sock_tuple *tuple, __u32 tuple_bytes,
					 struct bpf_ct_opts___12 *options, __u32 options_bytes) __ksym;
extern void bpf_ct_release(struct nf_conn *connection) __ksym;
/* of no kernel: weak, and asked for before it is called */
extern void bpf_of_no_kernel(struct nf_conn *connection) __ksym __weak;

SEC("xdp")
int look_up(struct xdp_md *ctx)
{
	struct bpf_ct_opts___12 options = { .netns_id = -1, .l4proto = 17 };
	struct bpf_sock_tuple tuple = { 0 };
	struct nf_conn *connection = bpf_xdp_ct_lookup(ctx, &tuple, sizeof tuple.ipv4, &options, sizeof options);

	if (!connection)
		return XDP_PASS;
	if (bpf_of_no_kernel)
		bpf_of_no_kernel(connection);
	bpf_ct_release(connection);
	return XDP_DROP;
}
