/* SPDX-License-Identifier: BSD-2-Clause */
/* Matching a message against the table: literal text and captures, blanks ignored. Linear: no capture is retried. */
#include "explain/tools/rules.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/search.h"

void lade_message_clear(struct message *message)
{
	message->length = 0;
	message->is_ascii = true;
}

void lade_message_copy(struct message *message, const struct message *from)
{
	message->length = from->length;
	message->is_ascii = from->is_ascii;
	memcpy(message->text, from->text, from->length);
	memcpy(message->gap, from->gap, from->length);
}

/* Of eight bytes, the lowest first: the highest bit of each that is a blank. */
static uint64_t blanks_of(uint64_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;

	return ~(((bytes & ~tops) + ones * (0x7f - ' ')) | bytes) & tops;
}

/* The eight bytes from `at` on, NULs behind the end; the text has eight. */
static uint64_t eight_bytes(const struct span *span, size_t at)
{
	size_t left = span->length - at;
	uint64_t bytes;

	memcpy(&bytes, span->text + (left < sizeof bytes ? span->length - sizeof bytes : at), sizeof bytes);
	bytes = le64toh(bytes);
	return left < sizeof bytes ? bytes >> (8 * (sizeof bytes - left)) : bytes;
}

/* The words of eight bytes: blanks are all that is not copied, and what would be taken for a capture. */
static void add_eight(struct message *message, uint64_t bytes, bool *gap)
{
	uint64_t blanks = blanks_of(bytes);

	for (size_t left = sizeof bytes, run; left; left -= run + 1) {
		run = blanks ? (size_t)__builtin_ctzll(blanks) / 8 : left;
		if (run) {
			/* nothing before what follows in the word */
			const uint64_t copied = htole64(bytes), gaps = htole64((uint64_t)*gap);
			memcpy(message->text + message->length, &copied, sizeof copied);
			memcpy(message->gap + message->length, &gaps, sizeof gaps);
			message->length += run;
			*gap = false;
		}
		if (run == left)
			return;
		*gap = message->length > 0;
		bytes = bytes >> 8 * run >> 8;
		blanks = blanks >> 8 * run >> 8;
	}
}

#define SLASHES_MAX 15 /* in front of a quotation mark: four loggers in a row */

/* "\\u003e": of JSON for HTML, in which "<", ">" and "&" are so. Each logger that quotes it again doubles the
 * backslashes and adds one. Bytes; 0: it is none. */
static size_t escape_length(const char *text, size_t length, char *ret_byte)
{
	static const struct {
		const char *escape;
		char byte;
	} escapes[] = { { "\\\"", '"' }, { "\\'", '\'' }, { "\\u003c", '<' }, { "\\u003e", '>' }, { "\\u0026", '&' } };
	size_t before = 0;

	while (before < SLASHES_MAX && before + 1 < length && text[before + 1] == '\\')
		before++;
	for (size_t i = 0; i < ELEMENTS(escapes); i++) {
		size_t wanted = strlen(escapes[i].escape);
		if (length - before < wanted || memcmp(text + before, escapes[i].escape, wanted) != 0)
			continue;
		*ret_byte = escapes[i].byte;
		return before + wanted;
	}
	return 0;
}

/* Loggers that quote a message write its own quotation marks with a backslash. */
static void drop_escapes(struct message *message, size_t from)
{
	const char *first = memchr(message->text + from, '\\', message->length - from);
	size_t kept = first ? (size_t)(first - message->text) : message->length;

	for (size_t at = kept, bytes; at < message->length; at += bytes) {
		char byte = message->text[at];
		bytes = byte == '\\' ? escape_length(message->text + at, message->length - at, &byte) : 1;
		bytes = bytes ? bytes : 1;
		message->text[kept] = byte;
		message->gap[kept++] = message->gap[at];
	}
	message->length = kept;
}

/* "\u2018" and its like, three bytes of UTF-8: compilers write them, and forums put them in. 0: it is none. */
static size_t quote_length(const char *text, size_t length, char *ret_byte)
{
	static const char single[] = "\x98\x99", twice[] = "\x9c\x9d";

	if (length < 3 || memcmp(text, "\xe2\x80", 2) != 0 || !text[2])
		return 0;
	if (!strchr(single, text[2]) && !strchr(twice, text[2]))
		return 0;
	*ret_byte = strchr(single, text[2]) ? '\'' : '"';
	return 3;
}

/* Rules are written with quotation marks of ASCII. */
static void plain_quotes(struct message *message, size_t from)
{
	size_t kept = from;

	for (size_t at = from, bytes; at < message->length; at += bytes) {
		char byte = message->text[at];
		bytes = quote_length(message->text + at, message->length - at, &byte);
		bytes = bytes ? bytes : 1;
		message->text[kept] = byte;
		message->gap[kept++] = message->gap[at];
	}
	message->length = kept;
}

