/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf(2), one function a command. All return >= 0 or a negative errno and add no finding. */
#ifndef LADE_KERNEL_BPF_H
#define LADE_KERNEL_BPF_H

#include <linux/bpf.h>

#include "kernel/attr.h"
#include "kernel/kernel.h"

int lade_bpf_map_create(struct kernel *kernel, struct attr_map_create *attr);
/* The same, with what the kernel says about a refusal: log is "" where it says nothing, as before 7.2. */
int lade_bpf_map_create_logged(struct kernel *kernel, struct attr_map_create *attr, char *log, uint32_t log_size);
int lade_bpf_map_update(struct kernel *kernel, int map_fd, const void *key, const void *value, uint64_t flags);
int lade_bpf_map_lookup(struct kernel *kernel, int map_fd, const void *key, void *value);
int lade_bpf_map_delete(struct kernel *kernel, int map_fd, const void *key);
int lade_bpf_map_next_key(struct kernel *kernel, int map_fd, const void *key, void *ret_next); /* key NULL: first */
int lade_bpf_map_freeze(struct kernel *kernel, int map_fd);
int lade_bpf_prog_load(struct kernel *kernel, struct attr_prog_load *attr);
int lade_bpf_btf_load(struct kernel *kernel, struct attr_btf_load *attr);
int lade_bpf_obj_pin(struct kernel *kernel, int fd, const char *path);
int lade_bpf_obj_get(struct kernel *kernel, const char *path);
/* flags: BPF_F_RDONLY … of the descriptor; a program can be had with what only lets it be read. */
int lade_bpf_obj_get_flags(struct kernel *kernel, const char *path, uint32_t flags);
int lade_bpf_link_create(struct kernel *kernel, const struct attr_link_create *attr);
/* Since 5.7. program_fd in the place of old_fd, which must be there (both maps for a table of kernel operations). */
int lade_bpf_link_update(struct kernel *kernel, int link_fd, int program_fd, int old_fd);
int lade_bpf_link_detach(struct kernel *kernel, int link_fd); /* since 5.9 */
int lade_bpf_link_by_id(struct kernel *kernel, uint32_t id);  /* descriptor */
int lade_bpf_iter_create(struct kernel *kernel, int link_fd); /* descriptor to read; since 5.8 */
int lade_bpf_raw_tracepoint_open(struct kernel *kernel, const char *name, int prog_fd);
int lade_bpf_map_info(struct kernel *kernel, int fd, struct bpf_map_info *ret_info);
int lade_bpf_prog_info(struct kernel *kernel, int fd, struct bpf_prog_info *ret_info);
int lade_bpf_link_info(struct kernel *kernel, int fd, struct bpf_link_info *ret_info);
int lade_bpf_prog_by_id(struct kernel *kernel, uint32_t id); /* descriptor */
int lade_bpf_map_by_id(struct kernel *kernel, uint32_t id);  /* descriptor */
int lade_bpf_btf_by_id(struct kernel *kernel, uint32_t id);  /* descriptor */
/* The next id after `id` (0: the first); -ENOENT at the end. */
int lade_bpf_btf_next_id(struct kernel *kernel, uint32_t id, uint32_t *ret_id);
/* The caller sets name, name_len, btf and btf_size for what it wants written; the rest is filled. */
int lade_bpf_btf_info(struct kernel *kernel, int fd, struct bpf_btf_info *info);
/* BTF id of the first function of a program; 0: it has none. */
int lade_bpf_prog_main_function(struct kernel *kernel, int fd, uint32_t *ret_id);
/* far_offsets.c: may an ldimm64 point beyond 512 MiB into a map? Asked of the verifier, with a map and a program. */
bool lade_kernel_has_far_offsets(struct kernel *kernel);
/*
 * Is it certain (/proc/self/fd) that the descriptor holds another kind of thing than "bpf-map" or "bpf-prog"? The
 * kernel answers what it was asked of either with what it knows of the other.
 */
bool lade_bpf_is_other(int fd, const char *kind);
/* Is the map frozen? From /proc/self/fdinfo (recorded kernel: from its table). -errno when unknown. */
int lade_bpf_map_frozen(struct kernel *kernel, int fd);
/* Type of the programs that a prog array is for, from there too. -ENODATA: none yet, or not known. */
int lade_bpf_map_owner_type(struct kernel *kernel, int fd);

#endif
