/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which lines of a large text say nothing (quiet.h), found out before they are read: by the thread that reads and, if
 * the process may use another CPU, by one that runs ahead of it. What is found depends on the text alone, and never on
 * which thread was faster.
 */
#ifndef LADE_EXPLAIN_READING_AHEAD_H
#define LADE_EXPLAIN_READING_AHEAD_H

#include "explain/reader.h"

/* Lines one after the other. */
struct quiet_run {
	const char *end; /* behind the last */
	size_t lines;
	const char *last; /* where the last of them begins; NULL: nothing stands there */
};

/* NULL: the text is too small, or there is no memory for it, and nothing is lost but time. `text` must stay. */
struct ahead *lade_ahead_new(const struct reader *text);
struct ahead *lade_ahead_free(struct ahead *ahead);
/* The lines from `at` on, which is before the text's end; false: the next one is to be read. `repeated`: bytes that
 * were read so far and were there before. */
bool lade_ahead_take(struct ahead *ahead, const char *at, size_t repeated, struct quiet_run *ret_run);

DEFINE_CLEANUP(struct ahead, ahead, lade_ahead_free)

#endif
