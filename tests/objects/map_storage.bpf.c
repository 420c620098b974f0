/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage of tasks, read and changed by a program. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct;

struct note {
	__u32 number;
	__u32 seen;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct note);
} of_tasks SEC(".maps");

/* What was set for the task that runs it; 0: nothing. */
SEC("raw_tp/sys_enter")
int task(void *context)
{
	struct task_struct *self = bpf_get_current_task_btf();
	struct note *note = bpf_task_storage_get(&of_tasks, self, 0, 0);
	(void)context;
	if (!note)
		return 0;
	note->seen++;
	return (int)note->number;
}

char _license[] SEC("license") = "GPL";
