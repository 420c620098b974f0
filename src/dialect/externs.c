/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Undefined symbols: what the kernel or its configuration must supply, by the section that BTF gives them. Their order
 * is libbpf's (configuration by alignment, size and name, then everything else by name), because offsets in the
 * map .kconfig and the numbers of poisoned calls come from it.
 */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#include "object/kconfig.h"

#define KSYMS   ".ksyms"
#define KCONFIG ".kconfig"

/* One name of .ksyms or .kconfig. */
struct declaration {
	const char *name;
	uint32_t type; /* VAR or FUNC */
	bool is_kconfig, is_weak, is_used;
	struct object_extern outside; /* without names */
	uint32_t alignment;
	uint32_t index; /* of the extern; NO_INDEX: nothing uses it */
};

struct declarations {
	struct declaration *items; /* sorted by name, each name once */
	size_t count, capacity;
};

/* ---- what BTF declares ---- */

static const struct btf_type *find_section(const struct filling *filling, const char *name)
{
	const struct lade_btf *btf = filling->source->btf;
	return btf ? lade_btf_type(btf, lade_btf_find(btf, name, BTF_KIND_DATASEC)) : NULL;
}

static int collect(const struct filling *filling, const char *section, struct declarations *declarations)
{
	const struct lade_btf *btf = filling->source->btf;
	const struct btf_type *datasec = find_section(filling, section);
	for (uint32_t i = 0; datasec && i < lade_btf_vlen(datasec); i++) {
		uint32_t id = lade_btf_secinfos(datasec)[i].type;
		uint32_t kind = lade_btf_kind(lade_btf_type(btf, id));
		const char *name = lade_btf_type_name(btf, id);
		if ((kind != BTF_KIND_VAR && kind != BTF_KIND_FUNC) || !*name)
			continue;
		struct declaration *declaration = array_push(declarations);
		if (!declaration)
			return -ENOMEM;
		declaration->name = name;
		declaration->type = id;
		declaration->is_kconfig = strcmp(section, KCONFIG) == 0;
	}
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct declaration *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	return order ? order : (a->type > b->type) - (a->type < b->type);
}

static void sort_names(struct declarations *declarations)
{
	size_t kept = 0;
	if (!declarations->count)
		return;
	qsort(declarations->items, declarations->count, sizeof *declarations->items, compare_names);
	for (size_t i = 1; i < declarations->count; i++)
		if (strcmp(declarations->items[i].name, declarations->items[kept].name) != 0)
			declarations->items[++kept] = declarations->items[i];
	declarations->count = kept + 1;
}

