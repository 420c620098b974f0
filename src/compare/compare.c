/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of differences. */
#include <stdio.h>

#include "compare/compare.h"

#include "base/info.h"

LADE_API const char *lade_difference_kind_name(enum lade_difference_kind change)
{
	static const char *const names[] = {
		[LADE_DIFFERENCE_ADDED] = "added",
		[LADE_DIFFERENCE_REMOVED] = "removed",
		[LADE_DIFFERENCE_CHANGED] = "changed",
	};

	return (size_t)change < ELEMENTS(names) ? names[change] : names[LADE_DIFFERENCE_CHANGED];
}

LADE_API struct lade_compare *lade_compare_free(struct lade_compare *compare)
{
	if (!compare)
		return NULL;
	array_foreach(item, &compare->items) {
		free(item->name);
		free(item->before);
		free(item->after);
		free(item->detail);
	}
	array_clear(&compare->items);
	free(compare);
	return NULL;
}

static char *copy(struct lade_compare *compare, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	compare->failed |= text && !copied;
	return copied;
}

struct difference *lade_compare_add(struct lade_compare *compare, const char *section, const char *name,
				    const char *what, const char *before, const char *after)
{
	struct difference *item = array_push(&compare->items);

	if (!item) {
		compare->failed = true;
		return NULL;
	}
	item->change = before && after ? LADE_DIFFERENCE_CHANGED
		       : before        ? LADE_DIFFERENCE_REMOVED
				       : LADE_DIFFERENCE_ADDED;
	item->section = section;
	item->what = what;
	item->name = copy(compare, name ? name : "");
	item->before = copy(compare, before);
	item->after = copy(compare, after);
	return item;
}

void lade_compare_text(struct lade_compare *compare, const char *section, const char *name, const char *what,
		       const char *before, const char *after)
{
	if (before == after || (before && after && strcmp(before, after) == 0))
		return;
	struct difference *item = lade_compare_add(compare, section, name, what, before, after);
	if (item)
		item->change = LADE_DIFFERENCE_CHANGED; /* a property came or went, not the thing */
}

void lade_compare_number(struct lade_compare *compare, const char *section, const char *name, const char *what,
			 uint64_t before, uint64_t after)
{
	char text[2][24];

	if (before == after)
		return;
	(void)snprintf(text[0], sizeof text[0], "%llu", (unsigned long long)before);
	(void)snprintf(text[1], sizeof text[1], "%llu", (unsigned long long)after);
	(void)lade_compare_add(compare, section, name, what, text[0], text[1]);
}

LADE_API size_t lade_compare_count(const struct lade_compare *compare)
{
	return compare->items.count;
}

LADE_API int lade_compare_difference(const struct lade_compare *compare, size_t index,
				     struct lade_difference_info *info)
{
	if (index >= compare->items.count)
		return -ERANGE;
	const struct difference *item = &compare->items.items[index];
	const struct lade_difference_info full = {
		.change = item->change,
		.section = item->section,
		.name = item->name,
		.what = item->what,
		.before = item->before,
		.after = item->after,
		.detail = item->detail,
		.removed = item->removed,
		.added = item->added,
	};
	return info_fill(info, &full, sizeof full);
}
