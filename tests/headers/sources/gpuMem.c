/* SPDX-License-Identifier: BSD-2-Clause */
/* A service of a graphics driver, as Android 12 to 15 have one: memory per process, from a tracepoint. */
#include <bpf_helpers.h>
#include <stdint.h>

DEFINE_BPF_MAP_GRO(gpu_mem_total_map, HASH, uint64_t, uint64_t, 1024, AID_GRAPHICS);

struct total {
	uint64_t common;
	uint32_t device, process;
	uint64_t bytes;
};

DEFINE_BPF_PROG("tracepoint/gpu_mem/gpu_mem_total", AID_ROOT, AID_GRAPHICS, tp_gpu_mem_total)(struct total *event)
{
	uint64_t key = (uint64_t)event->device << 32 | event->process;
	uint64_t bytes = event->bytes;
	if (!bytes) {
		bpf_gpu_mem_total_map_delete_elem(&key);
		return 0;
	}
	uint64_t *known = bpf_gpu_mem_total_map_lookup_elem(&key);
	if (known)
		*known = bytes;
	else
		bpf_gpu_mem_total_map_update_elem(&key, &bytes, BPF_NOEXIST);
	return 0;
}

LICENSE("Apache 2.0");
