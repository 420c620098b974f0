/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash of lines, eight bytes at a time: the highest bits are the best. */
#ifndef LADE_EXPLAIN_HASH_H
#define LADE_EXPLAIN_HASH_H

#include <stdint.h>

static inline uint64_t lade_hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

#endif
