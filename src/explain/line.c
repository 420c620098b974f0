/* SPDX-License-Identifier: BSD-2-Clause */
/* What loggers put before a message: a table of forms, tried in order. */
#include "explain/line.h"

#include <ctype.h>
#include <string.h>

#include "base/array.h"

/*
 * 0 one digit, 9 digits, _ blanks, ~ blanks or none, A letter, W a word without blanks, L level, T tag up to what
 * follows, everything else is itself. What is left is the message.
 */
static const struct {
	const char *name, *form;
	bool is_head;
} forms[] = {
	{ "long", "[ 00-00 00:00:00.9_~9:~9_L/G_]", true },
	{ "threadtime", "00-00_00:00:00.9_9_9_L_G:" },
	{ "threadtime", "0000-00-00_00:00:00.9_9_9_L_G:" },
	{ "threadtime", "0000-00-00_00:00:00.9_+0000_9_9_L_G:" },
	{ "threadtime", "00-00_00:00:00.9_W_9_9_L_G:" },
	{ "time", "00-00_00:00:00.9_L/G(~9):" },
	{ "brief", "L/G(~9):" },
	{ "tag", "L/G:" },
	{ "process", "L(~9)_" },
	{ "thread", "L(~9:~9)_" },
	{ "dmesg", "<9>[~9.9]~[~W]" },
	{ "dmesg", "<9>[~9.9]" },
	{ "dmesg", "[~9.9]~[~W]" },
	{ "dmesg", "[~9.9]" },
	{ "dmesg", "W~:W~:~[~9.9]" },
	{ "dmesg", "[AAA_AAA_~9_00:00:00_0000]" },
	{ "dmesg", "0000-00-00T00:00:00,9W_" },
	{ "container", "0000-00-00T00:00:00W_stderr_W_" },
	{ "container", "0000-00-00T00:00:00W_stdout_W_" },
	{ "journal", "AAA_~9_00:00:00_W_G[9]:" },
	{ "journal", "AAA_~9_00:00:00_W_G:" },
	{ "journal", "W_9_00:00:00_W_G[9]:" }, /* months of other languages */
	{ "journal", "W_9_00:00:00_G[9]:" },
	{ "journal", "0000-00-00T00:00:00W_W_G[9]:" },
	{ "journal", "0000-00-00T00:00:00W_W_G:" },
	{ "journal", "[9.9]_W_G[9]:" },
	{ "quote", ">_" },
	{ "compose", "AW_|_" },
	{ "numbered", "9\t" },
	{ "numbered", "9  " },
};

/* Names that loaders give themselves, in a line that nothing else stands before. */
static const char *const loaders[] = {
	"LibBpfLoader", "bpfloader", "BpfLoader", "NetBpfLoad", "NetBpfLoader", "SELinux"
};

struct cursor {
	const char *at, *end;
};

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

