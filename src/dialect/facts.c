/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialect/facts.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

uint32_t lade_facts_word(const struct facts *facts, size_t record, unsigned n)
{
	uint32_t word;
	const struct map_record *item = &facts->records.items[record];
	if ((uint64_t)n * 4 + 4 > item->size)
		return 0;
	memcpy(&word, facts->maps->bytes + item->offset + (uint64_t)n * 4, sizeof word);
	return facts->source->elf->big_endian ? be32toh(word) : le32toh(word);
}

bool lade_facts_word_zero(const struct facts *facts, unsigned n)
{
	for (size_t i = 0; i < facts->records.count; i++)
		if (lade_facts_word(facts, i, n))
			return false;
	return true;
}

bool lade_facts_is_tail(const char *name, uint32_t *ret_id)
{
	char *end;
	if (*name < '0' || *name > '9')
		return false;
	unsigned long id = strtoul(name, &end, 0);
	if (*end != '/' || end[1] < '0' || end[1] > '9')
		return false;
	*ret_id = (uint32_t)id;
	return true;
}

bool lade_facts_has_tail(const struct facts *facts, uint32_t id)
{
	const struct elf_image *elf = facts->source->elf;
	uint32_t found;
	for (size_t i = 1; i < elf->section_count; i++)
		if (lade_section_is_code(&elf->sections[i]) && lade_facts_is_tail(elf->sections[i].name, &found) &&
		    found == id)
			return true;
	return false;
}

static bool is_program_section(const struct elf_section *section)
{
	return lade_section_is_code(section) && strcmp(section->name, ".text") != 0;
}

static const char *bare_name(const struct elf_section *section)
{
	return section->name + (section->name[0] == '?');
}

bool lade_facts_same_types(const struct facts *facts, const char *table, const char *other)
{
	const struct elf_image *elf = facts->source->elf;
	for (size_t i = 1; i < elf->section_count; i++) {
		if (!is_program_section(&elf->sections[i]))
			continue;
		const struct section_row *a = lade_section_find(table, bare_name(&elf->sections[i]), NULL);
		const struct section_row *b = lade_section_find(other, bare_name(&elf->sections[i]), NULL);
		if (!a != !b)
			return false;
		if (a && (a->program_type != b->program_type || a->expected_attach_type != b->expected_attach_type ||
			  a->has_expected_attach_type != b->has_expected_attach_type))
			return false;
	}
	return true;
}

static void look_at_name(struct facts *facts, const struct elf_section *section)
{
	const char *name = bare_name(section);
	uint32_t id;
	bool samples = lade_section_find("samples", name, NULL);
	bool libbpf0 = lade_section_find("libbpf0", name, NULL) || strcmp(name, "prog") == 0;
	facts->code_sections++;
	facts->in_samples += samples;
	facts->in_libbpf += lade_section_find("libbpf", name, NULL) != NULL;
	facts->in_libbpf0 += libbpf0;
	facts->in_aya += lade_section_find("aya", name, NULL) != NULL;
	facts->in_redbpf += lade_section_find("redbpf", name, NULL) != NULL;
	facts->only_libbpf0 += libbpf0 && !samples;
	if (!facts->iproute2_section && (lade_section_find("iproute2", name, NULL) || lade_facts_is_tail(name, &id)))
		facts->iproute2_section = section->name;
}

static void look_at_section(struct facts *facts, const struct elf_section *section)
{
	if (strncmp(section->name, "maps/", 5) == 0 && section->bytes && !facts->named_maps)
		facts->named_maps = section;
	else if (strcmp(section->name, ".maps") == 0 && section->size)
		facts->btf_maps = section;
	else if (strcmp(section->name, "maps") == 0 && section->bytes && !facts->maps)
		facts->maps = section;
	else if (strcmp(section->name, "version") == 0)
		facts->has_version = true;
	else if (lade_legacy_is_maps(section) && !facts->other_maps)
		facts->other_maps = section;
	if (is_program_section(section))
		look_at_name(facts, section);
}

static uint64_t common_size(const struct map_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		if (records->items[i].size != records->items[0].size)
			return 0;
	return records->count ? records->items[0].size : 0;
}

bool lade_facts_has_member(const struct facts *facts, const char *name)
{
	return lade_members_find(&facts->members, name);
}

static bool names_one_of(const struct facts *facts, const char *name, const char *other)
{
	return lade_facts_has_member(facts, name) || lade_facts_has_member(facts, other);
}

static int look_at_types(struct facts *facts)
{
	if (!facts->records.count)
		return 0;
	int result = lade_member_source_open(facts->source, facts->maps->name, &facts->types);
	if (result == 0)
		result = lade_members_read(&facts->types, facts->records.items[0].symbol->name, &facts->members);
	facts->words_are_named =
		names_one_of(facts, "type", "map_type") && names_one_of(facts, "key_size", "size_key") &&
		names_one_of(facts, "value_size", "size_value") && names_one_of(facts, "max_entries", "max_elem");
	return result;
}

static int look_at_records(struct facts *facts)
{
	/* A malformed section is reported by the dialect that reads it, with its own words. */
	if (facts->maps && lade_records_read(facts->source->elf, facts->maps, &facts->records, NULL) == -ENOMEM)
		return -ENOMEM;
	facts->stride = common_size(&facts->records);
	return look_at_types(facts);
}

int lade_facts_gather(const struct source *source, struct lade_object *object, struct facts *ret_facts)
{
	*ret_facts = (struct facts){ .source = source, .object = object };
	for (size_t i = 1; i < source->elf->section_count; i++)
		look_at_section(ret_facts, &source->elf->sections[i]);
	int result = look_at_records(ret_facts);
	if (result < 0)
		lade_facts_clear(ret_facts);
	return result;
}

void lade_facts_clear(struct facts *facts)
{
	array_clear(&facts->records);
	lade_members_clear(&facts->members);
	lade_member_source_clear(&facts->types);
}

uint32_t lade_facts_next_program(const struct facts *facts, uint32_t section)
{
	const struct elf_image *elf = facts->source->elf;
	while (++section < elf->section_count)
		if (is_program_section(&elf->sections[section]))
			return section;
	return 0;
}
