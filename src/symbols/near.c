/* SPDX-License-Identifier: BSD-2-Clause */
#include "symbols/near.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/similar.h"

#define FAR      UINT32_MAX
#define CONTAINS 4 /* counts as this many wrong letters */

static unsigned distance(const struct lade_near *near, const char *name)
{
	size_t length = strlen(name), wanted = near->wanted_length;
	if (!strcasecmp(name, near->wanted))
		return 0;
	size_t apart = length > wanted ? length - wanted : wanted - length;
	if (apart <= 2) { /* a symbol table is long: what cannot be near is not compared */
		unsigned edits = lade_edit_distance(near->wanted, name);
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
