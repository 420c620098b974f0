/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Eight bytes of a text at a time, in a number whose lowest byte is the first. What is asked of them is answered by the
 * highest bit of each byte: no byte carries into the next one.
 */
#ifndef LADE_EXPLAIN_READING_EIGHT_H
#define LADE_EXPLAIN_READING_EIGHT_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EIGHT      8
#define EIGHT_ONES UINT64_C(0x0101010101010101)
#define EIGHT_TOPS (EIGHT_ONES << 7)

static inline uint64_t lade_eight_at(const char *text)
{
	uint64_t bytes;

	memcpy(&bytes, text, sizeof bytes);
	return le64toh(bytes);
}

/* Those of ASCII between the two, or one of them. */
static inline uint64_t lade_eight_between(uint64_t bytes, char first, char last)
{
	const uint64_t low = bytes & ~EIGHT_TOPS;

	return (low + EIGHT_ONES * (uint64_t)(0x80 - first)) & ~(low + EIGHT_ONES * (uint64_t)(0x7f - last)) & ~bytes &
	       EIGHT_TOPS;
}

static inline uint64_t lade_eight_equal(uint64_t bytes, char byte)
{
	bytes ^= EIGHT_ONES * (unsigned char)byte;
	return ~(((bytes & ~EIGHT_TOPS) + ~EIGHT_TOPS) | bytes | ~EIGHT_TOPS);
}

/* How many there are before the first one of which it is so; eight: of none. */
static inline size_t lade_eight_before(uint64_t tops)
{
	return tops ? (size_t)__builtin_ctzll(tops) / 8 : EIGHT;
}

#endif
