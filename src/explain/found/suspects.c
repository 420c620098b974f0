/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that look like a failure and of which nothing is known: where no rule names a cause, they are all that can be
 * shown. Only the text's begin and its end are looked at, so that the largest one takes no longer.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "explain/reading/quiet.h"
#include "explain/text.h"

#define BEGIN_BYTES ((size_t)64 << 10)
#define END_BYTES   ((size_t)128 << 10) /* a log ends with what went wrong */
#define CANDIDATES  16                  /* of which it is looked whether something is known */
#define LINE_LOOKED 512                 /* bytes of a line */
#define SHORTEST    4                   /* bytes of the shortest words below */
#define CONTROLS    16                  /* of so many bytes one may be none of a text's */

/* What tools write of failures, in small letters: how surely it is one. */
static const struct {
	const char *words;
	unsigned weight;
} marks[] = {
	{ "error:", 4 },        { "error[", 4 },      { "fatal", 4 },         { "panic", 4 },
	{ "undefined ", 3 },    { "exception", 3 },   { "traceback", 1 },     { "level=error", 3 },
	{ "failed to", 3 },     { "failed", 1 },      { "failure", 2 },       { "cannot ", 2 },
	{ "can't ", 2 },        { "can not ", 2 },    { "couldn't ", 2 },     { "could not ", 2 },
	{ "unable to ", 3 },    { "not found", 2 },   { "no such ", 2 },      { "denied", 2 },
	{ "not permitted", 2 }, { "unsupported", 2 }, { "not supported", 2 }, { "invalid", 2 },
	{ "refused", 2 },       { "must be ", 1 },    { "missing", 1 },       { "unknown", 1 },
	{ "unexpected", 1 },    { "not allowed", 2 }, { "does not ", 1 },     { "doesn't ", 1 },
	{ "errno", 2 },         { "bad ", 1 },        { "error", 1 },         { "too many", 1 },
	{ "too few", 1 },       { "mismatch", 2 },    { "incompatible", 2 },  { "aborted", 1 },
};

/* That all is well. */
static const char *const denials[] = { "0 errors", "no error", "errors: 0", "0 failed", "error=null", "error: null" };

struct candidate {
	struct raw_line raw;
	size_t number;
	unsigned weight;
};

struct candidates {
	struct candidate best[CANDIDATES]; /* the weightiest first, of the same weight the first of the text */
	size_t count;
};

/* Strings that end with zeros, as an object has them, and no line. */
static bool is_of_a_file(const struct raw_line *raw, size_t length)
{
	size_t controls = 0;

	for (size_t i = 0; i < length; i++)
		controls += lade_is_control(raw->text[i]);
	return controls * CONTROLS > length;
}

static unsigned weigh(const struct raw_line *raw)
{
	char small[LINE_LOOKED + 1];
	const size_t length = raw->length < LINE_LOOKED ? raw->length : LINE_LOOKED;
	const struct span line = { raw->text, raw->length };
	unsigned weight = 0;

	if (length < SHORTEST || is_of_a_file(raw, length) || lade_is_printing_line(&line))
		return 0;
	for (size_t i = 0; i < length; i++)
		small[i] = (char)(raw->text[i] ? tolower((unsigned char)raw->text[i]) : ' ');
	small[length] = '\0';
	for (size_t i = 0; i < ELEMENTS(denials); i++)
		if (strstr(small, denials[i]))
			return 0;
	for (size_t i = 0; i < ELEMENTS(marks); i++)
		weight += strstr(small, marks[i].words) ? marks[i].weight : 0;
	return weight;
}

static bool is_there(const struct candidates *candidates, const struct raw_line *raw)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (candidates->best[i].raw.length == raw->length &&
		    memcmp(candidates->best[i].raw.text, raw->text, raw->length) == 0)
			return true;
	return false;
}

static void offer(struct candidates *candidates, const struct candidate *candidate)
{
	size_t place = candidates->count;

	while (place > 0 && candidates->best[place - 1].weight < candidate->weight)
		place--;
	if (place == CANDIDATES || is_there(candidates, &candidate->raw))
		return;
	if (candidates->count < CANDIDATES)
		candidates->count++;
	memmove(&candidates->best[place + 1], &candidates->best[place],
		(candidates->count - place - 1) * sizeof *candidate);
	candidates->best[place] = *candidate;
}

