/* SPDX-License-Identifier: BSD-2-Clause */
/* A section whose name gives no type: which ones of the table is it nearly? */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/similar.h"
#include "object/sections_table.h"

enum { NAME_BYTES = 256 };

/* Length of the first `parts` parts of "cgroup/connect4/name". */
static size_t length_of(const char *text, size_t parts)
{
	size_t length = 0;

	while (parts-- && text[length])
		length += strcspn(text + length + (length > 0), "/") + (length > 0);
	return length;
}

static size_t count_parts(const char *text)
{
	size_t parts = 1;

	for (; *text; text++)
		parts += *text == '/';
	return parts;
}

/* The mistyped beginning is compared with the prefix; what follows it stays. */
static void consider(struct similar_names *similar, const char *section, const char *prefix)
{
	char begins[NAME_BYTES], meant[NAME_BYTES];
	size_t length = length_of(section, count_parts(prefix));
	unsigned distance;

	if (length >= sizeof begins ||
	    (size_t)snprintf(meant, sizeof meant, "%s%s", prefix, section + length) >= sizeof meant)
		return;
	memcpy(begins, section, length);
	begins[length] = '\0';
	distance = lade_edit_distance(begins, prefix);
	if (distance && distance <= 1 + length / 4)
		lade_similar_add(similar, meant, distance);
}

static bool is_there(const struct similar_names *similar, const char *name)
{
	for (size_t i = 0; i < similar->count; i++)
		if (strcmp(similar->names[i], name) == 0)
			return true;
	return false;
}

void lade_section_near(const char *dialect, const char *section, struct similar_names *similar)
{
	for (size_t i = 0; i < lade_section_row_count; i++) {
		const struct section_row *row = &lade_section_rows[i];
		if (strcmp(row->dialect, dialect) == 0 && row->match != MATCH_PATTERN &&
		    !is_there(similar, row->prefix))
			consider(similar, section, row->prefix);
	}
}
