/* SPDX-License-Identifier: BSD-2-Clause */
/* Every attribute a map can have. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	int a, b;
};

struct event {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct key);
	__type(value, __u64);
	__uint(max_entries, 1000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} typed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(key_size, 8);
	__uint(value_size, 12);
	__uint(max_entries, 10);
	__uint(map_flags, BPF_F_NUMA_NODE);
	__uint(numa_node, 0);
} sized SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(value_size, 4);
	__uint(max_entries, 10);
	__uint(map_extra, 3);
} bloom SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(value, struct event);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__type(value, __u32);
} plain_perf SEC(".maps");

SEC("tracepoint/sched/sched_switch") int on_switch(void *context)
{
	struct key key = {};
	__u64 *value = bpf_map_lookup_elem(&typed, &key);
	bpf_map_lookup_elem(&sized, &key);
	bpf_map_peek_elem(&bloom, &key);
	struct event *event = bpf_ringbuf_reserve(&ring, sizeof *event, 0);
	if (event)
		bpf_ringbuf_submit(event, 0);
	bpf_perf_event_output(context, &perf, BPF_F_CURRENT_CPU, &key, sizeof key);
	bpf_perf_event_output(context, &plain_perf, BPF_F_CURRENT_CPU, &key, sizeof key);
	return value != 0;
}

char _license[] SEC("license") = "GPL";
