/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message of the kernel a line is. */
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"

#define LINE_BYTES  1024 /* of a line; messages are shorter */
#define ANCHOR_BITS 12

static const char *skip_conversion(const char *pattern)
{
	pattern++;
	pattern += strspn(pattern, "-+ #0123456789.*hlzj");
	return *pattern ? pattern + 1 : pattern;
}

/* Wildcards by backtracking to the last one: linear for the patterns that occur. */
static int matches(const char *pattern, const char *text, size_t length, bool is_prefix)
{
	const char *end = text + length, *retry_pattern = NULL, *retry_text = NULL;

	while (text < end) {
		if (*pattern == '%' && pattern[1] == '%') {
			pattern++;
		} else if (*pattern == '%') {
			pattern = skip_conversion(pattern);
			retry_pattern = pattern;
			retry_text = text;
			continue;
		}
		if (!*pattern && is_prefix)
			return true;
		if (*pattern == *text && *pattern) {
			pattern++;
			text++;
		} else if (retry_pattern) {
			pattern = retry_pattern;
			text = ++retry_text;
		} else {
			return false;
		}
	}
	while (*pattern == '%' && pattern[1] != '%')
		pattern = skip_conversion(pattern);
	return *pattern == '\0';
}

int lade_format_matches(const char *pattern, const char *text, size_t length)
{
	return matches(pattern, text, length, false);
}

uint16_t lade_anchor(const char *text)
{
	uint32_t bytes = 0;
	uint16_t hash;

	for (unsigned i = 0; i < 4; i++)
		bytes |= (uint32_t)(unsigned char)text[i] << (8 * i);
	hash = (uint16_t)((bytes * 2654435761U) >> (32 - ANCHOR_BITS));
	return hash ? hash : 1;
}

/* Of the messages with this anchor, the first before `best` that the line is. */
static size_t find_before(size_t best, uint16_t anchor, const char *line, size_t length)
{
	for (size_t next = lade_verifier_heads[anchor]; next && next - 1 < best;) {
		const struct verifier_message *message = &lade_verifier_messages[next - 1];
		if (matches(lade_verifier_text + message->pattern, line, length, true))
			return next - 1;
		next = message->next;
	}
	return best;
}

const struct verifier_message *lade_verifier_message(const char *line, size_t length)
{
	size_t best = lade_verifier_message_count;

	if (length > LINE_BYTES)
		length = LINE_BYTES;
	best = find_before(best, 0, line, length);
	for (size_t i = 0; i + 4 <= length; i++)
		best = find_before(best, lade_anchor(line + i), line, length);
	return best < lade_verifier_message_count ? &lade_verifier_messages[best] : NULL;
}

static int compare(const void *one, const void *other)
{
	return *(const uint16_t *)one - *(const uint16_t *)other;
}

static bool is_start(const char *text)
{
	uint16_t anchor = lade_anchor(text);

	return bsearch(&anchor, lade_verifier_starts, lade_verifier_start_count, sizeof anchor, compare) != NULL;
}

/* Some have a number after three bytes ("fd 3 is not …"). */
bool lade_verifier_may_begin(const char *text, size_t length)
{
	if (length < 8)
		return false;
	if (*text == 'R' && text[1] >= '0' && text[1] <= '9')
		return true;
	return is_start(text) || is_start((const char[]){ text[0], text[1], text[2], '\0' });
}
