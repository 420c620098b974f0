// SPDX-License-Identifier: BSD-2-Clause
/* Functions of the kernel by trampolines, and iterators. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

enum { FENTRY, FENTRY_MULTI, FEXIT_MULTI, FSESSION_MULTI, COUNTS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} elements SEC(".maps");

static __always_inline int count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &which);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

SEC("fentry/security_inode_rmdir")
int on_fentry(void *ctx)
{
	return count(FENTRY);
}

SEC("fentry.multi/security_inode_[mr][km]dir")
int on_fentry_multi(void *ctx)
{
	return count(FENTRY_MULTI);
}

SEC("fexit.multi/security_inode_[mr][km]dir")
int on_fexit_multi(void *ctx)
{
	return count(FEXIT_MULTI);
}

SEC("fsession.multi/security_inode_[mr][km]dir")
int on_fsession_multi(void *ctx)
{
	return count(FSESSION_MULTI);
}

SEC("fentry/do_execve")
int on_execve(void *ctx)
{
	return 0;
}

struct seq_file;
struct iterator_meta {
	struct seq_file *seq;
	__u64 session, number;
};

struct bpf_iter__bpf_map_elem {
	struct iterator_meta *meta;
	void *map, *key, *value;
};

SEC("iter/bpf_map_elem")
int each_element(struct bpf_iter__bpf_map_elem *ctx)
{
	char mark = 'x';

	if (ctx->key)
		bpf_seq_write(ctx->meta->seq, &mark, 1);
	return 0;
}

struct bpf_iter__task {
	struct iterator_meta *meta;
	void *task;
};

SEC("iter/task")
int each_task(struct bpf_iter__task *ctx)
{
	char mark = 't';

	if (ctx->task)
		bpf_seq_write(ctx->meta->seq, &mark, 1);
	return 0;
}
