/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of kernel operations. Every variable of .struct_ops and its kin is one: a value of the kernel's struct as
 * the object knows it, with programs behind its function pointers. What the compiler left in the section are the
 * values of its other members; relocations of the section say which program goes where.
 */
#include "dialect/fill.h"
#include "object/member.h"

#include <errno.h>
#include <string.h>

#define POINTER_BYTES 8
#define MAP_TYPE_LINK (1U << 13) /* BPF_F_LINK, since 6.4 */

static int fail_table(struct filling *filling, const char *code, const char *name, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, code, "%s: struct_ops %s %s", filling->elf->file, name, why);
	finding_map(finding, name);
	return -ENOEXEC;
}

/* ---- the tables ---- */

static int fill_map(struct lade_map *map, const struct elf_section *section, uint32_t offset, uint32_t type,
		    uint32_t bytes)
{
	map->definition = (struct map_definition){
		.type = BPF_MAP_TYPE_STRUCT_OPS,
		.key_size = 4,
		.value_size = bytes,
		.max_entries = 1,
		.flags = strstr(section->name, ".link") ? MAP_TYPE_LINK : 0,
	};
	map->asleep = section->name[0] == '?';
	map->ops_type = type;
	map->section_offset = offset;
	map->elf_section = section->index;
	map->data = malloc(bytes ? bytes : 1);
	if (!map->data)
		return -ENOMEM;
	memcpy(map->data, section->bytes + offset, bytes);
	return 0;
}

static int add_variable(struct filling *filling, const char *name, uint32_t map, uint32_t type, uint32_t bytes)
{
	struct lade_variable *variable = lade_object_add_variable(filling->object, name, map);
	if (!variable)
		return -ENOMEM;
	variable->length = bytes;
	variable->btf_type = type;
	return 0;
}

static int add_table(struct filling *filling, const struct elf_section *section, const struct btf_var_secinfo *info)
{
	const struct lade_btf *btf = filling->source->btf;
	const struct btf_type *variable = lade_btf_type(btf, info->type);
	if (!variable || lade_btf_kind(variable) != BTF_KIND_VAR)
		return 0;
	const char *name = lade_btf_string(btf, variable->name_off);
	uint32_t id = lade_btf_skip_modifiers(btf, variable->type);
	const struct btf_type *type = lade_btf_type(btf, id);
	uint64_t end;
	if (!type || lade_btf_kind(type) != BTF_KIND_STRUCT || !type->name_off)
		return fail_table(filling, "dialect.struct-ops.type", name, "is no struct with a name");
	if (!section->bytes || __builtin_add_overflow((uint64_t)info->offset, type->size, &end) || end > section->size)
		return fail_table(filling, "dialect.struct-ops.bounds", name, "lies beyond the end of its section");
	struct lade_map *map = lade_object_add_map(filling->object, name, section->name);
	uint32_t index = (uint32_t)(filling->object->maps.count - 1);
	if (!map || fill_map(map, section, info->offset, id, type->size) < 0 ||
	    add_variable(filling, name, index, id, type->size) < 0)
		return lade_fail_memory(filling->error);
	filling->object->btf_required = true;
	return 0;
}

static int add_tables(struct filling *filling, const struct elf_section *section)
{
	const struct lade_btf *btf = filling->source->btf;
	const struct btf_type *datasec = btf ? lade_btf_type(btf, filling->uses[section->index].datasec) : NULL;
	int result = 0;
	if (!datasec)
		return lade_fail(filling->error, ENOEXEC, "dialect.btf.missing",
				 "%s: section %s is not described by the object's BTF", filling->elf->file,
				 section->name);
	for (uint32_t i = 0; result == 0 && i < lade_btf_vlen(datasec); i++)
		result = add_table(filling, section, &lade_btf_secinfos(datasec)[i]);
	return result;
}

