/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the record of a tracepoint holds on this kernel: read from tracefs, so it needs the right to read there and
 * nothing else.
 *
 *     struct lade_tracepoint *tracepoint = NULL;
 *     if (lade_tracepoint_open(context, "sched/sched_process_exec", &tracepoint, &error) == 0)
 *             (void)fputs(lade_tracepoint_c(tracepoint), stdout);
 *     lade_tracepoint_free(tracepoint);
 */
#ifndef LADE_TRACEPOINT_H
#define LADE_TRACEPOINT_H

#include <lade/context.h>

LADE_BEGIN_DECLS

struct lade_tracepoint;

/*
 * event: "CATEGORY/EVENT". Errors: attach.tracepoint.syntax, attach.tracepoint.missing (with near names; exit 3),
 * attach.tracefs.read (exit 5), attach.tracepoint.format (what tracefs says is no such text), environment.tracefs.
 */
LADE_API int lade_tracepoint_open(struct lade_context *context, const char *event,
				  struct lade_tracepoint **ret_tracepoint, struct lade_error **error);
LADE_API struct lade_tracepoint *lade_tracepoint_free(struct lade_tracepoint *tracepoint);

LADE_API const char *lade_tracepoint_name(const struct lade_tracepoint *tracepoint); /* as given */
LADE_API uint32_t lade_tracepoint_id(const struct lade_tracepoint *tracepoint);      /* for perf_event_open(2) */
/* Bytes that a program may read of the record: one that reads more is refused when it is attached. */
LADE_API uint32_t lade_tracepoint_size(const struct lade_tracepoint *tracepoint);
/*
 * The record as a struct in C, named after the event, of types that <linux/bpf.h> brings: a comment beside each member
 * says its offset and the kernel's own type. It lives as long as the tracepoint.
 */
LADE_API const char *lade_tracepoint_c(const struct lade_tracepoint *tracepoint);

struct lade_tracepoint_field {
	size_t size;         /* of this struct */
	const char *name;
	const char *type;    /* as the kernel spells it, with its bounds: "unsigned long[6]", "__data_loc char[]" */
	uint32_t offset;     /* bytes */
	uint32_t bytes;
	uint32_t elements;   /* of an array; 0: it is none */
	bool is_signed;
	bool is_common;      /* every event has it */
	bool is_dynamic;     /* where the data is: its offset in the low 16 bits, its length in the high ones */
};
LADE_API size_t lade_tracepoint_field_count(const struct lade_tracepoint *tracepoint);
/* -ERANGE beyond the last field. */
LADE_API int lade_tracepoint_field(const struct lade_tracepoint *tracepoint, size_t index,
				   struct lade_tracepoint_field *field);

LADE_END_DECLS
#endif