/* Lines that begin before `end`; returns how many they are. */
static size_t look_through(const struct reader *text, const char *at, const char *end, size_t before,
			   struct candidates *candidates)
{
	struct candidate candidate;
	size_t lines = 0;

	while (at < end && lade_peek_line(text, at, &candidate.raw)) {
		candidate.number = before + ++lines;
		candidate.weight = weigh(&candidate.raw);
		if (candidate.weight)
			offer(candidates, &candidate);
		at = candidate.raw.next;
	}
	return lines;
}

static size_t count_lines(const char *at, const char *end)
{
	size_t count = 0;

	for (const char *newline; at < end && (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
		count++;
	return count;
}

/* Nothing is known of it, whatever stands around it. */
static bool is_unknown(struct quiet *quiet, const struct raw_line *raw)
{
	quiet->is_behind_types = false;
	return lade_quietness(quiet, raw) == QUIET_OTHER;
}

/* In the order of the text. */
static void put(struct lade_explanation *explanation, const struct reader *text, const struct candidate *candidate,
		char *buffer)
{
	const struct span message = lade_parse_line(text, &candidate->raw, buffer).message;
	struct suspect suspect = { .line = lade_text_of(&message), .number = candidate->number };
	size_t place = explanation->suspect_count;

	if (!suspect.line)
		return;
	while (place > 0 && explanation->suspects[place - 1].number > suspect.number) {
		explanation->suspects[place] = explanation->suspects[place - 1];
		place--;
	}
	explanation->suspects[place] = suspect;
	explanation->suspect_count++;
}

/* Is there an error that says what went wrong? */
static bool has_cause(const struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		if (item->role == LADE_EXPLAINED_ERROR && item->finding &&
		    strcmp(item->finding->code, "tool.gave-up") != 0)
			return true;
	return false;
}

void lade_explanation_suspects(struct lade_explanation *explanation, const char *text, size_t length)
{
	const char *end = text + length, *head_end = length > BEGIN_BYTES ? text + BEGIN_BYTES : end, *tail;
	struct reader reader = { .begin = text, .end = end };
	struct candidates candidates = { .count = 0 };

	if (!length || has_cause(explanation))
		return;
	CLEANUP(cleanup_free) struct quiet *quiet = calloc(1, sizeof *quiet);
	if (!quiet)
		return;
	reader.has_colours = memchr(text, '\033', length) || memchr(text, '\r', length);
	reader.has_prose = explanation->has_prose;
	lade_quiet_begin(quiet, &reader);
	quiet->is_read = true;
	(void)look_through(&reader, text, head_end, 0, &candidates);
	tail = (size_t)(end - head_end) > END_BYTES ? end - END_BYTES : head_end;
	/* Lines are counted from the end, which is near. */
	if (tail > text && (tail = memchr(tail - 1, '\n', (size_t)(end - tail) + 1)))
		(void)look_through(&reader, tail + 1, end,
				   explanation->lines - count_lines(tail + 1, end) - (end[-1] != '\n'), &candidates);
	for (size_t i = 0; i < candidates.count && explanation->suspect_count < SUSPECTS_MAX; i++)
		if (is_unknown(quiet, &candidates.best[i].raw))
			put(explanation, &reader, &candidates.best[i], quiet->buffer);
}

void lade_suspects_free(struct lade_explanation *explanation)
{
	for (size_t i = 0; i < explanation->suspect_count; i++)
		free(explanation->suspects[i].line);
	explanation->suspect_count = 0;
}

LADE_API int lade_explanation_suspect(const struct lade_explanation *explanation, size_t nth,
				      struct lade_suspect_info *info)
{
	if (nth >= explanation->suspect_count)
		return -ERANGE;
	const struct lade_suspect_info full = {
		.line = explanation->suspects[nth].line,
		.number = explanation->suspects[nth].number,
	};
	return info_fill(info, &full, sizeof full);
}
