/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that say nothing, and say it again and again: a few of the last are remembered by where they stand in the text.
 * Only lines of which it is true whatever was before.
 */
#ifndef LADE_EXPLAIN_SEEN_H
#define LADE_EXPLAIN_SEEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "explain/line.h"

#define SEEN_BITS 10

struct seen {
	struct {
		struct span line, message; /* message: what stands in the line behind the logger's words */
		size_t behind;             /* bytes behind the line that count, too */
	} lines[1U << SEEN_BITS];
};

static inline size_t lade_seen_slot(const struct span *line)
{
	uint64_t first = 0, last = 0;

	if (line->length >= sizeof first) { /* nearly always, and then no call */
		memcpy(&first, line->text, sizeof first);
		memcpy(&last, line->text + line->length - sizeof last, sizeof last);
	} else {
		memcpy(&first, line->text, line->length);
	}
	return ((first ^ (last << 7 | last >> 57) ^ line->length) * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - SEEN_BITS);
}

/* `end`: of the text. */
static inline const struct span *lade_seen_find(const struct seen *seen, const struct span *line, const char *end)
{
	size_t slot = lade_seen_slot(line), behind = seen->lines[slot].behind;
	const struct span *known = &seen->lines[slot].line;

	if (!known->text || known->length != line->length || memcmp(known->text, line->text, line->length) != 0)
		return NULL;
	if (behind && ((size_t)(end - line->text) < line->length + behind ||
		       memcmp(known->text + line->length, line->text + line->length, behind) != 0))
		return NULL;
	return &seen->lines[slot].message;
}

/* Both must stay where they are. */
static inline void lade_seen_add(struct seen *seen, const struct span *line, const struct span *message, size_t behind)
{
	size_t slot = lade_seen_slot(line);

	seen->lines[slot].line = *line;
	seen->lines[slot].message = *message;
	seen->lines[slot].behind = behind;
}

#endif
