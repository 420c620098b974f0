// SPDX-License-Identifier: BSD-2-Clause
/* Two functions whose frames together are larger than a stack of 512 bytes: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct deep {
	unsigned outer, inner;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} depths SEC(".maps");
struct deep *type_of_depths; /* keeps it in the BTF: libbpf takes no value type here */

static __noinline unsigned inner(void *context)
{
	char buffer[320] = "";

	bpf_get_current_comm(buffer, 16);
	bpf_probe_read_kernel(buffer + 16, sizeof buffer - 16, context);
	return buffer[0] != 0;
}

SEC("raw_tp/sched_process_exec")
int on_exec(void *context)
{
	char buffer[320] = "";
	struct deep deep = { 0 };

	bpf_probe_read_kernel(buffer, sizeof buffer, context);
	bpf_get_current_comm(buffer, 16);
	deep.inner = inner(context);
	deep.outer = buffer[0] != 0;
	bpf_ringbuf_output(&depths, &deep, sizeof deep, 0);
	return 0;
}
