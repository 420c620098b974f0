/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines as they stand in the text, and what a logger put before each. */
#include <string.h>

#include "explain/reader.h"
#include "explain/reading/heads.h"

struct span lade_unmarked(const struct reader *reader, const struct span *line)
{
	size_t mark = reader->has_marks && line->length && *line->text == HEAD_MARK;

	return (struct span){ line->text + mark, line->length - mark };
}

bool lade_peek_line(const struct reader *reader, const char *at, struct raw_line *ret_line)
{
	const char *newline;

	if (at >= reader->end)
		return false;
	newline = memchr(at, '\n', (size_t)(reader->end - at));
	ret_line->text = at;
	ret_line->length = (size_t)((newline ? newline : reader->end) - at);
	ret_line->next = newline ? newline + 1 : reader->end;
	if (ret_line->length > LINE_BYTES)
		ret_line->length = LINE_BYTES;
	return true;
}

/* It matters what this line is, which comes later. */
void lade_look_at(struct reader *reader, const struct raw_line *raw)
{
	reader->looked = raw->next;
	if (!reader->furthest || reader->furthest < raw->next)
		reader->furthest = raw->next;
}

/* "12: (85) …": most lines of a verifier's log, and of no logger. */
static bool is_instruction(const struct raw_line *raw)
{
	size_t at = 0;

	while (at < raw->length && at < 8 && lade_is_digit(raw->text[at]))
		at++;
	return at && at + 2 < raw->length && memcmp(raw->text + at, ": (", 3) == 0;
}

/* "WORD 12: (85) …" has the form of a host and a program's name, and is neither. */
static struct log_line with_number(struct log_line line, const char *start)
{
	const char *at = line.tag.text, *end = line.message.text + line.message.length;
	bool is_number = line.tag.length && line.message.length && *line.message.text == '(' &&
			 strcmp(line.format, "journal") == 0;

	for (size_t i = 0; is_number && i < line.tag.length; i++)
		is_number = lade_is_digit(at[i]);
	if (!is_number)
		return line;
	while (at > start && at[-1] == ' ')
		at--;
	while (at > start && at[-1] != ' ')
		at--;
	line.message = (struct span){ at, (size_t)(end - at) };
	return line;
}

#define BRACKET_MAX 24 /* bytes of what a vendor's kernel puts behind the time */

/* "[   10.254487][3 T473   ..] …": directly behind the time. */
static struct log_line without_bracket(struct log_line line)
{
	const char *text = line.message.text, *close;
	size_t length = line.message.length;
	struct log_line inner;

	if (!line.format || length < 3 || *text != '[' || strcmp(line.format, "dmesg") != 0 || text[-1] != ']')
		return line;
	close = memchr(text, ']', length < BRACKET_MAX ? length : BRACKET_MAX);
	if (!close || close + 2 >= text + length || close[1] != ' ')
		return line;
	inner = lade_log_line(close + 2, (size_t)(text + length - close - 2));
	inner.format = line.format;
	return inner;
}

struct log_line lade_parse_line(const struct reader *reader, const struct raw_line *raw, char *buffer)
{
	if (reader->has_marks && lade_is_marked(raw))
		return (struct log_line){ .format = "head", .message = { raw->text + 1, raw->length - 1 } };
	if (is_instruction(raw))
		return (struct log_line){ .message = { raw->text, raw->length } };
	if (!reader->has_colours || (!memchr(raw->text, '\033', raw->length) && !memchr(raw->text, '\r', raw->length)))
		return without_bracket(with_number(lade_log_line(raw->text, raw->length), raw->text));
	return without_bracket(
		with_number(lade_log_line(buffer, lade_strip_colours(raw->text, raw->length, buffer)), buffer));
}

bool lade_is_blank_span(const struct span *span)
{
	for (size_t i = 0; i < span->length; i++)
		if ((unsigned char)span->text[i] > ' ')
			return false;
	return true;
}
