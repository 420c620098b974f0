/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/notation.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { MAX_DEPTH = 64 }; /* deeper than any type is compiled */

struct notation lade_notation(const char *text, size_t length)
{
	return (struct notation){ .start = text, .at = text, .end = text + length };
}

static int refuse(struct notation *reader, const char *wrong)
{
	reader->wrong = wrong;
	return -EINVAL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct notation *reader)
{
	while (reader->at < reader->end && is_space(*reader->at))
		reader->at++;
}

enum notation_kind lade_notation_peek(struct notation *reader)
{
	skip_space(reader);
	if (reader->at == reader->end)
		return NOTATION_END;
	switch (*reader->at) {
	case '{':
		return NOTATION_GROUP;
	case '[':
		return NOTATION_LIST;
	case '"':
		return NOTATION_QUOTED;
	default:
		return NOTATION_BARE;
	}
}

int lade_notation_open(struct notation *reader, char bracket)
{
	skip_space(reader);
	if (reader->at == reader->end || *reader->at != bracket)
		return refuse(reader, bracket == '{' ? "'{' is missing" : "'[' is missing");
	if (reader->depth == MAX_DEPTH)
		return refuse(reader, "it is nested too deeply");
	reader->depth++;
	reader->at++;
	return 0;
}

int lade_notation_more(struct notation *reader, char bracket)
{
	while (reader->at < reader->end && (is_space(*reader->at) || *reader->at == ','))
		reader->at++;
	if (reader->at == reader->end)
		return bracket ? refuse(reader, bracket == '}' ? "'}' is missing" : "']' is missing") : 0;
	if (!bracket || *reader->at != bracket)
		return *reader->at == ']' || *reader->at == '}' ? refuse(reader, "a bracket is one too many") : 1;
	reader->at++;
	reader->depth--;
	return 0;
}

