/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message of the kernel a line is. */
#include <endian.h>
#include <string.h>

#include "explain/explain.h"

#define LINE_BYTES  1024 /* of a line; messages are shorter */
#define ANCHOR_BITS 12

/* Flags, width and length of a conversion, up to its letter. */
static bool is_modifier(char letter)
{
	return (letter >= '0' && letter <= '9') || letter == 'l' || letter == 'h' || letter == 'z' || letter == 'j' ||
	       letter == '-' || letter == '+' || letter == ' ' || letter == '#' || letter == '.' || letter == '*';
}

static const char *skip_conversion(const char *pattern)
{
	do
		pattern++;
	while (is_modifier(*pattern));
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
	uint32_t bytes;
	uint16_t hash;

	memcpy(&bytes, text, sizeof bytes);
	hash = (uint16_t)((le32toh(bytes) * 2654435761U) >> (32 - ANCHOR_BITS));
	return hash ? hash : 1;
}

/* Does the text around the anchor stand there, too? */
static bool has_piece(const struct verifier_message *message, const char *line, size_t length, size_t at)
{
	return at >= message->anchor_at && message->piece_length <= length - (at - message->anchor_at) &&
	       memcmp(line + at - message->anchor_at, lade_verifier_text + message->pattern + message->piece,
		      message->piece_length) == 0;
}

/* Messages whose text is there, but which the line is not, as bits: once is enough. */
struct failed {
	uint64_t bits[VERIFIER_MESSAGES_MAX / 64];
};

static bool has_failed(const struct failed *failed, size_t message)
{
	return failed->bits[message / 64] >> (message % 64) & 1;
}

/* Of the messages from `next` on, whose anchor is at `at`, the first before `best` that the line is. */
static size_t find_before(size_t best, size_t next, const struct span *line, size_t at, struct failed *failed)
{
	while (next && next - 1 < best) {
		const struct verifier_message *message = &lade_verifier_messages[next - 1];
		if (!has_failed(failed, next - 1) && has_piece(message, line->text, line->length, at)) {
			if (matches(lade_verifier_text + message->pattern, line->text, line->length, true))
				return next - 1;
			failed->bits[(next - 1) / 64] |= UINT64_C(1) << ((next - 1) % 64);
		}
		next = message->next;
	}
	return best;
}

static size_t cut(size_t length)
{
	return length < LINE_BYTES ? length : LINE_BYTES;
}

static size_t find_begun(const struct span *line)
{
	size_t first = line->length < 4 ? 0 : lade_verifier_begins[lade_anchor(line->text)];

	if (!first)
		return lade_verifier_message_count;
	struct failed failed = { .bits = { 0 } };
	return find_before(lade_verifier_message_count, first, line, 0, &failed);
}

const struct verifier_message *lade_verifier_message_begun(const char *text, size_t length)
{
	const struct span line = { text, cut(length) };
	size_t best = find_begun(&line);

	return best < lade_verifier_message_count ? &lade_verifier_messages[best] : NULL;
}

const struct verifier_message *lade_verifier_message(const char *text, size_t length)
{
	const struct span line = { text, cut(length) };
	struct failed failed = { .bits = { 0 } };
	size_t best = find_before(find_begun(&line), lade_verifier_heads[0], &line, 0, &failed);

	for (size_t i = 0; i + 4 <= line.length; i++) {
		uint16_t next = lade_verifier_heads[lade_anchor(text + i)];
		if (next)
			best = find_before(best, next, &line, i, &failed);
	}
	return best < lade_verifier_message_count ? &lade_verifier_messages[best] : NULL;
}

static bool is_start(const char *text)
{
	uint16_t anchor = lade_anchor(text);

	return lade_verifier_starts[anchor / 8] >> (anchor & 7) & 1;
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
