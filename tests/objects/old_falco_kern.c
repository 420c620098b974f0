/* SPDX-License-Identifier: BSD-2-Clause */
/* The shape of Falco's probe: buffers for each CPU, fillers, versions. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") perf_map = { BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0 };
struct bpf_map_def SEC("maps") tail_map = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2 };
struct bpf_map_def SEC("maps") frame_scratch_map = { BPF_MAP_TYPE_ARRAY, 4, 64, 0 };
struct bpf_map_def SEC("maps") tmp_scratch_map = { BPF_MAP_TYPE_ARRAY, 4, 64, 0 };
struct bpf_map_def SEC("maps") settings_map = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };
struct bpf_map_def SEC("maps") local_state_map = { BPF_MAP_TYPE_ARRAY, 4, 8, 0 };

SEC("raw_tracepoint/sys_enter") int bpf_sys_enter(void *context)
{
	int key = 0;
	bpf_map_lookup_elem(&frame_scratch_map, &key);
	bpf_map_lookup_elem(&tmp_scratch_map, &key);
	bpf_map_lookup_elem(&settings_map, &key);
	bpf_map_lookup_elem(&local_state_map, &key);
	bpf_tail_call(context, &tail_map, 1);
	return 0;
}

SEC("raw_tracepoint/filler/terminate_filler") static int bpf_terminate_filler(void *context)
{
	return 0;
}

SEC("raw_tracepoint/filler/sys_open_x") static int bpf_sys_open_x(void *context)
{
	return 0;
}

SEC("raw_tracepoint/filler/one_too_many") static int bpf_one_too_many(void *context)
{
	return 0;
}

char kernel_ver[] SEC("kernel_version") = "5.10.0-19-amd64";
unsigned long long api_ver SEC("api_version") = 2ULL << 44 | 1ULL << 24 | 3;
unsigned long long schema_ver SEC("schema_version") = 1ULL << 44 | 4;
char _license[] SEC("license") = "GPL";