/* ---- quoted ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	char lower = (char)(c | 0x20);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* `digits` hexadecimal digits at `at`; -1: there are not as many. */
static int64_t read_hex(struct notation *reader, unsigned digits)
{
	int64_t value = 0;
	if ((size_t)(reader->end - reader->at) < digits)
		return -1;
	for (unsigned i = 0; i < digits; i++) {
		int digit = hex_digit(reader->at[i]);
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	reader->at += digits;
	return value;
}

static void add_byte(struct strbuf *into, int64_t byte)
{
	char c = (char)byte;
	lade_strbuf_add_bytes(into, &c, 1);
}

static void add_code_point(struct strbuf *into, int64_t point)
{
	if (point < 0x100) { /* a byte */
		add_byte(into, point);
		return;
	}
	if (point < 0x800) {
		add_byte(into, 0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			add_byte(into, 0xe0 | point >> 12);
		} else {
			add_byte(into, 0xf0 | point >> 18);
			add_byte(into, 0x80 | (point >> 12 & 0x3f));
		}
		add_byte(into, 0x80 | (point >> 6 & 0x3f));
	}
	add_byte(into, 0x80 | (point & 0x3f));
}

/* \uXXXX, or two of them for what lies beyond 0xffff. */
static int read_unicode(struct notation *reader, struct strbuf *into)
{
	int64_t point = read_hex(reader, 4);
	bool is_high = point >= 0xd800 && point < 0xdc00;
	if (is_high && reader->end - reader->at >= 6 && reader->at[0] == '\\' && reader->at[1] == 'u') {
		reader->at += 2;
		int64_t low = read_hex(reader, 4);
		if (low < 0xdc00 || low >= 0xe000)
			return refuse(reader, "half a character of \\u is missing");
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
	} else if (point < 0 || (point >= 0xd800 && point < 0xe000)) {
		return refuse(reader, "\\u needs four hexadecimal digits of a character");
	}
	add_code_point(into, point);
	return 0;
}

static int read_escape(struct notation *reader, struct strbuf *into)
{
	static const char pairs[] = "\"\"\\\\//''n\nt\tr\rb\bf\f";
	if (reader->at == reader->end)
		return refuse(reader, "the '\"' at the end is missing");
	char c = *reader->at++;
	for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
		if (pairs[i] == c) {
			add_byte(into, pairs[i + 1]);
			return 0;
		}
	if (c == 'u')
		return read_unicode(reader, into);
	int64_t byte = c == 'x' ? read_hex(reader, 2) : -1;
	if (byte < 0)
		return refuse(reader, "a '\\' must be followed by n, t, r, x and two digits, u and four, or itself");
	add_byte(into, byte);
	return 0;
}

static int read_quoted(struct notation *reader, struct strbuf *into)
{
	reader->at++;
	while (reader->at < reader->end && *reader->at != '"') {
		size_t plain = 0;
		while (reader->at + plain < reader->end && reader->at[plain] != '"' && reader->at[plain] != '\\')
			plain++;
		lade_strbuf_add_bytes(into, reader->at, plain);
		reader->at += plain;
		if (reader->at == reader->end || *reader->at != '\\')
			continue;
		reader->at++;
		int result = read_escape(reader, into);
		if (result < 0)
			return result;
	}
	if (reader->at == reader->end)
		return refuse(reader, "the '\"' at the end is missing");
	reader->at++;
	return into->failed ? -ENOMEM : 0;
}

/* ---- bare ---- */

/* 'c' may be any byte, also one that would end a word. */
static size_t bare_length(const struct notation *reader, const char *stops)
{
	size_t left = (size_t)(reader->end - reader->at), length = 0;
	if (left >= 3 && reader->at[0] == '\'' && reader->at[1] != '\\' && reader->at[2] == '\'')
		return 3;
	while (length < left && !is_space(reader->at[length]) && reader->at[length] &&
	       !strchr(stops, reader->at[length]))
		length++;
	return length;
}

static int read_bare(struct notation *reader, const char *stops, struct strbuf *into)
{
	size_t length = bare_length(reader, stops);
	if (!length)
		return refuse(reader, "a value is missing");
	lade_strbuf_add_bytes(into, reader->at, length);
	reader->at += length;
	return into->failed ? -ENOMEM : 0;
}

static void begin(struct strbuf *into)
{
	into->length = 0;
	lade_strbuf_add(into, "");
	if (into->text)
		into->text[0] = '\0';
}

int lade_notation_word(struct notation *reader, struct strbuf *into, bool *ret_quoted)
{
	begin(into);
	bool is_quoted = lade_notation_peek(reader) == NOTATION_QUOTED;
	int result = is_quoted ? read_quoted(reader, into) : read_bare(reader, ",]}[{\"", into);
	if (result == 0)
		*ret_quoted = is_quoted;
	return result;
}

int lade_notation_name(struct notation *reader, struct strbuf *into)
{
	begin(into);
	int result = lade_notation_peek(reader) == NOTATION_QUOTED ? read_quoted(reader, into)
								   : read_bare(reader, ",]}[{\"=:", into);
	if (result < 0)
		return result;
	skip_space(reader);
	if (reader->at == reader->end || (*reader->at != ':' && *reader->at != '='))
		return refuse(reader, "a name must be followed by '=' and its value");
	reader->at++;
	return 0;
}

/* ---- over a whole value ---- */

static int skip_one(struct notation *reader, struct strbuf *scratch, char bracket)
{
	bool is_quoted;
	if (bracket == '}') {
		int result = lade_notation_name(reader, scratch);
		if (result < 0)
			return result;
	}
	enum notation_kind kind = lade_notation_peek(reader);
	if (kind == NOTATION_GROUP || kind == NOTATION_LIST)
		return lade_notation_open(reader, kind == NOTATION_GROUP ? '{' : '[') < 0 ? -EINVAL : 1;
	return lade_notation_word(reader, scratch, &is_quoted);
}

/* Brackets that are open are kept in a row, not on the stack. */
int lade_notation_skip(struct notation *reader, const char **ret_text, size_t *ret_length)
{
	char closing[MAX_DEPTH + 1];
	struct strbuf scratch = { 0 };
	unsigned open = 0;
	(void)lade_notation_peek(reader);
	const char *start = reader->at;
	int result = 0;
	do {
		if (open && lade_notation_more(reader, closing[open - 1]) == 0) {
			open--;
			continue;
		}
		result = reader->wrong ? -EINVAL : 0;
		if (result < 0)
			break;
		char outer = '\0';
		if (open)
			outer = closing[open - 1];
		result = skip_one(reader, &scratch, outer);
		if (result == 1) closing[open++] = reader->at[-1] == '{' ? '}' : ']';
	} while (result >= 0 && open);
	lade_strbuf_clear(&scratch);
	if (result < 0)
		return result;
	*ret_text = start;
	*ret_length = (size_t)(reader->at - start);
	return 0;
}
