/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .gopclntab: a header, then a table of (entry, offset of the function's record) pairs that is sorted by entry, and
 * ends with one more entry: the end of the code. A record starts with the entry and the offset of its name.
 *
 *              magic       pairs at            record at       name at          entry in pair and record
 *     Go 1.2   fffffffb    behind the count    table + offset  table + name     address, one word
 *     Go 1.16  fffffffa    header word 6       pairs + offset  word 2 + name    address, one word
 *     Go 1.18  fffffff0    header word 7       pairs + offset  word 3 + name    32 bits, from header word 2 on
 *     Go 1.20  fffffff1    as 1.18
 *
 * Header: magic, two zero bytes, instruction quantum, bytes of a word; then words, the first of which counts functions.
 */
#include <errno.h>
#include <string.h>

#include "symbols/go.h"

#define HEADER_START 8u

struct layout {
	uint32_t magic;
	int pairs_word, names_word, start_word; /* words of the header; -1: not there */
	bool is_compact;                        /* pairs of 32-bit numbers */
};

static const struct layout layouts[] = {
	{ 0xfffffffb, -1, -1, -1, false },
	{ 0xfffffffa, 6, 2, -1, false },
	{ 0xfffffff0, 7, 3, 2, true },
	{ 0xfffffff1, 7, 3, 2, true },
};

struct table {
	const struct lade_binary *binary;
	const struct layout *layout;
	struct lade_blob content;
	unsigned word; /* bytes */
	uint64_t count, pairs, names, start;
	uint64_t records; /* what offsets of records count from */
};

static bool header_word(const struct table *table, int index, uint64_t *ret_value)
{
	return lade_blob_number(table->binary, &table->content, HEADER_START + (uint64_t)index * table->word,
				table->word, ret_value);
}

static const struct layout *layout_of(const struct table *table)
{
	uint64_t magic;

	if (!lade_blob_number(table->binary, &table->content, 0, 4, &magic))
		return NULL;
	for (size_t i = 0; i < ELEMENTS(layouts); i++)
		if (layouts[i].magic == magic)
			return &layouts[i];
	return NULL;
}

/* The linker may leave the start of the code to the loader, or (since Go 1.26) to the section table. */
static uint64_t text_start(const struct table *table, uint64_t said)
{
	const struct lade_binary_section *text = lade_binary_section(table->binary, ".text");

	return said || !text ? said : text->address;
}

static bool read_header(struct table *table)
{
	const struct layout *layout = table->layout = layout_of(table);
	uint64_t quantum, start = 0;

	if (!layout || table->content.size < HEADER_START)
		return false;
	quantum = table->content.bytes[6];
	table->word = table->content.bytes[7];
	if ((quantum != 1 && quantum != 2 && quantum != 4) || (table->word != 4 && table->word != 8))
		return false;
	table->pairs = HEADER_START + table->word;
	if (!header_word(table, 0, &table->count))
		return false;
	if (layout->pairs_word >= 0 && (!header_word(table, layout->pairs_word, &table->pairs) ||
					!header_word(table, layout->names_word, &table->names)))
		return false;
	if (layout->start_word >= 0 && !header_word(table, layout->start_word, &start))
		return false;
	table->start = layout->is_compact ? text_start(table, start) : 0;
	table->records = layout->pairs_word >= 0 ? table->pairs : 0;
	return true;
}

static unsigned entry_width(const struct table *table)
{
	return table->layout->is_compact ? 4 : table->word;
}

static bool read_pair(const struct table *table, uint64_t index, uint64_t *ret_entry, uint64_t *ret_record)
{
	unsigned width = entry_width(table);
	uint64_t at = table->pairs + index * 2 * width; /* index is below what the table can hold */

	return lade_blob_number(table->binary, &table->content, at, width, ret_entry) &&
	       (!ret_record || lade_blob_number(table->binary, &table->content, at + width, width, ret_record));
}

static const char *read_name(const struct table *table, uint64_t record)
{
	uint64_t at, name;

	if (__builtin_add_overflow(table->records, record, &at) ||
	    __builtin_add_overflow(at, entry_width(table), &at) ||
	    !lade_blob_number(table->binary, &table->content, at, 4, &name) ||
	    __builtin_add_overflow(table->names, name, &at))
		return NULL;
	return lade_blob_string(&table->content, at);
}

/* false: it lies. */
static bool give_function(const struct table *table, uint64_t index, lade_symbol_fn *fn, void *userdata)
{
	uint64_t entry, next, record;

	if (!read_pair(table, index, &entry, &record) || !read_pair(table, index + 1, &next, NULL) || next < entry)
		return false;
	const char *name = read_name(table, record);
	if (!name)
		return false;
	if (!*name)
		return true;
	const struct user_symbol symbol = {
		.name = name,
		.name_length = strlen(name),
		.is_default = true,
		.address = table->start + entry,
		.size = next - entry,
		.type = STT_FUNC,
		.bind = STB_GLOBAL,
		.is_defined = true,
	};
	fn(userdata, &symbol);
	return true;
}

static bool walk(struct table *table, lade_symbol_fn *fn, void *userdata)
{
	if (!read_header(table) || table->pairs > table->content.size ||
	    table->count > (table->content.size - table->pairs) / (2 * (uint64_t)entry_width(table)))
		return false;
	for (uint64_t i = 0; i < table->count; i++)
		if (!give_function(table, i, fn, userdata))
			return false;
	return true;
}

int lade_go_walk(struct lade_binary *binary, lade_symbol_fn *fn, void *userdata)
{
	const struct lade_binary_section *section = lade_binary_section(binary, ".gopclntab");
	struct table table = { .binary = binary };

	if (!section) /* of a position-independent program */
		section = lade_binary_section(binary, ".data.rel.ro.gopclntab");
	int result = section ? lade_binary_content(binary, section, &table.content) : -ENOENT;
	if (result == 0 && !walk(&table, fn, userdata))
		(void)lade_strings_addf(&binary->damages,
					"the table of Go functions (%s) is damaged or of a new layout", section->name);
	lade_blob_clear(&table.content);
	return result == -ENOMEM ? result : 0;
}
