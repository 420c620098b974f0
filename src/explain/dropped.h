/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When there is no room for more different things, most lines of a text that is full of them say one more, for which
 * there is none. The last such lines are remembered without their digits: a line that is the same but for digits, and
 * that never was one of those that were kept, need not be understood to be dropped as well.
 */
#ifndef LADE_EXPLAIN_DROPPED_H
#define LADE_EXPLAIN_DROPPED_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "explain/hash.h"
#include "explain/line.h"

#define SHAPE_BITS  8
#define KEPT_BITS   16
#define SHAPE_BYTES 1024 /* of a line; longer ones are understood */

struct dropped {
	struct span shapes[1U << SHAPE_BITS];  /* where they stand in the text */
	uint64_t kept[(1U << KEPT_BITS) / 64]; /* by the hash of a line that was counted */
};

/* Eight bytes from `at` on, or those that are left. */
static inline uint64_t lade_shape_word(const struct span *line, size_t at)
{
	size_t left = line->length - at;
	uint64_t word = 0;

	memcpy(&word, line->text + at, left < sizeof word ? left : sizeof word);
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

static inline void lade_shape_hash(const struct span *line, uint64_t *ret_shape, uint64_t *ret_exact)
{
	*ret_shape = *ret_exact = line->length;
	for (size_t at = 0; at < line->length; at += sizeof(uint64_t)) {
		uint64_t word = lade_shape_word(line, at);
		*ret_shape = lade_hash_word(*ret_shape, lade_shape_of(word));
		*ret_exact = lade_hash_word(*ret_exact, word);
	}
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

static inline bool lade_dropped_find(const struct dropped *dropped, const struct span *line)
{
	uint64_t shape, exact;

	if (line->length > SHAPE_BYTES)
		return false;
	lade_shape_hash(line, &shape, &exact);
	exact >>= 64 - KEPT_BITS;
	return !(dropped->kept[exact / 64] >> (exact % 64) & 1) &&
	       lade_shape_is_same(&dropped->shapes[shape >> (64 - SHAPE_BITS)], line);
}

/* A line that was counted, or dropped; in the latter case it must stay where it is. */
static inline void lade_dropped_add(struct dropped *dropped, const struct span *line, bool is_dropped)
{
	uint64_t shape, exact;

	if (line->length > SHAPE_BYTES)
		return;
	lade_shape_hash(line, &shape, &exact);
	exact >>= 64 - KEPT_BITS;
	if (is_dropped)
		dropped->shapes[shape >> (64 - SHAPE_BITS)] = *line;
	else
		dropped->kept[exact / 64] |= UINT64_C(1) << (exact % 64);
}

#endif
