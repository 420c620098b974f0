/* SPDX-License-Identifier: BSD-2-Clause */
/* Control groups of version 2, the only ones that programs attach to: where they are mounted, and opening one. */
#ifndef LADE_KERNEL_CGROUPS_H
#define LADE_KERNEL_CGROUPS_H

#include <stdint.h>

#include "base/array.h"

/* Mount point of version 2 by /proc/self/mounts, to be freed. -ENOENT: it is mounted nowhere; -errno. */
int lade_cgroup_mount(char **ret_path);
/* Mount points of the hierarchies of version 1. */
int lade_cgroup_v1_mounts(struct strings *ret_paths);

/*
 * Opens the directory of a cgroup; *ret_id is what the kernel calls it (the inode, never used twice on 64 bits).
 * -EMEDIUMTYPE: of version 1. -ENOTTY: a directory, but no cgroup.
 */
int lade_cgroup_open(const char *path, uint64_t *ret_id);

#endif
