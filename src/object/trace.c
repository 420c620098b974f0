/* SPDX-License-Identifier: BSD-2-Clause */
/* What was read from a file, line by line into the log: for -v. */
#include "base/info.h"
#include "object/model.h"
#include "object/sections.h"

static void trace_sections(const struct lade_object *object)
{
	array_foreach(section, &object->sections)
		lade_log(object->log, LADE_LOG_DEBUG, "section %u %s: %llu bytes, %s%s%s", section->index, section->name,
			 (unsigned long long)section->bytes, section->role, section->why ? ": " : "",
			 section->why ? section->why : "");
}

static void trace_maps(const struct lade_object *object)
{
	array_foreach(item, &object->maps) {
		const struct map_definition *map = &(*item)->definition;
		const char *type = lade_map_type_name(map->type);
		lade_log(object->log, LADE_LOG_DEBUG, "map %s: type %u (%s) key=%u value=%u entries=%u flags=0x%x, from %s",
			 (*item)->name, map->type, type ? type : "unknown", map->key_size, map->value_size,
			 map->max_entries, map->flags, (*item)->section);
	}
}

static void trace_programs(const struct lade_object *object)
{
	array_foreach(item, &object->programs) {
		const char *type = lade_program_type_name((*item)->type);
		lade_log(object->log, LADE_LOG_DEBUG, "program %s: %s, from section %s%s%s", (*item)->name,
			 type ? type : "untyped", (*item)->section, (*item)->skip ? ", skipped: " : "",
			 (*item)->skip ? (*item)->skip : "");
	}
}

static void trace_relocations(const struct lade_object *object)
{
	for (size_t i = 0; i < lade_object_relocation_count(object); i++) {
		struct lade_relocation_info info = { .size = sizeof info };
		if (lade_object_relocation(object, i, &info) == 0)
			lade_log(object->log, LADE_LOG_DEBUG, "relocation %s+%llu: %s %s%+lld", info.section,
				 (unsigned long long)info.offset, info.kind, info.target ? info.target : "?",
				 (long long)info.addend);
	}
}

void lade_object_trace(const struct lade_object *object)
{
	if (!object->log || !object->log->fn)
		return;
	array_foreach(line, &object->evidence)
		lade_log(object->log, LADE_LOG_DEBUG, "evidence: %s", *line);
	trace_sections(object);
	trace_maps(object);
	trace_programs(object);
	trace_relocations(object);
}
