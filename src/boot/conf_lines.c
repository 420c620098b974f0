/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the text of a file to sections and keys. libinih splits lines; it is given one after another, so that the line
 * of an error is known. It cuts the names of sections at 49 characters and reads indented lines as continuations: the
 * first are read here, of the second the indentation is taken away.
 */
#include <string.h>

#include <ini.h>

#include "boot/conf.h"

struct lines {
	struct conf *conf;
	const char *next, *end;
	bool is_pending; /* the line that was handed out last is a key, and did not come back yet */
	bool is_done;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Windows ends its lines with \r\n. */
static void trim(const char **start, const char **end)
{
	while (*start < *end && is_space(**start))
		(*start)++;
	while (*end > *start && is_space((*end)[-1]))
		(*end)--;
}

static const char *next_line(struct lines *lines, const char **ret_end)
{
	const char *start = lines->next;
	const char *newline = memchr(start, '\n', (size_t)(lines->end - start));
	*ret_end = newline ? newline : lines->end;
	lines->next = newline ? newline + 1 : lines->end;
	lines->conf->line++;
	return start;
}

/* ---- sections ---- */

static void read_section(struct lines *lines, const char *start, const char *end)
{
	const char *close = memrchr(start, ']', (size_t)(end - start));
	const char *rest = close ? close + 1 : NULL;
	while (rest && rest < end && is_space(*rest))
		rest++;
	if (rest && (rest == end || *rest == ';' || *rest == '#')) {
		lade_conf_begin(lines->conf, start + 1, (size_t)(close - start - 1));
		return;
	}
	lines->conf->section.kind = CONF_WRONG;
	struct lade_finding *finding = lade_conf_fail(lines->conf, "boot.policy.syntax", "%.*s: a section ends in ]",
						      (int)(end - start > 80 ? 80 : end - start), start);
	finding_fix(finding, "write [location DIRECTORY], [object NAME], [program OBJECT/NAME] or [map OBJECT/NAME]");
}

/* ---- lines for libinih ---- */

static void end_pending(struct lines *lines)
{
	if (!lines->is_pending)
		return;
	lines->is_pending = false;
	struct lade_finding *finding = lade_conf_fail(lines->conf, "boot.policy.syntax", "a line without =");
	finding_fix(finding, "write KEY = VALUE, [SECTION], or ; before a remark");
}

static bool is_remark(const char *start, const char *end)
{
	return start == end || *start == ';' || *start == '#';
}

/* What cannot be given to libinih; it gets an empty line then. */
static bool check_line(struct lines *lines, const char *start, const char *end, size_t room)
{
	size_t length = (size_t)(end - start);
	struct lade_finding *finding = NULL;
	if (memchr(start, '\0', length)) {
		finding = lade_conf_fail(lines->conf, "boot.policy.syntax", "a byte is NUL");
		finding_fix(finding, "save the file as plain text in UTF-8");
		return false;
	}
	if (length + 2 <= room)
		return true;
	finding = lade_conf_fail(lines->conf, "boot.policy.syntax", "a line of %zu bytes; %zu fit", length, room - 2);
	finding_fix(finding, "lists may be given by several lines with one key");
	return false;
}

/* As fgets() does it; every line comes out in one piece. */
static char *give_line(char *buffer, int room, void *user)
{
	struct lines *lines = user;
	const char *end, *start;
	end_pending(lines);
	if (lines->next >= lines->end || room < 3)
		return NULL;
	start = next_line(lines, &end);
	trim(&start, &end);
	size_t length = 0;
	bool is_section = start < end && *start == '[';
	if (is_section)
		read_section(lines, start, end);
	else if (!is_remark(start, end) && check_line(lines, start, end, (size_t)room)) {
		length = (size_t)(end - start);
		lines->is_pending = true;
	}
	memcpy(buffer, start, length);
	memcpy(buffer + length, "\n", 2);
	return buffer;
}

static int take_key(void *user, const char *section, const char *key, const char *value)
{
	struct lines *lines = user;
	(void)section;
	lines->is_pending = false;
	lade_conf_key(lines->conf, key, value);
	return 1;
}

void lade_conf_read(struct conf *conf, const char *text, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, which some editors write */
	struct lines lines = { .conf = conf, .next = text, .end = text + length };
	if (length >= 3 && memcmp(text, mark, 3) == 0)
		lines.next += 3;
	conf->line = 0;
	conf->section = (struct conf_section){ .kind = CONF_NONE };
	(void)ini_parse_stream(give_line, &lines, take_key, &lines); /* what is wrong has been said */
	end_pending(&lines);
}
