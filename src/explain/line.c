/* SPDX-License-Identifier: BSD-2-Clause */
/* What loggers put before a message: a table of forms, tried in order. */
#include "explain/line.h"

#include <string.h>

#include "base/array.h"

/*
 * 9 digits, 0 one digit, _ blanks, ~ blanks or none, A letter, W a word without blanks, Z the rest of a time with its
 * zone, L level, G tag up to what follows, N a tag without blanks, everything else is itself. What is left is the
 * message.
 */
struct form {
	const char *name, *form;
	enum {
		ANYTHING,
		NUMBER_FIRST,  /* the first word is a number */
		NUMBER_SECOND, /* the second word is a number */
		BAR_SECOND,    /* or begins with a bar */
		COLONS_FIRST,  /* two colons stand before a bracket */
	} wants;               /* what few lines have, and is looked for once */
	bool is_head;
};

#define JOURNAL                                                                                                        \
	{ "journal", "W_9_00:00:00_W_N[9]:", NUMBER_SECOND }, /* months of any language */                             \
	{                                                                                                              \
		"journal", "W_9_00:00:00_N[9]:", NUMBER_SECOND                                                         \
	}
#define NAMED_DMESG                                                                                                    \
	{ "dmesg", "W~:W~:~[~9.9]", COLONS_FIRST },                                                                    \
	{                                                                                                              \
		"dmesg", "W~:W~:~[AAA_AAA_~9_00:00:00_0000]", COLONS_FIRST                                             \
	}

/* What may stand behind a time, by how that is written. */
static const struct form of_days[] = {
	{ "threadtime", ".9_9_9_L_G:" },
	{ "threadtime", ".9_W_9_9_L_G:" },
	{ "time", ".9_L/G(~9):" },
};
static const struct form of_years[] = {
	{ "threadtime", ".9_9_9_L_G:" },
	{ "threadtime", ".9_+0000_9_9_L_G:" },
	{ "journal", ".9_W_kernel:" },
	{ "python", ",9_-_N_-_W_-_" },
};
static const struct form of_instants[] = {
	{ "dmesg", ",9W_" },        { "container", "Z_stderr_W_" }, { "container", "Z_stdout_W_" },
	{ "journal", "Z_W_N[9]:" }, { "journal", "Z_W_N:" },
};

/* 0 a digit, everything else is itself. */
static const struct {
	const char *stamp;
	const struct form *forms;
	size_t count;
} stamps[] = {
	{ "00-00 00:00:00", of_days, ELEMENTS(of_days) },
	{ "0000-00-00 00:00:00", of_years, ELEMENTS(of_years) },
	{ "0000-00-00T00:00:00", of_instants, ELEMENTS(of_instants) },
	{ "0000/00/00 00:00:00", NULL, 0 },
	{ "00:00:00", NULL, 0 },
};

/* By what the line begins with. */
static const struct form of_digits[] = {
	NAMED_DMESG,
	JOURNAL,
	{ "kmsg", "9,9,9,W;" },
	{ "numbered", "9\t", NUMBER_FIRST },
	{ "numbered", "9  ", NUMBER_FIRST },
};
static const struct form of_levels[] = {
	{ "brief", "L/G(~9):" },
	{ "tag", "L/G:" },
	{ "process", "L(~9)_" },
	{ "thread", "L(~9:~9)_" },
};
static const struct form of_dated_levels[] = { { "klog", "L0000_00:00:00.9_9_" } };
static const struct form of_letters[] = {
	NAMED_DMESG,
	{ "logread", "AAA_AAA_~9_00:00:00_0000_W_N[9]:" }, /* OpenWrt's */
	{ "logread", "AAA_AAA_~9_00:00:00_0000_W_N:" },
	{ "journal", "AAA_~9_00:00:00_W_N[9]:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00_W_N:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00.9_W_N[9]:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00.9_W_N:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00_W_kern.W_N:", NUMBER_SECOND },
	JOURNAL,
	{ "compose", "AW_|_", BAR_SECOND },
	{ "python", "ERROR:N:" },
};
static const struct form of_brackets[] = {
	{ "long", "[ 00-00 00:00:00.9_~9:~9_L/G_]", .is_head = true },
	{ "dmesg", "[~9.9]~[~W]" },
	{ "dmesg", "[~9.9]~[9:~W:~9]" }, /* vendors' kernels name the process and its CPU */
	{ "dmesg", "[~9.9]~(9)[9:W]" },
	{ "dmesg", "[~9.9]_c9_9_" },
	{ "dmesg", "[~9.9]" },
	NAMED_DMESG,
	{ "dmesg", "[AAA_AAA_~9_00:00:00_0000]" },
};
static const struct form of_others[] = {
	{ "dmesg", "<9>[~9.9]~[~W]" },
	{ "dmesg", "<9>[~9.9]" },
	NAMED_DMESG,
	JOURNAL,
	{ "syslog", "<9>9_0000-00-00T00:00:00Z_W_N_W_W_W_" },
	{ "quote", ">_" },
};

