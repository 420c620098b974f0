/* SPDX-License-Identifier: BSD-2-Clause */
/* What else the file holds: externs, relocations, sections, symbols. */
#include <errno.h>

#include "base/info.h"
#include "object/model.h"

size_t lade_object_extern_count(const struct lade_object *object)
{
	return object->externs.count;
}

int lade_object_extern(const struct lade_object *object, size_t index, struct lade_extern_info *info)
{
	if (index >= object->externs.count)
		return -ENOENT;
	const struct object_extern *outside = &object->externs.items[index];
	struct lade_extern_info full = {
		.name = outside->name,
		.section = outside->section,
		.is_weak = outside->is_weak,
	};
	return info_fill(info, &full, sizeof full);
}

size_t lade_object_relocation_count(const struct lade_object *object)
{
	size_t count = 0;
	array_foreach(function, &object->functions)
		count += function->relocations.count;
	return count;
}

static const char *target_name(const struct lade_object *object, const struct function_relocation *relocation)
{
	uint32_t target = relocation->target;
	switch (relocation->kind) {
	case RELOCATION_MAP:
	case RELOCATION_MAP_VALUE:
		return target < object->maps.count ? object->maps.items[target]->name : NULL;
	case RELOCATION_CALL:
	case RELOCATION_FUNCTION:
		return target < object->functions.count ? object->functions.items[target].name : NULL;
	case RELOCATION_JUMPS:
		return ".jumptables";
	case RELOCATION_EXTERN:
		return target < object->externs.count ? object->externs.items[target].name : NULL;
	}
	return NULL;
}

int lade_object_relocation(const struct lade_object *object, size_t index, struct lade_relocation_info *info)
{
	const struct lade_function *function = object->functions.items;
	const struct lade_function *end = function + object->functions.count;
	while (function < end && index >= function->relocations.count)
		index -= (function++)->relocations.count;
	if (function == end)
		return -ENOENT;
	const struct function_relocation *relocation = &function->relocations.items[index];
	struct lade_relocation_info full = {
		.section = function->section,
		.offset = function->section_offset + (uint64_t)relocation->instruction * sizeof(struct bpf_insn),
		.kind = lade_relocation_kind_name(relocation->kind),
		.target = target_name(object, relocation),
		.addend = relocation->addend,
	};
	return info_fill(info, &full, sizeof full);
}

size_t lade_object_section_count(const struct lade_object *object)
{
	return object->sections.count;
}

int lade_object_section(const struct lade_object *object, size_t index, struct lade_section_info *info)
{
	if (index >= object->sections.count)
		return -ENOENT;
	const struct object_section *section = &object->sections.items[index];
	struct lade_section_info full = {
		.index = section->index,
		.name = section->name,
		.elf_type = section->elf_type,
		.elf_flags = section->elf_flags,
		.bytes = section->bytes,
		.role = section->role,
		.why = section->why,
	};
	return info_fill(info, &full, sizeof full);
}

size_t lade_object_symbol_count(const struct lade_object *object)
{
	return object->symbols.count;
}

int lade_object_symbol(const struct lade_object *object, size_t index, struct lade_symbol_info *info)
{
	if (index >= object->symbols.count)
		return -ENOENT;
	const struct object_symbol *symbol = &object->symbols.items[index];
	struct lade_symbol_info full = {
		.name = symbol->name,
		.value = symbol->value,
		.length = symbol->length,
		.elf_bind = symbol->bind,
		.elf_type = symbol->type,
		.elf_section = symbol->section,
		.role = symbol->role,
		.why = symbol->why,
	};
	return info_fill(info, &full, sizeof full);
}
