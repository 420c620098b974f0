// SPDX-License-Identifier: BSD-2-Clause
/* Addresses and variables of the kernel, typed and not, one of them of a module: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct rq {
	int cpu;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;
extern const void tcp_v4_connect __ksym;
extern const void veth_xmit __ksym;
extern const void of_no_kernel __ksym __weak;

struct found {
	unsigned long long connect, send, none;
	int cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} findings SEC(".maps");
struct found *type_of_findings; /* keeps it in the BTF: libbpf takes no value type here */

SEC("raw_tp/sched_process_exec")
int on_exec(void *ctx)
{
	struct found found;
	const struct rq *queue = bpf_per_cpu_ptr(&runqueues, 1);

	/* As an initializer they would be data with relocations, which no loader fills. */
	found.connect = (unsigned long long)&tcp_v4_connect;
	found.send = (unsigned long long)&veth_xmit;
	found.none = (unsigned long long)&of_no_kernel;
	found.cpu = -1;
	if (queue)
		found.cpu = queue->cpu;
	bpf_ringbuf_output(&findings, &found, sizeof found, 0);
	return 0;
}
