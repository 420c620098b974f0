/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats that an instance's programs print with: strings of its read-only data. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lade/map.h>
#include <lade/state.h>

#include "trace/trace.h"

DEFINE_CLEANUP(struct lade_state, filter_state, lade_state_free)
DEFINE_CLEANUP(struct lade_live_map, filter_map, lade_map_close)

enum { LEAST_WEIGHT = 3, LISTED = 8 };

void lade_filter_clear(struct trace_filter *filter)
{
	lade_strings_clear(&filter->formats);
}

static bool is_text(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		if (byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t'))
			return false;
	}
	return length > 0;
}

/* Each line of a text comes alone: a format with newlines is several. */
static int add_format(struct trace_filter *filter, const char *format)
{
	while (*format) {
		size_t length = strcspn(format, "\n");
		if (length && lade_strings_addf(&filter->formats, "%.*s", (int)length, format) < 0)
			return -ENOMEM;
		format += length + (format[length] != '\0');
	}
	return 0;
}

int lade_filter_add_strings(struct trace_filter *filter, const char *bytes, size_t size)
{
	for (size_t start = 0; start < size;) {
		size_t length = strnlen(bytes + start, size - start);
		bool is_whole = start + length < size;
		if (is_whole && is_text(bytes + start, length) && add_format(filter, bytes + start) < 0)
			return -ENOMEM;
		start += length + 1;
	}
	return 0;
}

static int read_data(struct lade_context *context, const char *path, struct trace_filter *filter)
{
	const struct lade_map_open_opts opts = { .size = sizeof opts, .access = LADE_MAP_READ };
	CLEANUP(cleanup_filter_map) struct lade_live_map *map = NULL;
	struct lade_live_map_info info = { .size = sizeof info };
	const uint32_t first = 0;
	if (lade_map_open(context, path, &opts, &map, NULL) < 0 || lade_live_map_describe(map, &info) < 0 ||
	    info.key_size != sizeof first)
		return 0;
	CLEANUP(cleanup_free) char *bytes = calloc(1, info.value_bytes + 1);
	if (!bytes)
		return -ENOMEM;
	if (lade_map_lookup(map, &first, bytes, NULL) < 0)
		return 0;
	return lade_filter_add_strings(filter, bytes, info.value_bytes);
}

static int read_instances(struct lade_context *context, const struct lade_state *state, struct trace_filter *filter)
{
	for (size_t i = 0; i < lade_state_count(state); i++)
		for (size_t j = 0; j < lade_state_pin_count(state, i); j++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			if (lade_state_pin(state, i, j, &pin) < 0 || pin.kind != LADE_PINNED_MAP || !pin.name ||
			    strncmp(pin.name, ".rodata", 7) != 0)
				continue;
			if (read_data(context, pin.path, filter) < 0)
				return -ENOMEM;
		}
	return 0;
}

/* Formats that nearly every text fits say nothing. */
static void note_weak(const struct trace_filter *filter, struct findings *notes)
{
	struct lade_finding *finding = NULL;
	size_t weak = 0;
	array_foreach(format, &filter->formats) {
		if (!strchr(*format, '%') || lade_trace_format_weight(*format) >= LEAST_WEIGHT)
			continue;
		if (!finding)
			finding = lade_note_add(notes, "trace.weak", "lines of other programs fit its formats as well");
		if (weak++ < LISTED)
			finding_evidence(finding, "the format \"%s\"", *format);
	}
}

int lade_filter_read(struct lade_context *context, const char *which, struct trace_filter *filter,
		     struct findings *notes, struct lade_error **error)
{
	CLEANUP(cleanup_filter_state) struct lade_state *state = NULL;
	int result = lade_state_read(context, which, &state, error);
	if (result < 0)
		return result;
	if (read_instances(context, state, filter) < 0)
		return lade_fail_memory(error);
	filter->is_on = filter->formats.count;
	if (!filter->is_on)
		(void)lade_note_add(notes, "trace.no-formats",
				    "%s has no format strings in read-only data: every line is shown", which);
	note_weak(filter, notes);
	return 0;
}

bool lade_filter_takes(const struct trace_filter *filter, const char *text)
{
	if (!filter->is_on)
		return true;
	array_foreach(format, &filter->formats)
		if (lade_trace_format_matches(*format, text))
			return true;
	return false;
}
