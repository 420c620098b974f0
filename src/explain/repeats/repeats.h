/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of a text that were there before, word for word: loaders try again, and many programs are refused for one
 * reason. What reading them did is done again, if what mattered of the lines before is the same, too.
 */
#ifndef LADE_EXPLAIN_REPEATS_REPEATS_H
#define LADE_EXPLAIN_REPEATS_REPEATS_H

#include <stdint.h>

#include "explain/reading/line.h"
#include "explain/text.h"

#define REPEAT_BITS   16
#define BEGUN_BITS    16
#define REPEAT_CREDIT (1U << 14)
#define REPEAT_WORTH  8  /* of each line of one that is found */
#define REPEAT_FEW    16 /* of so many lines one is looked for without credit */
#define REPEAT_BLOCK  64 /* at least so many are allocated at once */

struct repeat {
	struct span text; /* whole lines, or what a logger wrapped, which must stay where it is; NULL: none */
	size_t behind;    /* bytes behind it that mattered, too */
	size_t lines;     /* 0: it is a logger's message */
	/* What came behind it the last time, and may come again; by now it may be another one, or none. */
	struct repeat *next;
	uint64_t before[DEPENDENCIES]; /* hashes of what it depends on; 0: it does not */
	bool is_ended;                 /* a log ended, because what comes next is none of a log's */
	bool types_followed;           /* before */
	bool types_follow;             /* and behind it */
	bool is_named[NAMED_COUNT];    /* otherwise than before: */
	size_t known;
	size_t count;
	struct span unknown; /* its last line, if nothing knew that */
	size_t accepted;     /* in which of its lines are statistics of a log without an objection; 0: in none */
	size_t types_line;   /* and what NAMED_TYPES is */
	union {
		struct told one;
		struct told *several;
	} told; /* numbers are of lines of the part, from 1 */
	char *names[NAMED_COUNT];
};

struct repeats {
	/* Of lines, and of messages: how often one may be looked for in vain. Without it only one of a few is, always
	 * the same ones. */
	unsigned credit[2];
	struct {
		uint32_t hash;
		uint32_t number; /* of the repeat, from 1; 0: there is none */
	} places[1U << REPEAT_BITS];
	/* In the order in which they came: what comes again is near. They stay until the end, so that `next` always
	 * points to one; a place that takes another uses the memory of the one that it had. */
	struct repeat *blocks[(1U << REPEAT_BITS) / REPEAT_BLOCK];
	unsigned block; /* how many are allocated at once */
	uint32_t count;
	struct repeat *last;                   /* that was taken, or remembered; NULL: none */
	uint64_t any[(1U << BEGUN_BITS) / 64]; /* is there anything in `begun`? */
	/* By the first line: how many lines, and in the lowest bits which dependencies, choose the places of the parts
	 * that begin so. */
	uint64_t begun[1U << BEGUN_BITS];
};

struct reader;

/* Nothing is begun. Is what begins with the line that was taken last what came behind the last one before? Then it was
 * taken. Fast. */
bool lade_repeat_take_next(struct reader *reader, const struct span *line);
/* Nothing is begun. Does what begins with the line that was taken last repeat something? Then it was taken. */
bool lade_repeat_take(struct reader *reader, const struct span *line);
/* The same of what a logger wrapped. */
bool lade_repeat_take_message(struct reader *reader, const struct span *message);
/* A part begins with the line that was taken last. */
void lade_repeat_begin(struct reader *reader);
/* Nothing is begun any more, and reader->part ends before what comes next. */
void lade_repeat_remember(struct reader *reader);
/* In cleared memory, for a text of `length` bytes. */
void lade_repeats_begin(struct repeats *repeats, size_t length);
void lade_repeats_clear(struct repeats *repeats);

#endif
