// SPDX-License-Identifier: BSD-2-Clause
/* A function of a kernel module, and a struct that only the module has: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

#ifndef PLACE
#define PLACE "fentry/veth_xmit"
#endif

struct sk_buff {
	unsigned len;
} __attribute__((preserve_access_index));

struct veth_priv {
	void *peer;
} __attribute__((preserve_access_index));

struct sent {
	unsigned bytes;
	unsigned knows_priv;
	unsigned priv_bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} sendings SEC(".maps");
struct sent *type_of_sendings; /* keeps it in the BTF: libbpf takes no value type here */

SEC(PLACE)
int BPF_PROG(on_send, struct sk_buff *packet)
{
	struct sent sent = {
		.bytes = packet->len,
		.knows_priv = bpf_core_field_exists(struct veth_priv, peer),
		.priv_bytes = bpf_core_type_size(struct veth_priv),
	};

	bpf_ringbuf_output(&sendings, &sent, sizeof sent, 0);
	return 0;
}
