/* SPDX-License-Identifier: BSD-2-Clause */
/* Initial slots of prog arrays and maps of maps: relocations of section .maps. */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#define POINTER_BYTES 8

/* Last map that begins at or before the offset: maps of .maps are sorted by offset. */
static struct lade_map *map_around(const struct filling *filling, uint32_t section, uint64_t offset)
{
	struct lade_map *found = NULL;
	array_foreach(map, &filling->object->maps)
		if ((*map)->elf_section == section && (*map)->section_offset <= offset &&
		    (!found || found->section_offset < (*map)->section_offset))
			found = *map;
	return found;
}

/* Bytes before `values` in the map's struct; the array of slots is its last member. */
static int64_t values_offset(const struct filling *filling, const struct lade_map *map)
{
	const struct lade_btf *btf = filling->source->btf;
	const struct btf_type *datasec = lade_btf_type(btf, filling->uses[map->elf_section].datasec);
	for (uint32_t i = 0; i < lade_btf_vlen(datasec); i++) {
		if (lade_btf_secinfos(datasec)[i].offset != map->section_offset)
			continue;
		const struct btf_type *variable = lade_btf_type(btf, lade_btf_secinfos(datasec)[i].type);
		const struct btf_type *type = lade_btf_type(btf, lade_btf_skip_modifiers(btf, variable->type));
		for (uint32_t j = 0; j < lade_btf_vlen(type); j++)
			if (strcmp(lade_btf_string(btf, lade_btf_members(type)[j].name_off), "values") == 0)
				return lade_btf_member_bit_offset(type, j) / 8;
	}
	return -1;
}

static int fail_slot(struct filling *filling, const struct lade_map *map, const struct elf_relocation *entry,
		     const char *why)
{
	const struct elf_symbol *symbol = &filling->elf->symbols[entry->symbol];
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.btf.slot",
			       "%s: relocation at %llu of section .maps: %s %s", filling->elf->file,
			       (unsigned long long)entry->offset, *symbol->name ? symbol->name : "its target", why);
	finding_map(finding, map ? map->name : NULL);
	return -ENOEXEC;
}

/* With a section symbol the place itself is in the eight bytes that are relocated. */
static int64_t target_offset(const struct filling *filling, const struct elf_section *section,
			     const struct elf_relocation *entry)
{
	const struct elf_symbol *symbol = &filling->elf->symbols[entry->symbol];
	uint64_t addend =
		entry->has_addend ? (uint64_t)entry->addend : lade_fill_u64(filling, section->bytes + entry->offset);
	int64_t offset;
	if (symbol->value > INT64_MAX || __builtin_add_overflow((int64_t)symbol->value, (int64_t)addend, &offset))
		return -1;
	return offset;
}

static uint32_t find_map(const struct filling *filling, uint32_t section, int64_t offset)
{
	for (size_t i = 0; offset >= 0 && i < filling->object->maps.count; i++) {
		const struct lade_map *map = filling->object->maps.items[i];
		if (map->elf_section == section && map->section_offset == (uint64_t)offset && !map->inner_only)
			return (uint32_t)i;
	}
	return NO_INDEX;
}

static uint32_t find_program(const struct filling *filling, uint32_t section, int64_t offset)
{
	uint32_t function = offset < 0 ? NO_INDEX : lade_code_find(filling, section, (uint64_t)offset);
	for (size_t i = 0; function != NO_INDEX && i < filling->object->programs.count; i++)
		if (filling->object->programs.items[i]->function == function)
			return (uint32_t)i;
	return NO_INDEX;
}

static int read_slot(struct filling *filling, const struct elf_section *section, const struct elf_relocation *entry)
{
	struct lade_map *map = map_around(filling, section->index, entry->offset);
	int64_t values = map ? values_offset(filling, map) : -1;
	uint64_t end;
	if (__builtin_add_overflow(entry->offset, POINTER_BYTES, &end) || end > section->size)
		return fail_slot(filling, map, entry, "does not fit into the section");
	if (values < 0 || entry->offset < map->section_offset + (uint64_t)values)
		return fail_slot(filling, map, entry, "is not among the values of a map");
	uint64_t bytes = entry->offset - map->section_offset - (uint64_t)values;
	if (bytes % POINTER_BYTES || bytes / POINTER_BYTES > UINT32_MAX)
		return fail_slot(filling, map, entry, "does not begin at a slot");
	int64_t target = target_offset(filling, section, entry);
	uint32_t symbol_section = filling->elf->symbols[entry->symbol].section;
	bool programs = map->definition.type == BPF_MAP_TYPE_PROG_ARRAY;
	uint32_t index =
		programs ? find_program(filling, symbol_section, target) : find_map(filling, symbol_section, target);
	if (index == NO_INDEX)
		return fail_slot(filling, map, entry, programs ? "is no program" : "is no map");
	struct map_initial *initial = array_push(&map->initial);
	if (!initial)
		return lade_fail_memory(filling->error);
	*initial = (struct map_initial){ (uint32_t)(bytes / POINTER_BYTES), programs ? NO_INDEX : index,
					 programs ? index : NO_INDEX };
	return 0;
}

int lade_btf_slots_read(struct filling *filling)
{
	const struct elf_section *section = lade_elf_section(filling->elf, ".maps");
	struct elf_relocations relocations = { 0 };
	if (!section || !section->bytes || !filling->uses[section->index].datasec)
		return 0;
	int result = lade_elf_relocations(filling->elf, section->index, &relocations, filling->error);
	for (size_t i = 0; result == 0 && i < relocations.count; i++)
		result = read_slot(filling, section, &relocations.items[i]);
	array_clear(&relocations);
	return result;
}