static struct declaration *find(const struct declarations *declarations, const char *name)
{
	const struct declaration key = { .name = name };
	size_t low = 0, high = declarations->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(declarations->items[middle].name, key.name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < declarations->count && strcmp(declarations->items[low].name, name) == 0 ? &declarations->items[low]
											     : NULL;
}

/* ---- which of them the file uses ---- */

static bool is_undefined(const struct elf_symbol *symbol)
{
	return symbol->section == SHN_UNDEF && symbol->type == STT_NOTYPE && *symbol->name &&
	       (symbol->bind == STB_GLOBAL || symbol->bind == STB_WEAK);
}

static void mark_used(const struct filling *filling, struct declarations *declarations)
{
	for (size_t i = 1; declarations->count && i < filling->elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &filling->elf->symbols[i];
		struct declaration *declaration = is_undefined(symbol) ? find(declarations, symbol->name) : NULL;
		if (!declaration)
			continue;
		declaration->is_used = true;
		declaration->is_weak |= symbol->bind == STB_WEAK;
	}
	/* The compiler's leftovers have a place in the map because BTF describes them, and no value. */
	array_foreach(declaration, declarations)
		declaration->is_weak |= !declaration->is_used;
}

/* ---- what they are ---- */

static int fail_type(struct filling *filling, const struct declaration *declaration, const char *why)
{
	const struct lade_btf *btf = filling->source->btf;
	struct lade_finding *finding = lade_error_add(filling->error, ENOEXEC, "dialect.kconfig.type",
						      "%s: %s cannot be a value of the kernel's configuration: %s",
						      filling->elf->file, declaration->name, why);
	struct strbuf text = { 0 };
	lade_btf_spell(btf, lade_btf_type(btf, declaration->type)->type, &text);
	char *spelled CLEANUP(cleanup_free) = lade_strbuf_take(&text);
	finding_evidence(finding, "it is declared as %s", spelled ? spelled : "?");
	return -ENOEXEC;
}

static int judge_kconfig(struct filling *filling, struct declaration *declaration)
{
	const struct lade_btf *btf = filling->source->btf;
	const struct btf_type *type = lade_btf_type(btf, declaration->type);
	struct object_extern *outside = &declaration->outside;
	if (lade_btf_kind(type) == BTF_KIND_FUNC)
		return fail_type(filling, declaration, "it is a function");
	int64_t size = lade_btf_size(btf, type->type);
	outside->kind = EXTERN_KCONFIG;
	outside->value = lade_kconfig_type(btf, type->type, &outside->is_signed);
	if (outside->value == KCONFIG_NONE || size <= 0 || size > INT32_MAX)
		return fail_type(filling, declaration, "no option has a value of its type");
	outside->length = (uint32_t)size;
	declaration->alignment = outside->value == KCONFIG_TEXT ? 1 : outside->length;
	return 0;
}

static void judge_ksym(const struct filling *filling, struct declaration *declaration)
{
	bool is_function = lade_btf_kind(lade_btf_type(filling->source->btf, declaration->type)) == BTF_KIND_FUNC;
	struct object_extern *outside = &declaration->outside;
	outside->kind = is_function ? EXTERN_KFUNC : outside->declared_type ? EXTERN_KSYM : EXTERN_ADDRESS;
}

static int judge(struct filling *filling, struct declarations *declarations)
{
	const struct lade_btf *btf = filling->source->btf;
	int result = 0;
	for (size_t i = 0; result == 0 && i < declarations->count; i++) {
		struct declaration *declaration = &declarations->items[i];
		declaration->outside.declared_type =
			lade_btf_skip_modifiers(btf, lade_btf_type(btf, declaration->type)->type);
		if (declaration->is_kconfig)
			result = judge_kconfig(filling, declaration);
		else
			judge_ksym(filling, declaration);
	}
	return result;
}

/* ---- libbpf's order ---- */

static int compare_declarations(const void *left, const void *right)
{
	const struct declaration *a = left, *b = right;
	if (a->is_kconfig != b->is_kconfig)
		return a->is_kconfig ? -1 : 1;
	if (a->is_kconfig && a->alignment != b->alignment)
		return a->alignment > b->alignment ? -1 : 1;
	if (a->is_kconfig && a->outside.length != b->outside.length)
		return a->outside.length < b->outside.length ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Where each value lies in the map; -E2BIG when they do not fit. */
static int lay_out(struct declarations *declarations, uint32_t *ret_bytes)
{
	uint64_t end = 0;
	array_foreach(declaration, declarations) {
		if (!declaration->is_kconfig)
			break;
		uint64_t at = (end + declaration->alignment - 1) / declaration->alignment * declaration->alignment;
		end = at + declaration->outside.length;
		if (end > INT32_MAX)
			return -E2BIG;
		declaration->outside.offset = (uint32_t)at;
	}
	*ret_bytes = (uint32_t)end;
	return 0;
}

static int keep(struct filling *filling, struct declarations *declarations)
{
	array_foreach(declaration, declarations) {
		uint32_t index;
		if (!declaration->is_used && !declaration->is_kconfig)
			continue;
		if (lade_object_add_extern(filling->object, declaration->name,
					   declaration->is_kconfig ? KCONFIG : KSYMS, declaration->is_weak,
					   declaration->type, &index) < 0)
			return lade_fail_memory(filling->error);
		struct object_extern *outside = &filling->object->externs.items[index];
		outside->kind = declaration->outside.kind;
		outside->declared_type = declaration->outside.declared_type;
		outside->value = declaration->outside.value;
		outside->is_signed = declaration->outside.is_signed;
		outside->offset = declaration->outside.offset;
		outside->length = declaration->outside.length;
	}
	return 0;
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

/* From symbols to the externs of the same name, through `declarations` once more sorted by name. */
static int map_symbols(struct filling *filling, struct declarations *declarations)
{
	uint32_t next = 0;
	if (!index_externs(filling))
		return lade_fail_memory(filling->error);
	array_foreach(declaration, declarations)
		declaration->index = declaration->is_used || declaration->is_kconfig ? next++ : NO_INDEX;
	sort_names(declarations);
	for (size_t i = 1; i < filling->elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &filling->elf->symbols[i];
		struct declaration *declaration = is_undefined(symbol) ? find(declarations, symbol->name) : NULL;
		if (declaration)
			filling->symbol_externs[symbol->index] = declaration->index;
	}
	return 0;
}

static int take(struct filling *filling, struct declarations *declarations)
{
	uint32_t bytes = 0;
	int result = collect(filling, KSYMS, declarations) < 0 || collect(filling, KCONFIG, declarations) < 0
			     ? lade_fail_memory(filling->error)
			     : 0;
	if (result < 0 || !declarations->count)
		return result;
	sort_names(declarations);
	mark_used(filling, declarations);
	result = judge(filling, declarations);
	if (result < 0)
		return result;
	qsort(declarations->items, declarations->count, sizeof *declarations->items, compare_declarations);
	if (lay_out(declarations, &bytes) < 0)
		return lade_fail(filling->error, ENOEXEC, "dialect.kconfig.type",
				 "%s: the values of section .kconfig have more than 2 GiB", filling->elf->file);
	result = keep(filling, declarations);
	if (result == 0)
		result = map_symbols(filling, declarations);
	return result == 0 ? lade_externs_fix(filling, bytes) : result;
}

int lade_externs_read(struct filling *filling)
{
	struct declarations declarations = { 0 };
	int result = filling->source->btf ? take(filling, &declarations) : 0;
	array_clear(&declarations);
	return result;
}

/* ---- symbols that BTF does not know ---- */

static int add_undeclared(struct filling *filling, const struct elf_symbol *symbol, uint32_t function,
			  uint32_t *ret_index)
{
	const char *user = filling->object->functions.items[function].name;
	bool is_weak = symbol->bind == STB_WEAK;
	if (lade_object_add_extern(filling->object, symbol->name, "", is_weak, 0, ret_index) < 0)
		return lade_fail_memory(filling->error);
	if (!is_weak && lade_object_add_need(filling->object, function, "plan.needs.extern",
					     "%s refers to %s, which is not defined", user, symbol->name) < 0)
		return lade_fail_memory(filling->error);
	return 0;
}

int lade_extern_add(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, uint32_t *ret_index)
{
	if (!index_externs(filling))
		return lade_fail_memory(filling->error);
	uint32_t *known = &filling->symbol_externs[symbol->index];
	int result = *known == NO_INDEX ? add_undeclared(filling, symbol, function, known) : 0;
	if (result == 0)
		*ret_index = *known;
	return result;
}
