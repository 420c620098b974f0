/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map records of iproute2 and Calico. The struct grew over time, and once in its middle:
 *
 *     4.1   20 bytes  type size_key size_value max_elem id
 *     4.5   24        type size_key size_value max_elem id pinning
 *     4.6   28        type size_key size_value max_elem flags id pinning
 *     4.13  36        type size_key size_value max_elem flags id pinning inner_id inner_idx
 *
 * Where BTF names the members they are read by name, else by the size of the record.
 */
#include <errno.h>
#include <sha1.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dialect/iproute2.h"

enum field {
	FIELD_TYPE,
	FIELD_KEY,
	FIELD_VALUE,
	FIELD_MAX,
	FIELD_FLAGS,
	FIELD_ID,
	FIELD_PINNING,
	FIELD_INNER_ID,
	FIELD_INNER_IDX,
	FIELDS,
};

#define NO_WORD      0xff
#define TC_MAPS      64 /* tc refused more */
#define NOT_INSERTED UINT32_MAX

enum { PIN_NONE, PIN_OBJECT_NS, PIN_GLOBAL_NS };

/* Which word of a record holds a field. */
struct layout {
	uint64_t bytes;
	uint8_t word[FIELDS];
};

#define NONE NO_WORD
static const struct layout iproute2_layouts[] = {
	{ 16, { 0, 1, 2, 3, NONE, NONE, NONE, NONE, NONE } },
	{ 20, { 0, 1, 2, 3, NONE, 4, NONE, NONE, NONE } },
	{ 24, { 0, 1, 2, 3, NONE, 4, 5, NONE, NONE } },
	{ 28, { 0, 1, 2, 3, 4, 5, 6, NONE, NONE } },
	{ 32, { 0, 1, 2, 3, 4, 5, 6, 7, NONE } },
	{ 36, { 0, 1, 2, 3, 4, 5, 6, 7, 8 } },
};
/* Never without flags; what iproute2 calls inner_id and inner_idx is unused. */
static const struct layout calico_layouts[] = {
	{ 16, { 0, 1, 2, 3, NONE, NONE, NONE, NONE, NONE } }, { 20, { 0, 1, 2, 3, 4, NONE, NONE, NONE, NONE } },
	{ 24, { 0, 1, 2, 3, 4, 5, NONE, NONE, NONE } },       { 28, { 0, 1, 2, 3, 4, 5, 6, NONE, NONE } },
	{ 32, { 0, 1, 2, 3, 4, 5, 6, NONE, NONE } },          { 36, { 0, 1, 2, 3, 4, 5, 6, NONE, NONE } },
};
#undef NONE

/* The reading of one section. */
struct reading {
	struct filling *filling;
	const struct elf_section *section;
	struct map_records records;
	struct layout layout;
	struct pin_names names;
	char hash[SHA1_DIGEST_STRING_LENGTH]; /* of the file; "" until it is needed */
	struct tc_maps *maps;
};

