/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heads that loggers put before their messages, remembered but for their digits: times differ, and how they are written
 * does not. What is remembered is which form the next line with such a head can have first, and how much of it.
 */
#ifndef LADE_EXPLAIN_HEADS_H
#define LADE_EXPLAIN_HEADS_H

#include <stdint.h>

#include "explain/forms.h"

#define HEAD_BYTES 40
#define HEADS      8 /* most loggers write one or two; some pad numbers */

/* What a line begins with, up to its first word behind a time. */
struct head {
	char bytes[HEAD_BYTES]; /* a 0 for each digit */
	size_t length;
	char not_behind; /* with this byte behind it it may be another form's; NUL: whatever stands there */
	const struct form_list *list; /* NULL: there is none */
	uint8_t start;                /* of what the list's forms are about */
	uint8_t index;                /* of the form: those before it are none of this head's */
	uint8_t letters;              /* of it that the head has */
	bool is_wanted;               /* what the form wants stands in the head */
	uint8_t at[FORM_LETTERS];     /* where they begin, and the next one */
};

struct heads {
	size_t last, next; /* that was found; that is the oldest */
	struct head places[HEADS];
};

/* `size`: a multiple of eight. NULs stand behind the line's end. */
void lade_without_digits(const struct cursor *line, char *ret_bytes, size_t size);
/* The line that begins at line->at has a head that was there, and a form of its list. */
bool lade_heads_take(struct heads *heads, const struct cursor *line, struct log_line *ret_line);
/* It has this form of the list, whose forms begin at start->at. No other list may be asked before it of a line with the
 * same head. */
void lade_heads_keep(struct heads *heads, const struct cursor *line, const struct form_list *list,
		     const struct cursor *start, size_t index);

#endif
