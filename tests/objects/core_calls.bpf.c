/* SPDX-License-Identifier: BSD-2-Clause */
/* Relocations in a subprogram: it is placed behind the program, and its instructions with it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct {
	int tgid;
	int never_there;
} __attribute__((preserve_access_index));

static __attribute__((noinline)) int ask(struct task_struct *task)
{
	return BPF_CORE_READ(task, never_there) + BPF_CORE_READ(task, tgid);
}

SEC("raw_tp/sys_enter") int asks(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return ask(task) + BPF_CORE_READ(task, tgid);
}

/* Needs nothing: its own type id is no question to a kernel. */
SEC("raw_tp/sys_exit") int own(void *context)
{
	return bpf_core_type_id_local(struct task_struct);
}

SEC("?tp_btf/sched_switch") int on_switch(void *context)
{
	return 0;
}

SEC("?lsm.s/file_open") int on_open(void *context)
{
	return 0;
}

SEC("?iter/bpf_map") int each_map(void *context)
{
	return 0;
}

SEC("?fentry/some_module:some_function") int of_module(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
