/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "kernel/version.h"

#define DEFAULT_BPFFS         "/sys/fs/bpf"
#define DEFAULT_MAX_FILE_SIZE (256ULL << 20)

const char *lade_version(void)
{
	return LADE_VERSION;
}

/* Copy of an absolute path without slashes at its end. */
static char *copy_path(const char *path)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	return strndup(path, length);
}

static int check_options(const struct lade_context_opts *opts, struct lade_error **error)
{
	if (opts->bpffs && opts->bpffs[0] != '/')
		return lade_fail(error, EINVAL, "context.bpffs-relative", "bpffs is \"%s\", not an absolute path",
				 opts->bpffs);
	return 0;
}

int lade_context_new(const struct lade_context_opts *opts, struct lade_context **ret_context, struct lade_error **error)
{
	struct lade_context_opts known;
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "context.options",
				 "struct lade_context_opts has a size or members that this library (%s) does not know",
				 LADE_VERSION);
	result = check_options(&known, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_lade_context) struct lade_context *context = calloc(1, sizeof *context);
	if (!context)
		return lade_fail_memory(error);
	context->log = (struct log_sink){ known.log, known.log_data };
	context->no_mount = known.no_mount;
	context->raise_memlock = known.raise_memlock;
	context->jobs = known.jobs;
	context->max_file_size = known.max_file_size ? known.max_file_size : DEFAULT_MAX_FILE_SIZE;
	context->bpffs = copy_path(known.bpffs ? known.bpffs : DEFAULT_BPFFS);
	context->cache = known.cache ? strdup(known.cache) : NULL;
	if (!context->bpffs || (known.cache && !context->cache))
		return lade_fail_memory(error);
	*ret_context = TAKE(context);
	return 0;
}

struct lade_context *lade_context_free(struct lade_context *context)
{
	if (!context)
		return NULL;
	lade_kernel_free(context->kernel);
	free(context->bpffs);
	free(context->cache);
	free(context);
	return NULL;
}

int lade_context_kernel(struct lade_context *context, struct kernel **ret_kernel, struct lade_error **error)
{
	if (!context->kernel) {
		int result = lade_kernel_live(&context->log, &context->kernel, error);
		if (result < 0)
			return result;
	}
	*ret_kernel = context->kernel;
	return 0;
}

void lade_context_set_kernel(struct lade_context *context, struct kernel *kernel)
{
	lade_kernel_free(context->kernel);
	context->kernel = kernel;
}
