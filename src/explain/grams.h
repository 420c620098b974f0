/* SPDX-License-Identifier: BSD-2-Clause */
/* Which words a text cannot have, by three bytes in a row: one pass over the text instead of one for each word. */
#ifndef LADE_EXPLAIN_GRAMS_H
#define LADE_EXPLAIN_GRAMS_H

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

static inline uint32_t gram(const char *text)
{
	return lade_gram_of((uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[1] << 8 |
			    (uint32_t)(unsigned char)text[2] << 16);
}

static inline void lade_grams_of(const char *text, size_t length, struct grams *ret_grams)
{
	uint32_t bytes = 0;

	memset(ret_grams, 0, sizeof *ret_grams);
	for (size_t i = 0; i < length; i++) {
		bytes = bytes >> 8 | (uint32_t)(unsigned char)text[i] << 16;
		uint32_t number = lade_gram_of(bytes);
		if (i >= 2)
			ret_grams->bits[number / 64] |= UINT64_C(1) << (number % 64);
	}
}

static inline bool lade_grams_have(const struct grams *grams, const char *text)
{
	return grams->bits[gram(text) / 64] >> (gram(text) % 64) & 1;
}

static inline bool lade_gram_is_there(const struct grams *grams, uint16_t number)
{
	return grams->bits[number / 64] >> (number % 64) & 1;
}

/* By its first, middle and last bytes. Wrong only in saying yes. */
static inline bool lade_grams_may_have(const struct grams *grams, const char *word)
{
	if (!word[0] || !word[1] || !word[2])
		return true;
	if (!lade_grams_have(grams, word))
		return false;
	size_t length = strlen(word);
	return lade_grams_have(grams, word + length - 3) && lade_grams_have(grams, word + (length - 3) / 2);
}

#endif
