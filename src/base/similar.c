/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that a user may have meant: smallest edit distance first. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/similar.h"

#define LONGEST_NAME 128

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned lade_edit_distance(const char *one, const char *other)
{
	size_t rows = strlen(one), columns = strlen(other);
	unsigned row[LONGEST_NAME + 1];
	if (rows > LONGEST_NAME || columns > LONGEST_NAME)
		return UINT_MAX;
	for (unsigned j = 0; j <= columns; j++)
		row[j] = j;
	for (unsigned i = 1; i <= rows; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			unsigned change = diagonal + (one[i - 1] != other[j - 1]);
			diagonal = row[j];
			row[j] = smaller(change, smaller(row[j], row[j - 1]) + 1);
		}
	}
	return row[columns];
}

void lade_similar_add(struct similar_names *similar, const char *name, unsigned distance)
{
	size_t place = similar->count;
	while (place > 0 && similar->distances[place - 1] > distance)
		place--;
	if (place == SIMILAR_NAMES)
		return;
	char *copy = strdup(name);
	if (!copy)
		return;
	if (similar->count == SIMILAR_NAMES)
		free(similar->names[--similar->count]);
	memmove(similar->names + place + 1, similar->names + place, (similar->count - place) * sizeof *similar->names);
	memmove(similar->distances + place + 1, similar->distances + place,
		(similar->count - place) * sizeof *similar->distances);
	similar->names[place] = copy;
	similar->distances[place] = distance;
	similar->count++;
}

void lade_similar_consider(struct similar_names *similar, const char *name)
{
	unsigned distance = lade_edit_distance(similar->wanted, name);
	if (distance <= 2 + strlen(similar->wanted) / 4)
		lade_similar_add(similar, name, distance);
}

void lade_similar_evidence(struct similar_names *similar, struct lade_finding *finding, const char *what)
{
	for (size_t i = 0; i < similar->count; i++)
		finding_evidence(finding, "%s %s exists", what, similar->names[i]);
}

void lade_similar_clear(struct similar_names *similar)
{
	for (size_t i = 0; i < similar->count; i++)
		free(similar->names[i]);
	similar->count = 0;
}