int lade_btf_struct_ops_read(struct filling *filling)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		if (filling->uses[i].role == ROLE_STRUCT_OPS)
			result = add_tables(filling, &filling->elf->sections[i]);
	return result;
}

/* ---- the programs in them ---- */

static struct lade_map *table_around(const struct filling *filling, uint32_t section, uint64_t offset)
{
	array_foreach(map, &filling->object->maps)
		if ((*map)->ops_type && (*map)->elf_section == section && (*map)->section_offset <= offset &&
		    offset - (*map)->section_offset < (*map)->definition.value_size)
			return *map;
	return NULL;
}

static int fail_slot(struct filling *filling, const struct lade_map *table, const struct elf_relocation *entry,
		     const char *why)
{
	const struct elf_symbol *symbol = &filling->elf->symbols[entry->symbol];
	struct lade_finding *finding = lade_error_add(
		filling->error, ENOEXEC, "dialect.struct-ops.slot", "%s: relocation at %llu of struct_ops %s: %s %s",
		filling->elf->file, (unsigned long long)entry->offset, table ? table->name : "(none)",
		*symbol->name ? symbol->name : "its target", why);
	finding_map(finding, table ? table->name : NULL);
	return -ENOEXEC;
}

static uint32_t find_program(const struct filling *filling, const struct elf_relocation *entry, uint64_t addend)
{
	const struct elf_symbol *symbol = &filling->elf->symbols[entry->symbol];
	uint64_t place;
	if (__builtin_add_overflow(symbol->value, addend, &place))
		return NO_INDEX;
	uint32_t function = lade_code_find(filling, symbol->section, place);
	for (size_t i = 0; function != NO_INDEX && i < filling->object->programs.count; i++)
		if (filling->object->programs.items[i]->function == function)
			return (uint32_t)i;
	return NO_INDEX;
}

/* With a section symbol the place of the function is in the eight bytes that are relocated. */
static int read_slot(struct filling *filling, const struct elf_section *section, const struct elf_relocation *entry)
{
	struct lade_map *table = table_around(filling, section->index, entry->offset);
	uint64_t byte = table ? entry->offset - table->section_offset : 0, end;
	if (!table)
		return fail_slot(filling, table, entry, "is in no table");
	if (__builtin_add_overflow(byte, POINTER_BYTES, &end) || end > table->definition.value_size)
		return fail_slot(filling, table, entry, "does not fit into it");
	uint32_t member = lade_ops_member_at(filling->source->btf, table, byte);
	if (member == NO_INDEX)
		return fail_slot(filling, table, entry, "is put where the struct has no pointer to a function");
	uint64_t addend =
		entry->has_addend ? (uint64_t)entry->addend : lade_fill_u64(filling, section->bytes + entry->offset);
	uint32_t program = find_program(filling, entry, addend);
	if (program == NO_INDEX)
		return fail_slot(filling, table, entry, "is no program");
	if (filling->object->programs.items[program]->type != BPF_PROG_TYPE_STRUCT_OPS)
		return fail_slot(filling, table, entry, "is no program of a section struct_ops/…");
	memset(table->data + byte, 0, POINTER_BYTES); /* the addend was not meant for the kernel */
	/* A later relocation of the same place wins, as it would in memory. */
	return lade_ops_put(table, member, program) < 0 ? lade_fail_memory(filling->error) : 0;
}

static int read_slots(struct filling *filling, const struct elf_section *section)
{
	struct elf_relocations relocations = { 0 };
	int result = lade_elf_relocations(filling->elf, section->index, &relocations, filling->error);
	for (size_t i = 0; result == 0 && i < relocations.count; i++)
		result = read_slot(filling, section, &relocations.items[i]);
	array_clear(&relocations);
	return result;
}

int lade_btf_ops_slots_read(struct filling *filling)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		if (filling->uses[i].role == ROLE_STRUCT_OPS && filling->elf->sections[i].bytes)
			result = read_slots(filling, &filling->elf->sections[i]);
	return result;
}
