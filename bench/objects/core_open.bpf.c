/* SPDX-License-Identifier: BSD-2-Clause */
/* Two programs and nine types of the kernel, as a tool that watches files being opened has them. */
#include "kernel.h"

struct event {
	__u64 time_ns, cgroup, inode;
	__u32 pid, parent, uid, mount_namespace, exit_code;
	char command[16], directory[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct event);
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

const volatile __u32 wanted_pid = 0;
const volatile __u32 wanted_uid = 0xFFFFFFFF;
static const struct event empty;

static struct task_struct *current(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

static int is_wanted(struct task_struct *task)
{
	if (wanted_pid && (__u32)BPF_CORE_READ(task, tgid) != wanted_pid)
		return 0;
	return wanted_uid == 0xFFFFFFFF || BPF_CORE_READ(task, cred, uid.val) == wanted_uid;
}

static void describe(struct task_struct *task, struct event *event)
{
	const unsigned char *name = BPF_CORE_READ(task, fs, pwd.dentry, d_name.name);

	event->time_ns = bpf_ktime_get_ns();
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	event->uid = BPF_CORE_READ(task, cred, euid.val);
	event->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	event->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	event->inode = BPF_CORE_READ(task, fs, pwd.dentry, d_inode, i_ino);
	bpf_probe_read_kernel_str(event->directory, sizeof event->directory, name);
	BPF_CORE_READ_STR_INTO(&event->command, task, comm);
}

SEC("raw_tracepoint/sys_enter")
int on_enter(void *context)
{
	struct task_struct *task = current();
	__u32 pid = BPF_CORE_READ(task, pid);
	struct event *event;

	if (!is_wanted(task))
		return 0;
	bpf_map_update_elem(&started, &pid, &empty, BPF_ANY);
	event = bpf_map_lookup_elem(&started, &pid);
	if (!event)
		return 0;
	event->pid = BPF_CORE_READ(task, group_leader, pid);
	describe(task, event);
	return 0;
}

SEC("raw_tracepoint/sys_exit")
int on_exit(void *context)
{
	struct task_struct *task = current();
	__u32 pid = BPF_CORE_READ(task, pid);
	struct event *event = bpf_map_lookup_elem(&started, &pid);

	if (!event)
		return 0;
	event->exit_code = BPF_CORE_READ(task, signal, group_exit_code);
	bpf_perf_event_output(context, &events, BPF_F_CURRENT_CPU, event, sizeof *event);
	bpf_map_delete_elem(&started, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
