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
	/*
	 * Directory that remembers verification times and an index of the kernel's types. What others than we or root
	 * may write there is ignored. NULL: none. Copied.
	 */
	const char *cache;
	uint64_t max_file_size; /* bytes of an object file; 0: 256 MiB */
	/*
	 * Types of the kernel that objects are relocated against (CO-RE): raw BTF, vmlinux, either of them compressed,
	 * or a directory of BTF files by kernel release. NULL: the running kernel's own, which attach targets, kernel
	 * symbols and kernel functions come from in every case. Copied.
	 */
	const char *btf;
	/* Directories of BTF files by kernel release, ':' between them, for a kernel without its own. Copied. */
	const char *btf_path;
	/*
	 * The kernel's configuration, plain or gzip, for variables declared with __kconfig. NULL: the running kernel's,
	 * from /proc/config.gz, /boot/config-RELEASE and others. Copied.
	 */
	const char *config;
	/*
	 * A bpffs whose owner delegates to our user namespace: a BPF token is made from it (since 6.9), and every load
	 * uses it. "": never. NULL: one is tried from bpffs when the kernel refuses a load with EPERM. Copied.
	 */
	const char *bpf_token_path;
};

LADE_API int lade_context_new(const struct lade_context_opts *opts, struct lade_context **ret_context,
			      struct lade_error **error);
LADE_API struct lade_context *lade_context_free(struct lade_context *context);

/* "0.1.0" */
LADE_API const char *lade_version(void);

LADE_END_DECLS
#endif
