/* SPDX-License-Identifier: BSD-2-Clause */
/* What a line of a verifier's log is. */
#include "explain/verifier/line.h"

#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "explain/reading/search.h"

#define GAP_BYTES  48 /* of a line that says that others were left out */
#define DIGITS_MAX 8  /* of a number of an instruction: a program has a million at most */

static const struct {
	const char *prefix;
	enum verifier_line_kind kind;
} prefixes[] = {
	{ "verification time ", VERIFIER_STATISTIC },
	{ "stack depth ", VERIFIER_STATISTIC },
	{ "insns processed ", VERIFIER_STATISTIC },
	{ "processed ", VERIFIER_STATISTIC },
	{ "max_states", VERIFIER_STATISTIC },
	{ "peak_states", VERIFIER_STATISTIC },
	{ "mark_precise", VERIFIER_STATE },
	{ "force_precise", VERIFIER_STATE },
	{ "last_idx", VERIFIER_STATE },
	{ "regs=", VERIFIER_STATE },
	{ "parent ", VERIFIER_STATE },
	{ "live stack", VERIFIER_STATE },
	{ "Live regs", VERIFIER_STATE },
	{ "subprog#", VERIFIER_STATE },
	{ "topo_order", VERIFIER_STATE },
	{ "SCC ", VERIFIER_STATE },
	{ "cur state:", VERIFIER_STATE },
	{ "old state:", VERIFIER_STATE },
	{ "propagating", VERIFIER_STATE },
	{ "caller:", VERIFIER_STATE },
	{ "callee:", VERIFIER_STATE },
	{ "returning from callee:", VERIFIER_STATE },
	{ "to caller at ", VERIFIER_STATE },
	{ "Validating ", VERIFIER_STATE },
	{ "fp-", VERIFIER_STATE },
	{ "refs=", VERIFIER_STATE },
};

bool lade_span_starts(const struct span *span, const char *prefix)
{
	size_t wanted = strlen(prefix);

	return span->length >= wanted && memcmp(span->text, prefix, wanted) == 0;
}

struct span lade_span_behind(const struct span *span, const char *key)
{
	const char *at = lade_search(span->text, span->length, key, strlen(key)), *end = span->text + span->length;
	struct span word = { at ? at + strlen(key) : end, 0 };

	while (word.text + word.length < end &&
	       (isalnum((unsigned char)word.text[word.length]) || word.text[word.length] == '_'))
		word.length++;
	return word;
}

