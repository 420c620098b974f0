/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which strings of 64 bytes can be wanted names, by their first three bytes. A byte is looked up by its two halves:
 * each gives a set of eight groups of names, and a string is a candidate when all six halves have a group in common.
 * This is what wide registers do best: one instruction looks up 32 halves.
 */
#ifndef LADE_BTF_SCAN_STEP_H
#define LADE_BTF_SCAN_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_STEP  64u                      /* bytes */
#define SCAN_FIRST 3u                       /* bytes of a string that are looked at */
#define SCAN_AHEAD (SCAN_STEP + SCAN_FIRST) /* bytes that a step reads */

struct lade_sieve {
	uint8_t low[SCAN_FIRST][16];
	uint8_t high[SCAN_FIRST][16];
};

/* first: the first SCAN_FIRST bytes; -1: any. */
void lade_sieve_add(struct lade_sieve *sieve, const int first[SCAN_FIRST]);
/*
 * From *at on, step by step while SCAN_AHEAD bytes are left before `end`: where a byte is zero and what follows may be
 * a wanted name. Stops when fewer than SCAN_STEP of `room` are left. Moves *at on; gives the number.
 */
typedef size_t lade_step_fn(const struct lade_sieve *sieve, const char *bytes, size_t *at, size_t end, uint32_t *found,
			    size_t room);
/* All that this processor has, the slowest first; NULL: no more. They find the same. */
lade_step_fn *lade_step_at(size_t index);
/* The quickest. */
static inline lade_step_fn *lade_step_choose(void)
{
	size_t last = 0;
	while (lade_step_at(last + 1))
		last++;
	return lade_step_at(last);
}

static inline bool lade_sieve_passes(const struct lade_sieve *sieve, const uint8_t first[SCAN_FIRST])
{
	uint8_t groups = 0xff;
	for (size_t i = 0; i < SCAN_FIRST; i++)
		groups &= sieve->low[i][first[i] % 16] & sieve->high[i][first[i] / 16];
	return groups;
}

#endif
