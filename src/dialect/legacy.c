/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map records of plain words. Where BTF or DWARF names the members of the author's struct they are read by
 * name, else by the layout of the dialect.
 */
#include "dialect/legacy.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define LEAST_BYTES  16
#define MAX_EVIDENCE 16 /* lines: whoever writes more structs than that is hostile */

static const struct {
	const char *name;
	enum record_field field;
} member_names[] = {
	{ "type", RECORD_TYPE },           { "map_type", RECORD_TYPE },    { "type_", RECORD_TYPE },
	{ "kind", RECORD_TYPE },           { "key_size", RECORD_KEY },     { "size_key", RECORD_KEY },
	{ "value_size", RECORD_VALUE },    { "size_value", RECORD_VALUE }, { "max_entries", RECORD_MAX },
	{ "max_elem", RECORD_MAX },        { "map_flags", RECORD_FLAGS },  { "flags", RECORD_FLAGS },
	{ "inner_map_idx", RECORD_INNER }, { "numa_node", RECORD_NUMA },   { "id", RECORD_ID },
	{ "map_id", RECORD_ID },           { "pinning", RECORD_PINNING },  { "pinning_strategy", RECORD_PINNING },
	{ "namespace", RECORD_SPACE },
};

static const struct record_layout samples_layouts[] = {
	{ 0, { RECORD_TYPE, RECORD_KEY, RECORD_VALUE, RECORD_MAX, RECORD_FLAGS, RECORD_INNER, RECORD_NUMA }, 7 },
};
const struct legacy_rules lade_legacy_samples_rules = { .layouts = samples_layouts, .layout_count = 1 };

/* One record while it is read. */
struct reading {
	struct filling *filling;
	const struct legacy_rules *rules;
	const struct elf_section *section;
	const struct map_record *record;
	const char *name;
	struct record_members members;
	struct record_words words;
};

bool lade_legacy_is_maps(const struct elf_section *section)
{
	return strncmp(section->name, "maps", 4) == 0 && section->type == SHT_PROGBITS && section->bytes &&
	       section->size && !(section->flags & SHF_EXECINSTR);
}

static bool is_map_in_map(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

void lade_legacy_add_pin_name(struct strbuf *path, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char letter = isalnum((unsigned char)name[i]) || name[i] == '-' ? name[i] : '_';
		lade_strbuf_add_bytes(path, &letter, 1);
	}
}

/* ---- findings ---- */

static struct lade_finding *add_finding(const struct reading *reading, const char *code, const char *what)
{
	struct lade_finding *finding = lade_error_add(reading->filling->error, ENOEXEC, code, "%s: map %s: %s",
						      reading->filling->elf->file, reading->name, what);
	finding_map(finding, reading->name);
	finding_evidence(finding, "%llu bytes at %llu of section %s", (unsigned long long)reading->record->size,
			 (unsigned long long)reading->record->offset, reading->section->name);
	return finding;
}

static int fail_size(const struct reading *reading)
{
	struct lade_finding *finding =
		add_finding(reading, "dialect.record.size", "its record has no size that this dialect knows");
	for (size_t i = 0; i < reading->rules->layout_count; i++)
		finding_evidence(finding, "the %s dialect knows records of %llu bytes", reading->filling->dialect->name,
				 (unsigned long long)reading->rules->layouts[i].bytes);
	return -ENOEXEC;
}

static int fail_tail(const struct reading *reading, uint64_t offset, const char *member)
{
	struct lade_finding *finding = add_finding(reading, "dialect.record.tail",
						   "unrecognized non-zero options: bytes that this dialect does not "
						   "know are not zero");
	finding_evidence(finding, "byte %llu is 0x%02x%s%s", (unsigned long long)offset,
			 reading->section->bytes[reading->record->offset + offset], *member ? ", in member " : "",
			 member);
	return -ENOEXEC;
}

/* ---- words by the names of the members ---- */

static bool field_of(const char *name, enum record_field *ret_field)
{
	for (size_t i = 0; i < ELEMENTS(member_names); i++) {
		if (strcmp(member_names[i].name, name) == 0) {
			*ret_field = member_names[i].field;
			return true;
		}
	}
	return false;
}

static const uint8_t *bytes_at(const struct reading *reading, uint64_t offset)
{
	return reading->section->bytes + reading->record->offset + offset;
}

static bool lies_inside(const struct reading *reading, uint64_t offset, uint64_t bytes)
{
	return bytes <= reading->record->size && offset <= reading->record->size - bytes;
}

static void set_space(struct reading *reading, uint64_t offset, uint64_t bytes)
{
	reading->words.given[RECORD_SPACE] = true;
	reading->words.space = (const char *)bytes_at(reading, offset);
	reading->words.space_bytes = bytes;
}

