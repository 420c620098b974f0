/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that are the same but for names. Which words are none of a name is learned while there is room: those that
 * lines which were counted had in common. When there is no room for more, the last lines that said something new, or
 * nothing, or what names nothing, are remembered by these words; a line that has the same words at the same places, and
 * never was one of those that were counted, says the same. (shapes.h looks at digits only, which is faster.)
 */
#ifndef LADE_EXPLAIN_REPEATS_WORD_SHAPES_H
#define LADE_EXPLAIN_REPEATS_WORD_SHAPES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "explain/reading/hash.h"
#include "explain/reading/line.h"

#define WORD_SHAPE_BITS 10
#define WORD_BITS       18
#define WORD_LINE_MOST  1024 /* bytes of a line; longer ones are understood */
#define NAMES_MOST      2    /* words that are no common ones: with more any line would be like any other … */
#define COMMON_LEAST    3    /* … as with fewer common ones */
#define WORDS_CREDIT    1024 /* how often one may be looked for in vain … */
#define WORDS_TRIES     17   /* … before only one line of so many is looked at */
#define WORDS_AGREED    4    /* as often a shape must have said the same before the next one is not understood */

struct word_shape {
	uint64_t shape;  /* 0: there is none */
	size_t item;     /* that is counted; SIZE_MAX: none */
	uint64_t object; /* hash of what it was about, if one is counted */
	unsigned known;  /* 0 or 1 */
	bool is_naming;  /* the program that the next lines are about */
	bool is_verdict; /* alone: what comes next must not be of its log */
	unsigned agreed; /* how often that was so, one after the other */
};

struct word_shapes {
	unsigned credit, tries;
	struct word_shape shapes[1U << WORD_SHAPE_BITS];
	/* by the hash of a word: those that were there, and those that were there more than once */
	uint64_t once[(1U << WORD_BITS) / 64], common[(1U << WORD_BITS) / 64];
};

/* Letters, digits and "_". Every byte is asked. */
static const bool lade_word_bytes[256] = {
	['0' ... '9'] = true, ['A' ... 'Z'] = true, ['_'] = true, ['a' ... 'z'] = true
};

static inline bool lade_is_of_word(char letter)
{
	return lade_word_bytes[(unsigned char)letter];
}

/* The hash of the word at *at, which is taken. */
static inline uint64_t lade_take_word(const char **at, const char *end)
{
	const char *start = *at, *behind = start;
	uint64_t hash = 0, bytes = 0;

	while (behind < end && lade_is_of_word(*behind))
		behind++;
	*at = behind;
	for (; behind - start >= (ptrdiff_t)sizeof bytes; start += sizeof bytes) {
		memcpy(&bytes, start, sizeof bytes);
		hash = lade_hash_word(hash, bytes);
	}
	/* What is behind the word is shifted away. */
	size_t rest = (size_t)(behind - start);
	if (rest && end - start >= (ptrdiff_t)sizeof bytes) {
		memcpy(&bytes, start, sizeof bytes);
		return lade_hash_word(hash, htole64(le64toh(bytes) << 8 * (sizeof bytes - rest)));
	}
	bytes = 0;
	for (; start < behind; start++)
		bytes = bytes >> 8 | (uint64_t)(unsigned char)*start << 56;
	return lade_hash_word(hash, htole64(bytes));
}

static inline bool lade_word_is_common(const struct word_shapes *shapes, uint64_t word)
{
	word >>= 64 - WORD_BITS;
	return shapes->common[word / 64] >> (word % 64) & 1;
}

/* Of something that was counted, as far as is known. */
static inline bool lade_word_is_known(const struct word_shapes *shapes, uint64_t word)
{
	word >>= 64 - WORD_BITS;
	return shapes->once[word / 64] >> (word % 64) & 1;
}

