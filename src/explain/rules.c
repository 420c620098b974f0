/* SPDX-License-Identifier: BSD-2-Clause */
/* Matching a message against the table: literal text and captures, blanks ignored. Linear: no capture is retried. */
#include "explain/rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/search.h"

void lade_message_clear(struct message *message)
{
	message->length = 0;
}

void lade_message_copy(struct message *message, const struct message *from)
{
	message->length = from->length;
	memcpy(message->text, from->text, from->length);
	memcpy(message->gap, from->gap, (from->length + 7) / 8);
}

/* Bits from `from` to the end of the room that a text of `length` may take. */
static void clear_gaps(struct message *message, size_t length)
{
	size_t from = message->length / 8, to = (message->length + length) / 8 + 1;

	if (to > sizeof message->gap)
		to = sizeof message->gap;
	if (from >= to)
		return;
	message->gap[from] &= (uint8_t)((1U << (message->length & 7)) - 1);
	memset(message->gap + from + 1, 0, to - from - 1);
}

void lade_message_add(struct message *message, const struct span *span)
{
	size_t room = sizeof message->text - message->length, at = message->length;
	size_t length = span->length < sizeof message->text ? span->length : sizeof message->text;
	bool gap = false;

	clear_gaps(message, length);
	for (size_t i = 0; i < span->length && room; i++) {
		unsigned char byte = (unsigned char)span->text[i];
		if (byte <= ' ') { /* also what would be taken for a capture */
			gap = at > 0;
			continue;
		}
		if (gap)
			message->gap[at / 8] |= (uint8_t)(1U << (at & 7));
		gap = false;
		message->text[at++] = (char)byte;
		room--;
	}
	message->length = at;
}

static bool has_gap(const struct message *message, size_t at)
{
	return message->gap[at / 8] >> (at & 7) & 1;
}

/* ---- what captures mean ---- */

static bool parse_number(const struct span *span, long *ret_number)
{
	char text[24], *end;

	if (!span->length || span->length >= sizeof text)
		return false;
	memcpy(text, span->text, span->length);
	text[span->length] = '\0';
	errno = 0;
	*ret_number = strtol(text, &end, 0);
	return !*end && !errno;
}

/* bpf(2) of x86-64, i386, arm64 and the others of the generic table, arm, powerpc, s390, mips (n64, n32, o32), sparc.
 */
