/* SPDX-License-Identifier: BSD-2-Clause */
/* A static map leaves a section symbol among the maps. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") upcalls = { BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0 };
static struct bpf_map_def SEC("maps") flow_table = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };
struct bpf_map_def SEC("maps") tailcalls = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8 };

SEC("ingress") int to_stack(void *context)
{
	int key = 0;
	bpf_map_lookup_elem(&flow_table, &key);
	bpf_tail_call(context, &tailcalls, 3);
	return 0;
}

SEC("egress") int from_stack(void *context)
{
	return 0;
}

SEC("tail-3") int output(void *context)
{
	return 0;
}

SEC("tail-33") int beyond(void *context)
{
	return 0;
}

SEC("tail-x") int unplaced(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