/* Names that loaders give themselves, in a line that nothing else stands before. */
static const char loader_firsts[] = { 'B', 'L', 'N', 'S', 'b' };
static const char *const loaders[] = { "LibBpfLoader", "bpfloader",    "BpfLoader", "BpfLoader-rs",
				       "NetBpfLoad",   "NetBpfLoader", "SELinux" };

struct cursor {
	const char *at, *end;
};

static inline bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

static inline bool is_letter(char letter)
{
	return (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
}

static inline bool is_level(char letter)
{
	return letter == 'V' || letter == 'D' || letter == 'I' || letter == 'W' || letter == 'E' || letter == 'F' ||
	       letter == 'S';
}

static size_t skip_blanks(struct cursor *cursor)
{
	const char *start = cursor->at, *at = start;

	while (at < cursor->end && is_blank(*at))
		at++;
	cursor->at = at;
	return (size_t)(at - start);
}

static size_t skip_digits(struct cursor *cursor)
{
	const char *start = cursor->at, *at = start;

	while (at < cursor->end && lade_is_digit(*at))
		at++;
	cursor->at = at;
	return (size_t)(at - start);
}

/* Up to a blank or the next letter of the form; never empty. */
static bool skip_word(struct cursor *cursor, const char *rest)
{
	const char *start = cursor->at, *at = start, stop = rest[*rest == '~'];

	while (at < cursor->end && !is_blank(*at) && *at != stop)
		at++;
	cursor->at = at;
	return at > start;
}

/* ".123456Z", "+0100", "-05:00": up to a blank. */
static bool skip_zone(struct cursor *cursor)
{
	const char *start = cursor->at;

	/* "+,-./" and the digits stand side by side: a slash is let through */
	while (cursor->at < cursor->end && ((*cursor->at >= '+' && *cursor->at <= ':') || *cursor->at == 'Z'))
		cursor->at++;
	return cursor->at > start && (lade_is_digit(cursor->at[-1]) || cursor->at[-1] == 'Z');
}

/* A tag may be empty or hold blanks, and is padded: "SELinux : ". */
static bool take_tag(struct cursor *cursor, char stop, struct span *ret_tag)
{
	const char *start = cursor->at, *end = start, *most = cursor->end - start > 64 ? start + 64 : cursor->end;

	while (end < most && *end != stop)
		end++;
	cursor->at = end;
	if (stop != '_' && (end >= cursor->end || *end != stop))
		return false;
	while (end > start && is_blank(end[-1]))
		end--;
	*ret_tag = (struct span){ start, (size_t)(end - start) };
	return true;
}

/* Programs' names, as they tell the system's log. */
static bool take_name(struct cursor *cursor, const char *rest, struct span *ret_tag)
{
	ret_tag->text = cursor->at;
	if (!skip_word(cursor, rest))
		return false;
	ret_tag->length = (size_t)(cursor->at - ret_tag->text);
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
	case 'N':
		return take_name(cursor, form + 1, tag);
	case 'Z':
		return skip_zone(cursor);
	case '0':
		return more && lade_is_digit(*cursor->at++);
	case 'A':
		return more && is_letter(*cursor->at++);
	case 'L':
		return more && is_level(*cursor->at++);
	default:
		return more && *cursor->at++ == *form;
	}
}

