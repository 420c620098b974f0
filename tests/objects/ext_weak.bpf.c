/* SPDX-License-Identifier: BSD-2-Clause */
/* Weak kernel functions: absent, different, one under two flavours. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

#ifndef bpf_ksym_exists
#define bpf_ksym_exists(symbol) (!!(symbol))
#endif

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern int bpf_never_was_there(int number) __ksym __weak;
extern struct task_struct *bpf_task_acquire___two(struct task_struct *task, int flags) __ksym __weak;
extern struct task_struct *bpf_task_acquire___one(struct task_struct *task) __ksym __weak;

const volatile int pid = 1;
int found, two;

SEC("syscall") int call_them(void *context)
{
	struct task_struct *task;

	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	task = bpf_task_from_pid(pid);
	if (!task)
		return 1;
	found = 1;
	if (bpf_ksym_exists(bpf_task_acquire___two)) {
		struct task_struct *again = bpf_task_acquire___two(task, 0);
		if (again)
			bpf_task_release(again);
		two = 2;
	} else if (bpf_ksym_exists(bpf_task_acquire___one)) {
		struct task_struct *again = bpf_task_acquire___one(task);
		if (again)
			bpf_task_release(again);
		two = 1;
	}
	if (bpf_ksym_exists(bpf_never_was_there))
		found = bpf_never_was_there(3);
	bpf_task_release(task);
	return 0;
}

char _license[] SEC("license") = "GPL";
