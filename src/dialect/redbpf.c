/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redbpf: one map in each section maps/NAME. Its maps for tc lie in plain maps and are iproute2's records of
 * 28 bytes: tc loaded those, and pinned them.
 */
#include "dialect/legacy.h"

#include <errno.h>
#include <string.h>

enum { PIN_GLOBAL_NS = 2 };

static const struct record_layout layouts[] = {
	{ 0, { RECORD_TYPE, RECORD_KEY, RECORD_VALUE, RECORD_MAX, RECORD_FLAGS, RECORD_ID, RECORD_PINNING }, 7 },
};

static bool is_map_in_map(const struct lade_map *map)
{
	return map->definition.type == BPF_MAP_TYPE_ARRAY_OF_MAPS || map->definition.type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

/* What tc pins in its global namespace is shared by name, wherever it was loaded from. */
static int pin_globally(struct filling *filling, struct lade_map *map)
{
	struct strbuf path = { 0 };
	lade_strbuf_add(&path, "tc/globals/");
	lade_legacy_add_pin_name(&path, map->name, strlen(map->name));
	map->pin_path = lade_strbuf_take(&path);
	map->pinning = LADE_PIN_PATH;
	return map->pin_path ? 0 : lade_fail_memory(filling->error);
}

/* The sixth word is an id that nobody reads, except that a map of maps can only mean its template by it. */
static int apply(struct filling *filling, struct lade_map *map, const struct record_words *words)
{
	if (is_map_in_map(map) && words->given[RECORD_ID] && !words->given[RECORD_INNER])
		map->inner = words->numbers[RECORD_ID];
	if (strcmp(map->section, "maps") == 0 && words->numbers[RECORD_PINNING] == PIN_GLOBAL_NS)
		return pin_globally(filling, map);
	return 0;
}

static const struct legacy_rules rules = {
	.layouts = layouts,
	.layout_count = ELEMENTS(layouts),
	.tail = TAIL_IS_IGNORED,
	.named_by_section = true,
	.apply = apply,
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

const struct dialect lade_dialect_redbpf = { "redbpf", "redbpf", fill, "libbpf0", false };
