/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gobpf: one map in each section maps/NAME, whose record ends in the name of a directory for its pin.
 *
 *     280 bytes  type key_size value_size max_entries flags pinning namespace[256]
 *     284        type key_size value_size max_entries flags inner_map_idx pinning namespace[256]
 */
#include "dialect/legacy.h"

#include <errno.h>
#include <string.h>

enum { PIN_NONE, PIN_OBJECT_NS, PIN_GLOBAL_NS, PIN_CUSTOM_NS };

static const struct record_layout layouts[] = {
	{ 280, { RECORD_TYPE, RECORD_KEY, RECORD_VALUE, RECORD_MAX, RECORD_FLAGS, RECORD_PINNING, RECORD_SPACE }, 7 },
	{ 284,
	  { RECORD_TYPE, RECORD_KEY, RECORD_VALUE, RECORD_MAX, RECORD_FLAGS, RECORD_INNER, RECORD_PINNING,
	    RECORD_SPACE },
	  8 },
};

static int fail_pinning(struct filling *filling, const struct lade_map *map, const char *why)
{
	struct lade_finding *finding = lade_error_add(filling->error, ENOEXEC, "dialect.gobpf.pinning",
						      "%s: map %s: %s", filling->elf->file, map->name, why);
	finding_map(finding, map->name);
	return -ENOEXEC;
}

static void note_compared(struct filling *filling, const struct lade_map *map)
{
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.gobpf.compared",
			      "map %s: what is pinned there already must be the same map", map->name);
	finding_map(note, map->name);
}

static int pin_globally(struct filling *filling, struct lade_map *map, const struct record_words *words)
{
	struct strbuf path = { 0 };
	size_t length = strnlen(words->space, words->space_bytes);
	if (!length || length == words->space_bytes)
		return fail_pinning(filling, map,
				    length ? "its namespace does not end" : "pinned in a namespace, but it names none");
	lade_legacy_add_pin_name(&path, words->space, length);
	lade_strbuf_addf(&path, "/globals/");
	lade_legacy_add_pin_name(&path, map->name, strlen(map->name));
	map->pinning = LADE_PIN_PATH;
	note_compared(filling, map);
	map->pin_path = lade_strbuf_take(&path);
	return map->pin_path ? 0 : lade_fail_memory(filling->error);
}

static void note_custom(struct filling *filling, const struct lade_map *map)
{
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.gobpf.custom-pin",
			      "map %s is pinned where the application said, and nobody says it here", map->name);
	finding_map(note, map->name);
}

static int apply_pinning(struct filling *filling, struct lade_map *map, const struct record_words *words)
{
	switch (words->numbers[RECORD_PINNING]) {
	case PIN_NONE:
		return 0;
	case PIN_GLOBAL_NS:
		return words->given[RECORD_SPACE] ? pin_globally(filling, map, words)
						  : fail_pinning(filling, map, "its record has no namespace");
	case PIN_CUSTOM_NS:
		note_custom(filling, map);
		return 0;
	default:
		return fail_pinning(filling, map,
				    words->numbers[RECORD_PINNING] == PIN_OBJECT_NS
					    ? "pinned in the object's namespace, which gobpf never had"
					    : "its pinning is none that gobpf knows");
	}
}

static const struct legacy_rules rules = {
	.layouts = layouts, .layout_count = ELEMENTS(layouts), .named_by_section = true, .apply = apply_pinning
};

static int read_maps(struct filling *filling)
{
	return lade_legacy_maps_read(filling, &rules);
}

/* The loader looks for its own prefixes; whatever else is code it leaves alone. */
static bool takes(const struct filling *filling, const struct elf_section *section)
{
	return lade_section_find(filling->dialect->section_table, section->name, NULL) ||
	       lade_section_find(filling->dialect->other_table, section->name, NULL);
}

static int fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		struct lade_error **error)
{
	static const struct road road = { .maps = read_maps, .takes = takes };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_gobpf = { "gobpf", "gobpf", fill, "libbpf0", false };
