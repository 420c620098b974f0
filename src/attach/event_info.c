/* SPDX-License-Identifier: BSD-2-Clause */
/* The public handle of a tracepoint's record. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lade/tracepoint.h>

#include "attach/tracefs.h"
#include "base/ascii.h"
#include "base/info.h"
#include "diagnose/denied.h"
#include "kernel/context.h"
#include "kernel/event_format.h"

struct lade_tracepoint {
	struct event_format format;
	char *text;
};

static int fail_syntax(const char *event, struct lade_error **error)
{
	return lade_fail(error, EINVAL, "attach.tracepoint.syntax", "\"%s\" names no tracepoint", event);
}

static int fail_read(struct lade_context *context, const char *tracefs, const char *event, int result,
		     struct lade_error **error)
{
	if (result == -ENOENT || result == -ENOTDIR) {
		struct lade_finding *finding = lade_error_add(error, ENOENT, "attach.tracepoint.missing",
							      "this kernel has no tracepoint %s", event);
		finding_evidence(finding, "%s/events/%s/format does not exist", tracefs, event);
		lade_tracefs_near_events(tracefs, event, finding);
		lade_diagnose_no_events(context->kernel, tracefs, finding);
		return -ENOENT;
	}
	if (result == -EBADMSG || result == -E2BIG)
		return lade_fail(error, -result, "attach.tracepoint.format", "%s/events/%s/format describes no record",
				 tracefs, event);
	struct lade_finding *finding =
		lade_error_add(error, -result, "attach.tracefs.read", "reading %s/events/%s/format: %s", tracefs, event,
			       strerror(-result));
	if (result == -EACCES || result == -EPERM)
		lade_diagnose_unreadable(context->kernel, tracefs, -result, finding);
	return result;
}

/* The event's name is one of C, but for what somebody may have put into tracefs. */
static char *struct_name(const char *event)
{
	char *name = strdup(strchr(event, '/') + 1);
	for (char *at = name; at && *at; at++)
		if (!is_ascii_alnum(*at))
			*at = '_';
	return name;
}

static int spell(struct lade_tracepoint *tracepoint, const char *event)
{
	struct strbuf text = { 0 };
	CLEANUP(cleanup_free) char *name = struct_name(event);
	int result = name ? lade_event_format_spell(&tracepoint->format, name, &text) : -ENOMEM;
	if (result < 0) {
		lade_strbuf_clear(&text);
		return result;
	}
	tracepoint->text = lade_strbuf_take(&text);
	return tracepoint->text ? 0 : -ENOMEM;
}

LADE_API int lade_tracepoint_open(struct lade_context *context, const char *event,
				  struct lade_tracepoint **ret_tracepoint, struct lade_error **error)
{
	struct kernel *kernel;
	const char *tracefs;
	if (!lade_tracefs_is_event(event))
		return fail_syntax(event, error);
	int result = lade_context_kernel(context, &kernel, error);
	if (result == 0)
		result = lade_kernel_tracefs(kernel, !context->no_mount, &tracefs, error);
	if (result < 0)
		return result;
	struct lade_tracepoint *tracepoint = calloc(1, sizeof *tracepoint);
	if (!tracepoint)
		return lade_fail_memory(error);
	result = lade_event_format_read(tracefs, event, &tracepoint->format);
	if (result == 0)
		result = spell(tracepoint, event);
	if (result == 0) {
		*ret_tracepoint = tracepoint;
		return 0;
	}
	(void)lade_tracepoint_free(tracepoint);
	return result == -ENOMEM ? lade_fail_memory(error) : fail_read(context, tracefs, event, result, error);
}

LADE_API struct lade_tracepoint *lade_tracepoint_free(struct lade_tracepoint *tracepoint)
{
	if (!tracepoint)
		return NULL;
	lade_event_format_clear(&tracepoint->format);
	free(tracepoint->text);
	free(tracepoint);
	return NULL;
}

LADE_API const char *lade_tracepoint_name(const struct lade_tracepoint *tracepoint)
{
	return tracepoint->format.name;
}

LADE_API uint32_t lade_tracepoint_id(const struct lade_tracepoint *tracepoint)
{
	return tracepoint->format.id;
}

LADE_API uint32_t lade_tracepoint_size(const struct lade_tracepoint *tracepoint)
{
	return tracepoint->format.size;
}

LADE_API const char *lade_tracepoint_c(const struct lade_tracepoint *tracepoint)
{
	return tracepoint->text;
}

LADE_API size_t lade_tracepoint_field_count(const struct lade_tracepoint *tracepoint)
{
	return tracepoint->format.count;
}

LADE_API int lade_tracepoint_field(const struct lade_tracepoint *tracepoint, size_t index,
				   struct lade_tracepoint_field *field)
{
	if (index >= tracepoint->format.count)
		return -ERANGE;
	const struct event_field *from = &tracepoint->format.items[index];
	const struct lade_tracepoint_field full = {
		.name = from->name,
		.type = from->type,
		.offset = from->offset,
		.bytes = from->size,
		.elements = lade_event_field_elements(from),
		.is_signed = from->is_signed,
		.is_common = from->is_common,
		.is_dynamic = from->is_dynamic,
	};
	return info_fill(field, &full, sizeof full);
}
