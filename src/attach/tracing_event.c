/* SPDX-License-Identifier: BSD-2-Clause */
#include "attach/tracing_event.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "attach/function.h"
#include "attach/tracefs.h"

#define NAME_BYTES 64 /* MAX_EVENT_NAME_LEN of the kernel */
#define TRIES      16

/* Readable, and nobody else's: what undoing removes must be what was made. */
static int make_name(const char *target, char name[NAME_BYTES])
{
	uint64_t number;
	size_t length = 0;
	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return -EIO;
	for (; target[length] && length < 32; length++)
		name[length] = isalnum((unsigned char)target[length]) ? target[length] : '_';
	(void)snprintf(name + length, NAME_BYTES - length, "_%016llx", (unsigned long long)number);
	return 0;
}

static int fail_absent(struct attach_call *call, const char *path, int result)
{
	struct lade_finding *finding =
		lade_error_add(call->error, ENOENT, "attach.probe.absent", "%s: this kernel has no %s events",
			       call->program->name, call->method);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "perf has no event source %s", strstr(path, "uprobe") ? "uprobe" : "kprobe");
	finding_evidence(finding, "%s: %s", path, strerror(-result));
	return -ENOENT;
}

/* What was asked of the kernel last is in *ret_operation. */
static int open_event(struct attach_call *call, const char *tracefs, const char *event,
		      enum attach_operation *ret_operation)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof attr, .disabled = 1 };
	uint64_t id = 0;
	int result = lade_tracefs_event_id(tracefs, event, &id);
	*ret_operation = OPERATION_EVENTS_FILE;
	if (result < 0)
		return result;
	attr.config = id;
	*ret_operation = OPERATION_PERF_EVENT_OPEN;
	return call->kernel->calls->perf_event_open(call->kernel, &attr, -1, lade_first_online_cpu(call->kernel), -1,
						    PERF_FLAG_FD_CLOEXEC);
}

/* The attachment that was just kept is one effect with its event. */
static void join_effect(struct attach_call *call, unsigned number)
{
	struct attachment *attachment = &call->attachments->items[call->attachments->count - 1];
	attachment->txn = call->txn;
	attachment->effect = number;
}

static bool is_gone(const char *tracefs, const char *event)
{
	uint64_t id;
	return lade_tracefs_event_id(tracefs, event, &id) == -ENOENT;
}

/*
 * Until it is opened nobody uses the event, and who looks for leftovers on another bpffs, where no journal names it,
 * may take it away: it is made again.
 */
static int make_event(struct attach_call *call, const char *path, const char *tracefs, const char *event,
		      const struct tracing_event *what)
{
	enum attach_operation operation = OPERATION_EVENTS_FILE;
	CLEANUP(cleanup_free) char *line = NULL;
	int fd = -1;
	if (asprintf(&line, "%c:%s %s\n", call->is_return ? 'r' : 'p', event, what->place) < 0)
		return lade_fail_memory(call->error);
	for (int tries = 0; fd < 0 && tries < TRIES; tries++) {
		int result = call->kernel->calls->append(call->kernel, path, line);
		if (result < 0)
			return lade_attach_refused(call, OPERATION_EVENTS_FILE, what->target, result);
		fd = open_event(call, tracefs, event, &operation);
		if (fd < 0 && !is_gone(tracefs, event))
			break;
	}
	return fd < 0 ? lade_attach_refused(call, operation, what->target, fd)
		      : lade_attach_event(call, what->target, fd);
}

int lade_attach_tracing_event(struct attach_call *call, const struct tracing_event *what)
{
	char name[NAME_BYTES], event[NAME_BYTES + 8], path[PATH_MAX];
	const char *tracefs;
	unsigned number;
	int result = lade_kernel_tracefs(call->kernel, !call->context->no_mount, &tracefs, call->error);
	if (result < 0)
		return result;
	(void)snprintf(path, sizeof path, "%s/%s", tracefs, what->control);
	if (access(path, F_OK) < 0)
		return fail_absent(call, path, -errno);
	result = make_name(what->target, name);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_EVENTS_FILE, what->target, result);
	(void)snprintf(event, sizeof event, "lade/%s", name);
	const char *const pairs[] = { "control", what->control, "event", event, NULL };
	result = lade_attach_begin_effect(call, "event", what->target, pairs, &number);
	if (result < 0)
		return result;
	result = make_event(call, path, tracefs, event, what);
	if (result < 0)
		(void)lade_txn_effect_undo(call->txn, number);
	else
		join_effect(call, number);
	return result;
}
