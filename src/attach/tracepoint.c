/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracepoints: the event's number is read from tracefs, a perf event of it opened on one CPU. One is
 * enough: the program list belongs to the tracepoint, so the program runs on all CPUs.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/record.h"
#include "attach/tracefs.h"
#include "diagnose/denied.h"

static int fail_missing(struct attach_call *call, const char *tracefs, const char *event, const char *path)
{
	struct lade_finding *finding = lade_error_add(call->error, ENOENT, "attach.tracepoint.missing",
						      "%s: this kernel has no tracepoint %s (section %s)",
						      call->program->name, event, call->program->section);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "%s does not exist", path);
	lade_tracefs_near_events(tracefs, event, finding);
	lade_diagnose_no_events(call->kernel, tracefs, finding);
	return -ENOENT;
}

static int fail_read(struct attach_call *call, const char *path, int result)
{
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.tracefs.read", "%s: reading %s: %s",
						      call->program->name, path, strerror(-result));
	finding_program(finding, call->program->name);
	if (result == -EACCES || result == -EPERM)
		lade_diagnose_unreadable(call->kernel, path, -result, finding);
	return result;
}

static int find_event(struct attach_call *call, const char *tracefs, const char *event, uint64_t *ret_id)
{
	char path[PATH_MAX];
	(void)snprintf(path, sizeof path, "%s/events/%s/id", tracefs, event);
	int result = lade_tracefs_event_id(tracefs, event, ret_id);
	if (result == -ENOENT || result == -ENOTDIR)
		return fail_missing(call, tracefs, event, path);
	return result < 0 ? fail_read(call, path, result) : 0;
}

static int fail_syntax(struct attach_call *call, const char *event)
{
	struct lade_finding *finding = lade_error_add(call->error, EINVAL, "attach.tracepoint.syntax",
						      "%s: \"%s\" names no tracepoint (section %s)",
						      call->program->name, event, call->program->section);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

int lade_attach_tracepoint(struct attach_call *call)
{
	const char *event = call->target->kind == TARGET_TRACEPOINT ? call->target->name : call->program->attach_target;
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof attr, .disabled = 1 };
	const char *tracefs;
	uint64_t id = 0;
	if (!lade_tracefs_is_event(event))
		return fail_syntax(call, event);
	int result = lade_kernel_tracefs(call->kernel, !call->context->no_mount, &tracefs, call->error);
	if (result == 0)
		result = find_event(call, tracefs, event, &id);
	if (result < 0)
		return result;
	lade_record_check(call, tracefs, event);
	attr.config = id;
	int fd = call->kernel->calls->perf_event_open(call->kernel, &attr, -1, lade_first_online_cpu(call->kernel), -1,
						      PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, event, fd);
	return lade_attach_event(call, event, fd);
}
