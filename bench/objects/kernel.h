/* SPDX-License-Identifier: BSD-2-Clause */
/* The few members of kernel types that the programs here read; where they lie is for CO-RE to find. */
#ifndef LADE_BENCH_KERNEL_H
#define LADE_BENCH_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	__u64 id;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct css_set {
	struct cgroup *dfl_cgrp;
};
struct ns_common {
	unsigned int inum;
};
struct mnt_namespace {
	struct ns_common ns;
};
struct pid_namespace {
	unsigned int level;
	struct ns_common ns;
};
struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
};
struct qstr {
	const unsigned char *name;
	__u32 len;
};
struct inode {
	unsigned long i_ino;
	long long i_size;
};
struct dentry {
	struct qstr d_name;
	struct dentry *d_parent;
	struct inode *d_inode;
};
struct path {
	struct dentry *dentry;
};
struct fs_struct {
	struct path pwd, root;
};
struct mm_struct {
	unsigned long arg_start, arg_end, start_stack;
};
struct signal_struct {
	int group_exit_code;
	unsigned int flags;
};
typedef struct {
	unsigned int val;
} kuid_t;
struct cred {
	kuid_t uid, euid;
};
struct task_struct {
	int pid, tgid, exit_code;
	unsigned int flags;
	unsigned long long start_time;
	struct task_struct *real_parent, *group_leader;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct fs_struct *fs;
	struct mm_struct *mm;
	struct signal_struct *signal;
	const struct cred *cred;
	char comm[16];
};

#pragma clang attribute pop

#endif
