/* SPDX-License-Identifier: BSD-2-Clause */
/* Twelve programs of one size, each with its own reads of the kernel's types. */
#include "kernel.h"

struct event {
	__u64 cgroup, inode, time_ns;
	__u32 pid, parent, uid, namespace, level;
	char command[16], directory[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 4096);
} events SEC(".maps");

static __attribute__((always_inline)) int emit(__u32 kind)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct event *event = bpf_ringbuf_reserve(&events, sizeof *event, 0);

	if (!event)
		return 0;
	event->time_ns = bpf_ktime_get_ns() + kind;
	event->pid = BPF_CORE_READ(task, tgid);
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	event->uid = BPF_CORE_READ(task, cred, uid.val);
	event->namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	event->level = BPF_CORE_READ(task, nsproxy, pid_ns_for_children, level);
	event->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	event->inode = BPF_CORE_READ(task, fs, root.dentry, d_inode, i_ino);
	BPF_CORE_READ_STR_INTO(&event->command, task, comm);
	bpf_probe_read_kernel_str(event->directory, sizeof event->directory,
				  BPF_CORE_READ(task, fs, pwd.dentry, d_parent, d_name.name));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

#define PROGRAM(number)                                                                                                \
	SEC("raw_tracepoint/sys_enter")                                                                                \
	int program_##number(void *context)                                                                            \
	{                                                                                                              \
		return emit(number);                                                                                   \
	}

PROGRAM(1)
PROGRAM(2)
PROGRAM(3)
PROGRAM(4)
PROGRAM(5)
PROGRAM(6)
PROGRAM(7)
PROGRAM(8)
PROGRAM(9)
PROGRAM(10)
PROGRAM(11)
PROGRAM(12)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
