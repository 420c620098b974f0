/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash of lines, eight bytes at a time: the highest bits are the best. */
#ifndef LADE_EXPLAIN_READING_HASH_H
#define LADE_EXPLAIN_READING_HASH_H

#include <stdint.h>
#include <string.h>

#include "explain/reading/line.h"

#define HASHED_BYTES 256 /* of a line, and its last eight */

static inline uint64_t lade_hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Lines often differ only in the middle, by a name or a number. */
static inline uint64_t lade_hash_line(const struct span *line)
{
	size_t length = line->length < HASHED_BYTES ? line->length : HASHED_BYTES;
	uint64_t word = 0, hash = line->length;

	if (line->length < sizeof word) {
		memcpy(&word, line->text, line->length);
		return lade_hash_word(hash, word);
	}
	for (size_t at = 0; at + sizeof word <= length; at += sizeof word) {
		memcpy(&word, line->text + at, sizeof word);
		hash = lade_hash_word(hash, word);
	}
	memcpy(&word, line->text + line->length - sizeof word, sizeof word);
	return lade_hash_word(hash, word);
}

#endif
