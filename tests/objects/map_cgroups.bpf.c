/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage of cgroups (since 6.2), read and changed by a program. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PRESERVE __attribute__((preserve_access_index))

struct cgroup;

struct css_set {
	struct cgroup *dfl_cgrp;
} PRESERVE;

struct task_struct {
	struct css_set *cgroups;
} PRESERVE;

struct note {
	__u32 number;
	__u32 seen;
};

struct {
	__uint(type, 32); /* BPF_MAP_TYPE_CGRP_STORAGE */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct note);
} of_cgroups SEC(".maps");

/* As of the newer header's bpf_cgrp_storage_get(). */
static void *(*cgroup_storage)(void *map, struct cgroup *cgroup, void *value, __u64 flags) = (void *)210;

/* What was set for the cgroup of the task that runs it; 0: nothing. */
SEC("raw_tp/sys_enter")
int cgroup(void *context)
{
	struct task_struct *self = bpf_get_current_task_btf();
	struct note *note = cgroup_storage(&of_cgroups, self->cgroups->dfl_cgrp, 0, 0);
	(void)context;
	if (!note)
		return 0;
	note->seen++;
	return (int)note->number;
}

char _license[] SEC("license") = "GPL";
