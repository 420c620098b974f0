/* SPDX-License-Identifier: BSD-2-Clause */
/* The cgroup that a target names. */
#ifndef LADE_ATTACH_CGROUP_H
#define LADE_ATTACH_CGROUP_H

#include "attach/hook.h"
#include "kernel/cgroups.h"

struct cgroup {
	char *mount, *path; /* absolute; path may lie elsewhere than below mount */
	char *text;         /* "cgroup:a/b": relative to the mount */
	int fd;
	uint64_t id;
};

/* Findings: attach.cgroup.unmounted, attach.cgroup.v1, attach.cgroup.missing, attach.refused … */
int lade_attach_open_cgroup(struct attach_call *call, struct cgroup *ret_cgroup);
void lade_cgroup_clear(struct cgroup *cgroup);

#endif
