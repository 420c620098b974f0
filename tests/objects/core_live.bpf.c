/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about the task that runs, whose answers user space knows: right only with the right offsets. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define CORE __attribute__((preserve_access_index))

struct nsproxy;

/* Members in another order and at other places than any kernel has them. */
struct signal_struct {
	int nr_threads;
} CORE;

struct task_struct {
	char comm[16];
	int tgid;
	struct task_struct *group_leader;
	int pid;
	struct signal_struct *signal;
	unsigned int __state;
	unsigned sched_reset_on_fork : 1;
	int never_there;
} CORE;

/* The same struct as kernels before 5.14 had it. */
struct task_struct___before_5_14 {
	long state;
} CORE;

struct never_there {
	int nothing;
} CORE;

enum pid_type {
	PIDTYPE_MINE,
	PIDTYPE_TGID = 77,
	PIDTYPE_NEVER,
};

struct {
	int tgid, leader, threads;
	unsigned reset_on_fork;
	long comm_bytes;
	char comm[16];
	long state_is_there, missing_field, missing_type, missing_value;
	long tgid_value, task_bytes;
	long local_id, target_id;
} seen;

SEC("raw_tp/sys_enter") int look(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	seen.tgid = BPF_CORE_READ(task, tgid);
	seen.leader = BPF_CORE_READ(task, group_leader, pid);
	seen.threads = BPF_CORE_READ(task, signal, nr_threads);
	seen.reset_on_fork = BPF_CORE_READ_BITFIELD_PROBED(task, sched_reset_on_fork);
	seen.comm_bytes = bpf_core_field_size(task->comm);
	BPF_CORE_READ_INTO(&seen.comm, task, comm);
	seen.state_is_there = bpf_core_field_exists(task->__state) ||
			      bpf_core_field_exists(((struct task_struct___before_5_14 *)task)->state);
	seen.missing_field = bpf_core_field_exists(task->never_there);
	seen.missing_type = bpf_core_type_exists(struct never_there);
	seen.missing_value = bpf_core_enum_value_exists(enum pid_type, PIDTYPE_NEVER);
	seen.tgid_value = bpf_core_enum_value(enum pid_type, PIDTYPE_TGID);
	seen.task_bytes = bpf_core_type_size(struct task_struct);
	seen.local_id = bpf_core_type_id_local(struct task_struct);
	seen.target_id = bpf_core_type_id_kernel(struct task_struct);
	return 0;
}

/* Loads and stores themselves are relocated here, not the operands of helpers. */
SEC("raw_tp/sys_enter") int look_directly(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	return task->tgid - task->group_leader->pid;
}

/* What is guarded is never reached. */
SEC("raw_tp/sys_enter") int guarded(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (bpf_core_field_exists(task->never_there))
		return BPF_CORE_READ(task, never_there);
	return 7;
}

/* What is not is. */
SEC("?raw_tp/sys_enter") int unguarded(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, never_there);
}

char _license[] SEC("license") = "GPL";
