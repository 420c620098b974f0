/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of one stated size, each named by a symbol. Android's loader paired the n-th symbol with the n-th
 * record, so that one stray symbol shifted all names; here the place of the symbol says which record it names.
 */
#include <errno.h>
#include <string.h>

#include "dialect/android.h"

static int compare_records(const void *left, const void *right)
{
	const struct android_record *a = left, *b = right;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->symbol->index > b->symbol->index) - (a->symbol->index < b->symbol->index);
}

static int fail_size(struct android *android, const struct elf_section *section, uint64_t bytes)
{
	return lade_fail(android->filling.error, ENOEXEC, "dialect.android.stride",
			 "%s: section %s: %llu bytes are no whole number of records of %llu bytes",
			 android->filling.elf->file, section->name, (unsigned long long)section->size,
			 (unsigned long long)bytes);
}

static int fail_symbol(struct android *android, const struct elf_section *section, const struct elf_symbol *symbol,
		       uint64_t bytes, const char *code, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(android->filling.error, ENOEXEC, code, "%s: section %s: the record of %s %s",
			       android->filling.elf->file, section->name, symbol->name, why);
	finding_evidence(finding, "symbol %u: offset %llu, %llu bytes; the section has %llu bytes, a record %llu",
			 symbol->index, (unsigned long long)symbol->value, (unsigned long long)symbol->size,
			 (unsigned long long)section->size, (unsigned long long)bytes);
	return -ENOEXEC;
}

static int check_symbol(struct android *android, const struct elf_section *section, const struct elf_symbol *symbol,
			uint64_t bytes)
{
	if (symbol->value >= section->size)
		return fail_symbol(android, section, symbol, bytes, "dialect.maps.beyond", "lies beyond the section");
	if (symbol->size && symbol->size != bytes)
		return fail_symbol(android, section, symbol, bytes, "dialect.android.stride",
				   "has another size than the object states");
	if (symbol->value % bytes)
		return fail_symbol(android, section, symbol, bytes, "dialect.android.stride",
				   "does not begin where a record does");
	return 0;
}

static int collect(struct android *android, const struct elf_section *section, uint64_t bytes,
		   struct android_records *records)
{
	const struct elf_image *elf = android->filling.elf;
	for (size_t i = 1; i < elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &elf->symbols[i];
		if (symbol->section != section->index || !lade_symbol_is_named(symbol))
			continue;
		int result = check_symbol(android, section, symbol, bytes);
		if (result < 0)
			return result;
		struct android_record *record = array_push(records);
		if (!record)
			return lade_fail_memory(android->filling.error);
		*record = (struct android_record){ symbol, section->bytes + symbol->value, bytes, symbol->value };
	}
	return 0;
}

static void note_nameless(struct android *android, const struct elf_section *section,
			  const struct android_records *records, uint64_t bytes)
{
	uint64_t all = section->size / bytes;
	if (records->count >= all)
		return;
	struct lade_finding *note =
		lade_note_add(&android->filling.object->notes, "dialect.android.nameless",
			      "section %s: %llu of %llu records have no symbol and are left out", section->name,
			      (unsigned long long)(all - records->count), (unsigned long long)all);
	finding_object(note, android->filling.elf->file);
}

/* ---- by name ---- */

static int compare_names(const void *left, const void *right)
{
	const struct android_record *const *a = left, *const *b = right;
	return strcmp((*a)->symbol->name, (*b)->symbol->name);
}

static int fail_twice(struct android *android, const struct elf_section *section, const char *name)
{
	return lade_fail(android->filling.error, ENOEXEC, "dialect.android.twice",
			 "%s: section %s: two records are named %s", android->filling.elf->file, section->name, name);
}

static int index_names(struct android *android, const struct elf_section *section, struct android_records *records)
{
	size_t size = sizeof *records->names; /* NOLINT: items are pointers */
	records->names = calloc(records->count + 1, size);
	if (!records->names)
		return lade_fail_memory(android->filling.error);
	for (size_t i = 0; i < records->count; i++)
		records->names[i] = &records->items[i];
	qsort(records->names, records->count, size, compare_names);
	for (size_t i = 1; i < records->count; i++)
		if (compare_names(&records->names[i - 1], &records->names[i]) == 0)
			return fail_twice(android, section, records->names[i]->symbol->name);
	return 0;
}

uint32_t lade_android_find(const struct android_records *records, const char *name)
{
	size_t low = 0, high = records->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(records->names[middle]->symbol->name, name);
		if (order == 0)
			return (uint32_t)(records->names[middle] - records->items);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NO_INDEX;
}

void lade_android_records_clear(struct android_records *records)
{
	free(TAKE(records->names));
	array_clear(records);
}

static int read_records(struct android *android, const struct elf_section *section, uint64_t bytes,
			struct android_records *records)
{
	if (!section->bytes || !section->size)
		return 0;
	if (section->size % bytes)
		return fail_size(android, section, bytes);
	int result = collect(android, section, bytes, records);
	if (result < 0 || !records->count)
		return result < 0 ? result
				  : lade_fail(android->filling.error, ENOEXEC, "dialect.maps.symbols",
					      "%s: no symbol names a record in section %s (%llu bytes)",
					      android->filling.elf->file, section->name,
					      (unsigned long long)section->size);
	qsort(records->items, records->count, sizeof *records->items, compare_records);
	size_t kept = 0;
	for (size_t i = 0; i < records->count; i++)
		if (!kept || records->items[kept - 1].offset != records->items[i].offset)
			records->items[kept++] = records->items[i];
	records->count = kept;
	note_nameless(android, section, records, bytes);
	return index_names(android, section, records);
}

int lade_android_records(struct android *android, const struct elf_section *section, uint64_t bytes,
			 struct android_records *ret_records)
{
	struct android_records records = { 0 };
	int result = read_records(android, section, bytes, &records);
	if (result < 0)
		lade_android_records_clear(&records);
	else
		*ret_records = records;
	return result;
}

/* ---- fields ---- */

uint32_t lade_android_word(const struct android *android, const struct android_record *record, uint64_t offset,
			   uint32_t absent)
{
	return offset + sizeof(uint32_t) <= record->size ? lade_fill_u32(&android->filling, record->bytes + offset)
							 : absent;
}

uint8_t lade_android_byte(const struct android_record *record, uint64_t offset)
{
	return offset < record->size ? record->bytes[offset] : 0;
}

int lade_android_text(struct android *android, const struct android_record *record, uint64_t offset, uint64_t bytes,
		      char **ret_text)
{
	if (offset >= record->size || !record->bytes[offset])
		return 0;
	uint64_t room = record->size - offset;
	char *text = strndup((const char *)record->bytes + offset, (size_t)(room < bytes ? room : bytes));
	if (!text)
		return lade_fail_memory(android->filling.error);
	*ret_text = text;
	return 0;
}

/* Android 11's objects state no sizes and hold KERNEL_VERSION codes: 5.4 is 0x50400 there, 0x5040000 since. */
uint32_t lade_android_kernel(const struct android *android, uint32_t code)
{
	if (android->sized || code >= UINT32_C(1) << 24)
		return code;
	return (code >> 16) << 24 | (code >> 8 & 255) << 16 | (code & 255);
}
