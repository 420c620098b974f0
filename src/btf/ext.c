/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .BTF.ext: which function, source line and CO-RE relocation belongs to which instruction.
 *
 *     header | { record size, { section name, count, records… }… } for each of the three tables
 */
#include <errno.h>
#include <stdlib.h>

#include "btf/internal.h"

#define INSTRUCTION  8u    /* bytes */
#define MAX_SECTIONS 16384 /* names are looked up one after another */

/* As the compiler writes it; the last two fields since LLVM 10. All offsets count from the header's end. */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_length;
	struct {
		uint32_t offset, length;
	} tables[3];
};
#define HEADER_WITHOUT_RELOCATIONS 24u
_Static_assert(sizeof(struct ext_header) == 32, "no padding");

struct reader {
	const struct lade_btf *btf;
	const uint8_t *bytes;
	size_t size;
	const char *file;
	bool swapped;
	struct btf_ext *ext;
	struct lade_error **error;
};

/* One record as words, in native order, and where it belongs. */
struct record {
	uint32_t words[4];
	struct btf_ext_section *section;
};

struct table {
	const char *name;
	uint32_t record_bytes; /* the least */
	int (*check)(const struct reader *reader, const struct record *record);
	/* Where the array and its length lie in struct btf_ext_section. */
	size_t items, count;
};

static int fail_record(const struct reader *reader, const struct record *record, const char *what, uint32_t value)
{
	return lade_fail(reader->error, EINVAL, "btf.ext.record", "%s: .BTF.ext: %s+%#x: %s %u", reader->file,
			 record->section->section, record->words[0], what, value);
}

static int check_string(const struct reader *reader, const struct record *record, uint32_t offset)
{
	if (lade_btf_string_ok(reader->btf, offset))
		return 0;
	return fail_record(reader, record, "a string outside .BTF at", offset);
}

static int check_function(const struct reader *reader, const struct record *record)
{
	uint32_t id = record->words[1];
	if (lade_btf_kind(lade_btf_type(reader->btf, id)) != BTF_KIND_FUNC)
		return fail_record(reader, record, "a function whose type is no func:", id);
	return 0;
}

static int check_line(const struct reader *reader, const struct record *record)
{
	int result = check_string(reader, record, record->words[1]);
	return result ? result : check_string(reader, record, record->words[2]);
}

static int check_relocation(const struct reader *reader, const struct record *record)
{
	if (!lade_btf_type(reader->btf, record->words[1]))
		return fail_record(reader, record, "a CO-RE relocation of an unknown type:", record->words[1]);
	return check_string(reader, record, record->words[2]);
}

#define FIELDS(array, number) offsetof(struct btf_ext_section, array), offsetof(struct btf_ext_section, number)
static const struct table tables[] = {
	{ "function table", sizeof(struct btf_func_info), check_function, FIELDS(funcs, func_count) },
	{ "line table", sizeof(struct btf_line_info), check_line, FIELDS(lines, line_count) },
	{ "CO-RE table", sizeof(struct btf_core_relocation), check_relocation, FIELDS(relocations, relocation_count) },
};
_Static_assert(sizeof(struct btf_line_info) == 16 && sizeof(struct btf_core_relocation) == 16, "four words");

static uint32_t word_at(const struct reader *reader, size_t offset)
{
	uint32_t word;
	memcpy(&word, reader->bytes + offset, sizeof word);
	return reader->swapped ? __builtin_bswap32(word) : word;
}

static struct btf_ext_section *section_get(struct btf_ext *ext, const char *name)
{
	array_foreach(section, ext)
		if (!strcmp(section->section, name))
			return section;
	struct btf_ext_section *section = ext->count < MAX_SECTIONS ? array_push(ext) : NULL;
	if (section)
		section->section = name;
	return section;
}

