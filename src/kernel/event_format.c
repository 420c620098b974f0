/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/event_format.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

/* A piece of the text; not terminated. */
struct piece {
	const char *start;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct piece trim(struct piece piece)
{
	while (piece.length && is_blank(*piece.start))
		piece.start++, piece.length--;
	while (piece.length && is_blank(piece.start[piece.length - 1]))
		piece.length--;
	return piece;
}

static bool begins(struct piece piece, const char *word)
{
	size_t length = strlen(word);
	return piece.length >= length && memcmp(piece.start, word, length) == 0;
}

static struct piece skip(struct piece piece, size_t length)
{
	return (struct piece){ piece.start + length, piece.length - length };
}

/* Cuts *rest at the separator: what is before it; what is behind stays. */
static struct piece next_piece(struct piece *rest, char separator)
{
	const char *end = rest->length ? memchr(rest->start, separator, rest->length) : NULL;
	struct piece piece = { rest->start, end ? (size_t)(end - rest->start) : rest->length };
	*rest = skip(*rest, end ? piece.length + 1 : piece.length);
	return piece;
}

static bool read_number(struct piece piece, uint32_t most, uint32_t *ret_number)
{
	uint32_t number = 0;
	piece = trim(piece);
	if (!piece.length)
		return false;
	for (size_t i = 0; i < piece.length; i++) {
		char c = piece.start[i];
		if (c < '0' || c > '9' || __builtin_mul_overflow(number, 10u, &number) ||
		    __builtin_add_overflow(number, (uint32_t)(c - '0'), &number) || number > most)
			return false;
	}
	*ret_number = number;
	return true;
}

/* ---- one field ---- */

static bool is_name_character(char c)
{
	return is_ascii_alnum(c) || c == '_';
}

/* "unsigned long args[6]": the name is the last word before the bounds, the type is the rest with the bounds. */
static int split_declaration(struct piece declaration, struct event_field *field)
{
	declaration = trim(declaration);
	size_t end = declaration.length;
	if (end && declaration.start[end - 1] == ']')
		while (end && declaration.start[end - 1] != '[')
			end--;
	size_t bounds = end < declaration.length && end ? end - 1 : declaration.length, name_end = bounds;
	while (name_end && is_blank(declaration.start[name_end - 1]))
		name_end--;
	size_t start = name_end;
	while (start && is_name_character(declaration.start[start - 1]))
		start--;
	struct piece type = trim((struct piece){ declaration.start, start });
	if (start == name_end || !type.length || (declaration.start[start] >= '0' && declaration.start[start] <= '9'))
		return -EBADMSG;
	field->name = strndup(declaration.start + start, name_end - start);
	if (asprintf(&field->type, "%.*s%.*s", (int)type.length, type.start, (int)(declaration.length - bounds),
		     declaration.start + bounds) < 0)
		field->type = NULL;
	return field->name && field->type ? 0 : -ENOMEM;
}

/* "offset:8", "size:4", "signed:0"; others may come with newer kernels. */
static bool take_attribute(struct piece piece, struct event_field *field, unsigned *seen)
{
	uint32_t number = 0;
	piece = trim(piece);
	if (begins(piece, "offset:")) {
		*seen |= 1;
		return read_number(skip(piece, 7), EVENT_BYTES_MOST, &field->offset);
	}
	if (begins(piece, "size:")) {
		*seen |= 2;
		return read_number(skip(piece, 5), EVENT_BYTES_MOST, &field->size);
	}
	if (begins(piece, "signed:") && read_number(skip(piece, 7), 1, &number))
		field->is_signed = number;
	return true;
}

static bool is_dynamic(const char *type)
{
	return strncmp(type, "__data_loc ", 11) == 0 || strncmp(type, "__rel_loc ", 10) == 0;
}

static int parse_field(struct piece line, struct event_field *field)
{
	unsigned seen = 0;
	int result = split_declaration(next_piece(&line, ';'), field);
	if (result < 0)
		return result;
	while (line.length)
		if (!take_attribute(next_piece(&line, ';'), field, &seen))
			return -EBADMSG;
	field->is_common = strncmp(field->name, "common_", 7) == 0;
	field->is_dynamic = is_dynamic(field->type);
	return seen == 3 ? 0 : -EBADMSG;
}

static int add_field(struct piece line, struct event_format *format)
{
	if (format->count >= EVENT_FIELDS_MOST)
		return -E2BIG;
	struct event_field *field = array_push(format);
	if (!field)
		return -ENOMEM;
	int result = parse_field(line, field);
	uint32_t end = field->offset + field->size; /* both are small: no overflow */
	if (result == 0 && end > EVENT_BYTES_MOST)
		return -EBADMSG;
	if (result == 0 && end > format->size)
		format->size = end;
	return result;
}

/* ---- the file ---- */

static int take_line(struct piece line, struct event_format *format)
{
	line = trim(line);
	if (begins(line, "field:"))
		return add_field(skip(line, 6), format);
	if (begins(line, "ID:"))
		return read_number(skip(line, 3), INT32_MAX, &format->id) ? 0 : -EBADMSG;
	if (begins(line, "name:") && !format->name) {
		struct piece name = trim(skip(line, 5));
		format->name = strndup(name.start, name.length);
		return format->name ? 0 : -ENOMEM;
	}
	return 0;
}

/* Behind "print fmt:" stands text of the event's author. */
static int parse(struct piece rest, struct event_format *format, unsigned *line_number)
{
	int result = 0;
	if (rest.length > EVENT_TEXT_MOST)
		return -E2BIG;
	while (rest.length && result == 0) {
		struct piece line = next_piece(&rest, '\n');
		++*line_number;
		if (begins(line, "print fmt:"))
			break;
		result = take_line(line, format);
	}
	return result;
}

int lade_event_format_parse(const char *text, size_t length, struct event_format *ret_format, unsigned *ret_line)
{
	struct event_format format = { 0 };
	unsigned line = 0;
	int result = parse((struct piece){ text, length }, &format, &line);
	if (result == 0 && (!format.count || !format.name)) {
		result = -EBADMSG;
		line = 0;
	}
	if (result == 0) {
		*ret_format = format;
		return 0;
	}
	lade_event_format_clear(&format);
	if (ret_line)
		*ret_line = line;
	return result;
}

static int read_whole(const char *path, struct strbuf *text)
{
	char piece[4096];
	size_t length;
	FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	while ((length = fread(piece, 1, sizeof piece, file)) > 0 && text->length <= EVENT_TEXT_MOST)
		lade_strbuf_add_bytes(text, piece, length);
	int result = ferror(file) ? -EIO : text->failed ? -ENOMEM : 0;
	(void)fclose(file);
	return result;
}

int lade_event_format_read(const char *tracefs, const char *event, struct event_format *ret_format)
{
	struct strbuf text = { 0 };
	char path[PATH_MAX];
	char *full = strdup(event);
	(void)snprintf(path, sizeof path, "%s/events/%s/format", tracefs, event);
	int result = full ? read_whole(path, &text) : -ENOMEM;
	if (result == 0)
		result = lade_event_format_parse(text.text ? text.text : "", text.length, ret_format, NULL);
	lade_strbuf_clear(&text);
	if (result < 0) {
		free(full);
		return result;
	}
	free(ret_format->name);
	ret_format->name = full;
	return 0;
}

void lade_event_format_clear(struct event_format *format)
{
	array_foreach(field, format) {
		free(field->name);
		free(field->type);
	}
	array_clear(format);
	free(format->name);
	*format = (struct event_format){ 0 };
}

const struct event_field *lade_event_format_find(const struct event_format *format, const char *name)
{
	array_foreach(field, format)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

uint32_t lade_event_field_elements(const struct event_field *field)
{
	const char *bracket = strchr(field->type, '[');
	uint32_t number;
	if (!bracket || field->is_dynamic)
		return 0;
	struct piece inside = { bracket + 1, strcspn(bracket + 1, "]") };
	/* A bound may be a name of the kernel: then the field is so many bytes. */
	if (!read_number(inside, EVENT_BYTES_MOST, &number) || !number || field->size % number)
		return field->size;
	return number;
}
