/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "kernel/token.h"
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

static char *copy_text(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;
	*failed |= text && !copy;
	return copy;
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
	bool failed = !context->bpffs;
	context->cache = copy_text(known.cache, &failed);
	context->btf = copy_text(known.btf, &failed);
	context->btf_path = copy_text(known.btf_path, &failed);
	context->config_file = copy_text(known.config, &failed);
	context->token = copy_text(known.bpf_token_path, &failed);
	if (failed)
		return lade_fail_memory(error);
	*ret_context = TAKE(context);
	return 0;
}

struct lade_context *lade_context_free(struct lade_context *context)
{
	if (!context)
		return NULL;
	lade_kernel_free(context->kernel);
	(void)lade_kernel_types_free(context->types);
	(void)lade_kernel_types_free(context->core_types);
	free(context->bpffs);
	free(context->cache);
	free(context->btf);
	free(context->btf_path);
	free(context->config_file);
	free(context->token);
	(void)lade_kernel_config_free(context->config);
	free(context);
	return NULL;
}

/* One that was asked for must be there; else bpffs is looked at when privilege lacks. "": none at all. */
static int use_token(const struct lade_context *context, struct kernel *kernel, struct lade_error **error)
{
	if (context->token && *context->token)
		return lade_token_make(kernel, context->token, error);
	if (context->token)
		return 0;
	kernel->token_path = strdup(context->bpffs);
	return kernel->token_path ? 0 : lade_fail_memory(error);
}

int lade_context_kernel(struct lade_context *context, struct kernel **ret_kernel, struct lade_error **error)
{
	if (!context->kernel) {
		CLEANUP(cleanup_kernel) struct kernel *kernel = NULL;
		int result = lade_kernel_live(&context->log, &kernel, error);
		if (result == 0)
			result = use_token(context, kernel, error);
		if (result < 0)
			return result;
		context->kernel = TAKE(kernel);
	}
	*ret_kernel = context->kernel;
	return 0;
}

static int open_types(const struct lade_context *context, const char *file, struct kernel_types **place,
		      struct kernel_types **ret_types, struct lade_error **error)
{
	const struct kernel_types_options options = { .file = file,
						      .path = context->btf_path,
						      .cache = context->cache };
	int result = *place ? 0 : lade_kernel_types_open(&options, place, error);
	if (result == 0)
		*ret_types = *place;
	return result;
}

int lade_context_types(struct lade_context *context, struct kernel_types **ret_types, struct lade_error **error)
{
	return open_types(context, NULL, &context->types, ret_types, error);
}

int lade_context_core_types(struct lade_context *context, struct kernel_types **ret_types, struct lade_error **error)
{
	if (!context->btf)
		return lade_context_types(context, ret_types, error);
	return open_types(context, context->btf, &context->core_types, ret_types, error);
}

void lade_context_set_kernel(struct lade_context *context, struct kernel *kernel)
{
	lade_kernel_free(context->kernel);
	context->kernel = kernel;
}
