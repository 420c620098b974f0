/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is there a bpf(2) at all? ENOSYS comes from a kernel without CONFIG_BPF_SYSCALL, and from seccomp filters that
 * pretend to be one. The kernel's own lists tell them apart: what CONFIG_BPF_SYSCALL builds is also a file system, and
 * a directory for it.
 */
#ifndef LADE_KERNEL_PRESENCE_H
#define LADE_KERNEL_PRESENCE_H

#include <stdbool.h>

#include "kernel/kernel.h"

struct bpf_presence {
	unsigned asked,
		absent; /* commands that were tried (none of them can do anything), and those that answered ENOSYS */
	const char *answered;  /* one that answered otherwise: "BPF_OBJ_GET"; NULL: none did */
	int answer;            /* what it answered: positive errno, or 0 */
	int filesystem;        /* a line bpf in /proc/filesystems: 1, 0; -1: cannot be read */
	int directory;         /* /sys/fs/bpf: 1, 0; -1: /sys is not there */
	int seccomp;           /* Seccomp of /proc/self/status: 0, 1, 2 (a filter); -1: cannot be read */
	int config;            /* CONFIG_BPF_SYSCALL=y: 1, 0; -1: no file says so */
	char config_file[128]; /* which one */
};

/* Asks. A kernel that was recorded has bpf(2). */
void lade_kernel_presence(struct kernel *kernel, struct bpf_presence *ret_presence);

/* "kernel.bpf.absent", "kernel.bpf.filtered"; NULL: bpf(2) is there. Pure. */
const char *lade_presence_code(const struct bpf_presence *presence);
/* Cause, evidence, and what the other of the two would look like. Pure. */
void lade_presence_explain(const struct bpf_presence *presence, struct lade_finding *finding);

#endif