static bool is_bpf_call(long number)
{
	static const long numbers[] = { 321, 357, 280, 386, 361, 351, 5315, 6319, 4355, 349 };

	for (size_t i = 0; i < ELEMENTS(numbers); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* strerror() of no language, without blanks. */
static bool is_error_text(int errnum, const struct span *span)
{
	const char *words = strerrordesc_np(errnum);
	size_t at = 0;

	for (; words && *words; words++) {
		if (*words == ' ')
			continue;
		if (at >= span->length || span->text[at++] != *words)
			return false;
	}
	return words && at == span->length;
}

static int parse_error_text(const struct span *span)
{
	for (int errnum = 1; errnum < 134; errnum++)
		if (is_error_text(errnum, span))
			return errnum;
	return 0;
}

static bool take_number(enum capture kind, const struct span *span, struct rule_match *match)
{
	long number;

	if (!parse_number(span, &number))
		return false;
	if (kind == CAPTURE_ERRNO) {
		number = labs(number);
		match->errnum = number < 4096 ? (int)number : 0;
		return number > 0;
	}
	if (kind == CAPTURE_FAILED || kind == CAPTURE_DESCRIPTOR)
		return (number < 0) == (kind == CAPTURE_FAILED);
	return kind != CAPTURE_BPF_CALL || is_bpf_call(number);
}

static bool is_number(enum capture kind)
{
	return kind == CAPTURE_NUMBER || kind == CAPTURE_ERRNO || kind >= CAPTURE_FAILED;
}

static bool take_capture(enum capture kind, const struct span *span, struct rule_match *match)
{
	if (is_number(kind) && !take_number(kind, span, match))
		return false;
	if (kind == CAPTURE_ERROR) {
		match->errnum = parse_error_text(span);
		if (!match->errnum)
			return false;
	}
	if (kind != CAPTURE_TEXT && !span->length)
		return false;
	if (!match->captures[kind].length)
		match->captures[kind] = *span;
	return true;
}

/* ---- the pattern ---- */

static bool is_capture(char letter)
{
	return letter > 0 && letter < CAPTURES;
}

static size_t literal_length(const char *pattern)
{
	size_t length = 0;

	while (pattern[length] && !is_capture(pattern[length]))
		length++;
	return length;
}

/* A last capture goes to the end of the message, or of its word or number. */
static size_t last_capture_end(enum capture kind, const struct message *message, size_t at)
{
	size_t end = at;

	if (kind == CAPTURE_TEXT || kind == CAPTURE_ERROR)
		return message->length;
	if (!is_number(kind)) {
		while (end < message->length && (end == at || !has_gap(message, end)))
			end++;
		return end;
	}
	if (end < message->length && message->text[end] == '-')
		end++;
	if (end + 2 < message->length && message->text[end] == '0' && message->text[end + 1] == 'x')
		for (end += 2; end < message->length && isxdigit((unsigned char)message->text[end]);)
			end++;
	while (end < message->length && isdigit((unsigned char)message->text[end]))
		end++;
	return end;
}

/* Where the capture ends; SIZE_MAX: the message ends before what follows in the pattern. */
static size_t capture_end(const char *pattern, const struct message *message, size_t at)
{
	size_t literal = literal_length(pattern + 1);
	const char *found;

	if (!pattern[1])
		return last_capture_end((enum capture) * pattern, message, at);
	if (!literal)
		return at;
	found = lade_search(message->text + at, message->length - at, pattern + 1, literal);
	return found ? (size_t)(found - message->text) : SIZE_MAX;
}

static enum match_result take_literal(const char *pattern, size_t length, const struct message *message, size_t *at)
{
	size_t left = message->length - *at, compared = length < left ? length : left;

	if (memcmp(pattern, message->text + *at, compared) != 0)
		return MATCH_NO;
	*at += compared;
	return compared < length ? MATCH_CUT : MATCH_YES;
}

static enum match_result match_rule(const struct explain_rule *rule, const struct message *message,
				    struct rule_match *match)
{
	const char *pattern = lade_explain_strings + rule->pattern;
	size_t at = 0, begun = 0;

	/* Most rules fail here, before there is anything to be cleared. */
	for (; begun < message->length && pattern[begun] && !is_capture(pattern[begun]); begun++)
		if (pattern[begun] != message->text[begun])
			return MATCH_NO;
	*match = (struct rule_match){ .rule = rule };
	while (*pattern) {
		if (is_capture(*pattern)) {
			size_t end = capture_end(pattern, message, at);
			if (end == SIZE_MAX)
				return at ? MATCH_CUT : MATCH_NO;
			struct span span = { message->text + at, end - at };
			if (!take_capture((enum capture) * pattern, &span, match))
				return end == message->length && at ? MATCH_CUT : MATCH_NO;
			at = end;
			pattern++;
			continue;
		}
		size_t length = literal_length(pattern);
		enum match_result result = take_literal(pattern, length, message, &at);
		if (result != MATCH_YES)
			return result;
		pattern += length;
	}
	match->end = at;
	return !rule->errnum || rule->errnum == match->errnum ? MATCH_YES : MATCH_NO;
}

/* The first rule from `at` on that may begin with this byte. */
static size_t next_rule(unsigned char byte, size_t at)
{
	const unsigned char *found = memchr(lade_explain_firsts + at, byte, lade_explain_rule_count - at);

	return found ? (size_t)(found - lade_explain_firsts) : lade_explain_rule_count;
}

enum match_result lade_rule_find(const struct message *message, struct rule_match *ret_match)
{
	enum match_result best = MATCH_NO;
	size_t literal = 0, capture = 0;

	if (!message->length)
		return MATCH_NO;
	literal = next_rule((unsigned char)*message->text, 0);
	capture = next_rule(CAPTURE_TEXT, 0);
	while (literal < lade_explain_rule_count || capture < lade_explain_rule_count) {
		size_t i = literal < capture ? literal : capture;
		struct rule_match match;
		enum match_result result = match_rule(&lade_explain_rules[i], message, &match);
		if (result == MATCH_YES) {
			match.may_go_on = best == MATCH_CUT;
			*ret_match = match;
			return MATCH_YES;
		}
		if (result == MATCH_CUT)
			best = MATCH_CUT;
		if (i == literal)
			literal = next_rule((unsigned char)*message->text, i + 1);
		else
			capture = next_rule(CAPTURE_TEXT, i + 1);
	}
	return best;
}
