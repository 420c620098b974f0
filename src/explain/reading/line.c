/* SPDX-License-Identifier: BSD-2-Clause */
/* What loggers put before a message: a table of forms, tried in order. */
#include "explain/reading/line.h"

#include <string.h>

#include "base/array.h"
#include "explain/reading/forms.h"

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
	{ "journal", "Z_W_N[9]:" }, { "journal", "Z_W_N:" },        { "journal", "Z_N[9]:" },
};

#define LIST(forms, look)                                                                                              \
	{                                                                                                              \
		forms, ELEMENTS(forms), look                                                                           \
	}

/* 0 a digit, everything else is itself. */
static const struct {
	const char *stamp;
	struct form_list list;
} stamps[] = {
	{ "00-00 00:00:00", LIST(of_days, NULL) },
	{ "0000-00-00 00:00:00", LIST(of_years, NULL) },
	{ "0000-00-00T00:00:00", LIST(of_instants, NULL) },
	{ "0000/00/00 00:00:00", { NULL, 0, NULL } },
	{ "00:00:00", { NULL, 0, NULL } },
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
	{ "logread", "AAA_AAA_~9_00:00:00_0000_W_N[9]:", THREE_FIRST }, /* OpenWrt's */
	{ "logread", "AAA_AAA_~9_00:00:00_0000_W_N:", THREE_FIRST },
	{ "journal", "AAA_~9_00:00:00_W_N[9]:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00_W_N:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00.9_W_N[9]:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00.9_W_N:", NUMBER_SECOND },
	{ "journal", "AAA_~9_00:00:00_W_kern.W_N:", NUMBER_SECOND },
	JOURNAL,
	{ "compose", "AW_|_", BAR_SECOND },
	{ "python", "ERROR:N:", LEVEL_FIRST },
};
static const struct form of_brackets[] = {
	{ "long", "[ 00-00 00:00:00.9_~9:~9_L/G_]", .is_head = true },
	{ "dmesg", "[~9.9]~[~W]", MARK_BEHIND },
	{ "dmesg", "[~9.9]~[9:~W:~9]", MARK_BEHIND }, /* vendors' kernels name the process and its CPU */
	{ "dmesg", "[~9.9]~(9)[9:W]", MARK_BEHIND },
	{ "dmesg", "[~9.9]_c9_9_", MARK_BEHIND },
	{ "dmesg", "[~9.9]" },
	NAMED_DMESG,
	{ "dmesg", "[AAA_AAA_~9_00:00:00_0000]" },
};
static const struct form of_others[] = {
	{ "dmesg", "<9>[~9.9]~[~W]", MARK_BEHIND }, /* /dev/kmsg's level */
	{ "dmesg", "<9>[~9.9]", LEVEL_FIRST },
	NAMED_DMESG,
	JOURNAL,
	{ "syslog", "<9>9_0000-00-00T00:00:00Z_W_N_W_W_W_", LEVEL_FIRST },
	{ "quote", ">_", LEVEL_FIRST },
};

/* Names that loaders give themselves, in a line that nothing else stands before. */
static const char loader_firsts[] = { 'B', 'L', 'N', 'S', 'b' };
static const char *const loaders[] = { "LibBpfLoader", "bpfloader",    "BpfLoader", "BpfLoader-rs",
				       "NetBpfLoad",   "NetBpfLoader", "SELinux" };

#define NAMES_MAX 40 /* bytes of a facility and a level */

/* "kern  :err   : [": of a bracket near the beginning, which most lines have not, and of a colon before it. */
static bool is_named_dmesg(struct cursor cursor)
{
	size_t length = (size_t)(cursor.end - cursor.at);
	const char *bracket = memchr(cursor.at, '[', length < NAMES_MAX ? length : NAMES_MAX), *before = bracket;
	unsigned colons = 0;

	while (before > cursor.at && lade_is_blank(before[-1]))
		before--;
	if (!bracket || before == cursor.at || before[-1] != ':')
		return false;
	for (; *cursor.at != '['; cursor.at++)
		colons += *cursor.at == ':';
	return colons == 2;
}

static bool is_number(const struct cursor *cursor)
{
	const char *behind = lade_behind_digits(cursor->at, cursor->end);

	return behind > cursor->at && behind < cursor->end && lade_is_blank(*behind);
}

static unsigned look_first(const struct cursor *cursor)
{
	const bool is_three = cursor->end - cursor->at > 3 && lade_is_blank(cursor->at[3]);

	return (is_three ? 1U << THREE_FIRST : 0) | (*cursor->at == 'E' ? 1U << LEVEL_FIRST : 0);
}

static unsigned look_second(struct cursor cursor)
{
	const char *blank = memchr(cursor.at, ' ', (size_t)(cursor.end - cursor.at));

	if (!blank)
		return 0;
	cursor.at = lade_behind_blanks(blank, cursor.end);
	if (cursor.at < cursor.end && *cursor.at == '|')
		return 1U << BAR_SECOND;
	return is_number(&cursor) ? 1U << NUMBER_SECOND : 0;
}

#define TIME_MAX 32 /* bytes up to a time's bracket */

