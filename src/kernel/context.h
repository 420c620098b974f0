/* SPDX-License-Identifier: BSD-2-Clause */
/* The context behind the public handle. */
#ifndef LADE_KERNEL_CONTEXT_H
#define LADE_KERNEL_CONTEXT_H

#include "btf/kernel_types.h"
#include "kernel/config.h"
#include "kernel/kernel.h"

struct lade_context {
	struct log_sink log;
	char *bpffs;           /* absolute */
	bool no_mount, raise_memlock;
	unsigned jobs;
	char *cache;           /* NULL: none */
	uint64_t max_file_size;
	char *btf, *btf_path;  /* NULL: none given */
	char *config_file;     /* NULL: the running kernel's */
	char *token;           /* bpffs to make a BPF token from; "": none; NULL: bpffs, when privilege lacks */
	struct kernel *kernel; /* NULL until first needed: reading an object enters no kernel */
	struct kernel_types *types, *core_types; /* NULL until first needed; shared by all objects */
	struct kernel_config *config; /* NULL until first needed */
};

/* The context's kernel, opened on first use. */
int lade_context_kernel(struct lade_context *context, struct kernel **ret_kernel, struct lade_error **error);
/* Types of the running kernel, opened on first use. Findings: those of lade_kernel_types_open(). */
int lade_context_types(struct lade_context *context, struct kernel_types **ret_types, struct lade_error **error);
/* Those that CO-RE relocations are resolved against: the file that was given (lade_context_opts.btf), else the same. */
int lade_context_core_types(struct lade_context *context, struct kernel_types **ret_types, struct lade_error **error);
/* Tests: stand this kernel behind the context, which then owns it. */
void lade_context_set_kernel(struct lade_context *context, struct kernel *kernel);

DEFINE_CLEANUP(struct lade_context, lade_context, lade_context_free)

#endif