static bool is_map_in_map(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* ---- how large a record is ---- */

/* tc's rule: the section divided by the number of maps. What the symbols say of their size it never looked at. */
static bool divides(const struct reading *reading, uint64_t *ret_stride)
{
	uint64_t count = reading->records.count, stride = reading->section->size / count;
	if (reading->section->size % count || stride % 4)
		return false;
	for (size_t i = 0; i < count; i++)
		if (reading->records.items[i].offset != i * stride)
			return false;
	*ret_stride = stride;
	return true;
}

static void add_records(struct lade_finding *finding, const struct map_records *records)
{
	for (size_t i = 0; i < records->count && i < 8; i++)
		finding_evidence(finding, "%s at %llu, symbol size %llu", records->items[i].symbol->name,
				 (unsigned long long)records->items[i].offset,
				 (unsigned long long)records->items[i].symbol->size);
}

static int fail_mixed(const struct reading *reading)
{
	struct lade_finding *finding = lade_error_add(
		reading->filling->error, ENOEXEC, "dialect.iproute2.mixed",
		"%s: section %s: %llu bytes are not %zu map records of one size", reading->filling->elf->file,
		reading->section->name, (unsigned long long)reading->section->size, reading->records.count);
	add_records(finding, &reading->records);
	return -ENOEXEC;
}

static int fail_size(const struct reading *reading, uint64_t stride)
{
	struct lade_finding *finding =
		lade_error_add(reading->filling->error, ENOEXEC, "dialect.iproute2.size",
			       "%s: the map records in section %s have %llu bytes", reading->filling->elf->file,
			       reading->section->name, (unsigned long long)stride);
	finding_evidence(finding, "%zu maps in %llu bytes; the %s dialect knows records of 16 to 36 bytes",
			 reading->records.count, (unsigned long long)reading->section->size,
			 reading->filling->dialect->name);
	return -ENOEXEC;
}

static void note_symbol_sizes(const struct reading *reading, uint64_t stride)
{
	array_foreach(record, &reading->records) {
		if (!record->symbol->size || record->symbol->size == stride)
			continue;
		struct lade_finding *note = lade_note_add(
			&reading->filling->object->notes, "dialect.iproute2.symbol-size",
			"map records lie %llu bytes apart, but symbol %s has a size of %llu",
			(unsigned long long)stride, record->symbol->name, (unsigned long long)record->symbol->size);
		finding_map(note, record->symbol->name);
		return;
	}
}

static int find_stride(struct reading *reading, uint64_t *ret_stride)
{
	uint64_t stride;
	if (!divides(reading, &stride))
		return fail_mixed(reading);
	if (stride < 16 || stride > 36)
		return fail_size(reading, stride);
	note_symbol_sizes(reading, stride);
	array_foreach(record, &reading->records)
		record->size = stride;
	*ret_stride = stride;
	return 0;
}

/* ---- where its words are ---- */

static const struct btf_type *record_type(const struct reading *reading)
{
	const struct lade_btf *btf = reading->filling->source->btf;
	const struct btf_type *datasec =
		btf ? lade_btf_type(btf, reading->filling->uses[reading->section->index].datasec) : NULL;
	const struct btf_type *variable =
		datasec && lade_btf_vlen(datasec) ? lade_btf_type(btf, lade_btf_secinfos(datasec)->type) : NULL;
	if (!variable || lade_btf_kind(variable) != BTF_KIND_VAR)
		return NULL;
	const struct btf_type *record = lade_btf_type(btf, lade_btf_skip_modifiers(btf, variable->type));
	return record && lade_btf_kind(record) == BTF_KIND_STRUCT ? record : NULL;
}

/* NO_WORD: none that we know. */
static unsigned field_of(const char *member)
{
	static const struct {
		const char *name;
		enum field field;
	} names[] = {
		{ "type", FIELD_TYPE },           { "size_key", FIELD_KEY },
		{ "key_size", FIELD_KEY },        { "size_value", FIELD_VALUE },
		{ "value_size", FIELD_VALUE },    { "max_elem", FIELD_MAX },
		{ "max_entries", FIELD_MAX },     { "flags", FIELD_FLAGS },
		{ "map_flags", FIELD_FLAGS },     { "id", FIELD_ID },
		{ "map_id", FIELD_ID },           { "pinning", FIELD_PINNING },
		{ "inner_id", FIELD_INNER_ID },   { "pinning_strategy", FIELD_PINNING },
		{ "inner_idx", FIELD_INNER_IDX },
	};
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(names[i].name, member) == 0)
			return names[i].field;
	return NO_WORD;
}

