/* SPDX-License-Identifier: BSD-2-Clause */
/* Which words a text cannot have, by three bytes in a row: one pass over the text instead of one for each word. */
#ifndef LADE_EXPLAIN_READING_GRAMS_H
#define LADE_EXPLAIN_READING_GRAMS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GRAM_BITS 12

struct grams {
	uint64_t bits[(1U << GRAM_BITS) / 64];
};

/* Of three bytes, the first the lowest; the same for small and capital letters; as tools/csv2c.py computes it. */
static inline uint32_t lade_gram_of(uint32_t bytes)
{
	return ((bytes | 0x202020) * 2654435761U) >> (32 - GRAM_BITS);
}

/* A byte behind the text must be readable. */
static inline void lade_grams_of(const char *text, size_t length, struct grams *ret_grams)
{
	uint64_t *bits = ret_grams->bits;
	uint32_t four;

	memset(ret_grams, 0, sizeof *ret_grams);
	for (size_t i = 0; i + 2 < length; i++) {
		memcpy(&four, text + i, sizeof four);
		uint32_t number = lade_gram_of(le32toh(four) & 0xffffff);
		bits[number / 64] |= UINT64_C(1) << (number % 64);
	}
}

static inline bool lade_gram_is_there(const struct grams *grams, uint16_t number)
{
	return grams->bits[number / 64] >> (number % 64) & 1;
}

#define WORD_GRAMS 3 /* of a word: at its beginning, in the middle, at its end */

/* Wrong only in saying yes. */
static inline bool lade_grams_may_have(const struct grams *grams, const uint16_t word[WORD_GRAMS])
{
	return lade_gram_is_there(grams, word[0]) && lade_gram_is_there(grams, word[1]) &&
	       lade_gram_is_there(grams, word[2]);
}

/* Those of a word that the compiler knows, of three bytes at least. */
#define GRAM_AT(word, at)                                                                                              \
	((((uint32_t)(unsigned char)(word)[at] | (uint32_t)(unsigned char)(word)[(at) + 1] << 8 |                      \
	   (uint32_t)(unsigned char)(word)[(at) + 2] << 16 | 0x202020U) *                                              \
	  2654435761U) >>                                                                                              \
	 (32 - GRAM_BITS))
#define GRAMS_OF(word)                                                                                                 \
	{                                                                                                              \
		GRAM_AT(word, 0), GRAM_AT(word, (sizeof(word) - 4) / 2), GRAM_AT(word, sizeof(word) - 4)               \
	}

#endif
