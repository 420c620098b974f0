/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of other tools: their text may stand anywhere in a line. Found by an index over four bytes of each. */
#include <ctype.h>
#include <endian.h>
#include <string.h>

#include "explain/tools/errors.h"
#include "explain/tools/rules.h"
#include "explain/reading/search.h"

#define NAME_BYTES 300 /* of anything that is named */
#define TRIES      8   /* places where the first words of a pattern stand */
#define RULES_MAX  256 /* that are tried for a message: most messages have words of two or three */

static bool has_gap(const struct message *message, size_t at)
{
	return message->gap[at];
}

static const char *find(const struct message *message, size_t at, const char *text, size_t length)
{
	return lade_search(message->text + at, message->length - at, text, length);
}

/* ---- captures; each returns where it ends, 0: it does not fit ---- */

static size_t take_error(const struct message *message, size_t at, struct rule_match *match)
{
	size_t bytes = 0;
	int errnum = lade_error_begins(message->text + at, message->length - at, &bytes);

	if (!errnum)
		return 0;
	match->errnum = match->errnum ? match->errnum : errnum;
	return at + bytes;
}

static size_t take_number(enum capture kind, const struct message *message, size_t at, struct rule_match *match)
{
	size_t start = at;

	if (kind == CAPTURE_ERRNO)
		return take_error(message, at, match);
	at += at < message->length && message->text[at] == '-';
	if (at + 2 < message->length && message->text[at] == '0' && message->text[at + 1] == 'x')
		for (at += 2; at < message->length && isxdigit((unsigned char)message->text[at]);)
			at++;
	while (at < message->length && isdigit((unsigned char)message->text[at]))
		at++;
	if (at == start || !isxdigit((unsigned char)message->text[at - 1]))
		return 0;
	return kind != CAPTURE_BPF_CALL || lade_is_bpf_call(&(struct span){ message->text + start, at - start }) ? at
														 : 0;
}

/* The last capture of a pattern: a word, without what closes a sentence or a quotation. */
static size_t last_name(const struct message *message, size_t at)
{
	size_t end = at;

	while (end < message->length && (end == at || !has_gap(message, end)) && !strchr("'\"`,;)", message->text[end]))
		end++;
	while (end > at + 1 && strchr(":.!\\", message->text[end - 1]))
		end--;
	return end;
}

/* Where the word ends that begins at `at`. */
static size_t word_end(const struct message *message, size_t at)
{
	size_t end = at;

	while (end < message->length && (end == at || !has_gap(message, end)))
		end++;
	return end;
}

/* "symbol {word} in {path}" of "symbol getaddrinfo in c": what stands behind the whole word counts, and not what the
 * word has within. */
static bool is_behind_word(const struct message *message, size_t end, const char *next, size_t literal)
{
	return literal && message->length - end >= literal && memcmp(message->text + end, next, literal) == 0;
}

/* Up to the next text of the pattern; a name has no blanks. */
static size_t take_text(enum capture kind, const char *next, const struct message *message, size_t at)
{
	size_t literal = lade_literal_length(next);
	const char *found;
	size_t end;

	if (!*next)
		return kind == CAPTURE_TEXT ? message->length : last_name(message, at);
	found = literal ? find(message, at, next, literal) : NULL;
	if (!found)
		return 0;
	end = (size_t)(found - message->text);
	if (kind == CAPTURE_TEXT)
		return end;
	if (is_behind_word(message, word_end(message, at), next, literal))
		end = word_end(message, at);
	for (size_t i = at + 1; i < end; i++)
		if (has_gap(message, i))
			return 0;
	return end - at <= NAME_BYTES ? end : 0;
}

/* The last capture may be quoted, which the pattern need not say. */
static void skip_quotes(enum capture kind, const char *next, const struct message *message, size_t *at)
{
	if (*next || kind == CAPTURE_TEXT)
		return;
	while (*at < message->length && strchr("'\"`\\", message->text[*at]))
		(*at)++;
}

static bool take_capture(enum capture kind, const char *next, const struct message *message, size_t *at,
			 struct rule_match *match)
{
	bool is_number = kind == CAPTURE_NUMBER || kind == CAPTURE_ERRNO || kind == CAPTURE_FAILED ||
			 kind == CAPTURE_DESCRIPTOR || kind == CAPTURE_BPF_CALL;
	skip_quotes(kind, next, message, at);
	size_t end = is_number               ? take_number(kind, message, *at, match)
		     : kind == CAPTURE_ERROR ? take_error(message, *at, match)
					     : take_text(kind, next, message, *at);

	if (end < *at || (end == *at && kind != CAPTURE_TEXT))
		return false;
	lade_match_take(match, kind, &(struct span){ message->text + *at, end - *at });
	*at = end;
	return true;
}

/* ---- the pattern ---- */

