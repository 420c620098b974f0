/* SPDX-License-Identifier: BSD-2-Clause */
/* The record's other name, for the time in which bpf_helpers.h had a shorter one: kernels 5.5 to 5.10. */
#ifndef LADE_BPF_SAMPLES_LEGACY_H
#define LADE_BPF_SAMPLES_LEGACY_H

#include "bpf_helpers.h"

struct bpf_map_def_legacy {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
	unsigned int inner_map_idx;
	unsigned int numa_node;
};

#endif
