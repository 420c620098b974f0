/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uprobes: a breakpoint at an offset in a file, for every process that maps it, or for one. By the event source
 * "uprobe" of perf (since 4.17), else by a tracing event.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"
#include "attach/tracing_event.h"
#include "attach/uprobe.h"
#include "symbols/function.h"

#define COUNTER_SHIFT 32 /* format/ref_ctr_offset: "config:32-63", since 4.20 */

static int fail_option(struct attach_call *call, const struct uprobe_request *request, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EOPNOTSUPP, "attach.uprobe.option", "attaching %s (section %s) to %s: %s",
			       call->program->name, call->program->section, request->text, why);
	finding_program(finding, call->program->name);
	return -EOPNOTSUPP;
}

/* ---- one place ---- */

static int attach_by_source(struct attach_call *call, const struct uprobe_request *request,
			    const struct uprobe_place *place, struct perf_event_attr *attr)
{
	if (place->ref_ctr > UINT32_MAX)
		return fail_option(call, request, "the counter lies beyond the first 4 GiB of the file");
	attr->config |= place->ref_ctr << COUNTER_SHIFT;
	attr->uprobe_path = (uintptr_t)request->path;
	attr->probe_offset = place->offset;
	int cpu = request->pid ? -1 : lade_first_online_cpu(call->kernel);
	int fd = call->kernel->calls->perf_event_open(call->kernel, attr, request->pid ? request->pid : -1, cpu, -1,
						      PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, request->text, fd)
		      : lade_attach_event(call, request->text, fd);
}

static int attach_by_tracing(struct attach_call *call, const struct uprobe_request *request,
			     const struct uprobe_place *place)
{
	CLEANUP(cleanup_free) char *text = NULL;
	int length;

	if (request->pid)
		return fail_option(call, request, "this kernel cannot probe one process alone");
	if (place->ref_ctr)
		length = asprintf(&text, "%s:%#llx(%#llx)", request->path, (unsigned long long)place->offset,
				  (unsigned long long)place->ref_ctr);
	else
		length = asprintf(&text, "%s:%#llx", request->path, (unsigned long long)place->offset);
	if (length < 0) {
		text = NULL;
		return lade_fail_memory(call->error);
	}
	const struct tracing_event event = { "uprobe_events", text, request->text };
	return lade_attach_tracing_event(call, &event);
}

int lade_uprobe_attach_one(struct attach_call *call, const struct uprobe_request *request,
			   const struct uprobe_place *place)
{
	struct perf_event_attr attr = { .size = sizeof attr, .disabled = 1 };

	call->cookie = place->cookie;
	return lade_event_source("uprobe", call->is_return, &attr) == 0 ? attach_by_source(call, request, place, &attr)
									: attach_by_tracing(call, request, place);
}

/* ---- a function ---- */

/* A symbol that is a number is an offset in the file. */
int lade_uprobe_offset(struct attach_call *call, const struct uprobe_request *request, uint64_t *ret_offset)
{
	if (request->symbol[0] < '0' || request->symbol[0] > '9') {
		int result =
			lade_function_offset(request->path, request->symbol, request->addend, ret_offset, call->error);
		return lade_error_context(call->error, result, "attaching %s", call->program->name);
	}
	char *end;
	errno = 0;
	unsigned long long offset = strtoull(request->symbol, &end, 0);
	if (!errno && !*end && !__builtin_add_overflow(offset, request->addend, ret_offset))
		return 0;
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.uprobe.no-symbol", "%s: \"%s\" is no offset (section %s)",
			       call->program->name, request->symbol, call->program->section);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

static int fail_return_offset(struct attach_call *call, const struct uprobe_request *request)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.uprobe.return-offset", "%s: \"%s\" (section %s)",
			       call->program->name, request->text, call->program->section);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

int lade_attach_uprobe(struct attach_call *call)
{
	CLEANUP(lade_uprobe_request_clear) struct uprobe_request request = { 0 };
	int result = lade_uprobe_request(call, false, &request);

	if (result == 0 && call->is_return && request.addend)
		result = fail_return_offset(call, &request);
	if (result < 0)
		return result;
	struct uprobe_place place = { .ref_ctr = request.ref_ctr, .cookie = request.cookie };
	result = lade_uprobe_offset(call, &request, &place.offset);
	if (result == 0)
		result = lade_uprobe_attach_one(call, &request, &place);
	if (result >= 0)
		lade_uprobe_note_go(call, request.path);
	return result;
}
