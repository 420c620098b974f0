/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf before 1.0: struct bpf_map_def in section maps, beside everything that it can do today. */
#include "dialect/legacy.h"

#include <errno.h>
#include <string.h>

static const struct record_layout layouts[] = {
	{ 0, { RECORD_TYPE, RECORD_KEY, RECORD_VALUE, RECORD_MAX, RECORD_FLAGS, RECORD_INNER, RECORD_NUMA }, 7 },
};

/*
 * libbpf knew five words and refused others that were not zero. Where two more can mean what they mean to the
 * samples they are taken for that, else refused as it did.
 */
static int check_words(struct filling *filling, struct lade_map *map, const struct record_words *words)
{
	bool stray_inner = words->numbers[RECORD_INNER] && map->inner == NO_INDEX;
	bool stray_node = words->numbers[RECORD_NUMA] && !map->definition.has_numa_node;
	if (words->by_name || (!stray_inner && !stray_node))
		return 0;
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.record.tail",
			       "%s: map %s: unrecognized non-zero options", filling->elf->file, map->name);
	finding_map(finding, map->name);
	finding_evidence(finding, "words 5 and 6 of its record are %u and %u", words->numbers[RECORD_INNER],
			 words->numbers[RECORD_NUMA]);
	return -ENOEXEC;
}

static const struct legacy_rules rules = { .layouts = layouts,
					   .layout_count = ELEMENTS(layouts),
					   .apply = check_words };

static int read_maps(struct filling *filling)
{
	return lade_legacy_maps_read(filling, &rules);
}

/* SEC("prog") had no type: the program that loaded it gave one. The best known ones were XDP programs. */
static int note_prog(struct filling *filling, struct lade_program *program)
{
	if (strcmp(program->section, "prog") != 0)
		return 0;
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.libbpf0.prog",
			      "section prog does not say what program %s is; taken for xdp", program->name);
	finding_program(note, program->name);
	finding_fix(note, "if it is not: --type %s=TYPE", program->name);
	return 0;
}

static int fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		struct lade_error **error)
{
	static const struct road road = { .maps = read_maps, .program = note_prog };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_libbpf0 = { "libbpf0", "libbpf0", fill, "iproute2", false };
