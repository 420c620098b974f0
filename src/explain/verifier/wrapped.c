/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "…R6_w=map_value_or_null(id=1,map=task_storag" and "e,ks=4,vs=88)": terminals and mail programs break long lines, and
 * the rest looks like a message. It belongs to the line before it if that one left a bracket open which the rest
 * closes, or if only both together are a message.
 */
#include "explain/verifier/wrapped.h"

#include <stdio.h>
#include <string.h>

#include "explain/reading/search.h"
#include "explain/verifier/verdict.h"
#include "explain/verifier/line.h"

#define MESSAGE_BYTES 512  /* of both parts */
#define TAIL_BYTES    4096 /* of the log, where messages stand */

/* A line, of which the kind is asked for once. */
struct piece {
	struct span text; /* without blanks around it */
	enum verifier_line_kind kind;
	bool is_known; /* the kind */
};

static struct span line_at(const char *text, const char *end)
{
	const char *newline = memchr(text, '\n', (size_t)(end - text));

	return (struct span){ text, (size_t)((newline ? newline : end) - text) };
}

static bool is_other(struct piece *piece)
{
	if (!piece->is_known)
		piece->kind = lade_verifier_line(piece->text.text, piece->text.length).kind;
	piece->is_known = true;
	return piece->kind == VERIFIER_OTHER;
}

static struct span trimmed(struct span span)
{
	while (span.length && (*span.text == ' ' || *span.text == '\t')) {
		span.text++;
		span.length--;
	}
	while (span.length && strchr(" \t\r", span.text[span.length - 1]))
		span.length--;
	return span;
}

/* Its last bracket opens. */
static bool is_open(const struct span *line)
{
	const char *open = memrchr(line->text, '(', line->length), *close = memrchr(line->text, ')', line->length);

	return open && (!close || close < open);
}

/* Its first bracket closes. */
static bool is_rest(const struct span *line)
{
	const char *open = memchr(line->text, '(', line->length), *close = memchr(line->text, ')', line->length);

	return close && (!open || close < open);
}

static bool has_message(const struct span *line)
{
	return lade_verifier_message(line->text, line->length) != NULL;
}

/* Which part of a log is broken: what is behind the mark of an instruction, a state or a source line. */
static bool is_broken_state(struct piece *line, struct piece *next)
{
	return is_open(&line->text) && is_rest(&next->text) && !is_other(line) && is_other(next) &&
	       !has_message(&next->text);
}

/* "…map_ptr(off=0," and "; ks=4,vs=24)": whoever breaks lines by hand puts the mark of a comment before the rest, which
 * would be a line of the source. */
static const char rest_mark[] = "; ";

static bool is_marked_rest(const struct span *line, const struct span *next)
{
	size_t at = strlen(rest_mark);

	if (!lade_span_starts(next, rest_mark) || !is_open(line) || !is_rest(next))
		return false;
	while (at < next->length && ((next->text[at] >= 'a' && next->text[at] <= 'z') || next->text[at] == '_' ||
				     (next->text[at] >= '0' && next->text[at] <= '9')))
		at++;
	return at > strlen(rest_mark) && at + 1 < next->length && next->text[at] == '=' && next->text[at + 1] != ' ' &&
	       next->text[at + 1] != '=';
}

static bool is_whole(const char *text, size_t length)
{
	const struct verifier_message *message = lade_verifier_message(text, length);
	const char *pattern = message ? lade_verifier_text + message->pattern : "%";

	return *pattern != '%' && lade_format_matches(pattern, text, length);
}

static bool is_broken_message(struct piece *line, struct piece *next)
{
	const struct span *first = &line->text, *second = &next->text;
	char both[MESSAGE_BYTES];

	if (!is_other(line) || !is_other(next) || has_message(second))
		return false;
	const int length = snprintf(both, sizeof both, "%.*s %.*s", (int)first->length, first->text,
				    (int)second->length, second->text);

	return length > 0 && length < (int)sizeof both && !is_whole(first->text, first->length) &&
	       is_whole(both, (size_t)length);
}

/* Within a state no blank stands behind a comma; elsewhere the line was broken at one. */
static bool needs_blank(struct piece *line)
{
	return is_other(line) || line->kind == VERIFIER_SOURCE || line->text.text[line->text.length - 1] == ';';
}

static bool belongs(struct piece *line, struct piece *rest, size_t left)
{
	return line->text.length && rest->text.length &&
	       (is_broken_state(line, rest) || (left < TAIL_BYTES && is_broken_message(line, rest)));
}

/* Where the rest goes, instead of the newline behind the line. */
static char *join(struct piece *line)
{
	char *out = (char *)(uintptr_t)(line->text.text + line->text.length);

	if (needs_blank(line))
		*out++ = ' ';
	return out;
}

void lade_verifier_unwrap(char *log)
{
	const char *end = log + strlen(log);
	char *out = log, *start = log; /* of the line that was written last */
	struct piece line = { .text = { log, 0 } };

	for (const char *in = log; in < end;) {
		const struct span whole = line_at(in, end);
		struct piece rest = { .text = trimmed(whole) };
		const char *behind = whole.text + whole.length;
		const size_t mark = is_marked_rest(&line.text, &rest.text) ? strlen(rest_mark) : 0;
		const bool is_joined = mark || belongs(&line, &rest, (size_t)(end - in));
		const struct span piece =
			is_joined ? (struct span){ rest.text.text + mark, rest.text.length - mark } : whole;
		if (is_joined)
			out = join(&line);
		else
			start = out;
		memmove(out, piece.text, piece.length);
		out += piece.length;
		in = behind + (behind < end);
		line = is_joined ? (struct piece){ .is_known = false } : rest;
		line.text = trimmed((struct span){ start, (size_t)(out - start) });
		if (behind < end)
			*out++ = '\n';
	}
	*out = '\0';
}
