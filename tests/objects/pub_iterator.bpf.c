/* SPDX-License-Identifier: BSD-2-Clause */
/* S2.17: the context is read anew behind the test. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct;
struct bpf_iter_meta;
struct bpf_iter__task {
	union {
		struct bpf_iter_meta *meta;
		__u64 meta_bits;
	};
	union {
		struct task_struct *task;
		__u64 task_bits;
	};
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} per_task SEC(".maps");

SEC("iter/task")
int forget(struct bpf_iter__task *context)
{
	struct task_struct *volatile *task = (void *)&context->task;

	if (*task)
		bpf_task_storage_delete(&per_task, *task);
	return 0;
}
