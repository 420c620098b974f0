/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aya: five words of libbpf's old struct, an id that nobody reads, and pinning, in any section whose name
 * begins with maps. What a record adds is ignored.
 */
#include "dialect/legacy.h"

#include <errno.h>

static const struct record_layout layouts[] = {
	{ 0, { RECORD_TYPE, RECORD_KEY, RECORD_VALUE, RECORD_MAX, RECORD_FLAGS, RECORD_ID, RECORD_PINNING }, 7 },
};

/* The directory is the application's to choose; Lade takes the one of BTF-defined maps. */
static int apply_pinning(struct filling *filling, struct lade_map *map, const struct record_words *words)
{
	uint32_t pinning = words->numbers[RECORD_PINNING];
	if (pinning <= 1) {
		map->pinning = pinning ? LADE_PIN_BY_NAME : LADE_PIN_OBJECT;
		return 0;
	}
	struct lade_finding *finding =
		lade_error_add(filling->error, ENOEXEC, "dialect.aya.pinning", "%s: map %s: pinning is %u",
			       filling->elf->file, map->name, pinning);
	finding_map(finding, map->name);
	return -ENOEXEC;
}

static const struct legacy_rules rules = {
	.layouts = layouts, .layout_count = ELEMENTS(layouts), .tail = TAIL_IS_IGNORED, .apply = apply_pinning
};

static int read_maps(struct filling *filling)
{
	return lade_legacy_maps_read(filling, &rules);
}

static int fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		struct lade_error **error)
{
	static const struct road road = { .maps = read_maps };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_aya = { "aya", "aya", fill, "libbpf0", false };