static bool is_blank(char letter)
{
	return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

static struct span trimmed(struct span span)
{
	while (span.length && is_blank(*span.text)) {
		span.text++;
		span.length--;
	}
	while (span.length && is_blank(span.text[span.length - 1]))
		span.length--;
	return span;
}

/* Takes a number from the front. */
static bool take_number(struct span *span, int64_t *ret_number)
{
	size_t digits = 0;
	int64_t number = 0;

	while (digits < span->length && isdigit((unsigned char)span->text[digits]) && digits <= DIGITS_MAX)
		number = number * 10 + (span->text[digits++] - '0');
	if (digits == 0 || digits > DIGITS_MAX)
		return false;
	span->text += digits;
	span->length -= digits;
	*ret_number = number;
	return true;
}

/* "R1=…", "R1_w=…", "R1 w=…" is none of them. */
static bool is_register(const struct span *span)
{
	size_t at = 1;

	if (span->length < 3 || *span->text != 'R' || !isdigit((unsigned char)span->text[1]))
		return false;
	while (at < span->length && isdigit((unsigned char)span->text[at]))
		at++;
	if (at < span->length && span->text[at] == '_')
		for (at++; at < span->length && isalpha((unsigned char)span->text[at]);)
			at++;
	return at < span->length && span->text[at] == '=';
}

/* Ten marks of registers, as behind "12: " in what the newest kernels print before they begin. */
static bool is_liveness(const struct span *span)
{
	if (span->length < 10)
		return false;
	for (size_t i = 0; i < 10; i++)
		if (span->text[i] != '.' && !isdigit((unsigned char)span->text[i]))
			return false;
	return true;
}

/* "(85) call …": two hexadecimal digits. */
static bool is_code(const struct span *span)
{
	return span->length >= 4 && *span->text == '(' && isxdigit((unsigned char)span->text[1]) &&
	       isxdigit((unsigned char)span->text[2]) && span->text[3] == ')';
}

/* "func#1 @12", and not "func#0 writes 5 stack arg slots" */
static bool is_function(const struct span *span)
{
	return lade_span_starts(span, "func#") && lade_search(span->text, span->length, " @", 2);
}

/* "frame1: R0=…", and not "frame pointer is read only" */
static bool is_frame(const struct span *span)
{
	return span->length > 5 && lade_span_starts(span, "frame") &&
	       (isdigit((unsigned char)span->text[5]) ||
		(span->length > 6 && span->text[5] == ' ' && isdigit((unsigned char)span->text[6])));
}

/* "14: R0=7", "R0=7", "frame1: R0=7", "safe" */
static bool is_state(const struct span *span)
{
	size_t digits = 0;

	while (digits < span->length && isdigit((unsigned char)span->text[digits]))
		digits++;
	return (digits && digits < span->length && span->text[digits] == ':') || is_register(span) || is_frame(span) ||
	       lade_span_starts(span, "refs=") || lade_span_starts(span, "safe") || *span->text == ';';
}

/* "if r0 == 0x7 goto pc+3 14: R0=7 …": kernels from 5.17 on put the state of the branch behind the jump; where there is
 * none to tell, the next message follows on the same line. */
static void split_branch(struct verifier_line *line)
{
	static const char mark[] = " goto pc";
	const char *end = line->text.text + line->text.length;
	const char *at = lade_search(line->text.text, line->text.length, mark, strlen(mark));

	at = at ? at + strlen(mark) : end;
	at += at < end;
	while (at < end && isdigit((unsigned char)*at))
		at++;
	if (at == end || *at != ' ')
		return;
	const struct span rest = trimmed((struct span){ at, (size_t)(end - at) });
	if (is_state(&rest))
		line->state = rest;
	else
		line->message = rest;
	line->text.length = (size_t)(at - line->text.text);
}

static void split_state(struct verifier_line *line)
{
	const char *semicolon = memchr(line->text.text, ';', line->text.length);

	if (semicolon) {
		size_t before = (size_t)(semicolon - line->text.text);
		line->state = trimmed((struct span){ semicolon + 1, line->text.length - before - 1 });
		line->text.length = before;
	}
	line->text = trimmed(line->text);
	if (!semicolon && lade_span_starts(&line->text, "if "))
		split_branch(line);
}

/* "12: …" */
static bool read_numbered(struct span span, struct verifier_line *line)
{
	int64_t number;

	if (!take_number(&span, &number) || !lade_span_starts(&span, ":"))
		return false;
	span = trimmed((struct span){ span.text + 1, span.length - 1 });
	/* "0: <invalid CO-RE relocation>" stands where an instruction would. */
	if (lade_span_starts(&span, "<invalid ")) {
		*line = (struct verifier_line){ .kind = VERIFIER_INSTRUCTION, .number = number, .text = span };
		return true;
	}
	if (is_code(&span)) {
		*line = (struct verifier_line){ .kind = VERIFIER_INSTRUCTION, .number = number };
		line->text = (struct span){ span.text + 4, span.length - 4 };
		split_state(line);
		return true;
	}
	if (is_liveness(&span)) {
		*line = (struct verifier_line){ .kind = VERIFIER_STATE, .number = -1 };
		return true;
	}
	if (span.length && *span.text != '(' && !is_register(&span) && !lade_span_starts(&span, "safe") &&
	    !lade_span_starts(&span, "frame") && !lade_span_starts(&span, "refs="))
		return false;
	*line = (struct verifier_line){ .kind = VERIFIER_STATE, .number = number, .state = span };
	return true;
}

/* "from 12 to 15: R0=…", "from 12 to 15 (speculative execution): …" */
static bool read_edge(struct span span, struct verifier_line *line)
{
	int64_t from, to;

	if (!lade_span_starts(&span, "from "))
		return false;
	span = (struct span){ span.text + 5, span.length - 5 };
	if (!take_number(&span, &from) || !lade_span_starts(&span, " to "))
		return false;
	span = (struct span){ span.text + 4, span.length - 4 };
	if (!take_number(&span, &to) || !memchr(span.text, ':', span.length))
		return false;
	*line = (struct verifier_line){ .kind = VERIFIER_EDGE, .number = from, .state = span };
	return true;
}

/* Bits by two letters: most lines begin with none of those with which a prefix does. */
#define TWO(first, second) (UINT64_C(1) << (((first)*7 + (second)) & 63))

static const uint64_t beginnings = TWO('v', 'e') | TWO('s', 't') | TWO('i', 'n') | TWO('p', 'r') | TWO('m', 'a') |
				   TWO('p', 'e') | TWO('f', 'o') | TWO('l', 'a') | TWO('r', 'e') | TWO('p', 'a') |
				   TWO('l', 'i') | TWO('L', 'i') | TWO('s', 'u') | TWO('t', 'o') | TWO('S', 'C') |
				   TWO('c', 'u') | TWO('o', 'l') | TWO('c', 'a') | TWO('V', 'a') | TWO('f', 'p');

static enum verifier_line_kind kind_by_prefix(const struct span *span)
{
	if (span->length < 2 || !(beginnings & TWO(span->text[0], span->text[1])))
		return VERIFIER_OTHER;
	for (size_t i = 0; i < ELEMENTS(prefixes); i++)
		if (*prefixes[i].prefix == *span->text && lade_span_starts(span, prefixes[i].prefix))
			return prefixes[i].kind;
	return VERIFIER_OTHER;
}

struct verifier_line lade_verifier_line(const char *text, size_t length)
{
	struct span span = trimmed((struct span){ text, length });
	struct verifier_line line = { .kind = VERIFIER_OTHER, .number = -1, .text = span };

	if (!span.length) {
		line.kind = VERIFIER_STATE;
		return line;
	}
	if (isdigit((unsigned char)*span.text)) {
		(void)read_numbered(span, &line);
		return line;
	}
	if (*span.text == ';') {
		line.kind = VERIFIER_SOURCE;
		line.text = trimmed((struct span){ span.text + 1, span.length - 1 });
		return line;
	}
	if (is_frame(&span) || is_function(&span)) {
		line.kind = VERIFIER_STATE;
		return line;
	}
	if (read_edge(span, &line))
		return line;
	if (is_register(&span)) {
		line.kind = VERIFIER_STATE;
		line.state = span;
		return line;
	}
	line.kind = kind_by_prefix(&span);
	return line;
}

/* "...", "[..]", "<…>" */
static bool is_dots(const struct span *line)
{
	size_t dots = 0;

	for (size_t i = 0; i < line->length; i++) {
		char letter = line->text[i];
		if (!letter || !strchr("[](){}<>-. \xe2\x80\xa6", letter))
			return false;
		dots += letter == '.' || letter == '\xa6';
	}
	return dots > 0;
}

bool lade_verifier_is_gap(const struct span *line)
{
	static const char *const words[] = { "snip", "omitted", "truncated", "skipped" };

	if (!line->length || line->length > GAP_BYTES || !strchr("[]({<.-\xe2", *line->text))
		return false;
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_search(line->text, line->length, words[i], strlen(words[i])))
			return true;
	return is_dots(line);
}

bool lade_verifier_place(struct span *text, struct span *ret_file, uint32_t *ret_line)
{
	const char *at = memrchr(text->text, '@', text->length);
	const char *colon = memrchr(text->text, ':', text->length);
	struct span digits;
	int64_t number;

	if (!at || !colon || colon < at + 2 || (at > text->text && at[-1] != ' ') || at[1] != ' ')
		return false;
	digits = (struct span){ colon + 1, (size_t)(text->text + text->length - colon - 1) };
	if (!take_number(&digits, &number) || digits.length)
		return false;
	*ret_file = (struct span){ at + 2, (size_t)(colon - at - 2) };
	*ret_line = (uint32_t)number;
	*text = trimmed((struct span){ text->text, (size_t)(at - text->text) });
	return true;
}

bool lade_verifier_is_unknown_source(const struct verifier_line *line)
{
	struct span text = line->text, file = { "", 0 };
	uint32_t number = 0;

	return !line->text.length || (lade_verifier_place(&text, &file, &number) && !number);
}
