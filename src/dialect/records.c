/* SPDX-License-Identifier: BSD-2-Clause */
/* Map records of the legacy dialects: one symbol each, in one section. */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

static int compare_records(const void *left, const void *right)
{
	const struct map_record *a = left, *b = right;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->symbol->index > b->symbol->index) - (a->symbol->index < b->symbol->index);
}

/* Every named symbol counts, whatever its type, binding and size; two names of one place are one map. */
static int collect(const struct elf_image *elf, const struct elf_section *section, struct map_records *records)
{
	for (size_t i = 1; i < elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &elf->symbols[i];
		if (symbol->section != section->index || !lade_symbol_is_named(symbol))
			continue;
		struct map_record *record = array_push(records);
		if (!record)
			return -ENOMEM;
		*record = (struct map_record){ symbol, symbol->value, 0 };
	}
	if (records->count)
		qsort(records->items, records->count, sizeof *records->items, compare_records);
	size_t kept = 0;
	for (size_t i = 0; i < records->count; i++)
		if (!kept || records->items[kept - 1].offset != records->items[i].offset)
			records->items[kept++] = records->items[i];
	records->count = kept;
	return 0;
}

static uint64_t gap(const struct map_records *records, const struct elf_section *section, size_t i)
{
	uint64_t next = i + 1 < records->count ? records->items[i + 1].offset : section->size;
	return next - records->items[i].offset;
}

/* Compilers since LLVM 8 write the size of the struct. */
static bool size_by_symbols(struct map_records *records, const struct elf_section *section)
{
	for (size_t i = 0; i < records->count; i++) {
		uint64_t size = records->items[i].symbol->size;
		if (!size || size > gap(records, section, i))
			return false;
	}
	array_foreach(record, records)
		record->size = record->symbol->size;
	records->basis = "the size of the map symbols";
	return true;
}

static bool size_by_gaps(struct map_records *records, const struct elf_section *section)
{
	for (size_t i = 0; i < records->count; i++)
		if (gap(records, section, i) != gap(records, section, 0))
			return false;
	uint64_t size = gap(records, section, 0);
	array_foreach(record, records)
		record->size = size;
	records->basis = "the distance of the map symbols";
	return true;
}

/* What the old loader did: the section divided by the number of maps. */
static bool size_by_division(struct map_records *records, const struct elf_section *section)
{
	uint64_t size = section->size / records->count;
	if (section->size % records->count)
		return false;
	for (size_t i = 0; i < records->count; i++)
		if (gap(records, section, i) < size)
			return false;
	array_foreach(record, records)
		record->size = size;
	records->basis = "the size of the section divided by the number of map symbols";
	return true;
}

static int check_symbols(const struct elf_image *elf, const struct elf_section *section,
			 const struct map_records *records, struct lade_error **error)
{
	if (records->count == 0)
		return lade_fail(error, ENOEXEC, "dialect.maps.symbols",
				 "%s: no symbol names a map in section %s (%llu bytes)", elf->file, section->name,
				 (unsigned long long)section->size);
	const struct map_record *last = &records->items[records->count - 1];
	if (last->offset < section->size)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, ENOEXEC, "dialect.maps.beyond", "%s: map %s lies beyond section %s", elf->file,
			       last->symbol->name, section->name);
	finding_map(finding, last->symbol->name);
	finding_evidence(finding, "offset %llu, section size %llu", (unsigned long long)last->offset,
			 (unsigned long long)section->size);
	return -ENOEXEC;
}

static int check_sizes(const struct elf_image *elf, const struct elf_section *section,
		       const struct map_records *records, struct lade_error **error)
{
	array_foreach(record, records) {
		if (record->size >= 16 && record->size % 4 == 0)
			continue;
		struct lade_finding *finding = lade_error_add(
			error, ENOEXEC, "dialect.maps.stride", "%s: the record of map %s in section %s has %llu bytes",
			elf->file, record->symbol->name, section->name, (unsigned long long)record->size);
		finding_map(finding, record->symbol->name);
		finding_evidence(finding, "known by %s", records->basis);
		return -ENOEXEC;
	}
	return 0;
}

static int fail_stride(const struct elf_image *elf, const struct elf_section *section,
		       const struct map_records *records, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOEXEC, "dialect.maps.stride",
			       "%s: section %s: %llu bytes cannot be %zu map records of one size", elf->file,
			       section->name, (unsigned long long)section->size, records->count);
	for (size_t i = 0; i < records->count && i < 4; i++)
		finding_evidence(finding, "%s at %llu, symbol size %llu", records->items[i].symbol->name,
				 (unsigned long long)records->items[i].offset,
				 (unsigned long long)records->items[i].symbol->size);
	return -ENOEXEC;
}

static int read_records(const struct elf_image *elf, const struct elf_section *section, struct map_records *records,
			struct lade_error **error)
{
	if (collect(elf, section, records) < 0)
		return lade_fail_memory(error);
	int result = check_symbols(elf, section, records, error);
	if (result < 0)
		return result;
	if (!size_by_symbols(records, section) && !size_by_gaps(records, section) &&
	    !size_by_division(records, section))
		return fail_stride(elf, section, records, error);
	return check_sizes(elf, section, records, error);
}

int lade_records_read(const struct elf_image *elf, const struct elf_section *section, struct map_records *ret_records,
		      struct lade_error **error)
{
	struct map_records records = { 0 };
	int result = read_records(elf, section, &records, error);
	if (result < 0)
		array_clear(&records);
	else
		*ret_records = records;
	return result;
}
