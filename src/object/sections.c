/* SPDX-License-Identifier: BSD-2-Clause */
/* Lookup over the tables that are generated from data/. */
#include "object/sections.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "object/sections_table.h"

/* `rest` is what follows the prefix in the section's name. */
typedef bool match_fn(const char *rest);

static bool match_exact(const char *rest)
{
	return !*rest;
}

static bool match_prefix_name(const char *rest)
{
	/* The old loader compared the prefix with its slash only: an empty name is refused later, by name. */
	return *rest == '/';
}

static bool match_prefix_or_exact(const char *rest)
{
	return !*rest || *rest == '/';
}

static bool match_loose(const char *rest)
{
	(void)rest;
	return true;
}

static bool row_matches(const struct section_row *row, const char *section, const char **ret_rest)
{
	static match_fn *const matchers[] = {
		[MATCH_EXACT] = match_exact,
		[MATCH_PREFIX_NAME] = match_prefix_name,
		[MATCH_PREFIX_OR_EXACT] = match_prefix_or_exact,
		[MATCH_LOOSE] = match_loose,
	};
	size_t length = strlen(row->prefix);
	if ((size_t)row->match >= ELEMENTS(matchers) || strncmp(section, row->prefix, length) != 0)
		return false;
	*ret_rest = section + length;
	return matchers[row->match](*ret_rest);
}

static const struct section_range *find_range(const char *dialect)
{
	for (size_t i = 0; i < lade_section_range_count; i++)
		if (strcmp(lade_section_ranges[i].dialect, dialect) == 0)
			return &lade_section_ranges[i];
	return NULL;
}

const struct section_row *lade_section_find(const char *dialect, const char *section, const char **ret_target)
{
	const struct section_range *range = find_range(dialect);
	const char *end = range ? range->letters + range->count : NULL, *at = range ? range->letters : NULL;
	for (; at && (at = memchr(at, *section, (size_t)(end - at))); at++) {
		const struct section_row *row = &lade_section_rows[range->first + (size_t)(at - range->letters)];
		const char *rest;
		if (!row_matches(row, section, &rest))
			continue;
		if (ret_target)
			*ret_target = *rest == '/' && rest[1] ? rest + 1 : NULL;
		return row;
	}
	return NULL;
}

static const char *name_of(const char *const *names, size_t count, uint32_t number)
{
	return number < count ? names[number] : NULL;
}

static int number_of(const char *const *names, size_t count, const char *name, uint32_t *ret_number)
{
	for (size_t i = 1; i < count; i++) {
		if (names[i] && strcmp(names[i], name) == 0) {
			*ret_number = (uint32_t)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *lade_map_type_name(uint32_t type)
{
	return type ? name_of(lade_map_names, lade_map_name_count, type) : NULL;
}

const char *lade_program_type_name(uint32_t type)
{
	return type ? name_of(lade_program_names, lade_program_name_count, type) : NULL;
}

const char *lade_attach_type_name(uint32_t attach_type)
{
	return name_of(lade_attach_names, lade_attach_name_count, attach_type);
}

int lade_program_type_parse(const char *name, uint32_t *ret_type)
{
	return number_of(lade_program_names, lade_program_name_count, name, ret_type);
}
