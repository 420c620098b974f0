/* SPDX-License-Identifier: BSD-2-Clause */
#include "elf/near.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FAR      UINT32_MAX
#define LONGEST  128 /* bytes of a name that is compared letter by letter */
#define CONTAINS 4   /* counts as this many wrong letters */

static unsigned minimum(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to insert, remove or change; one row of the usual table at a time. */
static unsigned edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned row[LONGEST + 1];
	for (size_t j = 0; j <= b_length; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; i < a_length; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < b_length; j++) {
			unsigned changed = diagonal + (a[i] != b[j]);
			diagonal = row[j + 1];
			row[j + 1] = minimum(changed, minimum(row[j], row[j + 1]) + 1);
		}
	}
	return row[b_length];
}

static unsigned distance(const struct lade_near *near, const char *name)
{
	size_t length = strlen(name), wanted = near->wanted_length;
	if (!strcasecmp(name, near->wanted))
		return 0;
	size_t apart = length > wanted ? length - wanted : wanted - length;
	if (apart <= 2 && length <= LONGEST && wanted <= LONGEST) {
		unsigned edits = edit_distance(near->wanted, wanted, name, length);
		if (edits <= 2 && (size_t)edits * 2 < wanted)
			return edits;
	}
	return wanted >= 4 && length > wanted && strstr(name, near->wanted) ? CONTAINS : FAR;
}

static bool is_known(const struct lade_near *near, const char *name)
{
	for (size_t i = 0; i < near->count; i++)
		if (!strcmp(near->best[i].name, name))
			return true;
	return false;
}

void lade_near_consider(struct lade_near *near, const char *name)
{
	unsigned how_far = distance(near, name);
	size_t at = near->count;
	while (at > 0 && near->best[at - 1].distance > how_far)
		at--;
	if (how_far == FAR || at == LADE_NEAR_NAMES || is_known(near, name))
		return;
	char *copy = strdup(name);
	if (!copy)
		return;
	if (near->count == LADE_NEAR_NAMES)
		free(near->best[--near->count].name);
	memmove(&near->best[at + 1], &near->best[at], (near->count - at) * sizeof near->best[0]);
	near->best[at].name = copy;
	near->best[at].distance = how_far;
	near->count++;
}

void lade_near_report(const struct lade_near *near, struct lade_finding *finding)
{
	for (size_t i = 0; i < near->count; i++)
		finding_evidence(finding, "similar: %s", near->best[i].name);
}

void lade_near_clear(struct lade_near *near)
{
	for (size_t i = 0; i < near->count; i++)
		free(near->best[i].name);
	near->count = 0;
}
