/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Projects that took the samples' records and named their sections themselves: Suricata, the BPF datapath of
 * Open vSwitch, perf. Their rows of the section table say what the names mean.
 */
#include "dialect/legacy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_maps(struct filling *filling)
{
	return lade_legacy_maps_read(filling, &lade_legacy_samples_rules);
}

/* ---- Suricata ---- */

static int suricata_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
			 struct lade_error **error)
{
	static const struct road road = { .maps = read_maps };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_suricata = { "suricata", "suricata", suricata_fill, "libbpf0", false };

/* ---- Open vSwitch: tail-N goes into slot N of its prog array ---- */

static struct lade_map *only_prog_array(const struct lade_object *object)
{
	struct lade_map *found = NULL;
	array_foreach(map, &object->maps) {
		if ((*map)->definition.type != BPF_MAP_TYPE_PROG_ARRAY)
			continue;
		if (found)
			return NULL;
		found = *map;
	}
	return found;
}

static bool read_slot(const char *text, uint32_t *ret_slot)
{
	uint64_t slot = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		slot = slot * 10 + (uint64_t)(*text - '0');
		if (slot > INT32_MAX)
			return false;
	}
	*ret_slot = (uint32_t)slot;
	return !*text;
}

static void note_unplaced(struct filling *filling, const struct lade_program *program)
{
	struct lade_finding *note =
		lade_note_add(&filling->object->notes, "dialect.ovs.tail",
			      "section %s: no slot of one prog array for program %s", program->section, program->name);
	finding_program(note, program->name);
}

static int place_tails(struct filling *filling)
{
	struct lade_map *map = only_prog_array(filling->object);
	for (uint32_t i = 0; i < filling->object->programs.count; i++) {
		const struct lade_program *program = filling->object->programs.items[i];
		uint32_t slot;
		if (strncmp(program->section, "tail-", 5) != 0)
			continue;
		if (!map || !read_slot(program->section + 5, &slot) || slot >= map->definition.max_entries) {
			note_unplaced(filling, program);
			continue;
		}
		struct map_initial *initial = array_push(&map->initial);
		if (!initial)
			return lade_fail_memory(filling->error);
		*initial = (struct map_initial){ slot, NO_INDEX, i };
	}
	return 0;
}

static int ovs_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		    struct lade_error **error)
{
	static const struct road road = { .maps = read_maps, .finish = place_tails };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_ovs = { "ovs", "ovs", ovs_fill, "libbpf0", false };

/* ---- perf: the section is a probe as perf probe takes it ---- */

/* "exec=PATH;…;name=function+offset%return arguments" → "kprobe/function+offset" */
static char *probe_alias(const char *definition)
{
	char *alias = NULL;
	const char *last = strrchr(definition, ';');
	const char *event = last ? last + 1 : definition, *equals = strchr(event, '=');
	const char *function = equals ? equals + 1 : event;
	size_t length = strcspn(function, " \t%:@;");
	bool is_return = strstr(function, "%return");
	bool is_user = strncmp(definition, "exec=", 5) == 0;
	size_t path = is_user ? strcspn(definition + 5, ";") : 0;
	if (!length)
		return NULL;
	int result = is_user ? asprintf(&alias, "%s/%.*s:%.*s", is_return ? "uretprobe" : "uprobe", (int)path,
					definition + 5, (int)length, function)
			     : asprintf(&alias, "%s/%.*s", is_return ? "kretprobe" : "kprobe", (int)length, function);
	return result < 0 ? NULL : alias;
}

static char *event_alias(const char *event)
{
	char *alias = NULL;
	const char *colon = strchr(event, ':');
	return asprintf(&alias, "tracepoint/%.*s/%s", (int)(colon - event), event, colon + 1) < 0 ? NULL : alias;
}

static char *perf_alias(const char *section)
{
	if (strchr(section, '='))
		return probe_alias(section);
	return strchr(section, ':') ? event_alias(section) : NULL;
}

static int perf_program(struct filling *filling, struct lade_program *program)
{
	const char *equals = strrchr(program->section, '=');
	if (!equals || !strchr(equals, ' '))
		return 0;
	struct lade_finding *note = lade_note_add(&filling->object->notes, "dialect.perf.arguments",
						  "section %s: program %s gets no arguments of the function",
						  program->section, program->name);
	finding_program(note, program->name);
	return 0;
}

static int perf_fill(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		     struct lade_error **error)
{
	static const struct road road = { .maps = read_maps, .alias = perf_alias, .program = perf_program };
	return lade_road_fill(&road, dialect, source, object, error);
}

const struct dialect lade_dialect_perf = { "perf", "libbpf0", perf_fill };
