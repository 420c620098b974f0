/* SPDX-License-Identifier: BSD-2-Clause */
/* What this version of Lade reads but does not load. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern int LINUX_KERNEL_VERSION __kconfig;
extern const void init_task __ksym;
extern int bpf_missing_kfunc(int x) __ksym;
extern const void maybe_there __ksym __weak;

SEC("tp/sched/sched_switch") int reads_task(struct task_struct *task)
{
	return task->pid;
}

SEC("tp/sched/sched_wakeup") int reads_config(void *context)
{
	return LINUX_KERNEL_VERSION;
}

SEC("tp/sched/sched_waking") int reads_symbol(void *context)
{
	return bpf_map_lookup_elem((void *)&init_task, context) == &maybe_there;
}

SEC("tp/sched/sched_waking") int calls_kernel(void *context)
{
	return bpf_missing_kfunc(3);
}

SEC("fentry/do_unlinkat") int on_unlink(void *context)
{
	return 0;
}

SEC("lsm.s/bprm_check_security") int on_exec(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