static bool layout_by_names(const struct reading *reading, uint64_t stride, struct layout *layout)
{
	const struct lade_btf *btf = reading->filling->source->btf;
	const struct btf_type *record = record_type(reading);
	if (!record || record->size != stride)
		return false;
	memset(layout->word, NO_WORD, sizeof layout->word);
	for (uint32_t i = 0; i < lade_btf_vlen(record); i++) {
		const struct btf_member *member = &lade_btf_members(record)[i];
		uint32_t bits = lade_btf_member_bit_offset(record, i);
		unsigned field = field_of(lade_btf_string(btf, member->name_off));
		if (field != NO_WORD && bits % 32 == 0 && bits / 32 < stride / 4 &&
		    lade_btf_size(btf, member->type) == 4)
			layout->word[field] = (uint8_t)(bits / 32);
	}
	for (unsigned field = FIELD_TYPE; field <= FIELD_MAX; field++)
		if (layout->word[field] == NO_WORD)
			return false;
	return true;
}

static void choose_layout(struct reading *reading, uint64_t stride)
{
	bool calico = strcmp(reading->filling->dialect->name, "calico") == 0;
	const struct layout *layouts = calico ? calico_layouts : iproute2_layouts;
	if (layout_by_names(reading, stride, &reading->layout))
		return;
	for (size_t i = 0; i < ELEMENTS(iproute2_layouts); i++)
		if (layouts[i].bytes == stride)
			reading->layout = layouts[i];
}

/* ---- pins ---- */

/* bpffs takes no dots, and a slash would be another directory. */
static void make_pin_name(char *name)
{
	for (; *name; name++)
		if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
		      (*name >= '0' && *name <= '9') || *name == '-' || *name == '_'))
			*name = '_';
}

static int pin_at(struct lade_map *map, const char *directory, const char *below)
{
	char *name CLEANUP(cleanup_free) = strdup(map->name);
	if (!name)
		return -ENOMEM;
	make_pin_name(name);
	if (asprintf(&map->pin_path, "%s%s/%s", directory, below, name) < 0) {
		map->pin_path = NULL;
		return -ENOMEM;
	}
	map->pinning = LADE_PIN_PATH;
	return 0;
}

static int pin_in_object_namespace(struct reading *reading, struct lade_map *map)
{
	const struct elf_image *elf = reading->filling->elf;
	if (!*reading->hash)
		(void)SHA1Data(elf->bytes, elf->size, reading->hash);
	return pin_at(map, "tc/", reading->hash);
}

static int pin_in_named_directory(struct reading *reading, struct lade_map *map, uint32_t pinning)
{
	const char *directory = lade_pin_names_find(&reading->names, pinning);
	if (directory)
		return pin_at(map, directory, "");
	struct lade_finding *note =
		lade_note_add(&reading->filling->object->notes, "dialect.iproute2.pin-unknown",
			      "map %s: nothing says where maps of pinning %u go", map->name, pinning);
	finding_map(note, map->name);
	return 0;
}

static int pin(struct reading *reading, struct lade_map *map, uint32_t pinning)
{
	int result = 0;
	if (pinning == PIN_OBJECT_NS)
		result = pin_in_object_namespace(reading, map);
	else if (pinning == PIN_GLOBAL_NS)
		result = pin_at(map, "tc/globals", "");
	else if (pinning != PIN_NONE)
		result = pin_in_named_directory(reading, map, pinning);
	return result < 0 ? lade_fail_memory(reading->filling->error) : 0;
}

/* ---- one map ---- */

static uint32_t read_field(const struct reading *reading, const struct map_record *record, enum field field)
{
	uint8_t word = reading->layout.word[field];
	return word == NO_WORD
		       ? 0
		       : lade_fill_u32(reading->filling, reading->section->bytes + record->offset + (uint64_t)word * 4);
}

