/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of an object as a whole: what it is, its notes, and finding its parts by name. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "object/member.h"
#include "object/model.h"

int lade_object_describe(const struct lade_object *object, struct lade_object_info *info)
{
	struct lade_object_info full = {
		.file = object->file,
		.name = object->name,
		.dialect = object->dialect,
		.also = (const char *const *)object->also.items,
		.also_count = object->also.count,
		.evidence = (const char *const *)object->evidence.items,
		.evidence_count = object->evidence.count,
		.big_endian = object->big_endian,
		.license = object->license,
		.has_version = object->has_version,
		.version = object->version,
	};
	return info_fill(info, &full, sizeof full);
}

size_t lade_object_note_count(const struct lade_object *object)
{
	(void)lade_object_settle_types(object);
	return object->notes.count;
}

const struct lade_finding *lade_object_note(const struct lade_object *object, size_t index)
{
	return index < object->notes.count ? object->notes.items[index] : NULL;
}

size_t lade_object_map_count(const struct lade_object *object)
{
	return object->maps.count;
}

struct lade_map *lade_object_map(const struct lade_object *object, size_t index)
{
	return index < object->maps.count ? object->maps.items[index] : NULL;
}

struct lade_map *lade_object_find_map(const struct lade_object *object, const char *name)
{
	array_foreach(map, &object->maps)
		if (strcmp((*map)->name, name) == 0)
			return *map;
	return NULL;
}

size_t lade_object_program_count(const struct lade_object *object)
{
	return object->programs.count;
}

struct lade_program *lade_object_program(const struct lade_object *object, size_t index)
{
	return index < object->programs.count ? object->programs.items[index] : NULL;
}

static struct lade_program *find_by_section(const struct lade_object *object, const char *section)
{
	struct lade_program *found = NULL;
	array_foreach(program, &object->programs) {
		if (strcmp((*program)->section, section) != 0)
			continue;
		if (found)
			return NULL;
		found = *program;
	}
	return found;
}

struct lade_program *lade_object_find_program(const struct lade_object *object, const char *name)
{
	array_foreach(program, &object->programs)
		if (strcmp((*program)->name, name) == 0)
			return *program;
	return find_by_section(object, name);
}

size_t lade_object_variable_count(const struct lade_object *object)
{
	return object->variables.count;
}

struct lade_variable *lade_object_variable(const struct lade_object *object, size_t index)
{
	return index < object->variables.count ? object->variables.items[index] : NULL;
}

struct lade_variable *lade_object_find_variable(const struct lade_object *object, const char *name)
{
	array_foreach(variable, &object->variables)
		if (strcmp((*variable)->name, name) == 0)
			return *variable;
	/* A cache: what the object says does not change, so the parameter stays const. */
	return lade_object_find_member((struct lade_object *)(uintptr_t)object, name);
}
