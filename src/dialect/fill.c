/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/fill.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

static const char *const role_names[] = {
	[ROLE_IGNORED] = "ignored",   [ROLE_PROGRAM] = "program", [ROLE_SUBPROGRAMS] = "subprograms",
	[ROLE_MAPS] = "maps",         [ROLE_DATA] = "data",       [ROLE_STRUCT_OPS] = "struct_ops",
	[ROLE_LICENSE] = "license",   [ROLE_VERSION] = "version", [ROLE_RELOCATIONS] = "relocations",
	[ROLE_SYMBOLS] = "symbols",   [ROLE_STRINGS] = "strings", [ROLE_BTF] = "btf",
	[ROLE_DEBUG] = "debug",       [ROLE_POLICY] = "policy",   [ROLE_ARENA] = "arena",
	[ROLE_JUMPS] = "jump tables",
};

bool lade_section_is_code(const struct elf_section *section)
{
	return section->type == SHT_PROGBITS && section->flags & SHF_EXECINSTR && section->size && section->bytes;
}

bool lade_section_has_base(const char *section, const char *base)
{
	size_t length = strlen(base);
	return strncmp(section, base, length) == 0 && (!section[length] || section[length] == '.');
}

uint32_t lade_fill_u32(const struct filling *filling, const uint8_t *bytes)
{
	uint32_t number;
	memcpy(&number, bytes, sizeof number);
	return filling->elf->big_endian ? be32toh(number) : le32toh(number);
}

uint64_t lade_fill_u64(const struct filling *filling, const uint8_t *bytes)
{
	uint64_t number;
	memcpy(&number, bytes, sizeof number);
	return filling->elf->big_endian ? be64toh(number) : le64toh(number);
}

/* Roles by type alone, then by name; what is left is the dialect's to name. */
static struct section_use general_use(const struct elf_section *section)
{
	static const struct {
		uint32_t type;
		struct section_use use;
	} by_type[] = {
		{ SHT_NULL, { ROLE_IGNORED, "the null section" } },
		{ SHT_REL, { ROLE_RELOCATIONS } },
		{ SHT_RELA, { ROLE_RELOCATIONS } },
		{ SHT_SYMTAB, { ROLE_SYMBOLS } },
		{ SHT_STRTAB, { ROLE_STRINGS } },
		{ 0x6fff4c03 /* SHT_LLVM_ADDRSIG */, { ROLE_IGNORED, "for the linker only" } },
	};
	static const struct {
		const char *base;
		struct section_use use;
	} by_base[] = {
		{ ".BTF", { ROLE_BTF } },
		{ ".eh_frame", { ROLE_IGNORED, "unwinding tables" } },
		{ ".llvm_addrsig", { ROLE_IGNORED, "for the linker only" } },
		{ ".comment", { ROLE_IGNORED, "the compiler's name" } },
	};
	for (size_t i = 0; i < ELEMENTS(by_type); i++)
		if (section->type == by_type[i].type)
			return by_type[i].use;
	for (size_t i = 0; i < ELEMENTS(by_base); i++)
		if (lade_section_has_base(section->name, by_base[i].base))
			return by_base[i].use;
	if (strncmp(section->name, ".debug_", 7) == 0)
		return (struct section_use){ ROLE_DEBUG, "DWARF" };
	return (struct section_use){ ROLE_IGNORED, section->size ? "no role in this dialect" : "empty" };
}

static int begin_uses(struct filling *filling)
{
	filling->uses = calloc(filling->elf->section_count + 1, sizeof *filling->uses);
	if (!filling->uses)
		return lade_fail_memory(filling->error);
	for (size_t i = 0; i < filling->elf->section_count; i++) {
		filling->uses[i] = general_use(&filling->elf->sections[i]);
		filling->uses[i].map = NO_INDEX;
	}
	return 0;
}

/* The text ends at its NUL or with the section: the old loader copied without looking. */
static int read_license(struct filling *filling)
{
	const struct elf_section *section = lade_elf_section(filling->elf, "license");
	if (!section || !section->bytes || section->type != SHT_PROGBITS)
		return 0;
	filling->uses[section->index].role = ROLE_LICENSE;
	filling->uses[section->index].why = NULL;
	filling->object->license = strndup((const char *)section->bytes, section->size);
	return filling->object->license ? 0 : lade_fail_memory(filling->error);
}

static int read_version(struct filling *filling)
{
	const struct elf_section *section = lade_elf_section(filling->elf, "version");
	if (!section || !section->bytes || section->type != SHT_PROGBITS)
		return 0;
	filling->uses[section->index].role = ROLE_VERSION;
	filling->uses[section->index].why = NULL;
	if (section->size != sizeof(uint32_t)) {
		struct lade_finding *finding =
			lade_error_add(filling->error, ENOEXEC, "dialect.version", "%s: section version has %llu bytes",
				       filling->elf->file, (unsigned long long)section->size);
		finding_evidence(finding, "section %u, version, size %llu", section->index,
				 (unsigned long long)section->size);
		return -ENOEXEC;
	}
	filling->object->has_version = true;
	filling->object->version = lade_fill_u32(filling, section->bytes);
	return 0;
}

