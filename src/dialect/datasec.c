/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF as the compiler leaves it is not loadable: sizes of DATASECs are 0, offsets of global variables wait
 * for a linker. The file's sections and symbols fill them in.
 */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

static int compare_offsets(const void *left, const void *right)
{
	const struct btf_var_secinfo *a = left, *b = right;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

static int fail_variable(struct filling *filling, const struct elf_section *section, const char *name, const char *why)
{
	return lade_fail(filling->error, ENOEXEC, "dialect.btf.variable", "%s: variable %s of section %s %s",
			 filling->elf->file, name, section->name, why);
}

/* A hidden variable is nobody else's: a section of such ones need not be mapped by user space. */
static void make_static(struct lade_btf *btf, uint32_t id)
{
	struct btf_type *type = lade_btf_edit(btf, id);
	((struct btf_var *)(type + 1))->linkage = BTF_VAR_STATIC;
}

/* Static variables have their offset already: the compiler wrote it as an addend to the section. */
static int fix_variable(struct filling *filling, const struct elf_section *section, struct btf_var_secinfo *info)
{
	const struct btf_type *type = lade_btf_type(filling->source->btf, info->type);
	if (!type || lade_btf_kind(type) != BTF_KIND_VAR)
		return 0;
	const char *name = lade_btf_string(filling->source->btf, type->name_off);
	const struct btf_var *variable = (const struct btf_var *)(type + 1);
	const struct elf_symbol *symbol =
		variable->linkage == BTF_VAR_STATIC ? NULL : lade_fill_symbol(filling, name, section->index);
	if (variable->linkage != BTF_VAR_STATIC && !symbol)
		return fail_variable(filling, section, name, "has no symbol");
	uint64_t offset = symbol ? symbol->value : info->offset, end;
	if (__builtin_add_overflow(offset, (uint64_t)info->size, &end) || end > section->size || end > UINT32_MAX)
		return fail_variable(filling, section, name, "lies beyond the section");
	info->offset = (uint32_t)offset;
	if (symbol && (symbol->visibility == STV_HIDDEN || symbol->visibility == STV_INTERNAL))
		make_static(filling->source->btf, info->type);
	return 0;
}

static int fix_datasec(struct filling *filling, uint32_t id, const struct elf_section *section)
{
	struct btf_type *type = lade_btf_edit(filling->source->btf, id);
	struct btf_var_secinfo *items = (struct btf_var_secinfo *)(type + 1);
	uint32_t count = lade_btf_vlen(type);
	if (section->size > UINT32_MAX)
		return fail_variable(filling, section, "", "is too large");
	type->size = (uint32_t)section->size;
	int result = 0;
	for (uint32_t i = 0; result == 0 && i < count; i++)
		result = fix_variable(filling, section, &items[i]);
	if (count)
		lade_sort(items, count, sizeof *items, compare_offsets);
	return result;
}

int lade_datasec_fix(struct filling *filling)
{
	struct lade_btf *btf = filling->source->btf;
	int result = 0;
	for (uint32_t id = 1; btf && result == 0 && id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (lade_btf_kind(type) != BTF_KIND_DATASEC)
			continue;
		const struct elf_section *section =
			lade_elf_section(filling->elf, lade_btf_string(btf, type->name_off));
		if (!section || filling->uses[section->index].datasec)
			continue;
		filling->uses[section->index].datasec = id;
		result = fix_datasec(filling, id, section);
	}
	return result;
}

void lade_linkage_fix(struct filling *filling)
{
	for (size_t i = 0; filling->source->btf && i < filling->functions.count; i++) {
		const struct lade_function *function = &filling->object->functions.items[i];
		if (!function->is_hidden || !function->is_global || filling->functions.items[i].is_program ||
		    !function->func_info.count)
			continue;
		struct btf_type *type = lade_btf_edit(filling->source->btf, function->func_info.items[0].type_id);
		if (type && lade_btf_kind(type) == BTF_KIND_FUNC)
			type->info = (uint32_t)BTF_KIND_FUNC << 24 | BTF_FUNC_STATIC;
	}
}
