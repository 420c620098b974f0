/* SPDX-License-Identifier: BSD-2-Clause */
/* Undefined symbols: what the kernel or its configuration must supply, by the section that BTF gives them. */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

struct declaration {
	uint32_t type;       /* VAR or FUNC; 0: not declared in BTF */
	const char *section; /* ".ksyms", ".kconfig" or "" */
};

static bool declares(const struct lade_btf *btf, uint32_t id, const char *name)
{
	const struct btf_type *type = lade_btf_type(btf, id);
	uint32_t kind = type ? lade_btf_kind(type) : BTF_KIND_UNKN;
	return (kind == BTF_KIND_VAR || kind == BTF_KIND_FUNC) &&
	       strcmp(lade_btf_string(btf, type->name_off), name) == 0;
}

static uint32_t declared_in(const struct lade_btf *btf, const struct btf_type *datasec, const char *name)
{
	const struct btf_var_secinfo *items = lade_btf_secinfos(datasec);
	for (uint32_t i = 0; i < lade_btf_vlen(datasec); i++)
		if (declares(btf, items[i].type, name))
			return items[i].type;
	return 0;
}

static struct declaration find_declaration(const struct lade_btf *btf, const char *name)
{
	static const char *const sections[] = { ".ksyms", ".kconfig" };
	for (size_t i = 0; btf && i < ELEMENTS(sections); i++) {
		const struct btf_type *datasec = lade_btf_type(btf, lade_btf_find(btf, sections[i], BTF_KIND_DATASEC));
		uint32_t type = datasec ? declared_in(btf, datasec, name) : 0;
		if (type)
			return (struct declaration){ type, sections[i] };
	}
	return (struct declaration){ 0, "" };
}

static int add_need(struct filling *filling, const struct declaration *declaration, const char *name, uint32_t function)
{
	const char *user = filling->object->functions.items[function].name;
	const struct btf_type *type = lade_btf_type(filling->source->btf, declaration->type);
	if (strcmp(declaration->section, ".kconfig") == 0)
		return lade_object_add_need(filling->object, function, "plan.needs.kconfig",
					    "%s reads %s of the kernel's configuration", user, name);
	if (!type)
		return lade_object_add_need(filling->object, function, "plan.needs.extern",
					    "%s refers to %s, which is not defined", user, name);
	if (lade_btf_kind(type) == BTF_KIND_FUNC)
		return lade_object_add_need(filling->object, function, "plan.needs.kfunc",
					    "%s calls the kernel function %s", user, name);
	return lade_object_add_need(filling->object, function, "plan.needs.ksym", "%s refers to the kernel symbol %s",
				    user, name);
}

static bool index_externs(struct filling *filling)
{
	if (filling->symbol_externs)
		return true;
	filling->symbol_externs = calloc(filling->elf->symbol_count + 1, sizeof *filling->symbol_externs);
	for (size_t i = 0; filling->symbol_externs && i < filling->elf->symbol_count; i++)
		filling->symbol_externs[i] = NO_INDEX;
	return filling->symbol_externs;
}

int lade_extern_add(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, uint32_t *ret_index)
{
	if (!index_externs(filling))
		return lade_fail_memory(filling->error);
	uint32_t *known = &filling->symbol_externs[symbol->index];
	if (*known == NO_INDEX) {
		struct declaration declaration = find_declaration(filling->source->btf, symbol->name);
		if (lade_object_add_extern(filling->object, symbol->name, declaration.section, symbol->bind == STB_WEAK,
					   declaration.type, known) < 0 ||
		    add_need(filling, &declaration, symbol->name, function) < 0)
			return lade_fail_memory(filling->error);
	}
	*ret_index = *known;
	return 0;
}
