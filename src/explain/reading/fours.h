/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of many words a long text cannot have, by four bytes in a row: one pass over it instead of one for each word.
 * grams.h does so for lines; a megabyte has nearly all of its numbers. */
#ifndef LADE_EXPLAIN_READING_FOURS_H
#define LADE_EXPLAIN_READING_FOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FOURS_BITS 20

struct fours {
	uint64_t bits[(1U << FOURS_BITS) / 64];
};

static inline uint32_t lade_four_at(const char *text)
{
	uint32_t four;

	memcpy(&four, text, sizeof four);
	return (four * 2654435761U) >> (32 - FOURS_BITS);
}

/* Adds to what is there. */
static inline void lade_fours_of(const char *text, size_t length, struct fours *fours)
{
	for (size_t i = 0; i + sizeof(uint32_t) <= length; i++) {
		const uint32_t number = lade_four_at(text + i);
		fours->bits[number / 64] |= UINT64_C(1) << (number % 64);
	}
}

/* Wrong only in saying yes. */
static inline bool lade_fours_may_have(const struct fours *fours, const char *word, size_t bytes)
{
	for (size_t i = 0; i + sizeof(uint32_t) <= bytes; i++) {
		const uint32_t number = lade_four_at(word + i);
		if (!(fours->bits[number / 64] >> (number % 64) & 1))
			return false;
	}
	return true;
}

#endif
