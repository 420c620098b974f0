/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only door into a kernel. Whatever changes something there goes through struct kernel_calls, so
 * that a test can stand a recorded or a failing kernel behind it. Every call returns >= 0 or a negative
 * errno, and is safe to make from several threads at once (verification is parallel).
 *
 * Descriptors that come back are close-on-exec and never 0, 1 or 2.
 */
#ifndef LADE_KERNEL_KERNEL_H
#define LADE_KERNEL_KERNEL_H

#include <linux/perf_event.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <lade/context.h>

#include "base/error.h"
#include "base/log.h"

struct kernel;
struct attr_common; /* attr.h */
struct netlink_request;
struct nlmsghdr;

struct kernel_calls {
	/* attr: one of the structs of attr.h. command: BPF_MAP_CREATE … */
	int (*bpf)(struct kernel *kernel, int command, void *attr, size_t size);
	/* The same with a log of what the command refuses; -EINVAL where the kernel has no such form (before 7.2). */
	int (*bpf_logged)(struct kernel *kernel, int command, void *attr, size_t size, struct attr_common *common);
	int (*perf_event_open)(struct kernel *kernel, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
			       unsigned long flags);
	int (*ioctl)(struct kernel *kernel, int fd, unsigned long request, unsigned long argument);
	int (*socket)(struct kernel *kernel, int domain, int type, int protocol);
	int (*bind)(struct kernel *kernel, int fd, const void *address, size_t length);
	int (*setsockopt)(struct kernel *kernel, int fd, int level, int option, const void *value, size_t length);
	/* The length written, or a negative errno. */
	int (*getsockopt)(struct kernel *kernel, int fd, int level, int option, void *value, size_t length);
	/* A duplicate of another process's descriptor (since 5.6; of our own: always). -ESRCH, -EBADF */
	int (*process_fd)(struct kernel *kernel, pid_t pid, int fd);
	/* One request to rtnetlink and its answer: netlink.h. */
	int (*netlink)(struct kernel *kernel, struct netlink_request *request,
		       int (*reply)(const struct nlmsghdr *message, void *data), void *data);
	/* Files of bpffs. */
	int (*mount)(struct kernel *kernel, const char *type, const char *path);
	int (*mkdir)(struct kernel *kernel, const char *path, mode_t mode);
	int (*rmdir)(struct kernel *kernel, const char *path);
	int (*unlink)(struct kernel *kernel, const char *path);
	int (*symlink)(struct kernel *kernel, const char *text, const char *path);
	/* One write of text to a control file of tracefs, opened for appending: nothing that is there goes. */
	int (*append)(struct kernel *kernel, const char *path, const char *text);
	/* Opens a file of tracefs for writing, which empties it. */
	int (*truncate)(struct kernel *kernel, const char *path);
	/* flags: 0, RENAME_NOREPLACE, RENAME_EXCHANGE */
	int (*rename)(struct kernel *kernel, const char *from, const char *to, unsigned flags);
	/* Another name for the same file. */
	int (*link)(struct kernel *kernel, const char *from, const char *to);
	/* Of a pin; symbolic links are followed: the caller gives a path that is none. */
	int (*chmod)(struct kernel *kernel, const char *path, mode_t mode);
	int (*chown)(struct kernel *kernel, const char *path, uid_t uid, gid_t gid);
	/* Opens a directory and takes an exclusive flock; -EWOULDBLOCK when wait is false and it is held. */
	int (*lock)(struct kernel *kernel, const char *directory, bool wait);
	int (*raise_memlock)(struct kernel *kernel);
	/* A map (an arena) into our memory; address 0: anywhere. -EEXIST: something lies there. */
	int (*map_memory)(struct kernel *kernel, int fd, uint64_t address, size_t bytes, void **ret_start);
	/* Questions, asked here because only the variant knows: 1, 0 or a negative errno. */
	int (*map_frozen)(struct kernel *kernel, int fd);
	/* Type of the programs that a prog array is for; -ENODATA: none yet, or not known. */
	int (*map_owner_type)(struct kernel *kernel, int fd);
	int (*is_bpffs)(struct kernel *kernel, const char *path);
	void (*free)(struct kernel *kernel); /* frees the struct and what the variant holds */
};

