/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of what loggers put before a message, and how a line is compared with them. Pure. */
#ifndef LADE_EXPLAIN_FORMS_H
#define LADE_EXPLAIN_FORMS_H

#include "explain/line.h"

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

static inline bool lade_is_blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

static inline bool lade_is_letter(char letter)
{
	return (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
}

static inline bool lade_is_level(char letter)
{
	return letter == 'V' || letter == 'D' || letter == 'I' || letter == 'W' || letter == 'E' || letter == 'F' ||
	       letter == 'S';
}

/* How many. */
size_t lade_skip_blanks(struct cursor *cursor);
size_t lade_skip_digits(struct cursor *cursor);
/* ".123456Z", "+0100", "-05:00": up to a blank. */
bool lade_skip_zone(struct cursor *cursor);
/* Up to `stop`; a tag may be empty or hold blanks, and is padded: "SELinux : ". */
bool lade_take_tag(struct cursor *cursor, char stop, struct span *ret_tag);

#define FORM_LETTERS 40 /* of a form */

/* The form that was tried last: many begin with the same letters, and no byte is looked at twice. */
struct tried {
	const char *form;             /* NULL: none */
	size_t letters;               /* that the line has; all of them: then it has the form */
	const char *at[FORM_LETTERS]; /* where the part of each letter begins, and what is behind the last */
	struct span tag;
};

void lade_tried_begin(struct tried *tried, const char *at);
/* tried->form remains, if the line cannot have this one. */
void lade_try_form(struct tried *tried, const char *form, const char *end);
/* The same form from its letter tried->letters on, which begins at tried->at[tried->letters]. */
void lade_try_on(struct tried *tried, const char *end);
bool lade_has_form(const struct tried *tried, const struct form *form);
/* The first form, from number `first` on, that the line has; SIZE_MAX: none. */
size_t lade_take_form(const struct form_list *list, size_t first, const struct cursor *start, struct tried *tried);
/* What it is then. */
void lade_form_line(const struct form *form, const struct tried *tried, const char *end, struct log_line *ret_line);

#endif
