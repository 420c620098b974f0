/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that are attached to something (a cgroup, a sockmap, a network namespace, a lirc device) by BPF_PROG_ATTACH,
 * which no descriptor holds: attaching, asking who is there, detaching one and no other.
 */
#ifndef LADE_KERNEL_HOOKS_H
#define LADE_KERNEL_HOOKS_H

#include "kernel/bpf.h"

enum { HOOK_MOST_PROGRAMS = 64 }; /* of one cgroup, lirc device or namespace for one attach type */

/* Who is there. flags: BPF_F_ALLOW_OVERRIDE, BPF_F_ALLOW_MULTI, or 0: nobody beside or below. */
struct hook_programs {
	uint32_t flags, count;
	uint32_t ids[HOOK_MOST_PROGRAMS];
};

int lade_hook_attach(struct kernel *kernel, int target_fd, int prog_fd, uint32_t attach_type, uint32_t flags);
/* Of this place itself, links and others alike. -EINVAL: this kernel cannot be asked about such places. */
int lade_hook_query(struct kernel *kernel, int target_fd, uint32_t attach_type, struct hook_programs *ret_programs);
bool lade_hook_has(const struct hook_programs *programs, uint32_t prog_id);
/*
 * Detaches the program of this id. 0 also when it is not there, when a link holds it, or when the kernel has no such
 * hook. Not for flow dissectors before 5.2, of which the kernel cannot be asked who is there.
 */
int lade_hook_detach(struct kernel *kernel, int target_fd, uint32_t attach_type, uint32_t prog_id);
/* The same where the kernel itself compares the program, so that nobody has to be asked: sockmaps. */
int lade_hook_detach_exact(struct kernel *kernel, int target_fd, uint32_t attach_type, uint32_t prog_id);

#endif
