/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known while a text is read line by line. */
#ifndef LADE_EXPLAIN_READER_H
#define LADE_EXPLAIN_READER_H

#include "explain/repeats/repeats.h"
#include "explain/repeats/shapes.h"
#include "explain/repeats/seen.h"
#include "explain/text.h"
#include "explain/repeats/word_shapes.h"

#define LINE_BYTES (1 << 16)         /* of a line, the rest is left out */
#define LARGE_TEXT ((size_t)1 << 20) /* of it all that the reader remembers is used, here and there */

/* Lines from where nothing was begun to where nothing is any more; in most texts one. */
struct part {
	struct span line;   /* the first */
	size_t number;      /* of the line before */
	size_t known, told; /* before */
	bool is_plain;      /* no logger's words in front, and nothing behind it says what it means */
	bool is_marked;     /* its first line began a log, and named a program */
	bool is_understood; /* or all of its lines were there before */
	bool is_repeated;   /* its message was */
	bool is_ended;      /* a log ended, because what comes next is none of a log's */
	struct span message;
	size_t messages; /* that loggers wrapped, or wrote on one line; the last is `message` */
};

/* A message of which is known which rule of other tools it has: TOOL_NONE of text.h, if it has none. */
#define RULED_BITS 14
struct ruled {
	const char *text; /* in the text that is read */
	uint32_t length;
	uint16_t rule; /* 0: there is no message here */
};

struct reader {
	struct lade_explanation *explanation;
	const char *at, *end;          /* the next line begins at `at` */
	size_t number;                 /* of the last line that was taken, from 1 */
	const char *begin, *looked;    /* up to there the line's meaning depends on what is behind it */
	const char *furthest;          /* the same of all lines */
	bool has_colours;              /* somewhere, or carriage returns: most texts have neither */
	bool has_prose;                /* PROSE_BYTES of explain/text.h: it may have sentences of somebody's */
	bool has_marks;                /* heads.h: the heads of its lines were taken off */
	char *stripped, *peeked;       /* LINE_BYTES: lines without them */
	struct seen *raw, *messages;   /* lines, and what loggers wrapped, that said the same whatever was before */
	const struct seen_line *again; /* what is read was there, and was of a rule */
	struct seen_rule rule;         /* of what was read, whatever was before */
	struct ruled *ruled;           /* messages, by their hash */
	struct placed *placed;         /* the same of the verifier's */
	struct repeats *repeats;       /* parts that were there before */
	struct shapes *shapes;         /* what is the same but for digits */
	struct word_shapes *words;     /* what is the same but for names */
	struct part part;              /* that is read */
	size_t repeated;               /* bytes of lines that were there before, or were like others */
	struct ahead *ahead;           /* which lines say nothing; NULL: not known */
};

struct raw_line {
	const char *text, *next;
	size_t length;
};

/* Nothing was begun that changes what a line means. */
static inline bool lade_is_outside(const struct lade_explanation *explanation)
{
	return !explanation->in_log && !explanation->omitted && explanation->report.section == REPORT_NONE;
}

/* Not a copy without colours, nor what was put together. */
static inline bool lade_is_of_text(const struct reader *reader, const struct span *span)
{
	uintptr_t at = (uintptr_t)span->text;

	return at >= (uintptr_t)reader->begin && at < (uintptr_t)reader->end;
}

/* raw_line.c: without the mark of a head that was taken off. */
struct span lade_unmarked(const struct reader *reader, const struct span *line);
/* The line that begins at `at`; false: the text ends there. */
bool lade_peek_line(const struct reader *reader, const char *at, struct raw_line *ret_line);
/* It matters what this line is, which comes later. */
void lade_look_at(struct reader *reader, const struct raw_line *raw);
/* Without what a logger put before it. The buffer, of LINE_BYTES, is for lines with colours. */
struct log_line lade_parse_line(const struct reader *reader, const struct raw_line *raw, char *buffer);
bool lade_is_blank_span(const struct span *span);
/* escaped.c: the next mark of a newline, and what stands behind it; NULL: there is none. */
const char *lade_find_mark(const char *at, const char *end, const char **ret_behind);
bool lade_is_escaped(const struct lade_explanation *explanation, const struct span *span);
const char *lade_behind_opening(const struct span *span);
/* strace/wrapped.c: a system call that began in the line goes on in the next ones; false: it does not end there. */
bool lade_take_wrapped_call(struct reader *reader, const struct span *line);
/* text.c: all of them. */
void lade_take_lines(struct reader *reader);
/* Is the line that begins at `at` none of a verifier's log, and not empty? */
bool lade_is_behind_log(const struct reader *reader, const char *at);
/* parts.c: `line` was taken last, and nothing was begun. */
void lade_part_begin(const struct reader *reader, const struct span *line, struct part *ret_part);
/* What it says is told later, or of a log that ends with it: it is no part by itself, and is always understood.
 * `is_part`: one ends with it nevertheless. */
void lade_part_open(struct reader *reader, const struct span *line, bool is_part);
/* It ends before `end`: what is the same but for digits may say the same. */
void lade_part_end(struct reader *reader, const struct part *part, const char *end);
/* Does what begins with the line that was taken last, and goes on before `end`, say the same as another part did? Then
 * it was taken. */
bool lade_part_skip(struct reader *reader, const struct span *line, const char *end);
/* The same of the line alone, but for names. */
bool lade_part_skip_line(struct reader *reader, const struct span *line);

#endif
