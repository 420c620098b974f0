/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fentry.multi, fexit.multi and fsession.multi: one program at many functions of the kernel with one link (since 7.2).
 * Functions are named by a shell pattern and given to the kernel by their BTF ids.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"
#include "kernel/bpf.h"
#include "kernel/functions.h"

#define FUNCTIONS_MOST (1u << 20)

struct ids {
	uint32_t *items;
	size_t count, capacity;
};

static int compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Names by which ftrace can be asked, sorted; a name that is there twice is of two functions: left out. */
static int traceable_names(struct attach_call *call, const char *pattern, struct matched_functions *functions,
			   const char ***ret_names, size_t *ret_count)
{
	int result = lade_function_match(call->kernel, NULL, pattern, functions);
	if (result < 0)
		return result;
	const char **names = calloc(functions->count + 1, sizeof *names);
	size_t count = 0;
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < functions->count; i++) {
		const struct matched_function *items = functions->items;
		bool is_twice = (i && strcmp(items[i].name, items[i - 1].name) == 0) ||
				(i + 1 < functions->count && strcmp(items[i].name, items[i + 1].name) == 0);
		if (!items[i].is_module && !is_twice)
			names[count++] = items[i].name;
	}
	*ret_names = names;
	*ret_count = count;
	return 0;
}

static int collect_ids(const struct lade_btf *btf, const char *pattern, const char *const *names, size_t count,
		       struct ids *ids)
{
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (!type || lade_btf_kind(type) != BTF_KIND_FUNC)
			continue;
		const char *name = lade_btf_string(btf, type->name_off);
		if (fnmatch(pattern, name, FNM_NOESCAPE) != 0 ||
		    !bsearch(&name, names, count, sizeof *names, compare) || ids->count >= FUNCTIONS_MOST)
			continue;
		uint32_t *slot = array_push(ids);
		if (!slot)
			return -ENOMEM;
		*slot = id;
	}
	return 0;
}

static int find_ids(struct attach_call *call, const char *pattern, struct ids *ids)
{
	CLEANUP(lade_matched_functions_clear) struct matched_functions functions = { 0 };
	CLEANUP(cleanup_free) const char **names = NULL;
	struct kernel_types *types;
	size_t count = 0;
	int result = lade_context_types(call->context, &types, call->error);
	if (result < 0)
		return result;
	result = traceable_names(call, pattern, &functions, &names, &count);
	if (result == 0)
		result = collect_ids(lade_kernel_types_base(types), pattern, names, count, ids);
	if (result == -ENOMEM)
		return lade_fail_memory(call->error);
	if (result == 0 && ids->count)
		return 0;
	struct lade_finding *finding = lade_error_add(call->error, ENOENT, "attach.function.no-match",
						      "%s: no function that can be traced matches %s (section %s)",
						      call->program->name, pattern, call->program->section);
	finding_program(finding, call->program->name);
	return -ENOENT;
}

static int fail_absent(struct attach_call *call)
{
	finding_fix(lade_attach_absent_kind(call, "7.2"), "name one function a program: SEC(\"%.*s/FUNCTION\")",
		    (int)strcspn(call->method, "."), call->method);
	return -EOPNOTSUPP;
}

/* A kernel with such links looks at the ids before it answers. */
static bool kernel_has_kind(struct attach_call *call, struct attr_link_create attr)
{
	attr.tracing_multi.ids = 1;
	attr.tracing_multi.cnt = 1;
	int result = lade_bpf_link_create(call->kernel, &attr);
	if (result >= 0)
		(void)fd_close(result);
	return result != -EINVAL && result != -E2BIG;
}

static int create(struct attach_call *call, const char *pattern, const struct ids *ids)
{
	struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					 .attach_type = call->program->expected_attach_type };
	attr.tracing_multi.ids = (uintptr_t)ids->items;
	attr.tracing_multi.cnt = (uint32_t)ids->count;
	int fd = lade_bpf_link_create(call->kernel, &attr);
	if ((fd == -EINVAL || fd == -E2BIG) && !kernel_has_kind(call, attr))
		return fail_absent(call);
	return fd < 0 ? lade_attach_refused(call, OPERATION_LINK_CREATE, pattern, fd)
		      : lade_attach_keep(call, pattern, fd, true);
}

int lade_attach_traced_multi(struct attach_call *call)
{
	CLEANUP(lade_function_place_clear) struct function_place place = { 0 };
	struct ids ids = { 0 };
	int result = lade_function_place(call, &place);
	if (result == 0)
		result = find_ids(call, place.text, &ids);
	if (result == 0)
		result = create(call, place.text, &ids);
	array_clear(&ids);
	return result;
}
