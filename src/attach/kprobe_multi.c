/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many functions with one link: kprobe.multi and kretprobe.multi since 5.18, kprobe.session (one program at the entry
 * and at the return) since 6.10. Functions are named by a shell pattern.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"
#include "kernel/bpf.h"
#include "kernel/functions.h"

/* enum bpf_attach_type */
#define ATTACH_KPROBE_MULTI   42
#define ATTACH_KPROBE_SESSION 56
#define RETURN_FLAG           1u /* BPF_F_KPROBE_MULTI_RETURN */

static bool is_session(const struct attach_call *call)
{
	return strcmp(call->method, "kprobe.session") == 0;
}

static struct attr_link_create describe(const struct attach_call *call)
{
	return (struct attr_link_create){ .prog_fd = (uint32_t)call->program->fd,
					  .attach_type = is_session(call) ? ATTACH_KPROBE_SESSION : ATTACH_KPROBE_MULTI,
					  .kprobe_multi = { .flags = call->is_return ? RETURN_FLAG : 0 } };
}

/* A kernel with such links looks at the names before it answers. */
static bool kernel_has_kind(struct attach_call *call)
{
	struct attr_link_create attr = describe(call);
	attr.kprobe_multi.syms = 1;
	attr.kprobe_multi.cnt = 1;
	int result = lade_bpf_link_create(call->kernel, &attr);
	if (result >= 0)
		(void)fd_close(result);
	return result != -EINVAL;
}

struct lade_finding *lade_attach_absent_kind(struct attach_call *call, const char *since)
{
	char release[128];
	struct lade_finding *finding = lade_error_add(call->error, EOPNOTSUPP, "attach.absent-kind",
						      "%s: this kernel has no %s links (section %s)",
						      call->program->name, call->method, call->program->section);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "BPF_LINK_CREATE answers EINVAL before it looks at the functions");
	finding_evidence(finding, "they came with Linux %s; this is %s", since,
			 lade_kernel_release(call->kernel, release, sizeof release));
	return finding;
}

static int fail_absent(struct attach_call *call)
{
	struct lade_finding *finding = lade_attach_absent_kind(call, is_session(call) ? "6.10" : "5.18");
	if (is_session(call))
		finding_fix(finding, "use one program in SEC(\"kprobe.multi\") and one in SEC(\"kretprobe.multi\") "
				     "(since 5.18), or SEC(\"kprobe\") and SEC(\"kretprobe\")");
	else
		finding_fix(finding,
			    "name each function: SEC(\"%s/FUNCTION\"), or --attach %s=function:FUNCTION for a "
			    "program in SEC(\"%s\")",
			    call->is_return ? "kretprobe" : "kprobe", call->program->name,
			    call->is_return ? "kretprobe" : "kprobe");
	return -EOPNOTSUPP;
}

static int create(struct attach_call *call, const char *pattern, const struct attr_link_create *attr)
{
	int fd = lade_bpf_link_create(call->kernel, attr);
	if (fd == -EINVAL && !kernel_has_kind(call))
		return fail_absent(call);
	return fd < 0 ? lade_attach_refused(call, OPERATION_LINK_CREATE, pattern, fd)
		      : lade_attach_keep(call, pattern, fd, true);
}

/* ---- functions for the kernel ---- */

static int attach_addresses(struct attach_call *call, const char *pattern, const struct matched_functions *functions)
{
	struct attr_link_create attr = describe(call);
	CLEANUP(cleanup_free) uint64_t *addresses = calloc(functions->count, sizeof *addresses);
	if (!addresses)
		return lade_fail_memory(call->error);
	for (size_t i = 0; i < functions->count; i++)
		addresses[i] = functions->items[i].address;
	attr.kprobe_multi.addrs = (uintptr_t)addresses;
	attr.kprobe_multi.cnt = (uint32_t)functions->count;
	return create(call, pattern, &attr);
}

/* Names of modules' functions are found since 6.3 only; a pattern then means the kernel's own. */
static int attach_names(struct attach_call *call, const char *pattern, const struct matched_functions *functions,
			bool with_modules)
{
	struct attr_link_create attr = describe(call);
	CLEANUP(cleanup_free) const char **names = calloc(functions->count + 1, sizeof *names);
	uint32_t count = 0;
	if (!names)
		return lade_fail_memory(call->error);
	for (size_t i = 0; i < functions->count; i++)
		if (with_modules || !functions->items[i].is_module)
			names[count++] = functions->items[i].name;
	if (count == 0)
		return attach_names(call, pattern, functions, true);
	attr.kprobe_multi.syms = (uintptr_t)names;
	attr.kprobe_multi.cnt = count;
	return create(call, pattern, &attr);
}

static int fail_match(struct attach_call *call, const char *pattern)
{
	struct lade_finding *finding = lade_error_add(call->error, ENOENT, "attach.function.no-match",
						      "%s: no function that can be traced matches %s (section %s)",
						      call->program->name, pattern, call->program->section);
	finding_program(finding, call->program->name);
	return -ENOENT;
}

static bool have_addresses(const struct matched_functions *functions)
{
	array_foreach(function, functions)
		if (!function->address)
			return false;
	return true;
}

static int attach_pattern(struct attach_call *call, const char *pattern)
{
	CLEANUP(lade_matched_functions_clear) struct matched_functions functions = { 0 };
	int result = lade_function_match(call->kernel, NULL, pattern, &functions);
	if (result == -ENOMEM)
		return lade_fail_memory(call->error);
	if (result < 0 || !functions.count)
		return fail_match(call, pattern);
	return have_addresses(&functions) ? attach_addresses(call, pattern, &functions)
					  : attach_names(call, pattern, &functions, false);
}

int lade_attach_kprobe_multi(struct attach_call *call)
{
	CLEANUP(lade_function_place_clear) struct function_place place = { 0 };
	int result = lade_function_place(call, &place);
	if (result < 0)
		return result;
	if (place.offset)
		return fail_match(call, place.text);
	if (strpbrk(place.name, "*?["))
		return attach_pattern(call, place.name);
	const struct matched_functions one = { .items = &(struct matched_function){ .name = place.name }, .count = 1 };
	result = lade_function_check(call, place.name);
	return result < 0 ? result : attach_names(call, place.name, &one, true);
}
