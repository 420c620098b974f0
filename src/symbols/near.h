/* SPDX-License-Identifier: BSD-2-Clause */
/* "Did you mean": names of a symbol table that look like the one that was not found. */
#ifndef LADE_SYMBOLS_NEAR_H
#define LADE_SYMBOLS_NEAR_H

#include "base/array.h"
#include "base/error.h"

#define LADE_NEAR_NAMES 5

struct lade_near {
	const char *wanted;
	size_t wanted_length;
	/* The best few, nearest first; names are copies. */
	struct {
		char *name;
		unsigned distance;
	} best[LADE_NEAR_NAMES];
	size_t count;
};

void lade_near_consider(struct lade_near *near, const char *name);
void lade_near_report(const struct lade_near *near, struct lade_finding *finding);
void lade_near_clear(struct lade_near *near);

#endif