static int read_map(struct reading *reading, const struct map_record *record)
{
	struct filling *filling = reading->filling;
	struct lade_map *map = lade_object_add_map(filling->object, record->symbol->name, reading->section->name);
	struct tc_map *extra = array_push(reading->maps);
	if (!map || !extra)
		return lade_fail_memory(filling->error);
	uint32_t type = read_field(reading, record, FIELD_TYPE), flags = read_field(reading, record, FIELD_FLAGS);
	map->definition = (struct map_definition){
		.type = type,
		.key_size = read_field(reading, record, FIELD_KEY),
		.value_size = is_map_in_map(type) ? 4 : read_field(reading, record, FIELD_VALUE),
		.max_entries = read_field(reading, record, FIELD_MAX),
		.flags = flags,
	};
	map->section_offset = record->offset;
	map->elf_section = reading->section->index;
	*extra = (struct tc_map){
		.id = read_field(reading, record, FIELD_ID),
		.inner_id = read_field(reading, record, FIELD_INNER_ID),
		.inner_idx = read_field(reading, record, FIELD_INNER_IDX),
	};
	return pin(reading, map, read_field(reading, record, FIELD_PINNING));
}

/* ---- maps of maps ---- */

__attribute__((format(printf, 3, 4))) static int fail_inner(const struct reading *reading, const struct lade_map *map,
							    const char *format, ...)
{
	struct strbuf text = { 0 };
	va_list arguments;
	va_start(arguments, format);
	lade_strbuf_addv(&text, format, arguments);
	va_end(arguments);
	struct lade_finding *finding =
		lade_error_add(reading->filling->error, ENOEXEC, "dialect.iproute2.inner", "%s: map %s %s",
			       reading->filling->elf->file, map->name, text.text ? text.text : "");
	lade_strbuf_clear(&text);
	finding_map(finding, map->name);
	array_foreach(extra, reading->maps)
		if (extra->id && finding && finding->evidence.count < 8)
			finding_evidence(finding, "map %s has id %u",
					 reading->filling->object->maps.items[extra - reading->maps->items]->name,
					 extra->id);
	return -ENOEXEC;
}

/* The first map of that id is the template; every map of that id with a key goes into a slot. */
static int add_inner(struct reading *reading, struct lade_map *outer, const struct tc_map *want, size_t index)
{
	const struct lade_map *inner = reading->filling->object->maps.items[index];
	const struct tc_map *extra = &reading->maps->items[index];
	if (extra->id != want->inner_id || is_map_in_map(inner->definition.type))
		return 0;
	if (outer->inner == NO_INDEX)
		outer->inner = (uint32_t)index;
	if (extra->inner_id || extra->inner_idx == NOT_INSERTED)
		return 0;
	struct map_initial *initial = array_push(&outer->initial);
	if (!initial)
		return lade_fail_memory(reading->filling->error);
	*initial = (struct map_initial){ extra->inner_idx, (uint32_t)index, NO_INDEX };
	return 0;
}

static int fill_outer(struct reading *reading, size_t index)
{
	struct lade_map *outer = reading->filling->object->maps.items[index];
	const struct tc_map *want = &reading->maps->items[index];
	if (!is_map_in_map(outer->definition.type))
		return 0;
	if (!want->inner_id)
		return fail_inner(reading, outer, "is a map of maps, but names no inner_id");
	int result = 0;
	for (size_t i = 0; result == 0 && i < reading->maps->count; i++)
		result = add_inner(reading, outer, want, i);
	if (result == 0 && outer->inner == NO_INDEX)
		return fail_inner(reading, outer, "wants an inner map of id %u, and there is none", want->inner_id);
	if (result == 0 && outer->initial.count && outer->definition.key_size != 4)
		return fail_inner(reading, outer, "cannot be filled: its key has not 4 but %u bytes",
				  outer->definition.key_size);
	return result;
}

static int fill_outers(struct reading *reading)
{
	int result = 0;
	for (size_t i = 0; result == 0 && i < reading->maps->count; i++)
		result = fill_outer(reading, i);
	return result;
}

/* ---- names ---- */

