/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are verified against something of the kernel: each loads only on its own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

struct bpf_iter_meta;
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

int tgid;

/* (preempt, previous, next, …) */
SEC("tp_btf/sched_switch") int on_switch(unsigned long long *context)
{
	struct task_struct *next = (void *)context[2];

	tgid = next->tgid;
	return 0;
}

SEC("?iter/task") int each_task(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	return task && task->tgid == 0;
}

SEC("?fentry/do_unlinkat") int on_unlink(void *context)
{
	return 0;
}

SEC("?lsm/file_open") int on_open(void *context)
{
	return 0;
}

SEC("?tp_btf/sched_swich") int misspelt(void *context)
{
	return 0;
}

SEC("?fentry/no_such_function_anywhere") int nowhere(void *context)
{
	return 0;
}

SEC("?fentry/no_such_module:some_function") int no_module(void *context)
{
	return 0;
}

SEC("?fentry") int anywhere(void *context)
{
	return 0;
}

SEC("?freplace/answer") int new_answer(struct __sk_buff *context)
{
	return 43;
}

SEC("?freplace") int answer(struct __sk_buff *context)
{
	return 44;
}

SEC("?fentry/answer") int before_answer(void *context)
{
	tgid = 45;
	return 0;
}

SEC("?xdp") int bound(struct xdp_md *context)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
