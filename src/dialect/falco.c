/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Falco's and sysdig's probe: the samples' records, sections that say its versions, buffers with one entry
 * for each CPU, and fillers, which the probe calls through its tail map.
 */
#include "dialect/legacy.h"

#include <errno.h>
#include <string.h>

static int read_maps(struct filling *filling)
{
	static const char *const per_cpu[] = { "perf_map", "frame_scratch_map", "tmp_scratch_map", "local_state_map" };
	int result = lade_legacy_maps_read(filling, &lade_legacy_samples_rules);
	if (result < 0)
		return result;
	array_foreach(map, &filling->object->maps)
		for (size_t i = 0; i < ELEMENTS(per_cpu); i++)
			if (strcmp((*map)->name, per_cpu[i]) == 0 && !(*map)->definition.max_entries)
				(*map)->entries_per_cpu = true;
	return 0;
}

/* ---- fillers ---- */

static bool is_filler(const char *section)
{
	return strncmp(section, "raw_tracepoint/filler/", 22) == 0 || strncmp(section, "tracepoint/filler/", 18) == 0;
}

static struct lade_map *tail_map(struct lade_object *object)
{
	struct lade_map *map = lade_object_find_map(object, "tail_map");
	return map && map->definition.type == BPF_MAP_TYPE_PROG_ARRAY ? map : NULL;
}

static int clear_target(struct filling *filling, struct lade_program *program)
{
	(void)filling;
	if (is_filler(program->section))
		free(TAKE(program->attach_target)); /* in the array, not attached */
	return 0;
}

static void note_order(struct filling *filling, const struct lade_map *map)
{
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.falco.fillers",
			      "%zu fillers are in %s in the order of the file; the application has an order of its own",
			      map->initial.count, map->name);
	finding_map(note, map->name);
}

/* Beyond the end the author's array has no place, and neither has the application. */
static int place_fillers(struct filling *filling)
{
	struct lade_map *map = tail_map(filling->object);
	uint32_t slot = 0;
	for (uint32_t i = 0; map && i < filling->object->programs.count && slot < map->definition.max_entries; i++) {
		if (!is_filler(filling->object->programs.items[i]->section))
			continue;
		struct map_initial *initial = array_push(&map->initial);
		if (!initial)
			return lade_fail_memory(filling->error);
		*initial = (struct map_initial){ slot++, NO_INDEX, i };
	}
	if (slot)
		note_order(filling, map);
	return 0;
}

/* ---- versions ---- */

/* 19 bits, 20 and 24. */
static int add_number(struct filling *filling, const struct elf_section *section)
{
	uint64_t version = lade_fill_u64(filling, section->bytes);
	return lade_strings_addf(&filling->object->evidence, "section %s: %llu.%llu.%llu", section->name,
				 (unsigned long long)(version >> 44 & 0x7ffff),
				 (unsigned long long)(version >> 24 & 0xfffff),
				 (unsigned long long)(version & 0xffffff));
}

static int add_text(struct filling *filling, const struct elf_section *section)
{
	int length = (int)strnlen((const char *)section->bytes, section->size < 128 ? section->size : 128);
	return lade_strings_addf(&filling->object->evidence, "section %s: %.*s", section->name, length,
				 (const char *)section->bytes);
}

static int add_versions(struct filling *filling)
{
	static const struct {
		const char *name, *why;
		bool is_text;
	} versions[] = {
		{ "api_version", "Falco's interface to the probe", false },
		{ "schema_version", "Falco's layout of events", false },
		{ "kernel_version", "the kernel that the probe was built for", true },
		{ "probe_version", "the release of the probe", true },
		{ "build_version", "the release of the probe", true },
	};
	for (size_t i = 0; i < ELEMENTS(versions); i++) {
		const struct elf_section *section = lade_elf_section(filling->elf, versions[i].name);
		if (!section || !section->bytes || section->type != SHT_PROGBITS ||
		    (!versions[i].is_text && section->size != sizeof(uint64_t)))
			continue;
		filling->uses[section->index].role = ROLE_VERSION;
		filling->uses[section->index].why = versions[i].why;
		if ((versions[i].is_text ? add_text : add_number)(filling, section) < 0)
			return lade_fail_memory(filling->error);
	}
	return 0;
}

static int finish(struct filling *filling)
{
	int result = place_fillers(filling);
	return result < 0 ? result : add_versions(filling);
}

static int fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		struct lade_error **error)
{
	static const struct road road = { .maps = read_maps, .program = clear_target, .finish = finish };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_falco = { "falco", "samples", fill, "libbpf0", false };