static int compare_symbol_names(const void *left, const void *right)
{
	const struct map_record *a = left, *b = right;
	int order = strcmp(a->symbol->name, b->symbol->name);
	return order ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

/* Maps are told apart by their names: pins, --map, --max-entries. */
static int check_names(struct reading *reading)
{
	size_t count = reading->records.count;
	struct map_record *sorted CLEANUP(cleanup_free) = calloc(count, sizeof *sorted);
	if (!sorted)
		return lade_fail_memory(reading->filling->error);
	memcpy(sorted, reading->records.items, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_symbol_names);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i - 1].symbol->name, sorted[i].symbol->name) != 0)
			continue;
		struct lade_finding *finding = lade_error_add(reading->filling->error, ENOEXEC,
							      "dialect.maps.duplicate", "%s: two maps have the name %s",
							      reading->filling->elf->file, sorted[i].symbol->name);
		finding_map(finding, sorted[i].symbol->name);
		finding_evidence(finding, "section %s, offsets %llu and %llu", reading->section->name,
				 (unsigned long long)sorted[i - 1].offset, (unsigned long long)sorted[i].offset);
		return -ENOEXEC;
	}
	return 0;
}

static const struct map_record *record_at(const struct map_records *records, uint64_t offset)
{
	size_t low = 0, high = records->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (records->items[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < records->count && records->items[low].offset == offset ? &records->items[low] : NULL;
}

/* tc counted every symbol and then found no record of that size; one place is one map. */
static void note_aliases(const struct reading *reading)
{
	const struct elf_image *elf = reading->filling->elf;
	struct lade_finding *note = NULL;
	for (size_t i = 1; i < elf->symbol_count; i++) {
		const struct elf_symbol *symbol = &elf->symbols[i];
		if (symbol->section != reading->section->index || !lade_symbol_is_named(symbol))
			continue;
		const struct map_record *record = record_at(&reading->records, symbol->value);
		if (!record || record->symbol == symbol)
			continue;
		if (!note)
			note = lade_note_add(&reading->filling->object->notes, "dialect.maps.alias",
					     "map %s has a second symbol, %s", record->symbol->name, symbol->name);
		if (note && note->evidence.count < 8)
			finding_evidence(note, "symbol %u, %s, lies at %llu like symbol %u, %s", symbol->index,
					 symbol->name, (unsigned long long)symbol->value, record->symbol->index,
					 record->symbol->name);
	}
}

static int fail_many(const struct reading *reading)
{
	struct lade_finding *finding =
		lade_error_add(reading->filling->error, ENOEXEC, "dialect.iproute2.many", "%s: the object has %zu maps",
			       reading->filling->elf->file, reading->records.count);
	finding_evidence(finding, "section %s, %llu bytes; the limit is %d maps", reading->section->name,
			 (unsigned long long)reading->section->size, TC_MAPS);
	return -ENOEXEC;
}

/* ---- all ---- */

static int read_names(struct reading *reading)
{
	return lade_pin_names_read(reading->filling->object, reading->filling->source->pin_names, &reading->names,
				   reading->filling->error);
}

/* The file of pin names belongs to the machine: it is read only where the object asks for it. */
static bool wants_names(const struct reading *reading)
{
	if (reading->filling->source->pin_names)
		return true;
	array_foreach(record, &reading->records)
		if (read_field(reading, record, FIELD_PINNING) > PIN_GLOBAL_NS)
			return true;
	return false;
}

static int read_all(struct reading *reading)
{
	uint64_t stride = 0;
	int result = reading->records.count > TC_MAPS ? fail_many(reading) : find_stride(reading, &stride);
	if (result == 0)
		result = check_names(reading);
	if (result < 0)
		return result;
	choose_layout(reading, stride);
	note_aliases(reading);
	if (wants_names(reading))
		result = read_names(reading);
	for (size_t i = 0; result == 0 && i < reading->records.count; i++)
		result = read_map(reading, &reading->records.items[i]);
	return result < 0 ? result : fill_outers(reading);
}

int lade_tc_maps_read(struct filling *filling, const struct elf_section *section, struct tc_maps *maps)
{
	struct reading reading = { .filling = filling, .section = section, .maps = maps };
	int result = lade_records_read(filling->elf, section, &reading.records, filling->error);
	if (result == 0)
		result = read_all(&reading);
	array_clear(&reading.records);
	lade_pin_names_clear(&reading.names);
	return result;
}
