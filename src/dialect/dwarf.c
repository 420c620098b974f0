/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much DWARF (2 to 5) as it takes to find the struct of a global variable. Whatever is not understood
 * ends the reading: DWARF is only evidence, its absence no error.
 *
 *     .debug_info      unit: header, then entries: code (uleb), values in the forms that the code declares
 *     .debug_abbrev    code, tag, has children, (attribute, form)…, 0 0
 *     .debug_str       the names; .debug_str_offsets of version 5 numbers them
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "dialect/dwarf.h"

#define MAX_STEPS    (1U << 21) /* attributes read: some 10 ms of a hostile file */
#define MAX_CODES    4096
#define MAX_TYPEDEFS 16
#define MAX_BYTES    (UINT64_C(64) << 20)

enum {
	TAG_MEMBER = 0x0d,
	TAG_STRUCTURE = 0x13,
	TAG_TYPEDEF = 0x16,
	TAG_CONST = 0x26,
	TAG_VARIABLE = 0x34,
	TAG_VOLATILE = 0x35,
	AT_SIBLING = 0x01,
	AT_NAME = 0x03,
	AT_BYTE_SIZE = 0x0b,
	AT_MEMBER_LOCATION = 0x38,
	AT_TYPE = 0x49,
	AT_STR_OFFSETS_BASE = 0x72,
	FORM_IMPLICIT_CONST = 0x21,
};

/* ---- relocated sections ---- */

/* 4-byte absolute values; R_BPF_64_ABS32, R_BPF_64_NODYLD32, and what older compilers had instead. */
static bool is_offset_relocation(uint32_t type)
{
	return type == 3 || type == 4 || type == 10;
}

static void relocate(const struct elf_image *elf, struct text *text, const struct elf_relocation *relocation)
{
	uint32_t number;
	if (!is_offset_relocation(relocation->type) || text->size < sizeof number ||
	    relocation->offset > text->size - sizeof number)
		return;
	uint8_t *place = text->bytes + relocation->offset;
	memcpy(&number, place, sizeof number);
	number = elf->big_endian ? be32toh(number) : le32toh(number);
	number += (uint32_t)elf->symbols[relocation->symbol].value +
		  (relocation->has_addend ? (uint32_t)relocation->addend : 0);
	number = elf->big_endian ? htobe32(number) : htole32(number);
	memcpy(place, &number, sizeof number);
}

static int read_section(const struct elf_image *elf, const char *name, struct text *text)
{
	const struct elf_section *section = lade_elf_section(elf, name);
	struct elf_relocations relocations = { 0 };
	if (!section || !section->bytes || section->size > MAX_BYTES)
		return 0;
	text->bytes = malloc(section->size);
	if (!text->bytes)
		return -ENOMEM;
	memcpy(text->bytes, section->bytes, section->size);
	text->size = section->size;
	int result = lade_elf_relocations(elf, section->index, &relocations, NULL);
	if (result == 0)
		array_foreach(relocation, &relocations)
			relocate(elf, text, relocation);
	array_clear(&relocations);
	return result == -ENOMEM ? result : 0;
}

/* ---- abbreviations ---- */

static bool spend(struct dwarf *dwarf)
{
	return dwarf->budget && dwarf->budget--;
}

static int compare_codes(const void *left, const void *right)
{
	const struct abbreviation *a = left, *b = right;
	return (a->code > b->code) - (a->code < b->code);
}

static bool read_pairs(struct dwarf *dwarf, struct cursor *cursor, struct abbreviation *kind)
{
	for (;;) {
		uint32_t attribute = (uint32_t)lade_dwarf_uleb(cursor), form = (uint32_t)lade_dwarf_uleb(cursor);
		if (cursor->failed || (!attribute && !form))
			return !cursor->failed;
		if (kind->count == MAX_PAIRS || !spend(dwarf))
			return false;
		kind->pairs[kind->count].attribute = attribute;
		kind->pairs[kind->count].form = form;
		kind->pairs[kind->count].constant = form == FORM_IMPLICIT_CONST ? lade_dwarf_uleb(cursor) : 0;
		kind->count++;
	}
}

