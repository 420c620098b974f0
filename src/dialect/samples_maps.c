/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map records of the kernel's old samples: up to seven words. The struct grew over time; what an author's
 * shorter one lacks is zero, what a longer one adds must be zero.
 *
 *     type key_size value_size max_entries map_flags(4.6) inner_map_idx(4.12) numa_node(4.14)
 */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

enum { WORD_TYPE, WORD_KEY, WORD_VALUE, WORD_MAX, WORD_FLAGS, WORD_INNER, WORD_NUMA, WORDS };

#define KNOWN_BYTES ((uint64_t)WORDS * 4)

static bool is_map_in_map(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static int check_tail(struct filling *filling, const struct elf_section *section, const struct map_record *record)
{
	for (uint64_t i = KNOWN_BYTES; i < record->size; i++) {
		uint8_t byte = section->bytes[record->offset + i];
		if (!byte)
			continue;
		struct lade_finding *finding =
			lade_error_add(filling->error, ENOEXEC, "dialect.samples.tail",
				       "%s: map %s: byte %llu of its record is 0x%02x, not zero", filling->elf->file,
				       record->symbol->name, (unsigned long long)i, byte);
		finding_map(finding, record->symbol->name);
		finding_evidence(finding, "the record has %llu bytes (%s), the samples dialect knows %llu",
				 (unsigned long long)record->size, "section maps", (unsigned long long)KNOWN_BYTES);
		return -ENOEXEC;
	}
	return 0;
}

static void read_words(const struct filling *filling, const struct elf_section *section,
		       const struct map_record *record, uint32_t words[WORDS])
{
	for (uint64_t i = 0; i < WORDS; i++)
		words[i] =
			4 * i + 4 <= record->size ? lade_fill_u32(filling, section->bytes + record->offset + 4 * i) : 0;
}

static void define(struct map_definition *definition, const uint32_t words[WORDS])
{
	*definition = (struct map_definition){
		.type = words[WORD_TYPE],
		.key_size = words[WORD_KEY],
		.value_size = is_map_in_map(words[WORD_TYPE]) ? 4 : words[WORD_VALUE],
		.max_entries = words[WORD_MAX],
		.flags = words[WORD_FLAGS],
		.has_numa_node = words[WORD_FLAGS] & BPF_F_NUMA_NODE,
	};
	if (definition->has_numa_node)
		definition->numa_node = words[WORD_NUMA];
}

static int fail_inner(struct filling *filling, const struct map_record *record, uint32_t inner, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.samples.inner", "%s: map %s: inner_map_idx %u %s",
			       filling->elf->file, record->symbol->name, inner, why);
	finding_map(finding, record->symbol->name);
	return -ENOEXEC;
}

static int read_map(struct filling *filling, const struct elf_section *section, const struct map_records *records,
		    const struct map_record *record)
{
	uint32_t words[WORDS];
	int result = check_tail(filling, section, record);
	if (result < 0)
		return result;
	struct lade_map *map = lade_object_add_map(filling->object, record->symbol->name, section->name);
	if (!map)
		return lade_fail_memory(filling->error);
	read_words(filling, section, record, words);
	define(&map->definition, words);
	map->section_offset = record->offset;
	map->elf_section = section->index;
	if (!is_map_in_map(map->definition.type))
		return 0;
	/* An index into the maps sorted by offset, which is the order in which they are added. */
	if (words[WORD_INNER] >= records->count)
		return fail_inner(filling, record, words[WORD_INNER], "is no index of a map");
	map->inner = words[WORD_INNER];
	return 0;
}

static int check_inner(struct filling *filling, const struct map_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct lade_map *map = filling->object->maps.items[i];
		if (map->inner != NO_INDEX && is_map_in_map(filling->object->maps.items[map->inner]->definition.type))
			return fail_inner(filling, &records->items[i], map->inner, "is itself a map of maps");
	}
	return 0;
}

int lade_samples_maps_read(struct filling *filling, const struct elf_section *section)
{
	struct map_records records = { 0 };
	int result = lade_records_read(filling->elf, section, &records, filling->error);
	for (size_t i = 0; result == 0 && i < records.count; i++)
		result = read_map(filling, section, &records, &records.items[i]);
	if (result == 0)
		result = check_inner(filling, &records);
	array_clear(&records);
	return result;
}
