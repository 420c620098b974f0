/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The format file of a tracing event: what its record holds, and where.
 *
 *     name: sched_process_exec
 *     ID: 365
 *     format:
 *             field:unsigned short common_type;       offset:0;       size:2; signed:0;
 *             field:__data_loc char[] filename;       offset:8;       size:4; signed:0;
 *
 * The text is hostile: a kernel module wrote it, or somebody who stands in for the kernel.
 */
#ifndef LADE_KERNEL_EVENT_FORMAT_H
#define LADE_KERNEL_EVENT_FORMAT_H

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "kernel/kernel.h"

#define EVENT_FIELDS_MOST 1024u
#define EVENT_BYTES_MOST  65536u /* of a record, and so of every offset and size */
#define EVENT_TEXT_MOST   (1u << 20)

struct event_field {
	char *name, *type;     /* "args", "unsigned long[6]": the type as the kernel spells it, with its bounds */
	uint32_t offset, size; /* bytes */
	bool is_signed, is_common;
	bool is_dynamic; /* __data_loc, __rel_loc: where the data is in the record, and how long */
};

struct event_format {
	char *name; /* "CATEGORY/EVENT" as asked for, else what the file says */
	uint32_t id;
	uint32_t size;             /* bytes that a program may read of the record: the end of its last field */
	struct event_field *items; /* in the order of the file */
	size_t count, capacity;
};

/* -EBADMSG: no such text; -E2BIG; -ENOMEM. ret_line: of what is wrong, from 1; 0: the whole. */
int lade_event_format_parse(const char *text, size_t length, struct event_format *ret_format, unsigned *ret_line);
/* Reads <tracefs>/events/<event>/format. -errno of reading, or as above. */
int lade_event_format_read(const char *tracefs, const char *event, struct event_format *ret_format);
void lade_event_format_clear(struct event_format *format);
const struct event_field *lade_event_format_find(const struct event_format *format, const char *name);
/* How many values of the same size the field has; 0: it is no array. */
uint32_t lade_event_field_elements(const struct event_field *field);

/* The record as a C struct called `name`, of types that a BPF program has: __u8 … __s64, char. -EBADMSG: fields
 * overlap. */
int lade_event_format_spell(const struct event_format *format, const char *name, struct strbuf *into);

static inline void cleanup_event_format(struct event_format *format)
{
	lade_event_format_clear(format);
}

#endif