#define NAMES_MAX 40 /* bytes of a facility and a level */

/* "kern  :err   : [": of a bracket near the beginning, which most lines have not, and of a colon before it. */
static bool is_named_dmesg(struct cursor cursor)
{
	size_t length = (size_t)(cursor.end - cursor.at);
	const char *bracket = memchr(cursor.at, '[', length < NAMES_MAX ? length : NAMES_MAX), *before = bracket;
	unsigned colons = 0;

	while (before > cursor.at && is_blank(before[-1]))
		before--;
	if (!bracket || before == cursor.at || before[-1] != ':')
		return false;
	for (; *cursor.at != '['; cursor.at++)
		colons += *cursor.at == ':';
	return colons == 2;
}

static unsigned look_first(struct cursor cursor)
{
	bool is_number = skip_digits(&cursor) > 0 && cursor.at < cursor.end && is_blank(*cursor.at);

	return 1U << ANYTHING | (is_number ? 1U << NUMBER_FIRST : 0);
}

static unsigned look_second(struct cursor cursor)
{
	const char *blank = memchr(cursor.at, ' ', (size_t)(cursor.end - cursor.at));

	if (!blank)
		return 0;
	cursor.at = blank;
	(void)skip_blanks(&cursor);
	if (cursor.at < cursor.end && *cursor.at == '|')
		return 1U << BAR_SECOND;
	return skip_digits(&cursor) && cursor.at < cursor.end && is_blank(*cursor.at) ? 1U << NUMBER_SECOND : 0;
}

/* What forms want, as bits. */
static unsigned look(const struct cursor *start)
{
	return look_first(*start) | look_second(*start) | (is_named_dmesg(*start) ? 1U << COLONS_FIRST : 0);
}

/* How much of the form the line has; all of it: then the cursor is behind. */
static size_t match_form(struct cursor *cursor, const char *form, struct span *tag)
{
	size_t letters = 0;

	while (form[letters] && take_one(cursor, form + letters, tag))
		letters++;
	return letters;
}

/* Begins this form with what the line has not of the one before, and the letter behind it, which may matter? */
static bool is_refused(const struct form *form, const struct form *before, size_t letters)
{
	return before && strncmp(form->form, before->form, letters + 2) == 0;
}

/* The first form that the line has. */
static bool take_forms(const struct form *forms, size_t count, const struct cursor *start, unsigned has,
		       struct log_line *line)
{
	const struct form *before = NULL;
	size_t letters = 0;

	for (size_t i = 0; i < count; i++) {
		struct cursor cursor = *start;
		struct span tag = { 0 };
		if (!(has >> forms[i].wants & 1) || is_refused(&forms[i], before, letters))
			continue;
		before = &forms[i];
		letters = match_form(&cursor, forms[i].form, &tag);
		if (forms[i].form[letters])
			continue;
		(void)skip_blanks(&cursor);
		*line = (struct log_line){
			forms[i].name, tag, { cursor.at, (size_t)(cursor.end - cursor.at) }, forms[i].is_head
		};
		return true;
	}
	return false;
}

/* ---- times ---- */

static bool skip_stamp(struct cursor *cursor, const char *stamp)
{
	const char *at = cursor->at;

	for (; *stamp; stamp++, at++)
		if (at == cursor->end || (*stamp == '0' ? !lade_is_digit(*at) : *at != *stamp))
			return false;
	cursor->at = at;
	return true;
}

/* All have one of these there. */
static bool may_have_stamp(const struct cursor *start)
{
	const char *at = start->at;

	if (start->end - at <= 10 || !(lade_is_digit(*at) || *at == '['))
		return false;
	at += *at == '[';
	return at[2] == '-' || at[2] == ':' || at[4] == '-' || at[4] == '/';
}

