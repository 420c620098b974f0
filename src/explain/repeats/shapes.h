/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When there is no room for more different things, most lines of a text that is full of them say one more, for which
 * there is none, or nothing, or one that names nothing. The last such lines, and logs from their first line to their
 * last, are remembered without their digits: what is the same but for digits, and never was one of those that were
 * kept, need not be understood to say the same.
 */
#ifndef LADE_EXPLAIN_REPEATS_SHAPES_H
#define LADE_EXPLAIN_REPEATS_SHAPES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "explain/reading/hash.h"
#include "explain/reading/line.h"

#define SHAPE_BITS 10
#define KEPT_BITS  16
#define LINE_MOST  1024        /* bytes of a line; longer ones are understood */
#define PART_MOST  (16U << 10) /* bytes of several lines */
#define AGREED     4           /* as often a shape must have said the same before the next one is not understood */

/* One line, or several, one after the other; they must stay where they are. */
struct shape_part {
	struct span text;    /* without the last newline */
	size_t line;         /* bytes of the first line */
	size_t named;        /* bytes from the first on that say which thing it is */
	size_t lines, known; /* how many, and of how many something is known */
	size_t item;         /* that is counted; SIZE_MAX: none */
	size_t told;         /* for which of the lines, from 1 */
	uint64_t object;     /* hash of what it was about, if one is counted */
	unsigned agreed;     /* how often parts of this shape said the same, one after the other */
	bool is_naming;      /* the program that the next lines are about */
};

struct shapes {
	struct {
		struct span text;
		uint64_t shape, exact;
	} last; /* what was hashed last: it is asked for before and after it is read */
	struct shape_part parts[1U << SHAPE_BITS]; /* by the shape of the first line */
	uint64_t kept[(1U << KEPT_BITS) / 64];     /* by the hash of what was counted when there was room */
};

/* The bytes from `at` on: eight, or the rest. */
static inline uint64_t lade_shape_word(const struct span *line, size_t at)
{
	uint64_t word = 0;

	if (line->length - at >= sizeof word)
		memcpy(&word, line->text + at, sizeof word);
	else
		memcpy(&word, line->text + at, line->length - at);
	return word;
}

/* Zeros for digits. */
static inline uint64_t lade_shape_of(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), lows = ones * 0x7f;
	uint64_t from_zero = word ^ ones * '0';
	uint64_t digits = ~(((from_zero & lows) + ones * (0x80 - 10)) | from_zero) & ones << 7;

	return word & ~((digits >> 7) * 0xff);
}

static inline void lade_shapes_hash(struct shapes *shapes, const struct span *text)
{
	uint64_t shape = text->length, exact = text->length;

	if (shapes->last.text.text == text->text && shapes->last.text.length == text->length)
		return;
	for (size_t at = 0; at < text->length; at += sizeof(uint64_t)) {
		uint64_t word = lade_shape_word(text, at);
		shape = lade_hash_word(shape, lade_shape_of(word));
		exact = lade_hash_word(exact, word);
	}
	shapes->last.text = *text;
	shapes->last.shape = shape >> (64 - SHAPE_BITS);
	shapes->last.exact = exact >> (64 - KEPT_BITS);
}

static inline bool lade_shape_is_same(const struct span *one, const struct span *other)
{
	if (!one->text || one->length != other->length)
		return false;
	for (size_t at = 0; at < one->length; at += sizeof(uint64_t))
		if (lade_shape_of(lade_shape_word(one, at)) != lade_shape_of(lade_shape_word(other, at)))
			return false;
	return true;
}

static inline bool lade_shapes_is_kept(struct shapes *shapes, const struct span *text)
{
	lade_shapes_hash(shapes, text);
	return shapes->kept[shapes->last.exact / 64] >> (shapes->last.exact % 64) & 1;
}

/* `end`: of the text; `object`: what it is about. What begins with `line` and says the same; NULL: it must be
 * understood. */
static inline const struct shape_part *lade_shapes_find(struct shapes *shapes, const struct span *line, const char *end,
							uint64_t object)
{
	const struct shape_part *part;
	struct span same = *line;

	if (line->length > LINE_MOST)
		return NULL;
	lade_shapes_hash(shapes, line);
	part = &shapes->parts[shapes->last.shape];
	if (part->agreed < AGREED || (part->item != SIZE_MAX && part->object != object) || part->line != line->length ||
	    (size_t)(end - line->text) < part->text.length)
		return NULL;
	same.length = part->text.length;
	if (!lade_shape_is_same(&part->text, &same) ||
	    (same.length > line->length && same.text + same.length < end && same.text[same.length] != '\n'))
		return NULL;
	same.length = part->named;
	return lade_shapes_is_kept(shapes, &same) ? NULL : part;
}

static inline void lade_shapes_add(struct shapes *shapes, const struct shape_part *part)
{
	const struct span line = { part->text.text, part->line };
	struct shape_part *known;
	unsigned agreed = 0;

	if (part->line > LINE_MOST || part->text.length > PART_MOST)
		return;
	lade_shapes_hash(shapes, &line);
	known = &shapes->parts[shapes->last.shape];
	if (known->line == part->line && known->named == part->named && known->lines == part->lines &&
	    known->known == part->known && known->item == part->item && known->told == part->told &&
	    known->object == part->object && lade_shape_is_same(&known->text, &part->text))
		agreed = known->agreed;
	*known = *part;
	known->agreed = agreed + 1;
}

/* What was counted is always understood. */
static inline void lade_shapes_keep(struct shapes *shapes, const struct span *text)
{
	if (text->length > PART_MOST)
		return;
	lade_shapes_hash(shapes, text);
	shapes->kept[shapes->last.exact / 64] |= UINT64_C(1) << (shapes->last.exact % 64);
}

#endif