static void set_number(struct reading *reading, enum record_field field, uint64_t offset)
{
	reading->words.given[field] = true;
	reading->words.numbers[field] = lade_fill_u32(reading->filling, bytes_at(reading, offset));
}

/* Four named words of four bytes make a map record; anything less and the names mean something else. */
static bool names_are_complete(const struct reading *reading)
{
	bool found[RECORD_FIELDS] = { false };
	enum record_field field;
	array_foreach(member, &reading->members) {
		if (!field_of(member->name, &field) || !lies_inside(reading, member->offset, member->bytes))
			continue;
		found[field] = field == RECORD_SPACE || member->bytes == 4;
	}
	return found[RECORD_TYPE] && found[RECORD_KEY] && found[RECORD_VALUE] && found[RECORD_MAX];
}

static int check_member(const struct reading *reading, const struct record_member *member)
{
	if (reading->rules->tail == TAIL_IS_IGNORED || !lies_inside(reading, member->offset, member->bytes))
		return 0;
	for (uint64_t i = 0; i < member->bytes; i++)
		if (*bytes_at(reading, member->offset + i))
			return fail_tail(reading, member->offset + i, member->name);
	return 0;
}

static int read_by_name(struct reading *reading)
{
	int result = 0;
	array_foreach(member, &reading->members) {
		enum record_field field;
		if (!field_of(member->name, &field))
			result = check_member(reading, member);
		else if (!lies_inside(reading, member->offset, member->bytes))
			continue;
		else if (field == RECORD_SPACE)
			set_space(reading, member->offset, member->bytes);
		else if (member->bytes == 4)
			set_number(reading, field, member->offset);
		if (result < 0)
			return result;
	}
	return 0;
}

/* ---- words by layout ---- */

static const struct record_layout *find_layout(const struct reading *reading)
{
	for (size_t i = 0; i < reading->rules->layout_count; i++)
		if (!reading->rules->layouts[i].bytes || reading->rules->layouts[i].bytes == reading->record->size)
			return &reading->rules->layouts[i];
	return NULL;
}

static int check_tail(const struct reading *reading, uint64_t known)
{
	if (reading->rules->tail == TAIL_IS_IGNORED)
		return 0;
	for (uint64_t i = known; i < reading->record->size; i++)
		if (*bytes_at(reading, i))
			return fail_tail(reading, i, "");
	return 0;
}

static int read_by_layout(struct reading *reading)
{
	const struct record_layout *layout = find_layout(reading);
	if (!layout || reading->record->size < LEAST_BYTES)
		return fail_size(reading);
	uint64_t offset = 0, size = reading->record->size;
	for (unsigned i = 0; i < layout->count; i++) {
		if (layout->fields[i] == RECORD_SPACE) {
			set_space(reading, offset, size - offset);
			return 0;
		}
		if (size - offset < 4)
			return 0;
		set_number(reading, layout->fields[i], offset);
		offset += 4;
	}
	return check_tail(reading, offset);
}

/* ---- words to a map ---- */

static void define(struct map_definition *definition, const struct record_words *words)
{
	*definition = (struct map_definition){
		.type = words->numbers[RECORD_TYPE],
		.key_size = words->numbers[RECORD_KEY],
		.value_size = is_map_in_map(words->numbers[RECORD_TYPE]) ? 4 : words->numbers[RECORD_VALUE],
		.max_entries = words->numbers[RECORD_MAX],
		.flags = words->numbers[RECORD_FLAGS],
		.has_numa_node = words->numbers[RECORD_FLAGS] & BPF_F_NUMA_NODE && words->given[RECORD_NUMA],
	};
	if (definition->has_numa_node)
		definition->numa_node = words->numbers[RECORD_NUMA];
}

static int add_map(struct reading *reading)
{
	struct lade_map *map = lade_object_add_map(reading->filling->object, reading->name, reading->section->name);
	if (!map)
		return lade_fail_memory(reading->filling->error);
	define(&map->definition, &reading->words);
	map->section_offset = reading->record->offset;
	map->elf_section = reading->section->index;
	if (is_map_in_map(map->definition.type) && reading->words.given[RECORD_INNER])
		map->inner = reading->words.numbers[RECORD_INNER]; /* checked when all maps are known */
	return reading->rules->apply ? reading->rules->apply(reading->filling, map, &reading->words) : 0;
}

