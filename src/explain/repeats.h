/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of a text that were there before, word for word: loaders try again, and many programs are refused for one
 * reason. What reading them did is done again, if what mattered of the lines before is the same, too.
 */
#ifndef LADE_EXPLAIN_REPEATS_H
#define LADE_EXPLAIN_REPEATS_H

#include <stdint.h>

#include "explain/line.h"
#include "explain/text.h"

#define REPEAT_BITS   16
#define BEGUN_BITS    16
#define REPEAT_CREDIT (1U << 14)
#define REPEAT_WORTH  64 /* of one that is found */
#define REPEAT_FEW    16 /* of so many lines one is looked for without credit */
#define REPEAT_GROUP  64
#define REPEAT_LINES  4 /* that choose a part's place: many parts begin with the same line */

struct repeat {
	struct span text; /* whole lines, or what a logger wrapped, which must stay where it is */
	size_t behind;    /* bytes behind it that mattered, too */
	size_t lines;     /* 0: it is a logger's message */
	size_t known;
	uint64_t before[DEPENDENCIES]; /* hashes of what it depends on; 0: it does not */
	bool is_ended;                 /* a log ended, because what comes next is none of a log's */
	bool types_followed;           /* before */
	bool types_follow;             /* and behind it */
	bool is_named[NAMED_COUNT];    /* otherwise than before: */
	char *names[NAMED_COUNT];
	struct span unknown; /* its last line, if nothing knew that */
	size_t accepted;     /* in which of its lines are statistics of a log without an objection; 0: in none */
	size_t types_line;   /* and what NAMED_TYPES is */
	size_t count;
	struct told told[]; /* numbers are of lines of the part, from 1 */
};

struct repeats {
	/* Of lines, and of messages: how often one may be looked for in vain. Without it only one of a few is, always
	 * the same ones. */
	unsigned credit[2];
	struct {
		uint64_t hash;
		struct repeat *repeat; /* NULL: there is none */
	} places[1U << REPEAT_BITS];
	bool used[(1U << REPEAT_BITS) / REPEAT_GROUP]; /* is one of so many places taken? In most texts few are */
	uint64_t any[(1U << BEGUN_BITS) / 64];         /* is there anything in `begun`? */
	/* By the first line: how many lines, less one, and in the lowest bits which dependencies choose the places of
	 * the parts that begin so. */
	uint64_t begun[1U << BEGUN_BITS];
};

struct reader;

/* Nothing is begun. Does what begins with the line that was taken last repeat something? Then it was taken. */
bool lade_repeat_take(struct reader *reader, const struct span *line);
/* The same of what a logger wrapped. */
bool lade_repeat_take_message(struct reader *reader, const struct span *message);
/* A part begins with the line that was taken last. */
void lade_repeat_begin(struct reader *reader);
/* Nothing is begun any more, and reader->part ends before what comes next. */
void lade_repeat_remember(struct reader *reader);
struct repeats *lade_repeats_free(struct repeats *repeats);

DEFINE_CLEANUP(struct repeats, repeats, lade_repeats_free)

#endif