static int read_kinds(struct dwarf *dwarf, uint32_t index)
{
	const struct unit *unit = &dwarf->units.items[index];
	if (dwarf->kinds_unit == index)
		return 0;
	dwarf->kinds.count = 0;
	dwarf->kinds_unit = index;
	struct cursor cursor = lade_dwarf_cursor(dwarf, dwarf->abbrev->bytes, dwarf->abbrev->size, unit->abbreviations);
	while (!cursor.failed && dwarf->kinds.count < MAX_CODES) {
		uint64_t code = lade_dwarf_uleb(&cursor);
		if (!code || cursor.failed)
			break;
		struct abbreviation *kind = array_push(&dwarf->kinds);
		if (!kind)
			return -ENOMEM;
		kind->code = code;
		kind->tag = (uint32_t)lade_dwarf_uleb(&cursor);
		kind->has_children = lade_dwarf_number(&cursor, 1);
		if (!read_pairs(dwarf, &cursor, kind)) {
			dwarf->kinds.count--;
			break;
		}
	}
	if (dwarf->kinds.count)
		qsort(dwarf->kinds.items, dwarf->kinds.count, sizeof *dwarf->kinds.items, compare_codes);
	return 0;
}

/* Compilers number them 1, 2, 3 …, but need not. */
static const struct abbreviation *find_kind(const struct dwarf *dwarf, uint64_t code)
{
	const struct abbreviation wanted = { .code = code };
	if (code <= dwarf->kinds.count && dwarf->kinds.items[code - 1].code == code)
		return &dwarf->kinds.items[code - 1];
	return dwarf->kinds.count ? bsearch(&wanted, dwarf->kinds.items, dwarf->kinds.count, sizeof *dwarf->kinds.items,
					    compare_codes)
				  : NULL;
}

/* ---- entries ---- */

static void keep_value(struct entry *entry, uint32_t attribute, const struct value *value)
{
	switch (attribute) {
	case AT_NAME:
		entry->name = value->text;
		break;
	case AT_TYPE:
		entry->type = value->number;
		break;
	case AT_BYTE_SIZE:
		entry->bytes = value->number;
		break;
	case AT_MEMBER_LOCATION:
		entry->location = value->number;
		break;
	case AT_STR_OFFSETS_BASE:
		entry->base = value->number;
		break;
	case AT_SIBLING:
		entry->sibling = value->number;
		break;
	default:
		break;
	}
}

static bool read_entry(struct dwarf *dwarf, const struct unit *unit, struct cursor *cursor, struct entry *entry)
{
	*entry = (struct entry){ .name = "" };
	uint64_t code = lade_dwarf_uleb(cursor);
	if (cursor->failed || !code)
		return !cursor->failed;
	entry->kind = find_kind(dwarf, code);
	if (!entry->kind || !spend(dwarf))
		return false;
	for (unsigned i = 0; i < entry->kind->count && !cursor->failed; i++) {
		if (!spend(dwarf))
			return false;
		struct value value;
		uint32_t form = entry->kind->pairs[i].form;
		lade_dwarf_value(dwarf, unit, form, cursor, &value);
		if (form == FORM_IMPLICIT_CONST)
			value.number = entry->kind->pairs[i].constant;
		keep_value(entry, entry->kind->pairs[i].attribute, &value);
	}
	return !cursor->failed;
}

static struct cursor unit_cursor(const struct dwarf *dwarf, const struct unit *unit, uint64_t at)
{
	return lade_dwarf_cursor(dwarf, dwarf->info.bytes, unit->end, at);
}

