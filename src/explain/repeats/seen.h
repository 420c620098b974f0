/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that say the same again and again, nothing or that something failed, or that are of the same rule: a few of the
 * last are remembered by where they stand in the text. Only lines of which it is true whatever was before.
 */
#ifndef LADE_EXPLAIN_REPEATS_SEEN_H
#define LADE_EXPLAIN_REPEATS_SEEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "explain/reading/hash.h"
#include "explain/reading/line.h"
#include "explain/text.h"

#define SEEN_BITS 12

/* Which rule a message is of. */
struct seen_rule {
	uint16_t number; /* from 1; 0: none */
	bool is_tool;    /* of lade_tool_rules, else of lade_explain_rules */
};

struct seen_line {
	struct span line, message; /* message: what stands in the line behind the logger's words */
	size_t behind;             /* bytes behind the line that count, too */
	struct general general;    /* what it said; without a code, and without a rule: nothing */
	struct seen_rule rule;     /* what it says depends on lines before, but not that it is of this rule */
};

struct seen {
	struct {
		struct span line;
		uint64_t hash;
	} last; /* what was hashed last: it is asked for before and after it is read */
	/* Of the hashes of lines that are there, and of those that were there once: most lines of most texts are not,
	 * and these are near where they are asked for. */
	uint16_t tags[1U << SEEN_BITS], once[1U << SEEN_BITS];
	struct seen_line lines[1U << SEEN_BITS];
};

static inline uint64_t lade_seen_hash(struct seen *seen, const struct span *line)
{
	if (seen->last.line.text != line->text || seen->last.line.length != line->length) {
		seen->last.line = *line;
		seen->last.hash = lade_hash_line(line);
	}
	return seen->last.hash;
}

/* Of the bits that choose no place; never 0. */
static inline uint16_t lade_seen_tag(uint64_t hash)
{
	return (uint16_t)(hash >> 16) | 1;
}

/* `end`: of the text. */
static inline const struct seen_line *lade_seen_find(struct seen *seen, const struct span *line, const char *end)
{
	const uint64_t hash = lade_seen_hash(seen, line);
	const size_t place = hash >> (64 - SEEN_BITS);
	const struct seen_line *known = &seen->lines[place];

	if (seen->tags[place] != lade_seen_tag(hash) || known->line.length != line->length ||
	    memcmp(known->line.text, line->text, line->length) != 0)
		return NULL;
	const size_t behind = known->behind;
	if (behind && ((size_t)(end - line->text) < line->length + behind ||
		       memcmp(known->line.text + line->length, line->text + line->length, behind) != 0))
		return NULL;
	return known;
}

/* Its spans must stay where they are. The first time only that it was there is written down. */
static inline void lade_seen_add(struct seen *seen, const struct seen_line *line)
{
	const uint64_t hash = lade_seen_hash(seen, &line->line);
	const size_t place = hash >> (64 - SEEN_BITS);
	const uint16_t tag = lade_seen_tag(hash);

	if (seen->once[place] == tag) {
		seen->tags[place] = tag;
		seen->lines[place] = *line;
	}
	seen->once[place] = tag;
}

#endif
