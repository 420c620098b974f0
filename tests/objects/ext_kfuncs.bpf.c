/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel functions, called and tested for. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern struct task_struct *bpf_task_from_pid(int) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

int found;

SEC("syscall") int call_them(void *context)
{
	struct task_struct *task;

	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	if (!bpf_task_release)
		return 1;
	task = bpf_task_from_pid(1);
	if (!task)
		return 2;
	found = 1;
	bpf_task_release(task);
	return 0;
}

char _license[] SEC("license") = "GPL";
