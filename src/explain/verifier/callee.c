/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "call pc+128" names no function, and neither does "global function calls are not allowed …": the source line of the
 * call does, which compilers move some lines up.
 */
#include "explain/verifier/callee.h"

#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/text.h"
#include "explain/verifier/line.h"
#include "explain/verifier/values.h"

#define LINES_MAX 48 /* above the call */

/* Words before a bracket that call nothing, and helpers; macros have capitals. */
static bool is_function(const struct span *name)
{
	static const char *const others[] = { "if", "while", "for", "switch", "return", "sizeof", "typeof" };
	bool has_small = false;

	for (size_t i = 0; i < name->length; i++)
		has_small |= islower((unsigned char)name->text[i]) != 0;
	if (!has_small || isdigit((unsigned char)*name->text) || lade_span_starts(name, "bpf_") ||
	    lade_span_starts(name, "__"))
		return false;
	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (name->length == strlen(others[i]) && memcmp(name->text, others[i], name->length) == 0)
			return false;
	return true;
}

/* The first function that the source line calls; length 0: it calls none. */
static struct span called_in(const struct span *source)
{
	const char *end = source->text + source->length;

	for (const char *at = source->text; (at = memchr(at, '(', (size_t)(end - at))); at++) {
		const char *start = at;
		while (start > source->text && lade_is_of_name(start[-1]))
			start--;
		const struct span name = { start, (size_t)(at - start) };
		if (name.length && is_function(&name))
			return name;
	}
	return (struct span){ source->text, 0 };
}

void lade_verifier_callee(const struct verifier_way *way, const struct verifier_verdict *verdict,
			  struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	const char *end = verdict->line;

	if (!lade_span_starts(&line, "global function") || !lade_span_starts(&way->refused, "call pc"))
		return;
	for (unsigned lines = 0; end > way->log && lines < LINES_MAX; lines++) {
		const struct span text = lade_verifier_line_before(way->log, end);
		const struct verifier_line above = lade_verifier_line(text.text, text.length);
		struct span name = { "", 0 };
		end = text.text;
		if (above.kind == VERIFIER_EDGE || lade_verifier_is_gap(&above.text))
			return;
		if (above.kind == VERIFIER_SOURCE)
			name = called_in(&above.text);
		if (!name.length)
			continue;
		finding_evidence(
			finding,
			"the next call above in the source is that of %.*s(), likely the function that is meant",
			(int)name.length, name.text);
		return;
	}
}
