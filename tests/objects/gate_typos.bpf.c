// SPDX-License-Identifier: BSD-2-Clause
/* Names with a slip in them, each in a program of its own. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct task_struct {
	int pidd;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

extern int bpf_task_aquire(void *task) __ksym;
extern int LINUX_KERNEL_VERSON __kconfig;
extern _Bool CONFIG_BPF_SYSCAL __kconfig;

volatile const int threshold = 3;

SEC("tracepiont/sched/sched_switch")
int section(void *context)
{
	return 0;
}

SEC("cgroup_skb/ingres")
int hook(void *context)
{
	__u32 key = (__u32)threshold;

	return bpf_map_lookup_elem(&counts, &key) != 0;
}

SEC("tracepoint/sched/sched_swich")
int event(void *context)
{
	return 0;
}

SEC("tracepoint/sched/sched_switch")
int member(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, pidd);
}

SEC("tp_btf/sched_switch")
int function(void *context)
{
	return bpf_task_aquire((void *)bpf_get_current_task());
}

SEC("socket")
int version(void *context)
{
	return LINUX_KERNEL_VERSON;
}

SEC("socket")
int option(void *context)
{
	return CONFIG_BPF_SYSCAL;
}

SEC("socket")
int right(void *context)
{
	return 0;
}