void lade_message_add(struct message *message, const struct span *span)
{
	char small[sizeof(uint64_t)] = { 0 };
	struct span words = *span;
	const size_t from = message->length;
	uint64_t all = 0;
	bool gap = false;

	if (span->length < sizeof small) {
		memcpy(small, span->text, span->length);
		words = (struct span){ small, sizeof small };
	}
	for (size_t at = 0; at < words.length && message->length < MESSAGE_BYTES; at += sizeof small) {
		uint64_t bytes = eight_bytes(&words, at);
		all |= bytes;
		add_eight(message, bytes, &gap);
	}
	message->is_ascii &= !(all & UINT64_C(0x8080808080808080));
	if (message->length > MESSAGE_BYTES)
		message->length = MESSAGE_BYTES;
	drop_escapes(message, from);
	if (all & UINT64_C(0x8080808080808080))
		plain_quotes(message, from);
}

static bool has_gap(const struct message *message, size_t at)
{
	return message->gap[at];
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
bool lade_is_bpf_call(const struct span *number)
{
	static const long numbers[] = { 321, 357, 280, 386, 361, 351, 5315, 6319, 4355, 349 };
	long call;

	if (!parse_number(number, &call))
		return false;
	for (size_t i = 0; i < ELEMENTS(numbers); i++)
		if (numbers[i] == call)
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
	return kind != CAPTURE_BPF_CALL || lade_is_bpf_call(span);
}

static bool is_number(enum capture kind)
{
	return kind == CAPTURE_NUMBER || kind == CAPTURE_ERRNO || kind == CAPTURE_FAILED ||
	       kind == CAPTURE_DESCRIPTOR || kind == CAPTURE_BPF_CALL;
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
	lade_match_take(match, kind, span);
	return true;
}

/* ---- the pattern ---- */

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

/* It ends where its digits do, whatever comes then. One in hexadecimal may run into the next word: "0x13failing". */
static bool is_decimal(enum capture kind, const struct message *message, size_t at)
{
	return is_number(kind) && at + 1 < message->length && lade_is_digit(message->text[at]) &&
	       message->text[at + 1] != 'x';
}

/* Where the capture ends; SIZE_MAX: the message ends before what follows in the pattern. */
static size_t capture_end(const char *pattern, const struct message *message, size_t at)
{
	size_t literal = lade_literal_length(pattern + 1);
	const char *found;

	if (!pattern[1] || is_decimal((enum capture) * pattern, message, at))
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
	size_t at = 0;

	lade_match_begin(match, rule, NULL);
	while (*pattern) {
		if (lade_is_capture(*pattern)) {
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
		size_t length = lade_literal_length(pattern);
		enum match_result result = take_literal(pattern, length, message, &at);
		if (result != MATCH_YES)
			return result;
		pattern += length;
	}
	match->end = at;
	return !rule->errnum || rule->errnum == match->errnum ? MATCH_YES : MATCH_NO;
}

/*
 * Does the message begin with the rule's first text, as far as it goes? Rules that begin with the same byte are asked
 * one after the other, and many begin with the same words: `matched` is what the last of them had of the message, so
 * that no byte is compared twice.
 */
static bool begins(size_t rule, const struct message *message, size_t *matched)
{
	const char *text = lade_explain_strings + lade_explain_rules[rule].pattern;
	size_t shared = lade_explain_shared[rule], at = shared < *matched ? shared : *matched;

	if (shared <= *matched)
		while (at < message->length && text[at] == message->text[at] && !lade_is_capture(text[at]))
			at++;
	*matched = at;
	return at == message->length || !text[at] || lade_is_capture(text[at]);
}

enum match_result lade_rule_find(const struct message *message, struct rule_match *ret_match)
{
	enum match_result best = MATCH_NO;
	size_t matched = 0, next;

	if (!message->length)
		return MATCH_NO;
	for (next = lade_explain_begins[(unsigned char)*message->text]; next; next = lade_explain_next[next - 1]) {
		enum match_result result;
		if (!begins(next - 1, message, &matched))
			continue;
		result = match_rule(&lade_explain_rules[next - 1], message, ret_match);
		if (result == MATCH_YES) {
			ret_match->may_go_on = best == MATCH_CUT;
			return MATCH_YES;
		}
		if (result == MATCH_CUT)
			best = MATCH_CUT;
	}
	return best;
}

bool lade_rule_again(const struct message *message, size_t number, struct rule_match *ret_match)
{
	return match_rule(&lade_explain_rules[number], message, ret_match) == MATCH_YES;
}
