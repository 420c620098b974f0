/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_BASE_SIMILAR_H
#define LADE_BASE_SIMILAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The names nearest to a wanted one, best first. */
#define SIMILAR_NAMES 4
struct similar_names {
	const char *wanted;
	char *names[SIMILAR_NAMES];
	unsigned distances[SIMILAR_NAMES];
	size_t count;
};
void lade_similar_consider(struct similar_names *similar, const char *name);
/* At a distance that the caller has measured; lower is better. */
void lade_similar_add(struct similar_names *similar, const char *name, unsigned distance);
/* As evidence; and the fix asks "did you mean NAME?" if the best is near. */
void lade_similar_evidence(struct similar_names *similar, struct lade_finding *finding, const char *what);
void lade_similar_clear(struct similar_names *similar);
/* Is the best one what was probably meant? */
bool lade_similar_is_near(const struct similar_names *similar);
/* Letters that are missing, too many, wrong or exchanged with their neighbour; UINT_MAX when a name is too long to be
 * compared. */
unsigned lade_edit_distance(const char *one, const char *other);

#endif
