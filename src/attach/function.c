/* SPDX-License-Identifier: BSD-2-Clause */
/* Is the function there, may it be probed, and what else may have been meant. */
#include "attach/function.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach/tracefs.h"
#include "kernel/functions.h"

/* ---- what may have been meant ---- */

static bool has_event(struct attach_call *call, const char *event)
{
	const char *tracefs;
	char path[PATH_MAX];
	if (lade_kernel_tracefs(call->kernel, false, &tracefs, NULL) < 0)
		return false;
	(void)snprintf(path, sizeof path, "%s/events/%s", tracefs, event);
	return access(path, F_OK) == 0;
}

/* do_execve, sys_execve, __x64_sys_execve: the system call has a name of its own that does not change. */
static bool suggest_system_call(struct attach_call *call, const char *name, struct lade_finding *finding)
{
	const char *short_name = lade_function_system_call(name), *prefix = lade_system_call_prefix();
	char event[160], function[160];
	if (!short_name || strlen(short_name) > 64)
		return false;
	(void)snprintf(function, sizeof function, "%s%s", prefix ? prefix : "sys_", short_name);
	if (lade_function_exists(call->kernel, function) != 1)
		return false;
	finding_evidence(finding, "it looks like the system call %s, whose function is %s here", short_name, function);
	(void)snprintf(event, sizeof event, "syscalls/sys_enter_%s", short_name);
	if (has_event(call, event))
		finding_fix(finding,
			    "use SEC(\"ksyscall/%s\"), which finds the function, or the tracepoint %s, which stays",
			    short_name, event);
	else
		finding_fix(finding, "use SEC(\"ksyscall/%s\"), which finds the function", short_name);
	return true;
}

/* The kernel's BTF has functions that were inlined everywhere only if some copy of them was kept. */
static bool is_in_types(struct attach_call *call, const char *name)
{
	struct kernel_types *types;
	struct kernel_type type = { 0 };
	if (lade_context_types(call->context, &types, NULL) < 0)
		return false;
	return lade_kernel_types_exact(types, name, BTF_KIND_FUNC, false, &type, NULL) == 0 && type.id;
}

static void suggest_near(const struct function_search *search, bool has_fix, struct lade_finding *finding)
{
	const struct similar_names *similar = &search->similar;
	for (size_t i = 0; i < similar->count; i++)
		finding_evidence(finding, "function %s exists", similar->names[i]);
	if (*search->variant)
		finding_cause(finding,
			      "the compiler changed the function and with it its name: %s is what is left of it; its "
			      "arguments may not be those of the source",
			      search->variant);
	if (!has_fix && similar->count)
		finding_fix(finding, "did you mean %s?", similar->names[0]);
}

int lade_function_fail_missing(struct attach_call *call, const char *name)
{
	struct function_search search;
	lade_function_search(call->kernel, NULL, name, &search);
	bool is_inlined = !*search.variant && is_in_types(call, name);
	struct lade_finding *finding = lade_error_add(
		call->error, ENOENT, is_inlined ? "attach.function.inlined" : "attach.function.missing",
		"%s: this kernel has no function %s (section %s)", call->program->name, name, call->program->section);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "the kernel's symbol table (/proc/kallsyms) does not have it");
	if (is_inlined)
		finding_evidence(finding, "the kernel's types (BTF) have it");
	suggest_near(&search, suggest_system_call(call, name, finding), finding);
	lade_similar_clear(&search.similar);
	return -ENOENT;
}

/* ---- may it be probed? ---- */

static int fail_blacklisted(struct attach_call *call, const char *name)
{
	struct lade_finding *finding = lade_error_add(call->error, EINVAL, "attach.function.blacklisted",
						      "%s: kprobes must leave %s alone (section %s)",
						      call->program->name, name, call->program->section);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "/sys/kernel/debug/kprobes/blacklist has it");
	return -EINVAL;
}

int lade_function_check(struct attach_call *call, const char *name)
{
	if (lade_function_exists(call->kernel, name) == 0)
		return lade_function_fail_missing(call, name);
	if (lade_function_is_blacklisted(call->kernel, NULL, name) == 1)
		return fail_blacklisted(call, name);
	return 0;
}

void lade_function_explain_refusal(struct attach_call *call, const char *text, struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *name = strndup(text, strcspn(text, "+"));
	if (!name)
		return;
	int traceable = lade_function_is_traceable(call->kernel, NULL, name);
	int blacklisted = lade_function_is_blacklisted(call->kernel, NULL, name);
	if (blacklisted == 1)
		finding_evidence(finding, "/sys/kernel/debug/kprobes/blacklist has it");
	if (traceable == 0)
		finding_evidence(finding, "available_filter_functions of tracefs does not have it: the function is "
					  "not traceable (notrace, noinstr)");
	else if (traceable == 1)
		finding_evidence(finding, "available_filter_functions of tracefs has it: the function is traceable");
}