/* The name of the author's struct goes into the evidence once: it is the proof of the words. */
static int note_names(const struct reading *reading, bool by_name)
{
	struct strings *evidence = &reading->filling->object->evidence;
	struct strbuf line = { 0 };
	if (!by_name || evidence->count > MAX_EVIDENCE)
		return 0;
	lade_strbuf_addf(&line, "words of the map records by the member names of struct %s (%s)",
			 reading->members.struct_name, reading->members.origin);
	bool known = !line.text;
	array_foreach(item, evidence)
		known = known || strcmp(*item, line.text) == 0;
	int result = known ? 0 : lade_strings_add(evidence, line.text);
	lade_strbuf_clear(&line);
	return result;
}

static int read_words(struct reading *reading)
{
	bool by_name = reading->words.by_name = names_are_complete(reading);
	int result = by_name ? read_by_name(reading) : read_by_layout(reading);
	return result == 0 && note_names(reading, by_name) < 0 ? lade_fail_memory(reading->filling->error) : result;
}

static int read_record(struct filling *filling, const struct legacy_rules *rules, const struct elf_section *section,
		       struct member_source *source, const struct map_record *record, const char *name)
{
	struct reading reading = {
		.filling = filling, .rules = rules, .section = section, .record = record, .name = name
	};
	const char *variable = record->symbol ? record->symbol->name : name;
	if (lade_members_read(source, variable, &reading.members) < 0)
		return lade_fail_memory(filling->error);
	int result = read_words(&reading);
	if (result == 0)
		result = add_map(&reading);
	lade_members_clear(&reading.members);
	return result;
}

/* ---- sections ---- */

static const char *name_in_section(const struct elf_section *section)
{
	return strncmp(section->name, "maps/", 5) == 0 && section->name[5] ? section->name + 5 : NULL;
}

/* A named section is one record even where its symbol is gone. */
static int find_records(struct filling *filling, const struct elf_section *section, struct map_records *records)
{
	const char *name = name_in_section(section);
	int result = lade_records_read(filling->elf, section, records, name ? NULL : filling->error);
	if (!name || result >= 0 || result == -ENOMEM)
		return result == -ENOMEM ? lade_fail_memory(filling->error) : result;
	struct map_record *record = array_push(records);
	if (!record)
		return lade_fail_memory(filling->error);
	*record = (struct map_record){ NULL, 0, section->size };
	records->basis = "the size of the section";
	return 0;
}

static const char *record_name(const struct legacy_rules *rules, const struct elf_section *section,
			       const struct map_records *records, const struct map_record *record)
{
	const char *name = name_in_section(section);
	bool alone = records->count == 1;
	return !record->symbol || (name && alone && rules->named_by_section) ? name : record->symbol->name;
}

static int read_section(struct filling *filling, const struct legacy_rules *rules, const struct elf_section *section)
{
	struct map_records records = { 0 };
	struct member_source source;
	struct section_use *use = &filling->uses[section->index];
	use->role = ROLE_MAPS;
	use->why = NULL;
	int result = find_records(filling, section, &records);
	if (result == 0 && lade_member_source_open(filling->source, section->name, &source) < 0)
		result = lade_fail_memory(filling->error);
	else if (result == 0) {
		array_foreach(record, &records) {
			const char *name = record_name(rules, section, &records, record);
			result = read_record(filling, rules, section, &source, record, name);
			if (result < 0)
				break;
		}
		lade_member_source_clear(&source);
	}
	array_clear(&records);
	return result;
}

/* ---- templates ---- */

static int fail_inner(struct filling *filling, const struct lade_map *map, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.samples.inner", "%s: map %s: inner_map_idx %u %s",
			       filling->elf->file, map->name, map->inner, why);
	finding_map(finding, map->name);
	return -ENOEXEC;
}

static int check_inner(struct filling *filling, const struct lade_map *map)
{
	const struct lade_object *object = filling->object;
	if (map->inner != NO_INDEX && map->inner >= object->maps.count)
		return fail_inner(filling, map, "is no index of a map");
	if (map->inner != NO_INDEX && is_map_in_map(object->maps.items[map->inner]->definition.type))
		return fail_inner(filling, map, "is itself a map of maps");
	if (map->inner != NO_INDEX || !is_map_in_map(map->definition.type))
		return 0;
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.record.no-inner",
			      "map %s is a map of maps and its record names no template", map->name);
	finding_map(note, map->name);
	return 0;
}

int lade_legacy_maps_read(struct filling *filling, const struct legacy_rules *rules)
{
	int result = 0;
	for (size_t i = 1; result == 0 && i < filling->elf->section_count; i++)
		if (lade_legacy_is_maps(&filling->elf->sections[i]))
			result = read_section(filling, rules, &filling->elf->sections[i]);
	for (size_t i = 0; result == 0 && i < filling->object->maps.count; i++)
		result = check_inner(filling, filling->object->maps.items[i]);
	return result;
}
