/* SPDX-License-Identifier: BSD-2-Clause */
/* The context behind the public handle. */
#ifndef LADE_KERNEL_CONTEXT_H
#define LADE_KERNEL_CONTEXT_H

#include "kernel/kernel.h"

struct lade_context {
	struct log_sink log;
	char *bpffs;           /* absolute */
	bool no_mount, raise_memlock;
	unsigned jobs;
	char *cache;           /* NULL: none */
	uint64_t max_file_size;
	struct kernel *kernel; /* NULL until first needed: reading an object enters no kernel */
};

/* The context's kernel, opened on first use. */
int lade_context_kernel(struct lade_context *context, struct kernel **ret_kernel, struct lade_error **error);
/* Tests: stand this kernel behind the context, which then owns it. */
void lade_context_set_kernel(struct lade_context *context, struct kernel *kernel);

DEFINE_CLEANUP(struct lade_context, lade_context, lade_context_free)

#endif
