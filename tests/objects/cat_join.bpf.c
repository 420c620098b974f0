/* SPDX-License-Identifier: BSD-2-Clause */
/* What a log beside it is joined with: two programs that are alike, a function, a CO-RE relocation, a kernel function. */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps"), other SEC(".maps");

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("socket")
int twin_one(struct __sk_buff *packet)
{
	return packet->len > 100;
}

SEC("socket")
int twin_two(struct __sk_buff *packet)
{
	return packet->len > 100;
}

static __attribute__((noinline)) __u64 *find(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&other, &key);
	*value += 1;
	return value;
}

SEC("socket")
int calls(struct __sk_buff *packet)
{
	__u32 key = packet->hash;
	__u64 *value = bpf_map_lookup_elem(&seen, &key);
	if (!value)
		return 0;
	return *value == *find(key + 1);
}

SEC("tp_btf/task_newtask")
int reads(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct task_struct *held = bpf_task_acquire(task);
	if (held)
		bpf_task_release(held);
	return task->pid > 1;
}

char LICENSE[] SEC("license") = "GPL";