/* Variables of a unit are children of its first entry. */
static int collect_variables(struct dwarf *dwarf, uint32_t index)
{
	struct unit *unit = &dwarf->units.items[index];
	struct cursor cursor = unit_cursor(dwarf, unit, unit->first);
	struct entry entry;
	if (read_kinds(dwarf, index) < 0)
		return -ENOMEM;
	uint64_t depth = 0;
	while (cursor.at < cursor.size && read_entry(dwarf, unit, &cursor, &entry)) {
		if (!entry.kind) {
			if (depth-- <= 1)
				break;
			continue;
		}
		if (!depth && entry.base) /* names that were numbered before this base was known are not ours */
			unit->strings = entry.base;
		if (depth == 1 && entry.kind->tag == TAG_VARIABLE && entry.type && *entry.name) {
			struct variable *variable = array_push(&dwarf->variables);
			if (!variable)
				return -ENOMEM;
			*variable = (struct variable){ entry.name, entry.type, index };
		}
		if (entry.kind->has_children && depth && entry.sibling > cursor.at && entry.sibling < cursor.size)
			cursor.at = entry.sibling;
		else
			depth += entry.kind->has_children;
		if (!depth)
			break;
	}
	return 0;
}

/* ---- units ---- */

static bool read_unit(const struct dwarf *dwarf, uint64_t at, struct unit *unit)
{
	struct cursor cursor = lade_dwarf_cursor(dwarf, dwarf->info.bytes, dwarf->info.size, at);
	uint64_t length = lade_dwarf_number(&cursor, 4);
	*unit = (struct unit){ .start = at, .offset_bytes = 4 };
	if (length == UINT32_MAX) {
		length = lade_dwarf_number(&cursor, 8);
		unit->offset_bytes = 8;
	}
	if (cursor.failed || length > cursor.size - cursor.at)
		return false;
	unit->end = cursor.at + length;
	unit->version = (unsigned)lade_dwarf_number(&cursor, 2);
	if (unit->version >= 5) {
		lade_dwarf_skip(&cursor, 1); /* kind of unit */
		unit->address_bytes = (unsigned)lade_dwarf_number(&cursor, 1);
		unit->abbreviations = lade_dwarf_number(&cursor, unit->offset_bytes);
		unit->strings = unit->offset_bytes == 4 ? 8 : 16; /* after the header of .debug_str_offsets */
	} else {
		unit->abbreviations = lade_dwarf_number(&cursor, unit->offset_bytes);
		unit->address_bytes = (unsigned)lade_dwarf_number(&cursor, 1);
	}
	unit->first = cursor.at;
	return !cursor.failed && unit->version >= 2 && unit->version <= 5 && unit->address_bytes <= 8 &&
	       unit->first <= unit->end;
}