/* Forms that this kernel turned out not to know; a bit is set only after the stepped-back form worked. */
enum kernel_form {
	FORM_NAMES = 1 << 0,           /* map_name, prog_name */
	FORM_EXPECTED_ATTACH = 1 << 1, /* expected_attach_type at load */
	FORM_PROGRAM_BTF = 1 << 2,     /* prog_btf_fd, func_info, line_info */
	FORM_MAP_BTF = 1 << 3,         /* btf_fd and type ids of maps */
	FORM_BTF_LOAD = 1 << 4,
	FORM_PERF_LINK = 1 << 5, /* BPF_LINK_CREATE of a perf event */
	FORM_RENAME_FLAGS = 1 << 6,
	FORM_MMAPABLE = 1 << 7,         /* BPF_F_MMAPABLE of data maps */
	FORM_READONLY_PROGRAM = 1 << 8, /* BPF_F_RDONLY_PROG, freeze */
	FORM_CONTEXT_TAG = 1 << 9,      /* __arg_ctx of global functions (since 6.8) */
	FORM_TABLE_LINK = 1 << 10,      /* BPF_F_LINK of tables of kernel operations (since 6.4) */
	FORM_CGROUP_LINK = 1 << 11,  /* BPF_LINK_CREATE onto a cgroup (since 5.7) */
	FORM_NETNS_LINK = 1 << 12,   /* … of a flow dissector onto a network namespace (since 5.8) */
	FORM_SOCKMAP_LINK = 1 << 13, /* … onto a sockmap or sockhash (since 6.10) */
	FORM_TCX_LINK = 1 << 14,     /* … onto a hook of traffic control (since 6.6) */
	FORM_XDP_LINK = 1 << 15,     /* … of an XDP program (since 5.9) */
	FORM_UPROBE_MULTI = 1 << 16, /* … onto many places of a file at once (since 6.6) */
	FORM_RENAME_EXCHANGE = 1 << 28, /* RENAME_EXCHANGE on bpffs (not on 5.10) */
};

struct kernel {
	const struct kernel_calls *calls;
	const struct log_sink *log; /* every call is logged at LADE_LOG_DEBUG, from the calling thread only */
	atomic_uint absent_forms;   /* enum kernel_form */
	atomic_uint online_cpus, possible_cpus; /* 0: not read yet */
	/* BPF token: made from the bpffs at token_path when a call is refused for lack of privilege. */
	char *token_path;          /* owned; NULL: there is none to be had */
	atomic_int token;          /* 0: not tried; -1: none; else its descriptor, owned */
	uint64_t until;            /* CLOCK_MONOTONIC ns after which BPF_PROG_LOAD gives up (until.h); 0: never */
	uint32_t recorded_version; /* KERNEL_VERSION code of a recording; 0: the running kernel */
};

/* The running kernel. */
int lade_kernel_live(const struct log_sink *log, struct kernel **ret_kernel, struct lade_error **error);
struct kernel *lade_kernel_free(struct kernel *kernel);

/* ---- what is known of it (facts.c); read on demand, from the machine or from the recording ---- */
unsigned lade_kernel_online_cpus(struct kernel *kernel);   /* at least 1 */
unsigned lade_kernel_possible_cpus(struct kernel *kernel); /* at least 1 */
/* KERNEL_VERSION code as kernels before 5.0 compare it: /proc/version_signature, uname -v, uname -r. */
uint32_t lade_kernel_version(struct kernel *kernel);
/* "6.18.44-…" */
const char *lade_kernel_release(struct kernel *kernel, char *buffer, size_t size);
bool lade_kernel_form_absent(struct kernel *kernel, enum kernel_form form);
void lade_kernel_form_set_absent(struct kernel *kernel, enum kernel_form form);

/* tracefs: first of /sys/kernel/tracing, /sys/kernel/debug/tracing that is mounted; mounts the first when
 * allowed. Borrowed static text in *ret_path. Finding: environment.tracefs. */
int lade_kernel_tracefs(struct kernel *kernel, bool may_mount, const char **ret_path, struct lade_error **error);

DEFINE_CLEANUP(struct kernel, kernel, lade_kernel_free)

#endif