static size_t skip_blanks(struct cursor *cursor)
{
	const char *start = cursor->at;

	while (cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at++;
	return (size_t)(cursor->at - start);
}

static size_t skip_digits(struct cursor *cursor)
{
	const char *start = cursor->at;

	while (cursor->at < cursor->end && isdigit((unsigned char)*cursor->at))
		cursor->at++;
	return (size_t)(cursor->at - start);
}

/* Up to a blank or the next letter of the form; never empty. */
static bool skip_word(struct cursor *cursor, const char *rest)
{
	const char *start = cursor->at, stop = rest[*rest == '~'];

	while (cursor->at < cursor->end && !is_blank(*cursor->at) && *cursor->at != stop)
		cursor->at++;
	return cursor->at > start;
}

/* A tag may be empty or hold blanks, and is padded: "SELinux : ". */
static bool take_tag(struct cursor *cursor, char stop, struct span *ret_tag)
{
	const char *start = cursor->at, *end;

	while (cursor->at < cursor->end && *cursor->at != stop && cursor->at - start < 64)
		cursor->at++;
	if (stop != '_' && (cursor->at >= cursor->end || *cursor->at != stop))
		return false;
	end = cursor->at;
	while (end > start && is_blank(end[-1]))
		end--;
	*ret_tag = (struct span){ start, (size_t)(end - start) };
	return true;
}

/* The head of logcat's long form ends with a blank and a bracket. */
static bool take_head_tag(struct cursor *cursor, struct span *ret_tag)
{
	const char *start = cursor->at;

	while (cursor->end - cursor->at >= 2 && !(is_blank(*cursor->at) && cursor->at[1] == ']'))
		cursor->at++;
	*ret_tag = (struct span){ start, (size_t)(cursor->at - start) };
	while (ret_tag->length && is_blank(start[ret_tag->length - 1]))
		ret_tag->length--;
	return cursor->end - cursor->at >= 2;
}

static bool take_one(struct cursor *cursor, const char *form, struct span *tag)
{
	bool more = cursor->at < cursor->end;

	switch (*form) {
	case '9':
		return skip_digits(cursor) > 0;
	case '_':
		return skip_blanks(cursor) > 0;
	case '~':
		(void)skip_blanks(cursor);
		return true;
	case 'G':
		return form[1] == '_' ? take_head_tag(cursor, tag) : take_tag(cursor, form[1], tag);
	case 'W':
		return skip_word(cursor, form + 1);
	case '0':
		return more && isdigit((unsigned char)*cursor->at++);
	case 'A':
		return more && isalpha((unsigned char)*cursor->at++);
	case 'L':
		return more && strchr("VDIWEFS", *cursor->at++) != NULL;
	default:
		return more && *cursor->at++ == *form;
	}
}

/* Can a line with this first byte have the form? */
static bool may_begin(const char *form, char byte)
{
	switch (*form) {
	case '0':
	case '9':
		return isdigit((unsigned char)byte);
	case 'A':
		return isalpha((unsigned char)byte);
	case 'L':
		return byte && strchr("VDIWEFS", byte);
	case 'W':
		return true;
	default:
		return byte == *form;
	}
}

/* First letter of the second word, which most lines do not have as the form wants it; NUL: there is none. */
static char second_word(struct cursor cursor)
{
	(void)skip_word(&cursor, " ");
	(void)skip_blanks(&cursor);
	return (char)(cursor.at < cursor.end ? *cursor.at : '\0');
}

static bool may_follow(const char *form, char second)
{
	return form[0] != 'W' || form[1] != '_' || may_begin(form + 2, second);
}

static bool take_form(struct cursor *cursor, const char *form, struct span *tag)
{
	for (; *form; form++)
		if (!take_one(cursor, form, tag))
			return false;
	return true;
}

static bool is_loader(const struct span *tag)
{
	for (size_t i = 0; i < ELEMENTS(loaders); i++)
		if (strlen(loaders[i]) == tag->length && memcmp(loaders[i], tag->text, tag->length) == 0)
			return true;
	return false;
}

/* "bpfloader: LibBpfLoader: …": the kernel's log has one tag, or two. */
static void take_loader(struct log_line *line)
{
	struct cursor cursor = { line->message.text, line->message.text + line->message.length };
	struct span tag;

	(void)skip_blanks(&cursor);
	if (cursor.at == cursor.end || !*cursor.at || !strchr("BLNSb", *cursor.at))
		return;
	while (take_tag(&cursor, ':', &tag) && is_loader(&tag)) {
		cursor.at++;
		(void)skip_blanks(&cursor);
		line->tag = tag;
		line->format = line->format ? line->format : "tag";
		line->message = (struct span){ cursor.at, (size_t)(cursor.end - cursor.at) };
	}
}

struct log_line lade_log_line(const char *text, size_t length)
{
	struct log_line line = { .message = { text, length } };
	struct cursor start = { text, text + length };

	(void)skip_blanks(&start);
	char second = second_word(start);
	for (size_t i = 0; i < ELEMENTS(forms) && start.at < start.end; i++) {
		struct cursor cursor = start;
		struct span tag = { 0 };
		if (!may_begin(forms[i].form, *start.at) || !may_follow(forms[i].form, second) ||
		    !take_form(&cursor, forms[i].form, &tag))
			continue;
		(void)skip_blanks(&cursor);
		line = (struct log_line){
			forms[i].name, tag, { cursor.at, (size_t)(cursor.end - cursor.at) }, forms[i].is_head
		};
		break;
	}
	take_loader(&line);
	return line;
}

#define ESCAPE '\033'

/* ESC [ numbers letter; other sequences have two bytes. */
static size_t escape_length(const char *text, size_t length)
{
	size_t i = 2;

	if (length < 2 || text[1] != '[')
		return length < 2 ? length : 2;
	while (i < length && (isdigit((unsigned char)text[i]) || text[i] == ';' || text[i] == '?'))
		i++;
	return i < length ? i + 1 : length;
}

size_t lade_strip_colours(const char *text, size_t length, char *buffer)
{
	size_t kept = 0;

	for (size_t i = 0; i < length;) {
		if (text[i] == ESCAPE) {
			i += escape_length(text + i, length - i);
			continue;
		}
		if (text[i] != '\r')
			buffer[kept++] = text[i];
		i++;
	}
	return kept;
}