/* Room for `more` records behind those that are there; NULL without memory. */
static uint8_t *make_room(struct btf_ext_section *section, const struct table *table, size_t more)
{
	void *items;
	size_t count;
	memcpy(&items, (char *)section + table->items, sizeof(items));
	memcpy(&count, (char *)section + table->count, sizeof count);
	uint8_t *grown = realloc(items, (count + more) * table->record_bytes);
	if (!grown)
		return NULL;
	count += more;
	memcpy((char *)section + table->items, &grown, sizeof(grown));
	memcpy((char *)section + table->count, &count, sizeof count);
	return grown + (count - more) * table->record_bytes;
}

static int read_record(const struct reader *reader, const struct table *table, struct record *record, size_t offset,
		       uint8_t *into)
{
	for (size_t i = 0; i < table->record_bytes / sizeof(uint32_t); i++)
		record->words[i] = word_at(reader, offset + i * sizeof(uint32_t));
	if (record->words[0] % INSTRUCTION)
		return fail_record(reader, record, "an offset inside an instruction:", record->words[0]);
	int result = table->check(reader, record);
	if (!result)
		memcpy(into, record->words, table->record_bytes);
	return result;
}

/* The records of one section; *offset stands behind its two words and is moved behind its records. */
static int read_block(const struct reader *reader, const struct table *table, uint32_t record_size, size_t *offset,
		      size_t end)
{
	uint32_t name = word_at(reader, *offset - 8), count = word_at(reader, *offset - 4);
	if (!lade_btf_string_ok(reader->btf, name))
		return lade_fail(reader->error, EINVAL, "btf.ext.record",
				 "%s: .BTF.ext: the %s names a section outside the strings, at %u", reader->file,
				 table->name, name);
	if (!count || (uint64_t)count * record_size > end - *offset)
		return lade_fail(reader->error, EINVAL, "btf.ext.record",
				 "%s: .BTF.ext: the %s claims %u records of %u bytes for %s, but %zu bytes are left",
				 reader->file, table->name, count, record_size, lade_btf_string(reader->btf, name),
				 end - *offset);
	struct record record = { .section = section_get(reader->ext, lade_btf_string(reader->btf, name)) };
	if (!record.section && reader->ext->count >= MAX_SECTIONS)
		return lade_fail(reader->error, EFBIG, "btf.ext.record",
				 "%s: .BTF.ext: describes more than %u sections", reader->file, MAX_SECTIONS);
	uint8_t *into = record.section ? make_room(record.section, table, count) : NULL;
	if (!into)
		return lade_fail_memory(reader->error);
	memset(into, 0, (size_t)count * table->record_bytes);
	for (uint32_t i = 0; i < count; i++) {
		int result = read_record(reader, table, &record, *offset, into + (size_t)i * table->record_bytes);
		if (result < 0)
			return result;
		*offset += record_size;
	}
	return 0;
}

static int read_table(const struct reader *reader, const struct table *table, size_t offset, size_t length)
{
	size_t end = offset + length;
	if (!length)
		return 0;
	uint32_t record_size = length >= sizeof record_size ? word_at(reader, offset) : 0;
	if (record_size < table->record_bytes || record_size % sizeof(uint32_t))
		return lade_fail(reader->error, EINVAL, "btf.ext.record",
				 "%s: .BTF.ext: records of %u bytes in the %s; they have %u or more", reader->file,
				 record_size, table->name, table->record_bytes);
	offset += sizeof record_size;
	while (offset < end) {
		if (end - offset < 8)
			return lade_fail(reader->error, EINVAL, "btf.ext.record",
					 "%s: .BTF.ext: %zu bytes too many at the end of the %s", reader->file,
					 end - offset, table->name);
		offset += 8;
		int result = read_block(reader, table, record_size, &offset, end);
		if (result < 0)
			return result;
	}
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	uint32_t left, right;
	memcpy(&left, a, sizeof left);
	memcpy(&right, b, sizeof right);
	return (left > right) - (left < right);
}

static void sort(void *items, size_t count, size_t size)
{
	if (count > 1)
		lade_sort(items, count, size, by_offset);
}

