/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf(2) of maps that somebody else may be using, and of programs that are run for a test; as bpf.h. */
#ifndef LADE_KERNEL_ELEMENTS_H
#define LADE_KERNEL_ELEMENTS_H

#include <linux/bpf.h>

#include "kernel/attr.h"
#include "kernel/kernel.h"

/* flags: BPF_F_RDONLY, BPF_F_WRONLY or 0. */
int lade_bpf_obj_get_as(struct kernel *kernel, const char *path, uint32_t flags);
int lade_bpf_map_by_id_as(struct kernel *kernel, uint32_t id, uint32_t flags);

/* key NULL: of queues and stacks. Since 4.20 for queues and stacks, 5.14 for hashes. */
int lade_bpf_map_take(struct kernel *kernel, int map_fd, const void *key, void *value);

/*
 * command: BPF_MAP_LOOKUP_BATCH, BPF_MAP_UPDATE_BATCH or BPF_MAP_DELETE_BATCH. count is that of the buffers, and
 * afterwards how many elements were dealt with, also when the call fails. Since 5.6; -EINVAL before, -524 (ENOTSUPP)
 * where the map's type has no such operation.
 */
int lade_bpf_map_batch(struct kernel *kernel, int command, struct attr_map_batch *attr);

/* command: BPF_MAP_GET_NEXT_ID, BPF_PROG_GET_NEXT_ID. The next id after `id` (0: the first); -ENOENT at the end. */
int lade_bpf_next_id(struct kernel *kernel, int command, uint32_t id, uint32_t *ret_id);
/* Ids of the maps that a program uses, at most `capacity`; *ret_count: how many it uses. */
int lade_bpf_prog_maps(struct kernel *kernel, int fd, uint32_t *ids, uint32_t capacity, uint32_t *ret_count);

/* The caller's attr; what the kernel writes back is in it. */
int lade_bpf_prog_test_run(struct kernel *kernel, struct attr_prog_test_run *attr);

#endif
