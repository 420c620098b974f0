/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this room share. */
#ifndef LADE_TRACE_TRACE_H
#define LADE_TRACE_TRACE_H

#include <lade/trace.h>

#include "base/array.h"
#include "base/error.h"
#include "base/strbuf.h"

struct kernel;

/* ---- format.c: could a text have come of a format? ---- */
bool lade_trace_format_matches(const char *format, const char *text);
/* Bytes of the format that every text of it has; few of them fit nearly every text. */
size_t lade_trace_format_weight(const char *format);

/* ---- filter.c ---- */
struct trace_filter {
	bool is_on;
	struct strings formats;
};
void lade_filter_clear(struct trace_filter *filter);
/* Formats of the instance's read-only data. Notes: trace.no-formats (then the filter stays off), trace.weak. */
int lade_filter_read(struct lade_context *context, const char *which, struct trace_filter *filter,
		     struct findings *notes, struct lade_error **error);
bool lade_filter_takes(const struct trace_filter *filter, const char *text);
/* Every string in such data, without its newline at the end. -ENOMEM */
int lade_filter_add_strings(struct trace_filter *filter, const char *bytes, size_t size);

/* ---- line.c ---- */
/* Takes the line apart in place, from `line` (which is kept) into `scratch` (a copy, cut up). */
void lade_line_parse(const char *line, char *scratch, struct lade_trace_line *ret_line);

/* ---- readers.c ---- */
/* Evidence: processes that have the file open. How many. */
size_t lade_trace_readers(const char *path, struct lade_finding *finding);

#endif
