/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that a logger wrapped into JSON or key="value" one by one: {"log":"12: (95) exit\n",…}, level=info msg="…" …;
 * or that somebody emphasised.
 */
#include <string.h>

#include "explain/search.h"
#include "explain/verifier_line.h"
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

/* "**invalid access to packet, …**": who posts a log emphasises what matters. A kernel's own words have three stars. */
static bool is_emphasised(const struct span *line)
{
	return line->length > 4 && memcmp(line->text, "**", 2) == 0 && line->text[2] != '*' &&
	       memcmp(line->text + line->length - 2, "**", 2) == 0;
}

struct span lade_quoted_message(const struct span *line, bool in_log)
{
	if (!line->length || !strchr("{tl*", *line->text))
		return *line;
	if (is_emphasised(line))
		return (struct span){ line->text + 2, line->length - 4 };
	for (size_t i = 0; i < ELEMENTS(wrappings); i++) {
		size_t begin = strlen(wrappings[i].begin), before = strlen(wrappings[i].before);
		const char *at;
		if (line->length < begin || memcmp(line->text, wrappings[i].begin, begin) != 0)
			continue;
		at = lade_search(line->text, line->length, wrappings[i].before, before);
		if (!at)
			continue;
		struct span message = inner(at + before, line->text + line->length);
		if (wrappings[i].is_whole || in_log || is_of_log(&message))
			return message;
	}
	return *line;
}
