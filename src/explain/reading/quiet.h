/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that say nothing, whatever stands before and behind them: nearly all of most texts. Pure: a second thread may
 * ask (ahead.h). The questions are those of text.c; tests/explain/again.c compares what comes of it.
 */
#ifndef LADE_EXPLAIN_READING_QUIET_H
#define LADE_EXPLAIN_READING_QUIET_H

#include "explain/reader.h"

#define QUIET_BITS 11

enum quietness {
	QUIET_NOT,   /* it may say something, which its neighbours may change */
	QUIET_EMPTY, /* not even a message that statistics could make a verdict */
	QUIET_OTHER,
};

struct quiet {
	struct reader text;                        /* where it begins and ends */
	char buffer[LINE_BYTES], next[LINE_BYTES]; /* lines without colours */
	struct message message;
	bool has_looked;                     /* at the next line, which mattered */
	bool is_behind_types;                /* the line before may be one of types */
	bool is_read;                        /* all of the text was read: what needed a next line has not got it */
	struct span known[1U << QUIET_BITS]; /* messages that say nothing, by their hash */
};

/* What terminals are told, and tabs, are no noise. */
static inline bool lade_is_control(char byte)
{
	/* Bytes of other characters are above these: as char they are on some machines below. */
	return ((unsigned char)byte < ' ' && byte != '\t' && byte != '\r' && byte != '\033') || byte == 0x7f;
}

/*
 * Control characters, and no eight letters, digits or marks of ASCII in a row: what stands there is none of anybody's
 * words. Not a part of a verifier's log, which may be damaged.
 */
bool lade_is_noise(const struct raw_line *raw);
/* Noise, or a system call that has nothing to do with BPF: outside of a log nothing of it is read. */
bool lade_is_passed_over(const struct raw_line *raw);
/* `raw`: a line outside of any log. */
enum quietness lade_quietness(struct quiet *quiet, const struct raw_line *raw);
/* Zeroed before. */
void lade_quiet_begin(struct quiet *quiet, const struct reader *text);

#endif
