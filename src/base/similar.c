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

/* One row of the table behind the other: above is the row before, and further the one before that. */
static void fill_row(const char *one, const char *other, size_t i, size_t columns, const unsigned *further,
		     const unsigned *above, unsigned *row)
{
	row[0] = (unsigned)i;
	for (size_t j = 1; j <= columns; j++) {
		unsigned change = above[j - 1] + (one[i - 1] != other[j - 1]);
		row[j] = smaller(change, smaller(above[j], row[j - 1]) + 1);
		/* Two letters in the wrong order are one mistake. */
		if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
			row[j] = smaller(row[j], further[j - 2] + 1);
	}
}

unsigned lade_edit_distance(const char *one, const char *other)
{
	size_t rows = strlen(one), columns = strlen(other);
	unsigned table[3][LONGEST_NAME + 1];
	if (rows > LONGEST_NAME || columns > LONGEST_NAME)
		return UINT_MAX;
	for (unsigned j = 0; j <= columns; j++)
		table[0][j] = j;
	for (size_t i = 1; i <= rows; i++)
		fill_row(one, other, i, columns, table[(i + 1) % 3], table[(i + 2) % 3], table[i % 3]);
	return table[rows % 3][columns];
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

/* Letters that one has more of than the other: a change of one letter mends two of them at most. */
static bool is_hopeless(const char *one, const char *other, size_t limit)
{
	int counts[64] = { 0 };
	size_t odd = 0;
	for (; *one; one++)
		counts[*one & 63]++;
	for (; *other; other++)
		counts[*other & 63]--;
	for (size_t i = 0; i < 64; i++)
		odd += (size_t)abs(counts[i]);
	return odd > 2 * limit;
}

static unsigned long long letters_of(const char *name)
{
	unsigned long long letters = 0;
	for (; *name; name++)
		letters |= 1ULL << (*name & 63);
	return letters;
}

/* A kernel has 60,000 functions: most are told apart by their length or letters. */
void lade_similar_consider(struct similar_names *similar, const char *name)
{
	size_t wanted = strlen(similar->wanted), length = strlen(name), limit = 2 + wanted / 4;
	if (length + limit < wanted || wanted + limit < length)
		return;
	if ((size_t)__builtin_popcountll(letters_of(similar->wanted) ^ letters_of(name)) > 2 * limit ||
	    is_hopeless(similar->wanted, name, limit))
		return;
	unsigned distance = lade_edit_distance(similar->wanted, name);
	if (distance <= limit)
		lade_similar_add(similar, name, distance);
}

void lade_similar_evidence(struct similar_names *similar, struct lade_finding *finding, const char *what)
{
	for (size_t i = 0; i < similar->count; i++)
		finding_evidence(finding, "%s %s exists", what, similar->names[i]);
	if (lade_similar_is_near(similar))
		finding_fix(finding, "did you mean %s?", similar->names[0]);
}

/* Also of names that were added whatever their distance. */
bool lade_similar_is_near(const struct similar_names *similar)
{
	return similar->count && similar->distances[0] <= 1 + strlen(similar->wanted) / 3;
}

void lade_similar_clear(struct similar_names *similar)
{
	for (size_t i = 0; i < similar->count; i++)
		free(similar->names[i]);
	similar->count = 0;
}