/* ".123Z ", "+01:00: ", "] ": what nothing of a logger's is known behind. */
static bool skip_stamp_end(struct cursor *cursor)
{
	if (cursor->at < cursor->end && !is_blank(*cursor->at) && *cursor->at != ']')
		(void)skip_zone(cursor);
	if (cursor->at < cursor->end && *cursor->at == ']')
		cursor->at++;
	return cursor->at < cursor->end && skip_blanks(cursor) > 0;
}

/* A time, in brackets or not, and what some loggers write behind theirs. */
static bool take_stamp(struct cursor start, struct log_line *line)
{
	bool is_bracket = *start.at == '[';

	start.at += is_bracket;
	for (size_t i = 0; i < ELEMENTS(stamps); i++) {
		struct cursor cursor = start;
		if (!skip_stamp(&cursor, stamps[i].stamp))
			continue;
		if (!is_bracket && take_forms(stamps[i].forms, stamps[i].count, &cursor, 1U << ANYTHING, line))
			return true;
		if (!skip_stamp_end(&cursor))
			return false;
		line->format = "stamp";
		line->message = (struct span){ cursor.at, (size_t)(cursor.end - cursor.at) };
		return true;
	}
	return false;
}

/* ---- lines ---- */

#define TAKE_FORMS(forms) take_forms(forms, ELEMENTS(forms), start, look(start), line)

static void take_form(const struct cursor *start, struct log_line *line)
{
	size_t length = (size_t)(start->end - start->at);
	char first = *start->at;

	if (may_have_stamp(start) && take_stamp(*start, line))
		return;
	if (is_level(first) && length > 1 && (start->at[1] == '/' || start->at[1] == '(') && TAKE_FORMS(of_levels))
		return;
	if (is_level(first) && length > 1 && lade_is_digit(start->at[1]) && TAKE_FORMS(of_dated_levels))
		return;
	if (lade_is_digit(first))
		(void)TAKE_FORMS(of_digits);
	else if (is_letter(first))
		(void)TAKE_FORMS(of_letters);
	else if (first == '[')
		(void)TAKE_FORMS(of_brackets);
	else
		(void)TAKE_FORMS(of_others);
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
	/* "E NetBpfLoad: …": somebody cut the time away. */
	if (cursor.end - cursor.at > 2 && is_level(cursor.at[0]) && cursor.at[1] == ' ')
		cursor.at += 2;
	if (cursor.at == cursor.end || !memchr(loader_firsts, *cursor.at, sizeof loader_firsts))
		return;
	while (take_tag(&cursor, ':', &tag) && is_loader(&tag)) {
		cursor.at++;
		(void)skip_blanks(&cursor);
		line->tag = tag;
		line->format = line->format ? line->format : "tag";
		line->message = (struct span){ cursor.at, (size_t)(cursor.end - cursor.at) };
	}
}

/* "agent[512]: 2024/01/15 10:20:30 …", "kernel: [   12.3] …": who writes and who takes it down have each their time. */
static void take_second_head(struct log_line *line)
{
	const struct cursor place = { line->message.text, line->message.text + line->message.length }, *start = &place;
	struct log_line inner = { 0 };

	if (start->at == start->end)
		return;
	if ((may_have_stamp(start) && take_stamp(*start, &inner)) ||
	    (*start->at == '[' && take_forms(of_brackets, ELEMENTS(of_brackets), start, 1U << ANYTHING, &inner)))
		line->message = inner.message;
}

struct log_line lade_log_line(const char *text, size_t length)
{
	struct log_line line = { .message = { text, length } };
	struct cursor start = { text, text + length };

	(void)skip_blanks(&start);
	if (start.at < start.end)
		take_form(&start, &line);
	if (line.format)
		take_second_head(&line);
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
	while (i < length && (lade_is_digit(text[i]) || text[i] == ';' || text[i] == '?'))
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
