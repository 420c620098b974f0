/* SPDX-License-Identifier: BSD-2-Clause */
/* Several lines that a logger wrote as one, with marks for newlines. */
#include <string.h>

#include "base/array.h"
#include "explain/reader.h"

/* A mark of a newline, which loggers write as letters: "\\n", rsyslog "#012". NULL: there is none. */
static const char *find_mark(const char *at, const char *end, const char *mark)
{
	size_t length = strlen(mark);

	while ((at = memchr(at, *mark, (size_t)(end - at))) && (size_t)(end - at) >= length) {
		if (memcmp(at, mark, length) == 0)
			return at;
		at++;
	}
	return NULL;
}

/* Most lines have neither a backslash nor a hash. *ret_behind: where the next line begins. */
const char *lade_find_mark(const char *at, const char *end, const char **ret_behind)
{
	static const char *const marks[] = { "\\n", "#012" };
	const char *first = NULL;

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *found = find_mark(at, first ? first : end, marks[i]);
		if (!found)
			continue;
		*ret_behind = found + strlen(marks[i]);
		/* Quoted more than once: "\\\\n". */
		while (found > at && *marks[i] == '\\' && found[-1] == '\\')
			found--;
		first = found;
	}
	return first;
}

/* Loggers that write JSON or key="value" put a whole log on one line: "…:\\n\\t0: (bf) r6 = r1\\n\\t…". */
bool lade_is_escaped(const struct lade_explanation *explanation, const struct span *span)
{
	const char *end = span->text + span->length, *behind;
	bool has_mark = lade_find_mark(span->text, end, &behind) != NULL;

	if (!has_mark || (explanation->in_log && !explanation->is_bare) || *span->text == ';')
		return false;
	bool is_libbpf =
		(size_t)(end - behind) >= strlen("libbpf:") && memcmp(behind, "libbpf:", strlen("libbpf:")) == 0;
	return (is_libbpf || lade_find_mark(behind, end, &behind)) && !memmem(span->text, span->length, "bpf(", 4);
}

/* Behind the mark with which Rust's {:?} begins a verifier's log; without one the span's begin. */
const char *lade_behind_opening(const struct span *span)
{
	static const char *const openings[] = { "VerifierLog(\"", "verifier_log: \"" };
	const char *behind, *newline = lade_find_mark(span->text, span->text + span->length, &behind);
	size_t length = newline ? (size_t)(newline - span->text) : span->length;

	for (size_t i = 0; i < ELEMENTS(openings); i++) {
		const char *at = memmem(span->text, length, openings[i], strlen(openings[i]));
		if (at)
			return at + strlen(openings[i]);
	}
	return span->text;
}
