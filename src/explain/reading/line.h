/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of a log, without what the logger put before it. Pure; nothing is copied. */
#ifndef LADE_EXPLAIN_READING_LINE_H
#define LADE_EXPLAIN_READING_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Not NUL-terminated. */
struct span {
	const char *text;
	size_t length;
};

struct log_line {
	const char *format; /* "threadtime", "brief", "dmesg", "journal" …; NULL: nothing stands before it */
	struct span tag;    /* "LibBpfLoader"; empty: none */
	struct span message;
	bool is_head; /* logcat's long format: the message comes on the next lines */
};

/* Of ASCII, whatever the locale, and without a call: every line is asked. */
static inline bool lade_is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

static inline bool lade_is_blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

static inline bool lade_is_letter(char letter)
{
	return (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
}

/* Of a name in C. */
static inline bool lade_is_of_name(char letter)
{
	return lade_is_letter(letter) || lade_is_digit(letter) || letter == '_';
}

struct log_line lade_log_line(const char *text, size_t length);
/* The same of a line whose head is known, and ends before `message`. */
struct log_line lade_behind_head(const char *format, const char *message, const char *end);

/* Copies without escape sequences of terminals and carriage returns into buffer (which has `length` bytes). */
size_t lade_strip_colours(const char *text, size_t length, char *buffer);

#endif