static unsigned look_behind(struct cursor cursor)
{
	size_t length = (size_t)(cursor.end - cursor.at);

	cursor.at = memchr(cursor.at, ']', length < TIME_MAX ? length : TIME_MAX);
	if (!cursor.at)
		return 0;
	cursor.at = lade_behind_blanks(cursor.at + 1, cursor.end);
	return cursor.at < cursor.end && (*cursor.at == '[' || *cursor.at == '(' || *cursor.at == 'c')
		       ? 1U << MARK_BEHIND
		       : 0;
}

static unsigned look(const struct cursor *start)
{
	return look_first(start) | look_second(*start) | (is_named_dmesg(*start) ? 1U << COLONS_FIRST : 0);
}

static unsigned look_digits(const struct cursor *start)
{
	return look(start) | 1U << ANYTHING | (is_number(start) ? 1U << NUMBER_FIRST : 0);
}

static unsigned look_others(const struct cursor *start)
{
	if (*start->at != '<' && *start->at != '>')
		return look(start);
	return look(start) | 1U << LEVEL_FIRST | look_behind(*start);
}

static unsigned look_brackets(const struct cursor *start)
{
	return 1U << ANYTHING | look_behind(*start) | (is_named_dmesg(*start) ? 1U << COLONS_FIRST : 0);
}

/* Behind another head. */
static unsigned look_second_brackets(const struct cursor *start)
{
	return 1U << ANYTHING | look_behind(*start);
}

static const struct form_list levels = LIST(of_levels, NULL);
static const struct form_list dated_levels = LIST(of_dated_levels, NULL);
static const struct form_list digits = LIST(of_digits, look_digits);
static const struct form_list letters = LIST(of_letters, look);
static const struct form_list brackets = LIST(of_brackets, look_brackets);
static const struct form_list others = LIST(of_others, look_others);
static const struct form_list second_brackets = LIST(of_brackets, look_second_brackets);

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
	if (cursor->at < cursor->end && !lade_is_blank(*cursor->at) && *cursor->at != ']')
		(void)lade_skip_zone(cursor);
	if (cursor->at < cursor->end && *cursor->at == ']')
		cursor->at++;
	const char *at = cursor->at;
	cursor->at = lade_behind_blanks(at, cursor->end);
	return cursor->at > at;
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
		if (!is_bracket && lade_take_form(&stamps[i].list, &cursor, line))
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

static const struct form_list *list_by(char first)
{
	return lade_is_digit(first) ? &digits : lade_is_letter(first) ? &letters : first == '[' ? &brackets : &others;
}

/* NULL: there is none before it. */
static const struct form_list *list_by_level(const struct cursor *start)
{
	if (!lade_is_level(*start->at) || start->end - start->at < 2)
		return NULL;
	return start->at[1] == '/' || start->at[1] == '(' ? &levels
	       : lade_is_digit(start->at[1])              ? &dated_levels
							  : NULL;
}

static void take_form(const struct cursor *start, struct log_line *line)
{
	const struct form_list *by_level = list_by_level(start);

	if (may_have_stamp(start) && take_stamp(*start, line))
		return;
	if (by_level && lade_take_form(by_level, start, line))
		return;
	(void)lade_take_form(list_by(*start->at), start, line);
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

	cursor.at = lade_behind_blanks(cursor.at, cursor.end);
	/* "E NetBpfLoad: …": somebody cut the time away. */
	if (cursor.end - cursor.at > 2 && lade_is_level(cursor.at[0]) && cursor.at[1] == ' ')
		cursor.at += 2;
	if (cursor.at == cursor.end || !memchr(loader_firsts, *cursor.at, sizeof loader_firsts))
		return;
	while (lade_take_tag(&cursor, ':', &tag) && is_loader(&tag)) {
		cursor.at = lade_behind_blanks(cursor.at + 1, cursor.end);
		line->tag = tag;
		line->format = line->format ? line->format : "tag";
		line->message = (struct span){ cursor.at, (size_t)(cursor.end - cursor.at) };
	}
}

/* "agent[512]: 2024/01/15 10:20:30 …", "kernel: [   12.3] …": who writes and who takes it down have each their time. */
static void take_second_head(struct log_line *line)
{
	const struct cursor start = { line->message.text, line->message.text + line->message.length };
	struct log_line inner = { 0 };

	if (start.at == start.end)
		return;
	if ((may_have_stamp(&start) && take_stamp(start, &inner)) ||
	    (*start.at == '[' && lade_take_form(&second_brackets, &start, &inner)))
		line->message = inner.message;
}

struct log_line lade_log_line(const char *text, size_t length)
{
	struct log_line line = { .message = { text, length } };
	struct cursor start = { lade_behind_blanks(text, text + length), text + length };

	if (start.at < start.end)
		take_form(&start, &line);
	if (line.format)
		take_second_head(&line);
	take_loader(&line);
	return line;
}

struct log_line lade_behind_head(const char *format, const char *message, const char *end)
{
	struct log_line line = { .format = format, .message = { message, (size_t)(end - message) } };

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
