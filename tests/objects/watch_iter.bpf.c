/* SPDX-License-Identifier: BSD-2-Clause */
/* Iterators: over maps of the kernel, and over the elements of one. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};
struct bpf_map {
	__u32 id;
	__u32 max_entries;
};
struct bpf_iter__bpf_map {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
};
struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};
struct task_struct {
	int pid, tgid;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};
#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("iter/bpf_map")
int maps(struct bpf_iter__bpf_map *context)
{
	struct bpf_map *map = context->map;
	if (context->meta->seq_num == 0)
		BPF_SEQ_PRINTF(context->meta->seq, "maps of the kernel\n");
	if (map && map->max_entries == 3)
		BPF_SEQ_PRINTF(context->meta->seq, "map with %u entries\n", map->max_entries);
	return 0;
}

SEC("iter/bpf_map_elem")
int elements(struct bpf_iter__bpf_map_elem *context)
{
	__u32 *key = context->key;
	__u64 *value = context->value;
	if (key && value)
		BPF_SEQ_PRINTF(context->meta->seq, "element %u is %llu\n", *key, *value);
	return 0;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	if (task)
		BPF_SEQ_PRINTF(context->meta->seq, "task %d of %d\n", task->pid, task->tgid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
