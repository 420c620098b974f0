/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heads that are those of a line before but for digits, names and levels: nearly all of a log's. What lade_log_line()
 * says of them, in a tenth of the time. Pure.
 */
#ifndef LADE_EXPLAIN_READING_SAME_HEAD_H
#define LADE_EXPLAIN_READING_SAME_HEAD_H

#include <stdint.h>

#include "explain/reading/line.h"

#define HEAD_WORDS 8 /* of eight bytes */

/* "Nov 22 12:00:00 host ", "01-22 12:00:00.123  1234  1234 ": up to where the name or the level stands. */
struct same_head {
	size_t length;              /* 0: none is known */
	bool is_threadtime;         /* or the journal's */
	uint64_t words[HEAD_WORDS]; /* digits are '0', what is behind `length` is 0 */
};

/* Where the message begins behind such a head, blanks and all; NULL: it is to be asked of lade_log_line(). */
const char *lade_same_head(const struct same_head *head, const char *text, size_t length);

/* It is the head of this line now, if it is of one of these forms. */
void lade_same_head_learn(struct same_head *head, const char *text, const struct log_line *line);

#endif
