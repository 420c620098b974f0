/* SPDX-License-Identifier: BSD-2-Clause */
/* Iterators that print what they go over: the cgroups below one, and the elements of one map. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct kernfs_node {
	__u64 id;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};
struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	__u32 *key;
	__u64 *value;
};
#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} prices SEC(".maps");

SEC("iter/cgroup")
int groups(struct bpf_iter__cgroup *context)
{
	struct cgroup *group = context->cgroup;

	if (group)
		BPF_SEQ_PRINTF(context->meta->seq, "cgroup %llu\n", group->kn->id);
	return 0;
}

SEC("iter/bpf_map_elem")
int elements(struct bpf_iter__bpf_map_elem *context)
{
	__u32 *key = context->key;
	__u64 *value = context->value;

	if (key && value)
		BPF_SEQ_PRINTF(context->meta->seq, "%u costs %llu\n", *key, *value);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
