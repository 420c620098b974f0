/* SPDX-License-Identifier: BSD-2-Clause */
/* The relocations of one section. */
#include <errno.h>
#include <stdlib.h>

#include "elf/internal.h"

/* One SHT_REL or SHT_RELA section in the making. */
struct pass {
	const struct elf_image *image;
	const struct elf_section *from, *target;
	struct elf_relocations *into;
	struct lade_error **error;
};

/* The least a relocation of this type changes, in bytes. What stands at the place decides about more. */
static uint64_t width(uint32_t type)
{
	static const struct {
		uint32_t type;
		uint8_t bytes;
	} widths[] = {
		{ 1 /* R_BPF_64_64 */, 8 },       { 2 /* R_BPF_64_ABS64 */, 8 }, { 3 /* R_BPF_64_ABS32 */, 4 },
		{ 4 /* R_BPF_64_NODYLD32 */, 4 }, { 10 /* R_BPF_64_32 */, 4 },
	};
	for (size_t i = 0; i < ELEMENTS(widths); i++)
		if (widths[i].type == type)
			return widths[i].bytes;
	return 1;
}

static int check_section(const struct pass *pass, size_t record_size)
{
	const struct elf_section *from = pass->from;
	if (from->entry_size != record_size || from->size % record_size)
		return lade_fail(pass->error, EINVAL, "elf.relocation",
				 "%s: relocation section %u (%s) of %llu bytes with entries of %llu; they have %zu",
				 pass->image->file, from->index, from->name, (unsigned long long)from->size,
				 (unsigned long long)from->entry_size, record_size);
	if (!from->size)
		return 0;
	if (!from->link || from->link != lade_elf_index(pass->image)->symbol_table)
		return lade_fail(
			pass->error, EINVAL, "elf.relocation",
			"%s: relocation section %u (%s) uses section %u (sh_link), which is not the symbol table",
			pass->image->file, from->index, from->name, from->link);
	if (!pass->target->bytes)
		return lade_fail(pass->error, EINVAL, "elf.relocation",
				 "%s: relocation section %u (%s) relocates section %u (%s), which has no content",
				 pass->image->file, from->index, from->name, pass->target->index, pass->target->name);
	return 0;
}

static int keep(const struct pass *pass, const struct elf_relocation *relocation)
{
	uint64_t end;
	if (relocation->symbol >= pass->image->symbol_count)
		return lade_fail(pass->error, EINVAL, "elf.relocation",
				 "%s: a relocation at %s+%#llx uses symbol %u, but there are only %zu",
				 pass->image->file, pass->target->name, (unsigned long long)relocation->offset,
				 relocation->symbol, pass->image->symbol_count);
	if (__builtin_add_overflow(relocation->offset, width(relocation->type), &end) || end > pass->target->size)
		return lade_fail(pass->error, EINVAL, "elf.relocation",
				 "%s: a relocation at %s+%#llx (type %u) lies beyond the %llu bytes of the section",
				 pass->image->file, pass->target->name, (unsigned long long)relocation->offset,
				 relocation->type, (unsigned long long)pass->target->size);
	struct elf_relocation *item = array_push(pass->into);
	if (!item)
		return lade_fail_memory(pass->error);
	*item = *relocation;
	return 0;
}

static struct elf_relocation from_rel(const Elf64_Rel *record)
{
	return (struct elf_relocation){ .offset = record->r_offset,
					.type = (uint32_t)ELF64_R_TYPE(record->r_info),
					.symbol = (uint32_t)ELF64_R_SYM(record->r_info) };
}

static struct elf_relocation from_rela(const Elf64_Rela *record)
{
	Elf64_Rel plain = { .r_offset = record->r_offset, .r_info = record->r_info };
	struct elf_relocation relocation = from_rel(&plain);
	relocation.has_addend = true;
	relocation.addend = record->r_addend;
	return relocation;
}

static int read_section(const struct pass *pass)
{
	const struct elf_section *from = pass->from;
	bool addends = from->type == SHT_RELA;
	size_t record_size = addends ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
	int result = check_section(pass, record_size);
	if (result < 0 || !from->size)
		return result;
	CLEANUP(cleanup_free) uint8_t *records = malloc(from->size);
	if (!records)
		return lade_fail_memory(pass->error);
	if (!lade_elf_translate(pass->image, (uint64_t)(from->bytes - pass->image->bytes), from->size,
				addends ? ELF_T_RELA : ELF_T_REL, records))
		return lade_fail(pass->error, EINVAL, "elf.relocation", "%s: cannot read relocation section %u (%s)",
				 pass->image->file, from->index, from->name);
	for (size_t i = 0; i < from->size / record_size; i++) {
		const void *record = records + i * record_size;
		struct elf_relocation relocation = addends ? from_rela(record) : from_rel(record);
		result = keep(pass, &relocation);
		if (result < 0)
			return result;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct elf_relocation *left = a, *right = b;
	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	return (left->symbol > right->symbol) - (left->symbol < right->symbol);
}

int lade_elf_relocations(const struct elf_image *image, uint32_t section, struct elf_relocations *ret_relocations,
			 struct lade_error **error)
{
	struct elf_relocations found = { 0 };
	if (section >= image->section_count)
		return lade_fail(error, EINVAL, "elf.relocation", "%s: there is no section %u", image->file, section);
	const struct lade_elf_index *index = lade_elf_index(image);
	for (uint32_t i = index->first_relocation[section]; i; i = index->next_relocation[i]) {
		struct pass pass = { image, &image->sections[i], &image->sections[section], &found, error };
		int result = read_section(&pass);
		if (result < 0) {
			array_clear(&found);
			return result;
		}
	}
	if (found.count > 1)
		lade_sort(found.items, found.count, sizeof *found.items, compare);
	*ret_relocations = found;
	return 0;
}
