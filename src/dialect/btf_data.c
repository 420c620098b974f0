/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections of global variables become maps of one value, as libbpf makes them. */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

static bool is_weak_symbol(struct filling *filling, const char *name, uint32_t section)
{
	const struct elf_symbol *symbol = lade_fill_symbol(filling, name, section);
	return symbol && symbol->bind == STB_WEAK;
}

static int add_typed(struct filling *filling, uint32_t map, uint32_t section, const struct btf_var_secinfo *info)
{
	const struct btf_type *type = lade_btf_type(filling->source->btf, info->type);
	if (!type || lade_btf_kind(type) != BTF_KIND_VAR)
		return 0;
	const char *name = lade_btf_string(filling->source->btf, type->name_off);
	struct lade_variable *variable = lade_object_add_variable(filling->object, name, map);
	if (!variable)
		return -ENOMEM;
	variable->offset = info->offset;
	variable->length = info->size;
	variable->btf_type = type->type;
	variable->is_static = ((const struct btf_var *)(type + 1))->linkage == BTF_VAR_STATIC;
	variable->is_weak = !variable->is_static && is_weak_symbol(filling, name, section);
	return 0;
}

/* Without a DATASEC the symbols are all there is; compilers give their own a leading ".L". */
static int add_by_symbols(struct filling *filling, uint32_t map, const struct elf_section *section)
{
	for (size_t i = 1; i < filling->elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &filling->elf->symbols[i];
		uint64_t end;
		if (symbol->section != section->index || !lade_symbol_is_named(symbol) || symbol->name[0] == '.' ||
		    !symbol->size || __builtin_add_overflow(symbol->value, symbol->size, &end) || end > section->size)
			continue;
		struct lade_variable *variable = lade_object_add_variable(filling->object, symbol->name, map);
		if (!variable)
			return -ENOMEM;
		variable->offset = (uint32_t)symbol->value;
		variable->length = (uint32_t)symbol->size;
		variable->is_static = symbol->bind == STB_LOCAL;
		variable->is_weak = symbol->bind == STB_WEAK;
	}
	return 0;
}

int lade_btf_variables_read(struct filling *filling, uint32_t map, const struct elf_section *section)
{
	const struct btf_type *datasec = lade_btf_type(filling->source->btf, filling->uses[section->index].datasec);
	if (!datasec)
		return add_by_symbols(filling, map, section);
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < lade_btf_vlen(datasec); i++)
		result = add_typed(filling, map, section->index, &lade_btf_secinfos(datasec)[i]);
	return result;
}

/* User space may map the section only where it holds something that another file can see. */
static bool is_mmapable(const struct filling *filling, uint32_t datasec_id)
{
	const struct btf_type *datasec = lade_btf_type(filling->source->btf, datasec_id);
	for (uint32_t i = 0; datasec && i < lade_btf_vlen(datasec); i++) {
		const struct btf_type *type = lade_btf_type(filling->source->btf, lade_btf_secinfos(datasec)[i].type);
		if (type && lade_btf_kind(type) == BTF_KIND_VAR &&
		    ((const struct btf_var *)(type + 1))->linkage != BTF_VAR_STATIC)
			return true;
	}
	return false;
}

static bool holds_special(const struct filling *filling, uint32_t datasec_id)
{
	const struct btf_type *datasec = lade_btf_type(filling->source->btf, datasec_id);
	for (uint32_t i = 0; datasec && i < lade_btf_vlen(datasec); i++) {
		const struct btf_type *type = lade_btf_type(filling->source->btf, lade_btf_secinfos(datasec)[i].type);
		if (type && lade_btf_kind(type) == BTF_KIND_VAR &&
		    lade_btf_is_special(filling->source->btf, type->type))
			return true;
	}
	return false;
}

static int fill_map(struct filling *filling, struct lade_map *map, const struct elf_section *section)
{
	struct section_use *use = &filling->uses[section->index];
	bool readonly = lade_section_has_base(section->name, ".rodata");
	map->definition = (struct map_definition){
		.type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = (uint32_t)section->size,
		.max_entries = 1,
		.flags = (readonly ? BPF_F_RDONLY_PROG : 0) | (is_mmapable(filling, use->datasec) ? BPF_F_MMAPABLE : 0),
		.btf_value_type = use->datasec,
	};
	map->is_data = true;
	map->is_readonly_data = readonly;
	map->elf_section = section->index;
	if (holds_special(filling, use->datasec))
		filling->object->btf_required = true;
	if (!section->bytes)
		return 0;
	map->data = malloc(section->size);
	if (!map->data)
		return -ENOMEM;
	memcpy(map->data, section->bytes, section->size);
	return 0;
}

static int add_section(struct filling *filling, const struct elf_section *section)
{
	if (section->size > INT32_MAX)
		return lade_fail(filling->error, ENOEXEC, "dialect.btf.data", "%s: section %s has %llu bytes",
				 filling->elf->file, section->name, (unsigned long long)section->size);
	struct lade_map *map = lade_object_add_map(filling->object, section->name, section->name);
	uint32_t index = (uint32_t)(filling->object->maps.count - 1);
	if (!map || fill_map(filling, map, section) < 0)
		return lade_fail_memory(filling->error);
	filling->uses[section->index].map = index;
	return lade_btf_variables_read(filling, index, section) < 0 ? lade_fail_memory(filling->error) : 0;
}

int lade_btf_data_read(struct filling *filling)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		if (filling->uses[i].role == ROLE_DATA)
			result = add_section(filling, &filling->elf->sections[i]);
	return result;
}