static int read_units(struct dwarf *dwarf)
{
	struct unit unit;
	for (uint64_t at = 0; dwarf->budget && at < dwarf->info.size && read_unit(dwarf, at, &unit); at = unit.end) {
		struct unit *place = array_push(&dwarf->units);
		if (!place)
			return -ENOMEM;
		*place = unit;
		if (collect_variables(dwarf, (uint32_t)(dwarf->units.count - 1)) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* ---- the struct of a variable ---- */

static const struct variable *find_variable(const struct dwarf *dwarf, const char *name)
{
	array_foreach(variable, &dwarf->variables)
		if (strcmp(variable->name, name) == 0)
			return variable;
	return NULL;
}

static bool is_wrapper(uint32_t tag)
{
	return tag == TAG_TYPEDEF || tag == TAG_CONST || tag == TAG_VOLATILE;
}

/* Through typedefs to the struct; leaves the cursor behind its entry. An unnamed one goes by its typedef. */
static bool find_struct(struct dwarf *dwarf, const struct unit *unit, uint64_t type, struct cursor *cursor,
			struct entry *record)
{
	const char *alias = "";
	for (unsigned i = 0; i < MAX_TYPEDEFS; i++) {
		if (type < unit->first || type >= unit->end)
			return false;
		*cursor = unit_cursor(dwarf, unit, type);
		if (!read_entry(dwarf, unit, cursor, record) || !record->kind)
			return false;
		if (record->kind->tag == TAG_STRUCTURE) {
			if (!*record->name)
				record->name = alias;
			return record->kind->has_children;
		}
		if (!is_wrapper(record->kind->tag))
			return false;
		if (*record->name && !*alias)
			alias = record->name;
		type = record->type;
	}
	return false;
}

static int collect_members(struct dwarf *dwarf, const struct unit *unit, struct cursor *cursor,
			   struct record_members *members)
{
	struct entry entry;
	uint64_t depth = 1;
	while (depth && cursor->at < cursor->size && read_entry(dwarf, unit, cursor, &entry)) {
		if (!entry.kind) {
			depth--;
			continue;
		}
		if (depth == 1 && entry.kind->tag == TAG_MEMBER) {
			struct record_member *member = array_push(members);
			if (!member)
				return -ENOMEM;
			*member = (struct record_member){ entry.name, entry.location, 0 };
		}
		depth += entry.kind->has_children;
	}
	return 0;
}

/* The distance to the next member does for a size: words have no padding. */
static void measure_members(struct record_members *members, uint64_t bytes)
{
	for (size_t i = 0; i < members->count; i++) {
		uint64_t next = i + 1 < members->count ? members->items[i + 1].offset : bytes;
		uint64_t offset = members->items[i].offset;
		members->items[i].bytes = next > offset ? next - offset : 0;
	}
}

int lade_dwarf_members(struct dwarf *dwarf, const char *name, struct record_members *ret_members)
{
	const struct variable *variable = find_variable(dwarf, name);
	struct entry record;
	struct cursor cursor;
	if (!variable)
		return 0;
	const struct unit *unit = &dwarf->units.items[variable->unit];
	if (read_kinds(dwarf, variable->unit) < 0)
		return -ENOMEM;
	if (!find_struct(dwarf, unit, variable->type, &cursor, &record))
		return 0;
	if (collect_members(dwarf, unit, &cursor, ret_members) < 0)
		return -ENOMEM;
	measure_members(ret_members, record.bytes);
	ret_members->struct_name = record.name;
	ret_members->origin = "DWARF";
	return 0;
}

/* ---- opening ---- */

static int open_dwarf(struct dwarf *dwarf)
{
	int result = read_section(dwarf->elf, ".debug_info", &dwarf->info);
	if (result == 0)
		result = read_section(dwarf->elf, ".debug_str_offsets", &dwarf->offsets);
	return result == 0 && dwarf->info.bytes ? read_units(dwarf) : result;
}

int lade_dwarf_open(const struct elf_image *elf, struct dwarf **ret_dwarf)
{
	const struct elf_section *abbrev = lade_elf_section(elf, ".debug_abbrev");
	if (!abbrev || !abbrev->bytes)
		return 0;
	if (lade_elf_need_debug(elf) < 0)
		return 0; /* as if it had none: it only gives more certainty */
	struct dwarf *dwarf = calloc(1, sizeof *dwarf);
	if (!dwarf)
		return -ENOMEM;
	dwarf->elf = elf;
	dwarf->abbrev = abbrev;
	dwarf->strings = lade_elf_section(elf, ".debug_str");
	dwarf->kinds_unit = UINT32_MAX;
	dwarf->budget = MAX_STEPS;
	if (open_dwarf(dwarf) < 0) {
		(void)lade_dwarf_free(dwarf);
		return -ENOMEM;
	}
	*ret_dwarf = dwarf;
	return 0;
}

struct dwarf *lade_dwarf_free(struct dwarf *dwarf)
{
	if (!dwarf)
		return NULL;
	free(dwarf->info.bytes);
	free(dwarf->offsets.bytes);
	array_clear(&dwarf->units);
	array_clear(&dwarf->variables);
	array_clear(&dwarf->kinds);
	free(dwarf);
	return NULL;
}
