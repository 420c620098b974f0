/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stand-in for gpuMem.c on machines whose kernel has no gpu_mem/gpu_mem_total: each fork counts as a page that the
 * forking process got on GPU 0. Same map, another tracepoint, which every kernel has; its record is not read, because
 * kernels disagree about it.
 */
#include <bpf_helpers.h>

#define PAGE 4096

DEFINE_BPF_MAP_GRO(gpu_mem_total_map, HASH, uint64_t, uint64_t, 1024, AID_GRAPHICS);

DEFINE_BPF_PROG("tracepoint/sched/sched_process_fork", AID_ROOT, AID_GRAPHICS, tp_fork)
(const void *record)
{
	uint64_t key = bpf_get_current_pid_tgid() >> 32, first = PAGE;
	uint64_t *total = bpf_gpu_mem_total_map_lookup_elem(&key);

	(void)record;
	if (total)
		__sync_fetch_and_add(total, PAGE);
	else
		bpf_gpu_mem_total_map_update_elem(&key, &first, BPF_NOEXIST);
	return 0;
}

LICENSE("Dual BSD/GPL");
