/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .symtab writes a version into the name ("memcpy@GLIBC_2.2.5", "memcpy@@GLIBC_2.14"); .dynsym has it in tables beside:
 *
 *     .gnu.version     a number a symbol; bit 15: not the default
 *     .gnu.version_d   a chain of records that give the numbers names
 */
#include <errno.h>
#include <string.h>

#include "symbols/table.h"

#define HIDDEN_VERSION 0x8000u
#define MOST_VERSIONS  0x8000u

struct tables {
	struct lade_blob symbols, strings, numbers, definitions, definition_strings;
	const char **versions; /* by number */
};

static void tables_clear(struct tables *tables)
{
	lade_blob_clear(&tables->symbols);
	lade_blob_clear(&tables->strings);
	lade_blob_clear(&tables->numbers);
	lade_blob_clear(&tables->definitions);
	lade_blob_clear(&tables->definition_strings);
	free(tables->versions);
}

/* ---- versions ---- */

static void name_version(const struct lade_binary *binary, struct tables *tables, uint64_t at)
{
	uint64_t number, auxiliary, name;

	if (!lade_blob_number(binary, &tables->definitions, at + offsetof(Elf64_Verdef, vd_ndx), 2, &number) ||
	    !lade_blob_number(binary, &tables->definitions, at + offsetof(Elf64_Verdef, vd_aux), 4, &auxiliary) ||
	    !lade_blob_number(binary, &tables->definitions, at + auxiliary, 4, &name) || number >= MOST_VERSIONS)
		return;
	tables->versions[number] = lade_blob_string(&tables->definition_strings, name);
}

static int name_versions(const struct lade_binary *binary, struct tables *tables)
{
	uint64_t at = 0, next = 1;

	tables->versions = calloc(MOST_VERSIONS, sizeof *tables->versions);
	if (!tables->versions)
		return -ENOMEM;
	/* The chain only goes forward, so it ends. */
	for (; next && at < tables->definitions.size; at += next) {
		name_version(binary, tables, at);
		if (!lade_blob_number(binary, &tables->definitions, at + offsetof(Elf64_Verdef, vd_next), 4, &next))
			break;
	}
	return 0;
}

static int read_linked(struct lade_binary *binary, const struct lade_binary_section *section,
		       struct lade_blob *ret_content, struct lade_blob *ret_strings)
{
	int result = lade_binary_content(binary, section, ret_content);

	if (result < 0)
		return result;
	if (section->link >= binary->sections.count)
		return -EBADMSG;
	return lade_binary_content(binary, &binary->sections.items[section->link], ret_strings);
}

static int read_versions(struct lade_binary *binary, struct tables *tables)
{
	const struct lade_binary_section *numbers = lade_binary_section_of_type(binary, SHT_GNU_versym);
	const struct lade_binary_section *definitions = lade_binary_section_of_type(binary, SHT_GNU_verdef);

	if (!numbers || !definitions)
		return 0;
	int result = lade_binary_content(binary, numbers, &tables->numbers);
	if (result == 0)
		result = read_linked(binary, definitions, &tables->definitions, &tables->definition_strings);
	if (result == 0)
		return name_versions(binary, tables);
	return result == -ENOMEM ? result : 0;
}

/* "name@VERSION" of .symtab taken apart. */
static void split_name(struct user_symbol *symbol)
{
	const char *at = symbol->name[0] == '@' ? NULL : strchr(symbol->name, '@');

	symbol->name_length = at ? (size_t)(at - symbol->name) : strlen(symbol->name);
	symbol->is_default = !at || at[1] == '@';
	symbol->version = at ? at + (at[1] == '@' ? 2 : 1) : NULL;
}

static void add_version(const struct lade_binary *binary, const struct tables *tables, uint64_t index,
			struct user_symbol *symbol)
{
	uint64_t number;

	if (symbol->version || !tables->versions || index > UINT32_MAX ||
	    !lade_blob_number(binary, &tables->numbers, index * 2, 2, &number))
		return;
	symbol->version = tables->versions[number & ~(uint64_t)HIDDEN_VERSION];
	symbol->is_default = !(number & HIDDEN_VERSION);
}

/* ---- symbols ---- */

static bool read_symbol(const struct lade_binary *binary, const struct tables *tables, uint64_t index,
			struct user_symbol *ret_symbol)
{
	const uint8_t *record = tables->symbols.bytes + index * BINARY_RECORD(binary, Sym);
	uint8_t info = (uint8_t)BINARY_FIELD(binary, record, Sym, st_info);
	const char *name = lade_blob_string(&tables->strings, BINARY_FIELD(binary, record, Sym, st_name));

	if (!name || !*name)
		return false;
	*ret_symbol = (struct user_symbol){
		.name = name,
		.address = BINARY_FIELD(binary, record, Sym, st_value),
		.size = BINARY_FIELD(binary, record, Sym, st_size),
		.type = ELF64_ST_TYPE(info),
		.bind = ELF64_ST_BIND(info),
		.is_defined = BINARY_FIELD(binary, record, Sym, st_shndx) != SHN_UNDEF,
	};
	if (binary->machine == EM_ARM)
		ret_symbol->address &= ~UINT64_C(1); /* set for Thumb code */
	split_name(ret_symbol);
	add_version(binary, tables, index, ret_symbol);
	return true;
}

static int walk_table(struct lade_binary *binary, const struct lade_binary_section *section, lade_symbol_fn *fn,
		      void *userdata)
{
	CLEANUP(tables_clear) struct tables tables = { 0 };
	struct user_symbol symbol;
	int result = read_linked(binary, section, &tables.symbols, &tables.strings);

	if (result == 0 && section->type == SHT_DYNSYM)
		result = read_versions(binary, &tables);
	if (result < 0)
		return result == -ENOMEM ? result : 0;
	uint64_t count = tables.symbols.size / BINARY_RECORD(binary, Sym);
	for (uint64_t i = 1; i < count; i++)
		if (read_symbol(binary, &tables, i, &symbol))
			fn(userdata, &symbol);
	return 0;
}

/* A file has one table of a kind. */
int lade_symbols_walk(struct lade_binary *binary, uint32_t table_type, lade_symbol_fn *fn, void *userdata)
{
	const struct lade_binary_section *section = lade_binary_section_of_type(binary, table_type);

	return section ? walk_table(binary, section, fn, userdata) : 0;
}
