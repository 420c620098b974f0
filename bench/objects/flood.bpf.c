/* SPDX-License-Identifier: BSD-2-Clause */
/* A saturating producer: every run sends one record; what finds no room is counted here. */
#include "kernel.h"
#include "../flood.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, FLOOD_RING_BYTES);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

/* Together, and alone in their section: bench-flood reads them. */
struct {
	__u64 offered, refused;
} counts SEC(".data") = {};
struct flood_record only_for_its_type = {};

static __attribute__((always_inline)) void fill(struct flood_record *record)
{
	record->time = bpf_ktime_get_ns();
	record->number = counts.offered;
	record->bytes = (counts.offered * 2654435761U) & 0xfffff;
	record->cpu = bpf_get_smp_processor_id();
	record->difference = -(int)(counts.offered & 1023);
	record->state = counts.offered & 3;
	record->is_last = 0;
	__builtin_memcpy(record->name, "a name of a task", sizeof record->name);
	record->name[15] = 0;
	counts.offered++;
}

SEC("tc")
int to_ring(struct __sk_buff *packet)
{
	struct flood_record *record = bpf_ringbuf_reserve(&ring, sizeof *record, 0);
	if (!record) {
		counts.offered++;
		counts.refused++;
		return 0;
	}
	fill(record);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tc")
int to_perf(struct __sk_buff *packet)
{
	struct flood_record record = {};
	fill(&record);
	bpf_perf_event_output(packet, &perf, BPF_F_CURRENT_CPU, &record, sizeof record);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