static int read_header(struct reader *reader, struct ext_header *header)
{
	if (reader->size < HEADER_WITHOUT_RELOCATIONS)
		return lade_fail(reader->error, EINVAL, "btf.ext.header",
				 "%s: .BTF.ext of %zu bytes is shorter than its header of %u", reader->file,
				 reader->size, HEADER_WITHOUT_RELOCATIONS);
	memcpy(header, reader->bytes, HEADER_WITHOUT_RELOCATIONS);
	reader->swapped = header->magic == __builtin_bswap16(BTF_MAGIC);
	if (header->magic != BTF_MAGIC && !reader->swapped)
		return lade_fail(reader->error, EINVAL, "btf.ext.header",
				 "%s: .BTF.ext starts with %02x %02x, not with 9f eb or eb 9f", reader->file,
				 reader->bytes[0], reader->bytes[1]);
	if (header->version != BTF_VERSION)
		return lade_fail(reader->error, EINVAL, "btf.ext.header", "%s: .BTF.ext of version %u; known is 1",
				 reader->file, header->version);
	header->header_length = word_at(reader, offsetof(struct ext_header, header_length));
	if (header->header_length < HEADER_WITHOUT_RELOCATIONS || header->header_length > reader->size)
		return lade_fail(reader->error, EINVAL, "btf.ext.header",
				 "%s: the header of .BTF.ext claims %u bytes; it has %u or more and .BTF.ext %zu",
				 reader->file, header->header_length, HEADER_WITHOUT_RELOCATIONS, reader->size);
	return 0;
}

static int locate_table(const struct reader *reader, const struct ext_header *header, size_t index)
{
	size_t field = offsetof(struct ext_header, tables) + index * sizeof header->tables[0];
	if (field + sizeof header->tables[0] > header->header_length)
		return 0;
	uint32_t offset = word_at(reader, field), length = word_at(reader, field + sizeof offset);
	uint64_t available = reader->size - header->header_length;
	if ((uint64_t)offset + length > available)
		return lade_fail(reader->error, EINVAL, "btf.ext.header",
				 "%s: the %s of .BTF.ext (%u bytes at %u) lies beyond its %llu bytes", reader->file,
				 tables[index].name, length, offset, (unsigned long long)available);
	return read_table(reader, &tables[index], (size_t)header->header_length + offset, length);
}

int lade_btf_ext_parse(const struct lade_btf *btf, const void *bytes, size_t size, const char *file,
		       struct btf_ext **ret_ext, struct lade_error **error)
{
	CLEANUP(cleanup_btf_ext) struct btf_ext *ext = calloc(1, sizeof *ext);
	if (!ext)
		return lade_fail_memory(error);
	struct reader reader = { .btf = btf, .bytes = bytes, .size = size, .file = file, .ext = ext, .error = error };
	struct ext_header header;
	int result = read_header(&reader, &header);
	for (size_t i = 0; !result && i < ELEMENTS(tables); i++)
		result = locate_table(&reader, &header, i);
	if (result < 0)
		return result;
	array_foreach(section, ext) {
		sort(section->funcs, section->func_count, sizeof *section->funcs);
		sort(section->lines, section->line_count, sizeof *section->lines);
		sort(section->relocations, section->relocation_count, sizeof *section->relocations);
	}
	*ret_ext = TAKE(ext);
	return 0;
}

struct btf_ext *lade_btf_ext_free(struct btf_ext *ext)
{
	if (!ext)
		return NULL;
	array_foreach(section, ext) {
		free(section->funcs);
		free(section->lines);
		free(section->relocations);
	}
	array_clear(ext);
	free(ext);
	return NULL;
}

const struct btf_ext_section *lade_btf_ext_section(const struct btf_ext *ext, const char *section)
{
	array_foreach(item, ext)
		if (!strcmp(item->section, section))
			return item;
	return NULL;
}
