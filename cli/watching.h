/* SPDX-License-Identifier: BSD-2-Clause */
/* Printing what comes out of buffers and iterators until the end: the common half of run and watch. */
#ifndef LADE_CLI_WATCHING_H
#define LADE_CLI_WATCHING_H

#include "records.h"
#include "watch_options.h"

/* An iterator: its program's name and its link. */
struct watched_iterator {
	char *name;
	int link_fd; /* borrowed; -1: the pin is opened */
	char *pin;
};

struct watching {
	struct cli *cli;
	const struct watch_options *options;
	struct lade_stream *stream; /* NULL: no buffer */
	struct watched_iterator *iterators;
	size_t iterator_count;
	bool ends_with_iterators; /* nothing else can come: their output is all */
	size_t said;              /* notes of the stream that were printed */
	void (*tend)(void *data); /* called several times a second; NULL: nothing has to be looked after */
	void *tend_data;
	struct records records;
};

/* pin NULL: link_fd. False without memory. */
bool watching_add_iterator(struct watching *watching, const char *name, int link_fd, const char *pin);
/* Notes of the stream that were not printed yet, on stderr: warnings whole, others in a line. */
void watching_say_notes(struct watching *watching);
/* -1: the end came as it should; else the exit code. */
int watching_loop(struct watching *watching);
void watching_clear(struct watching *watching);

/* "note: text [code]" on stderr; label NULL: the severity. Nothing with --quiet or --json. */
void say_finding(const struct cli *cli, const char *label, const struct lade_finding *finding);

#endif
