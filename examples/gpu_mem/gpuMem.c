/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much memory each process has on each GPU: drivers say it with the tracepoint gpu_mem/gpu_mem_total whenever it
 * changes. Written with Android's macros; the name of the file becomes part of the names of its pins:
 *
 *     /sys/fs/bpf/map_gpuMem_gpu_mem_total_map                    root:graphics 0640
 *     /sys/fs/bpf/prog_gpuMem_tracepoint_gpu_mem_gpu_mem_total    root:graphics 0440
 */
#include <bpf_helpers.h>

/* Key: the GPU in the upper half, the process in the lower; process 0 is the GPU as a whole. */
DEFINE_BPF_MAP_GRO(gpu_mem_total_map, HASH, uint64_t, uint64_t, 1024, AID_GRAPHICS);

/* The record of gpu_mem/gpu_mem_total: see its format file in tracefs. */
struct gpu_mem_total_record {
	uint64_t common; /* of every event */
	uint32_t gpu_id;
	uint32_t pid;
	uint64_t size; /* bytes, all in all; 0: it has none any more */
};

DEFINE_BPF_PROG("tracepoint/gpu_mem/gpu_mem_total", AID_ROOT, AID_GRAPHICS, tp_gpu_mem_total)
(const struct gpu_mem_total_record *record)
{
	uint64_t key = (uint64_t)record->gpu_id << 32 | record->pid;
	uint64_t total = record->size;

	if (total)
		bpf_gpu_mem_total_map_update_elem(&key, &total, BPF_ANY);
	else
		bpf_gpu_mem_total_map_delete_elem(&key);
	return 0;
}

LICENSE("Dual BSD/GPL");
