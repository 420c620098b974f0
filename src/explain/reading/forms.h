/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of what loggers put before a message, and how a line is compared with them. Pure. */
#ifndef LADE_EXPLAIN_READING_FORMS_H
#define LADE_EXPLAIN_READING_FORMS_H

#include "explain/reading/line.h"

/*
 * 9 digits, 0 one digit, _ blanks, ~ blanks or none, A letter, W a word without blanks, Z the rest of a time with its
 * zone, L level, G tag up to what follows, N a tag without blanks, everything else is itself. What is left is the
 * message.
 */
struct form {
	const char *name, *form;
	enum {
		ANYTHING,
		LEVEL_FIRST,   /* an angle bracket, or the 'E' of a level, stands first */
		THREE_FIRST,   /* the first word has three letters */
		NUMBER_FIRST,  /* the first word is a number */
		NUMBER_SECOND, /* the second word is a number */
		BAR_SECOND,    /* or begins with a bar */
		COLONS_FIRST,  /* two colons stand before a bracket */
		MARK_BEHIND,   /* something in brackets, or a 'c', stands behind the first bracket that closes */
	} wants;               /* what few lines have, and is looked for once */
	bool is_head;
};

struct cursor {
	const char *at, *end;
};

struct form_list {
	const struct form *forms; /* in order: the first that the line has */
	size_t count;
	unsigned (*look)(const struct cursor *start); /* what forms want, as bits; NULL: nothing */
};

static inline bool lade_is_level(char letter)
{
	return letter == 'V' || letter == 'D' || letter == 'I' || letter == 'W' || letter == 'E' || letter == 'F' ||
	       letter == 'S';
}

static inline const char *lade_behind_blanks(const char *at, const char *end)
{
	while (at < end && lade_is_blank(*at))
		at++;
	return at;
}

static inline const char *lade_behind_digits(const char *at, const char *end)
{
	while (at < end && lade_is_digit(*at))
		at++;
	return at;
}

/* ".123456Z", "+0100", "-05:00": up to a blank. */
bool lade_skip_zone(struct cursor *cursor);
/* Up to `stop`; a tag may be empty or hold blanks, and is padded: "SELinux : ". */
bool lade_take_tag(struct cursor *cursor, char stop, struct span *ret_tag);

/* The first form of the list that the line has, from start->at on; false: it has none. */
bool lade_take_form(const struct form_list *list, const struct cursor *start, struct log_line *ret_line);

#endif
