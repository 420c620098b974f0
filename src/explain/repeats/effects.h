/* SPDX-License-Identifier: BSD-2-Clause */
/* What lines do besides what they say, and on what of the lines before it depends: the same lines do the same again. */
#ifndef LADE_EXPLAIN_REPEATS_EFFECTS_H
#define LADE_EXPLAIN_REPEATS_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explain/reading/line.h"

struct lade_explanation;
struct explained;

/* What lines said that matters to those that come. */
enum named {
	NAMED_OBJECT,
	NAMED_PROGRAM,
	NAMED_TYPES, /* what the kernel said of the object's BTF last, and nobody told yet */
	NAMED_COUNT,
	LINE_BEFORE = NAMED_COUNT, /* if nothing knew it */
	DEPENDENCIES,              /* on what a line's meaning may depend */
};

#define TOLD_MAX 8

/* When another attempt is counted: a log and the line that repeats its verdict are one. */
enum counting {
	COUNT_ALWAYS,
	COUNT_LOGS,  /* if the item is of a log, too */
	COUNT_LINES, /* if it is of a line alone */
};

struct told {
	size_t item, number;
	enum counting counting;
	unsigned others; /* of which the same is true, and that have no room for their names */
};

/* What the lines did that were read since nothing was begun, and on what of the lines before it depended. */
struct effects {
	size_t begin; /* number of the line before */
	size_t items; /* how many there were */
	struct told told[TOLD_MAX];
	size_t told_count;
	bool is_new;                   /* the same lines would do something else the next time */
	bool types_follow;             /* before */
	bool is_of_before;             /* the first line says something only together with the line before */
	bool is_of_names;              /* a verdict is another one only because of what was named */
	uint64_t before[DEPENDENCIES]; /* hashes of what mattered, as it was before; 0: it did not matter */
	bool is_named[NAMED_COUNT];    /* is it something else now? */
	const char *unknown;           /* the last line of which nothing is known, where it was read */
};

/* The lines that come are about this one; nothing, if the span has nothing. */
void lade_explanation_name(struct lade_explanation *explanation, enum named which, const struct span *span);
/* A whole one, or NULL: nothing any more. Takes it. */
void lade_explanation_rename(struct lade_explanation *explanation, enum named which, char *name);
/* What was named last; NULL: nothing was. */
char *lade_explanation_named(struct lade_explanation *explanation, enum named which);
/* The line before, if nothing knew it, or else an empty one. */
struct span lade_explanation_line_before(struct lade_explanation *explanation, size_t number);
/* Never 0. */
uint64_t lade_explanation_hash_before(const struct lade_explanation *explanation, size_t number);
/* Nothing is begun; `number`: of the line before. */
void lade_effects_begin(struct lade_explanation *explanation, size_t number);
/* An item was kept, or comes again. */
void lade_effects_tell(struct lade_explanation *explanation, const struct explained *item, size_t number,
		       enum counting counting);
/* It comes again: counts it. */
void lade_explanation_count(struct lade_explanation *explanation, struct explained *item, size_t number,
			    enum counting counting);
/* As many others count as that item. */
void lade_effects_other(struct lade_explanation *explanation, size_t count);

#endif
