/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on their way to stdout: collected, written many at a time, and dropped when nobody reads them any more. */
#ifndef LADE_CLI_LINES_H
#define LADE_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char *text;
	size_t length, capacity;
	double oldest; /* when the first of them was added */
	bool is_terminal;
	int errnum;      /* why stdout cannot be written; 0: it can */
	size_t given_up; /* bytes that a reader who stood still did not take at the end */
};

/* False without memory. */
bool lines_add(struct lines *lines, const char *text, size_t length);
/* Is it time? Large enough, old enough, or somebody is looking. */
bool lines_are_due(const struct lines *lines);
void lines_flush(struct lines *lines);
/* Has the reader of a pipe gone? Then errnum is EPIPE. */
bool lines_have_no_reader(struct lines *lines);
void lines_clear(struct lines *lines);

#endif