static bool matches_at(const struct tool_rule *rule, const struct message *message, size_t at, struct rule_match *match)
{
	const char *pattern = lade_explain_strings + rule->rule.pattern;

	/* Most fail here, before there is anything to be cleared. */
	if (message->length - at < rule->length || memcmp(message->text + at, pattern, rule->length) != 0)
		return false;
	lade_match_begin(match, &rule->rule, message);
	for (at += rule->length, pattern += rule->length; *pattern;) {
		if (lade_is_capture(*pattern)) {
			if (!take_capture((enum capture) * pattern, pattern + 1, message, &at, match))
				return false;
			pattern++;
			continue;
		}
		size_t length = lade_literal_length(pattern);
		if (message->length - at < length || memcmp(message->text + at, pattern, length) != 0)
			return false;
		at += length;
		pattern += length;
	}
	match->end = at;
	return !rule->rule.errnum || rule->rule.errnum == match->errnum;
}

/* Stands what the rule has around its four bytes there, too? Then it is worth looking for what comes before. */
static bool has_around(const struct tool_rule *rule, const struct message *message, size_t four)
{
	const char *around = lade_explain_strings + rule->rule.pattern + rule->begin;

	return rule->within <= four && message->length - (four - rule->within) >= rule->around &&
	       memcmp(message->text + (four - rule->within), around, rule->around) == 0;
}

/* `four`: where the four bytes are that its lines have. */
static bool matches(const struct tool_rule *rule, const struct message *message, size_t four, struct rule_match *match)
{
	const char *pattern = lade_explain_strings + rule->rule.pattern;

	if (rule->is_first || !rule->length)
		return (rule->place == TOOL_NO_PLACE || rule->place == four) && matches_at(rule, message, 0, match);
	if (rule->place != TOOL_NO_PLACE)
		return rule->place <= four && matches_at(rule, message, four - rule->place, match);
	if (!has_around(rule, message, four))
		return false;
	for (size_t at = 0, tries = 0; tries < TRIES; at++, tries++) {
		const char *found = at < message->length ? find(message, at, pattern, rule->length) : NULL;
		if (!found)
			return false;
		at = (size_t)(found - message->text);
		if (matches_at(rule, message, at, match))
			return true;
	}
	return false;
}

static uint32_t four_bytes(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;

	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t hash_of(uint32_t four)
{
	return (four * 2654435761U) >> 16;
}

/* Of four bytes in a row: how many to go on, because a byte that is none of ASCII's is in no rule's; 0: none is. */
static size_t behind_foreign(uint32_t four)
{
	uint32_t foreign = four & 0x80808080;

	return foreign ? 4 - (size_t)__builtin_clz(foreign) / 8 : 0;
}

/* The next place from `at` on where four bytes are that some rule has; `end`: there is none. Every byte comes by here.
 */
static inline size_t next_place(const char *text, size_t at, size_t end, bool is_ascii)
{
	const uint32_t *bits = lade_tool_bits;

	while (at < end) {
		uint32_t four = four_bytes(text + at), hash = hash_of(four);
		size_t foreign = is_ascii ? 0 : behind_foreign(four);
		if (!foreign && bits[hash >> 5] >> (hash & 31) & 1)
			break;
		at += foreign ? foreign : 1;
	}
	return at < end ? at : end;
}

/* A loop of its own for each: nearly all text is ASCII's alone. */
static size_t next_place_of(const struct message *message, size_t at, size_t end)
{
	return message->is_ascii ? next_place(message->text, at, end, true) : next_place(message->text, at, end, false);
}

bool lade_tool_find(const struct message *message, size_t first, struct rule_match *ret_match)
{
	struct rule_match other, *spare = ret_match, *found = NULL; /* one holds the best, the other what is tried */
	size_t best = lade_tool_rule_count, tried = 0, end = message->length < 4 ? 0 : message->length - 3;

	for (size_t at = next_place_of(message, 0, end); at < end; at = next_place_of(message, at + 1, end)) {
		uint32_t four = four_bytes(message->text + at);
		for (size_t number = lade_tool_heads[hash_of(four) >> 4]; number && number - 1 < best;
		     number = lade_tool_fours[number - 1].next) {
			if (number - 1 < first || lade_tool_fours[number - 1].four != four || tried++ > RULES_MAX ||
			    !matches(&lade_tool_rules[number - 1], message, at, spare))
				continue;
			found = spare;
			spare = found == ret_match ? &other : ret_match;
			found->number = best = number - 1;
			break;
		}
	}
	if (found == &other)
		*ret_match = other;
	return found != NULL;
}

bool lade_tool_again(const struct message *message, size_t number, struct rule_match *ret_match)
{
	const struct tool_rule *rule = &lade_tool_rules[number];
	const uint32_t four = htole32(lade_tool_fours[number].four);
	const char *at = message->text, *end = at + message->length;

	while ((at = lade_search(at, (size_t)(end - at), (const char *)&four, sizeof four))) {
		if (matches(rule, message, (size_t)(at - message->text), ret_match)) {
			ret_match->number = number;
			return true;
		}
		at++;
	}
	return false;
}