/* 0: it has too many words of its own, or one of them may be the name of what was counted, in other words. */
static inline uint64_t lade_word_shape_of(const struct word_shapes *shapes, const struct span *line)
{
	const char *at = line->text, *end = at + line->length;
	unsigned names = 0, common = 0;
	uint64_t shape = 1;

	while (at < end && names <= NAMES_MOST) {
		if (!lade_is_of_word(*at)) {
			shape = lade_hash_word(shape, (unsigned char)*at++);
			continue;
		}
		bool is_number = lade_is_digit(*at);
		uint64_t word = lade_take_word(&at, end);
		bool is_common = lade_word_is_common(shapes, word);
		if (!is_common && !is_number && lade_word_is_known(shapes, word))
			return 0;
		/* It may be an error's. */
		shape = lade_hash_word(shape, is_common || is_number ? word : 0);
		common += is_common && !is_number;
		names += !is_common && !is_number;
	}
	return names <= NAMES_MOST && common >= COMMON_LEAST ? shape | 1 : 0;
}

/* In most texts no line is like another but for names, and to look for one costs as much as to understand some. */
static inline bool lade_word_shapes_try(struct word_shapes *shapes)
{
	if (shapes->credit)
		return true;
	return ++shapes->tries % WORDS_TRIES == 0;
}

/* NULL: the line must be understood. */
static inline const struct word_shape *lade_word_shapes_find(struct word_shapes *shapes, const struct span *line,
							     uint64_t object)
{
	const struct word_shape *known;
	uint64_t shape;

	if (line->length > WORD_LINE_MOST || !lade_word_shapes_try(shapes))
		return NULL;
	shapes->credit -= shapes->credit > 0;
	shape = lade_word_shape_of(shapes, line);
	known = &shapes->shapes[shape >> (64 - WORD_SHAPE_BITS)];
	if (!shape || known->shape != shape || known->agreed < WORDS_AGREED)
		return NULL;
	if (known->item != SIZE_MAX && known->object != object)
		return NULL;
	shapes->credit = shapes->credit < WORDS_CREDIT ? shapes->credit + 2 : shapes->credit;
	return known;
}

/* What is added has no `shape` yet. */
static inline void lade_word_shapes_add(struct word_shapes *shapes, const struct span *line,
					const struct word_shape *added)
{
	struct word_shape *place;
	uint64_t shape;

	if (line->length > WORD_LINE_MOST || !lade_word_shapes_try(shapes))
		return;
	shape = lade_word_shape_of(shapes, line);
	place = &shapes->shapes[shape >> (64 - WORD_SHAPE_BITS)];
	if (!shape)
		return;
	bool is_same = place->shape == shape && place->known == added->known && place->item == added->item &&
		       place->object == added->object && place->is_verdict == added->is_verdict;
	unsigned agreed = is_same ? place->agreed : 0;
	*place = *added;
	place->shape = shape;
	place->agreed = agreed + 1;
}

/* A line that is like others says something else. */
static inline void lade_word_shapes_doubt(struct word_shapes *shapes, const struct span *line)
{
	uint64_t shape = line->length > WORD_LINE_MOST ? 0 : lade_word_shape_of(shapes, line);
	struct word_shape *place = &shapes->shapes[shape >> (64 - WORD_SHAPE_BITS)];

	if (place->shape == shape)
		place->agreed = 0;
}

/* Of a line that was counted. */
static inline void lade_word_shapes_learn(struct word_shapes *shapes, const struct span *text)
{
	const char *at = text->text, *end = at + (text->length < WORD_LINE_MOST ? text->length : WORD_LINE_MOST);

	while (at < end) {
		if (!lade_is_of_word(*at)) {
			at++;
			continue;
		}
		uint64_t word = lade_take_word(&at, end) >> (64 - WORD_BITS);
		uint64_t *bits = shapes->once[word / 64] >> (word % 64) & 1 ? shapes->common : shapes->once;
		bits[word / 64] |= UINT64_C(1) << (word % 64);
	}
}

#endif
