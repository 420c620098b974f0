/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A context carries what several calls share: the log sink, limits, where bpffs is, and what has
 * been learnt about the running kernel. It may be used by one thread at a time; two contexts may be
 * used from two threads at once. The library has no other state.
 */
#ifndef LADE_CONTEXT_H
#define LADE_CONTEXT_H

#include <lade/error.h>

LADE_BEGIN_DECLS

struct lade_context;

enum lade_log_level { LADE_LOG_INFO, LADE_LOG_DEBUG };

/*
 * One line without a newline. Called on the thread that made the call into the library; with a sink, programs are
 * verified one after another, so that the lines tell what happened in its order.
 */
typedef void lade_log_fn(void *userdata, enum lade_log_level level, const char *line);

struct lade_context_opts {
	size_t size;
	lade_log_fn *log;       /* NULL: nothing is logged */
	void *log_data;
	const char *bpffs;      /* NULL: /sys/fs/bpf. Copied. */
	bool no_mount;          /* do not mount bpffs or tracefs where it is missing */
	bool raise_memlock;     /* raise RLIMIT_MEMLOCK after EPERM on a kernel before 5.11 */
	unsigned jobs;          /* threads that verify programs, the caller's included; 0: one per CPU */
	const char *cache;      /* directory that remembers verification times; NULL: none. Copied. */
	uint64_t max_file_size; /* bytes of an object file; 0: 256 MiB */
};

LADE_API int lade_context_new(const struct lade_context_opts *opts, struct lade_context **ret_context,
			      struct lade_error **error);
LADE_API struct lade_context *lade_context_free(struct lade_context *context);

/* "0.1.0" */
LADE_API const char *lade_version(void);

LADE_END_DECLS
#endif
