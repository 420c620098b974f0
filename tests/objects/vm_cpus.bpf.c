// SPDX-License-Identifier: BSD-2-Clause
/* An event and a perf buffer on every CPU: tests/load/cpus.c, tests/vm/cpus.py. */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct sample {
	unsigned on;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");
struct sample *type_of_samples; /* keeps it in the BTF */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct sample sample = { cpu };
	__u64 *count = bpf_map_lookup_elem(&counts, &cpu);

	if (count)
		__sync_fetch_and_add(count, 1);
	bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &sample, sizeof sample);
	return 0;
}
