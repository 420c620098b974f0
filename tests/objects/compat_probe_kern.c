/* SPDX-License-Identifier: BSD-2-Clause */
/* What load_bpf_file() attaches, and what it only loads. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") calls = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4 };

SEC("tracepoint/sched/sched_process_exec") int on_exec(void *context)
{
	return 0;
}

SEC("socket/2") int in_slot(void *context)
{
	return 0;
}

SEC("socket") int on_its_own(void *context)
{
	return 0;
}

SEC("raw_tracepoint/sched_process_exit") int on_exit(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
