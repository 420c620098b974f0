/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol table. */
#include <errno.h>
#include <stdlib.h>

#include "elf/internal.h"

static const struct elf_section *find_table(const struct elf_image *image)
{
	for (size_t i = 1; i < image->section_count; i++)
		if (image->sections[i].type == SHT_SYMTAB)
			return &image->sections[i];
	return NULL;
}

static int check_table(const struct elf_image *image, const struct elf_section *table,
		       const struct elf_section **ret_strings, struct lade_error **error)
{
	if (table->entry_size != sizeof(Elf64_Sym) || table->size % sizeof(Elf64_Sym))
		return lade_fail(error, EINVAL, "elf.symbols",
				 "%s: symbol table (section %u) of %llu bytes with entries of %llu; they have %zu",
				 image->file, table->index, (unsigned long long)table->size,
				 (unsigned long long)table->entry_size, sizeof(Elf64_Sym));
	if (table->link >= image->section_count || image->sections[table->link].type != SHT_STRTAB)
		return lade_fail(error, EINVAL, "elf.strings",
				 "%s: symbol names are said to be in section %u (sh_link), which is no string table",
				 image->file, table->link);
	*ret_strings = &image->sections[table->link];
	return 0;
}

static bool section_exists(const struct elf_image *image, uint16_t section)
{
	return section < image->section_count || (section >= SHN_LORESERVE && section != SHN_XINDEX);
}

static int read_symbol(const struct elf_image *image, const struct elf_section *strings, const Elf64_Sym *from,
		       struct elf_symbol *symbol, struct lade_error **error)
{
	const char *name = from->st_name ? lade_elf_string(strings, from->st_name) : "";
	if (!name)
		return lade_fail(error, EINVAL, "elf.symbols",
				 "%s: the name of symbol %u is at %u, outside its string table of %llu bytes",
				 image->file, symbol->index, from->st_name, (unsigned long long)strings->size);
	if (!section_exists(image, from->st_shndx))
		return lade_fail(error, EINVAL, "elf.symbols",
				 "%s: symbol %u (%s) lies in section %u, but there are only %zu", image->file,
				 symbol->index, name, from->st_shndx, image->section_count);
	symbol->name = name;
	symbol->value = from->st_value;
	symbol->size = from->st_size;
	symbol->section = from->st_shndx;
	symbol->bind = ELF64_ST_BIND(from->st_info);
	symbol->type = ELF64_ST_TYPE(from->st_info);
	symbol->visibility = ELF64_ST_VISIBILITY(from->st_other);
	return 0;
}

/* A symbol of type section has no name of its own; nor has any other with st_name 0. */
static int read_table(struct elf_image *image, const struct elf_section *table, const struct elf_section *strings,
		      struct lade_error **error)
{
	CLEANUP(cleanup_free) Elf64_Sym *records = malloc(table->size);
	size_t count = table->size / sizeof *records;
	image->symbols = calloc(count, sizeof *image->symbols);
	if (!records || !image->symbols)
		return lade_fail_memory(error);
	image->symbol_count = count;
	if (!lade_elf_translate(image, (uint64_t)(table->bytes - image->bytes), table->size, ELF_T_SYM, records))
		return lade_fail(error, EINVAL, "elf.symbols", "%s: cannot read the symbol table", image->file);
	for (size_t i = 0; i < count; i++) {
		image->symbols[i].index = (uint32_t)i;
		int result = read_symbol(image, strings, &records[i], &image->symbols[i], error);
		if (result < 0)
			return result;
	}
	return 0;
}

int lade_elf_read_symbols(struct elf_image *image, struct lade_error **error)
{
	const struct elf_section *table = find_table(image), *strings = NULL;
	if (!table || !table->size)
		return 0;
	int result = check_table(image, table, &strings, error);
	if (result < 0)
		return result;
	lade_elf_index(image)->symbol_table = table->index;
	return read_table(image, table, strings, error);
}
