// SPDX-License-Identifier: BSD-2-Clause
/* The probes that need no types: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct hit {
	unsigned exit;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} hits SEC(".maps");
struct hit *type_of_hits; /* keeps it in the BTF: libbpf takes no value type here */

static __always_inline int report(unsigned exit)
{
	struct hit hit = { exit };

	bpf_ringbuf_output(&hits, &hit, sizeof hit, 0);
	return 0;
}

SEC("kprobe/tcp_v4_connect")
int on_connect(void *registers)
{
	return report(0);
}

SEC("kretprobe/tcp_v4_connect")
int on_connected(void *registers)
{
	return report(1);
}
