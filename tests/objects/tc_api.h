/* SPDX-License-Identifier: BSD-2-Clause */
/* What iproute2 gave the authors of its objects, as far as these tests want it. */
#ifndef TC_API_H
#define TC_API_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

enum { PIN_NONE, PIN_OBJECT_NS, PIN_GLOBAL_NS };

struct bpf_elf_map {
	unsigned int type, size_key, size_value, max_elem, flags, id, pinning, inner_id, inner_idx;
};

static void *(*map_lookup_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static int (*tail_call)(void *context, void *map, int index) = (void *)BPF_FUNC_tail_call;

#endif
