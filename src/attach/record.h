/* SPDX-License-Identifier: BSD-2-Clause */
/* What a tracepoint program takes for the event's record, beside what the record is. */
#ifndef LADE_ATTACH_RECORD_H
#define LADE_ATTACH_RECORD_H

#include "attach/method.h"
#include "btf/btf.h"
#include "kernel/event_format.h"

/* The struct that the program's context argument points to; 0: it says none. */
uint32_t lade_record_argument(const struct lade_btf *btf, const char *program);
/*
 * Compares that struct with the record, field by field: warnings attach.tracepoint.field name the field and both
 * places. A struct trace_event_raw_… is the kernel's own, whose offsets are relocated when the program is loaded: not
 * compared.
 */
void lade_record_compare(const struct event_format *format, const struct lade_btf *btf, const char *program,
			 struct findings *notes);
/* The same for a program that is about to be attached to CATEGORY/EVENT; says nothing where the format is not known. */
void lade_record_check(struct attach_call *call, const char *tracefs, const char *event);
/* Evidence for a program that reads past the record: its size, and the first field of the struct that is beyond. */
void lade_record_explain(struct attach_call *call, const char *event, struct lade_finding *finding);

#endif
