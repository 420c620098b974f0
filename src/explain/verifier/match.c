/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message of the kernel a line is. */
#include <endian.h>
#include <string.h>

#include "explain/verifier/verdict.h"

#define LINE_BYTES  1024 /* of a line; messages are shorter */
#define ANCHOR_BITS 12
#define CAPITAL_MIN 28 /* bytes of fixed text of a message that begins with a capital it does not have */

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

static bool is_hexadecimal(char letter)
{
	return (letter >= '0' && letter <= '9') || ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'f') || letter == 'x';
}

enum printed {
	PRINTED_ANYTHING,
	PRINTED_DECIMAL,
	PRINTED_HEXADECIMAL,
};

static enum printed printed_by(char conversion)
{
	return conversion == 'd' || conversion == 'u' ? PRINTED_DECIMAL
	       : conversion == 'x'                    ? PRINTED_HEXADECIMAL
						      : PRINTED_ANYTHING;
}

/* May this byte stand there? */
static inline bool may_be(enum printed printed, char byte)
{
	if (printed == PRINTED_DECIMAL)
		return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == ' ';
	return printed == PRINTED_ANYTHING || is_hexadecimal(byte);
}

/* The last wildcard of a pattern, and what it stands for so far. */
struct wildcard {
	const char *behind; /* in the pattern; NULL: there was none */
	const char *end;    /* in the text */
	enum printed printed;
};

/* It stands for more: up to where the pattern may go on. */
static bool extend(struct wildcard *wildcard, const char *end)
{
	char next = *wildcard->behind;

	if (!may_be(wildcard->printed, *wildcard->end))
		return false;
	wildcard->end++;
	if (wildcard->printed == PRINTED_ANYTHING && next && next != '%' && wildcard->end < end)
		wildcard->end = memchr(wildcard->end, next, (size_t)(end - wildcard->end));
	return wildcard->end != NULL;
}

/*
 * Wildcards by backtracking to the last one: linear for the patterns that occur. A prefix ends where a word does:
 * "Unrecognized file" is no beginning of "Unrecognized filesystem".
 */
static int matches(const char *pattern, const char *text, size_t length, bool is_prefix)
{
	const char *end = text + length;
	struct wildcard wildcard = { 0 };

	while (text < end) {
		if (*pattern == '%' && pattern[1] == '%') {
			pattern++;
		} else if (*pattern == '%') {
			bool is_behind_another = wildcard.behind == pattern && wildcard.end == text;
			pattern = skip_conversion(pattern);
			wildcard = (struct wildcard){ pattern, text, printed_by(pattern[-1]) };
			if (is_behind_another)
				wildcard.printed = PRINTED_ANYTHING;
			if (!may_be(wildcard.printed, *text))
				return false;
			continue;
		}
		if (!*pattern && is_prefix && !(lade_is_letter(pattern[-1]) && lade_is_letter(*text)))
			return true;
		if (*pattern == *text && *pattern) {
			pattern++;
			text++;
		} else if (wildcard.behind && extend(&wildcard, end)) {
			pattern = wildcard.behind;
			text = wildcard.end;
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

static uint16_t hash_of(const char *text, size_t length)
{
	uint32_t hash = 0, bytes;

	for (size_t at = 0; at < length; at += sizeof bytes) {
		memcpy(&bytes, text + at, sizeof bytes);
		hash = (hash ^ le32toh(bytes)) * 2654435761U;
	}
	hash >>= 32 - ANCHOR_BITS;
	return (uint16_t)(hash ? hash : 1);
}

uint16_t lade_anchor(const char *text)
{
	return hash_of(text, sizeof(uint32_t));
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

/* Many begin with the same few bytes: those that have more are found by more. */
static size_t find_begun(const struct span *line)
{
	static const uint8_t lengths[] = { 4, 8, 16 };
	size_t best = lade_verifier_message_count;
	struct failed failed;
	bool is_clear = false;

	for (size_t i = 0; i < sizeof lengths && lengths[i] <= line->length; i++) {
		size_t first = lade_verifier_begins[hash_of(line->text, lengths[i])];
		if (first && !is_clear)
			failed = (struct failed){ .bits = { 0 } };
		is_clear |= first;
		best = find_before(best, first, line, 0, &failed);
	}
	return best;
}

static const struct verifier_message *begun(const char *text, size_t length)
{
	const struct span line = { text, cut(length) };
	size_t best = find_begun(&line);

	return best < lade_verifier_message_count ? &lade_verifier_messages[best] : NULL;
}

static const struct verifier_message *anywhere(const char *text, size_t length)
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

/* ---- "Math between map_value pointer and …": who copies a line may begin it with a capital, as a sentence ---- */

static bool is_capital(const char *text, size_t length)
{
	return length >= 8 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z';
}

/* The same with a small letter, if it is peculiar enough that nobody else writes it so. */
static const struct verifier_message *small(const struct verifier_message *(*find)(const char *text, size_t length),
					    const char *text, size_t length)
{
	const struct verifier_message *message;
	char copy[LINE_BYTES];

	if (!is_capital(text, length))
		return NULL;
	memcpy(copy, text, cut(length));
	copy[0] = (char)(text[0] | 0x20);
	message = find(copy, cut(length));
	return message && message->literal >= CAPITAL_MIN && lade_verifier_text[message->pattern] == copy[0] ? message
													     : NULL;
}

const struct verifier_message *lade_verifier_message_begun(const char *text, size_t length)
{
	const struct verifier_message *message = begun(text, length);

	return message ? message : small(begun, text, length);
}

const struct verifier_message *lade_verifier_message(const char *text, size_t length)
{
	const struct verifier_message *message = anywhere(text, length);

	return message ? message : small(anywhere, text, length);
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
	char begin = text[0];
	if (is_capital(text, length))
		begin = (char)(begin | 0x20);
	return is_start(text) || is_start((const char[]){ text[0], text[1], text[2], '\0' }) ||
	       is_start((const char[]){ begin, text[1], text[2], text[3] });
}
