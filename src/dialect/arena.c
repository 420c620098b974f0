/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Variables in address space 1 live in the object's arena, a map that the author declares. They become variables of
 * that map; where in the arena they begin is the plan's business.
 */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#define MAP_TYPE_ARENA 33 /* since 6.9 */

static int refuse_second(struct filling *filling, const struct lade_map *first, const struct lade_map *second)
{
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.arena.second", "%s: maps %s and %s are both arenas",
			       filling->elf->file, first->name, second->name);
	finding_map(finding, second->name);
	return -ENOEXEC;
}

static int find_arena(struct filling *filling, uint32_t *ret_index)
{
	*ret_index = NO_INDEX;
	for (uint32_t i = 0; i < filling->object->maps.count; i++) {
		const struct lade_map *map = filling->object->maps.items[i];
		if (map->definition.type != MAP_TYPE_ARENA)
			continue;
		if (*ret_index != NO_INDEX)
			return refuse_second(filling, filling->object->maps.items[*ret_index], map);
		*ret_index = i;
	}
	return 0;
}

static int fill_arena(struct filling *filling, uint32_t index, const struct elf_section *section)
{
	struct lade_map *map = filling->object->maps.items[index];
	if (section->size > INT32_MAX)
		return lade_fail(filling->error, ENOEXEC, "dialect.btf.data", "%s: section %s has %llu bytes",
				 filling->elf->file, section->name, (unsigned long long)section->size);
	map->arena_bytes = (uint32_t)section->size;
	map->data = calloc(1, section->size ? section->size : 1);
	if (!map->data)
		return lade_fail_memory(filling->error);
	if (section->bytes)
		memcpy(map->data, section->bytes, section->size);
	filling->uses[section->index].map = index;
	return lade_btf_variables_read(filling, index, section) < 0 ? lade_fail_memory(filling->error) : 0;
}

int lade_btf_arena_read(struct filling *filling)
{
	uint32_t arena;
	int result = find_arena(filling, &arena);
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++) {
		if (filling->uses[i].role != ROLE_ARENA)
			continue;
		if (arena == NO_INDEX)
			return lade_fail(filling->error, ENOEXEC, "dialect.arena.missing",
					 "%s: section %s holds variables of an arena, and no map is one",
					 filling->elf->file, filling->elf->sections[i].name);
		result = fill_arena(filling, arena, &filling->elf->sections[i]);
		break; /* of several sections of this name, which no compiler makes, the first counts */
	}
	return result;
}
