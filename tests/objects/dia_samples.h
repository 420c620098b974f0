/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's old samples had in their bpf_helpers.h, as far as these tests want it. */
#ifndef DIA_SAMPLES_H
#define DIA_SAMPLES_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

struct bpf_map_def {
	unsigned int type, key_size, value_size, max_entries, map_flags, inner_map_idx, numa_node;
};

static void *(*bpf_map_lookup_elem)(void *map, void *key) = (void *)BPF_FUNC_map_lookup_elem;
static int (*bpf_map_update_elem)(void *map, void *key, void *value,
				  unsigned long long flags) = (void *)BPF_FUNC_map_update_elem;
static int (*bpf_tail_call)(void *context, void *map, int index) = (void *)BPF_FUNC_tail_call;

#endif
