/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that a logger wrapped into JSON or key="value" one by one: {"log":"12: (95) exit\n",…}, level=info msg="…" …;
 * or that somebody emphasised.
 */
#include <string.h>

#include "explain/reading/search.h"
#include "explain/verifier/line.h"
#include "explain/text.h"

static const struct {
	const char *begin, *before; /* how such lines begin, and what stands before the message */
	bool is_whole;              /* nothing else in the line says anything */
} wrappings[] = {
	{ "{\"log\":\"", "{\"log\":\"", true }, { "{", "\"msg\":\"", false },      { "{", "\"message\":\"", false },
	{ "{", "\"log\": \"", false },          { "{", "\"message\": \"", false }, { "time=", "msg=\"", false },
	{ "level=", "msg=\"", false },
};

/* Up to the quotation mark that closes it, without a newline at its end. */
static struct span inner(const char *at, const char *end)
{
	const char *close;

	while (end - at >= 2 && at[0] == '\\' && at[1] == 't')
		at += 2;
	close = at;
	while (close < end && *close != '"')
		close += *close == '\\' && close + 1 < end ? 2 : 1;
	if (close - at >= 2 && close[-2] == '\\' && close[-1] == 'n')
		close -= 2;
	return (struct span){ at, (size_t)(close - at) };
}

static bool is_of_log(const struct span *message)
{
	enum verifier_line_kind kind = lade_verifier_line(message->text, message->length).kind;

	return message->length && kind != VERIFIER_OTHER && kind != VERIFIER_STATE;
}

/* What who posts a log puts around a line: "**invalid access to packet, …**", "`invalid read from stack off -110+0`".
 * A third one is a kernel's own, or begins a block of code. */
static const char *const marks[] = { "**", "`" };

/* How long the mark is on each side; 0: there is none, or only words of the line are marked. */
static size_t mark_of(const struct span *line)
{
	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const size_t length = strlen(marks[i]);
		const char *inner = line->text + length, *end = line->text + line->length;
		if (line->length > 2 * length && memcmp(line->text, marks[i], length) == 0 && *inner != *marks[i] &&
		    lade_search(inner, (size_t)(end - inner), marks[i], length) == end - length)
			return length;
	}
	return 0;
}

/* Looked for without its first letter: a line of JSON is full of quotation marks. */
static const char *find_before(const struct span *line, const char *before, size_t length)
{
	const char *at = line->text + 1, *end = line->text + line->length;

	while ((at = lade_search_long(at, (size_t)(end - at), before + 1, length - 1))) {
		if (at[-1] == *before)
			return at - 1;
		at++;
	}
	return NULL;
}

/* Does one of the wrappings or marks begin so? Every line is asked. */
static bool may_be_quoted(char first)
{
	return first == '{' || first == 't' || first == 'l' || first == '*' || first == '`';
}

struct span lade_quoted_message(const struct span *line, bool in_log)
{
	if (!line->length || !may_be_quoted(*line->text))
		return *line;
	const size_t mark = mark_of(line);
	if (mark)
		return (struct span){ line->text + mark, line->length - 2 * mark };
	for (size_t i = 0; i < ELEMENTS(wrappings); i++) {
		size_t begin = strlen(wrappings[i].begin), before = strlen(wrappings[i].before);
		const char *at;
		if (line->length < begin || memcmp(line->text, wrappings[i].begin, begin) != 0)
			continue;
		at = find_before(line, wrappings[i].before, before);
		if (!at)
			continue;
		struct span message = inner(at + before, line->text + line->length);
		if (wrappings[i].is_whole || in_log || is_of_log(&message))
			return message;
	}
	return *line;
}