int lade_fill_begin(struct filling *filling, const struct dialect *dialect, const struct source *source,
		    struct lade_object *object, struct lade_error **error)
{
	*filling = (struct filling){
		.dialect = dialect, .source = source, .elf = source->elf, .object = object, .error = error
	};
	int result = begin_uses(filling);
	if (result == 0)
		result = read_license(filling);
	return result == 0 ? read_version(filling) : result;
}

void lade_fill_clear(struct filling *filling)
{
	free(filling->uses);
	array_clear(&filling->functions);
	free(filling->names);
	free(filling->candidates);
	free(filling->called);
	free(filling->symbol_externs);
}

static int compare_names(const void *left, const void *right)
{
	const struct elf_symbol *const *a = left, *const *b = right;
	int order = strcmp((*a)->name, (*b)->name);
	return order ? order : ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

static bool index_names(struct filling *filling)
{
	if (filling->names)
		return true;
	filling->names = calloc(filling->elf->symbol_count + 1, sizeof(const struct elf_symbol *));
	if (!filling->names)
		return false;
	for (size_t i = 1; i < filling->elf->symbol_count; i++)
		if (lade_symbol_is_named(&filling->elf->symbols[i]) && filling->elf->symbols[i].bind != STB_LOCAL)
			filling->names[filling->name_count++] = &filling->elf->symbols[i];
	size_t size = sizeof *filling->names; /* NOLINT: items are pointers */
	qsort(filling->names, filling->name_count, size, compare_names);
	return true;
}

const struct elf_symbol *lade_fill_symbol(struct filling *filling, const char *name, uint32_t section)
{
	if (!index_names(filling))
		return NULL;
	size_t low = 0, high = filling->name_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(filling->names[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < filling->name_count && strcmp(filling->names[low]->name, name) == 0; low++)
		if (filling->names[low]->section == section)
			return filling->names[low];
	return NULL;
}

/* ---- the report of inspect --sections ---- */

static int report_section(struct filling *filling, const struct elf_section *section)
{
	const struct section_use *use = &filling->uses[section->index];
	struct object_section *row = array_push(&filling->object->sections);
	if (!row)
		return -ENOMEM;
	*row = (struct object_section){
		.index = section->index,
		.elf_type = section->type,
		.elf_flags = section->flags,
		.bytes = section->size,
		.name = strdup(section->name),
		.role = role_names[use->role],
		.why = use->why ? strdup(use->why) : NULL,
	};
	return row->name && (row->why || !use->why) ? 0 : -ENOMEM;
}

static const char *code_symbol_role(const struct filling *filling, const struct elf_symbol *symbol,
				    const char **ret_why)
{
	uint32_t function = lade_code_find(filling, symbol->section, symbol->value);
	if (function == NO_INDEX) {
		*ret_why = "a label, not the start of a function";
		return "ignored";
	}
	if (filling->functions.items[function].symbol != symbol->index)
		*ret_why = "another name of the same function";
	return filling->functions.items[function].is_program ? "program" : "subprogram";
}

static const char *symbol_role(const struct filling *filling, const struct elf_symbol *symbol, const char **ret_why)
{
	if (symbol->type == STT_SECTION || symbol->type == STT_FILE)
		return symbol->type == STT_FILE ? "file" : "section";
	if (symbol->section == SHN_UNDEF || symbol->section >= filling->elf->section_count) {
		*ret_why = symbol->section == SHN_UNDEF ? NULL : "in no section";
		return symbol->section == SHN_UNDEF && *symbol->name ? "extern" : "ignored";
	}
	const struct section_use *use = &filling->uses[symbol->section];
	switch (use->role) {
	case ROLE_PROGRAM:
	case ROLE_SUBPROGRAMS:
		return code_symbol_role(filling, symbol, ret_why);
	case ROLE_MAPS:
		return "map";
	case ROLE_DATA:
	case ROLE_ARENA:
		return "variable";
	case ROLE_LICENSE:
	case ROLE_VERSION:
	case ROLE_STRUCT_OPS:
	case ROLE_JUMPS:
		return role_names[use->role];
	default:
		*ret_why = "its section has no role";
		return "ignored";
	}
}

static int report_symbol(struct filling *filling, const struct elf_symbol *symbol)
{
	const char *why = NULL;
	struct object_symbol *row = array_push(&filling->object->symbols);
	if (!row)
		return -ENOMEM;
	*row = (struct object_symbol){
		.value = symbol->value,
		.length = symbol->size,
		.bind = symbol->bind,
		.type = symbol->type,
		.section = symbol->section,
		.name = strdup(symbol->name),
		.role = symbol_role(filling, symbol, &why),
	};
	row->why = why ? strdup(why) : NULL;
	return row->name && (row->why || !why) ? 0 : -ENOMEM;
}

/* A load does without: copying every name of the file costs more than reading it. */
static bool is_report_wanted(const struct lade_object *object)
{
	return (object->options && object->options->sections) || (object->log && object->log->fn);
}

int lade_fill_report(struct filling *filling)
{
	int result = 0;
	if (!is_report_wanted(filling->object))
		return 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		result = report_section(filling, &filling->elf->sections[i]);
	for (size_t i = 1; result == 0 && i < filling->elf->symbol_count; i++)
		result = report_symbol(filling, &filling->elf->symbols[i]);
	return result < 0 ? lade_fail_memory(filling->error) : 0;
}
