/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracepoints: the event's number is read from tracefs, a perf event of it opened on one CPU. One is
 * enough: the program list belongs to the tracepoint, so the program runs on all CPUs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/method.h"
#include "attach/tracefs.h"

static int read_number(const char *path, uint64_t *ret_number)
{
	char text[32];
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t length = read(fd, text, sizeof text - 1);
	if (length <= 0)
		return length < 0 ? -errno : -EIO;
	text[length] = '\0';
	*ret_number = strtoull(text, NULL, 10);
	return 0;
}

static int fail_missing(struct attach_call *call, const char *tracefs, const char *event, const char *path)
{
	struct lade_finding *finding = lade_error_add(call->error, ENOENT, "attach.tracepoint.missing",
						      "%s: this kernel has no tracepoint %s (section %s)",
						      call->program->name, event, call->program->section);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "%s does not exist", path);
	lade_tracefs_near_events(tracefs, event, finding);
	return -ENOENT;
}

static int fail_read(struct attach_call *call, const char *path, int result)
{
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.tracefs.read", "%s: reading %s: %s",
						      call->program->name, path, strerror(-result));
	finding_program(finding, call->program->name);
	if (result == -EACCES || result == -EPERM)
		lade_kernel_explain_privilege(call->kernel, finding);
	return result;
}

/* Exactly "CATEGORY/EVENT", both plain names: the words become part of a path. */
static bool is_event_name(const char *text)
{
	const char *slash = strchr(text, '/');
	return slash && slash != text && slash[1] && !strchr(slash + 1, '/') && text[0] != '.' && slash[1] != '.';
}

static int find_event(struct attach_call *call, const char *event, uint64_t *ret_id)
{
	const char *tracefs;
	char path[PATH_MAX];
	int result = lade_kernel_tracefs(call->kernel, !call->context->no_mount, &tracefs, call->error);
	if (result < 0)
		return result;
	if ((size_t)snprintf(path, sizeof path, "%s/events/%s/id", tracefs, event) >= sizeof path)
		return fail_missing(call, tracefs, event, "a path of that length");
	result = read_number(path, ret_id);
	if (result == -ENOENT || result == -ENOTDIR)
		return fail_missing(call, tracefs, event, path);
	return result < 0 ? fail_read(call, path, result) : 0;
}

int lade_attach_tracepoint(struct attach_call *call)
{
	const char *event = call->program->attach_target;
	if (!is_event_name(event)) {
		struct lade_finding *finding = lade_error_add(call->error, EINVAL, "attach.tracepoint.syntax",
							      "%s: section %s names no tracepoint", call->program->name,
							      call->program->section);
		finding_program(finding, call->program->name);
		return -EINVAL;
	}
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof attr, .disabled = 1 };
	uint64_t id = 0;
	int result = find_event(call, event, &id);
	if (result < 0)
		return result;
	attr.config = id;
	int fd = call->kernel->calls->perf_event_open(call->kernel, &attr, -1, lade_first_online_cpu(call->kernel), -1,
						      PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_PERF_EVENT_OPEN, event, fd);
	return lade_attach_event(call, event, fd);
}
