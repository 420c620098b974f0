/* SPDX-License-Identifier: BSD-2-Clause */
/* Two objects: maps, programs, subprograms, variables, externs, needs. Things are the same by their names. */
#include <stdio.h>

#include "compare/compare.h"
#include "object/sections.h"

/* ---- the object ---- */

static void compare_headers(struct lade_compare *compare, const struct lade_object *before,
			    const struct lade_object *after)
{
	lade_compare_text(compare, "object", after->name, "dialect", before->dialect, after->dialect);
	lade_compare_text(compare, "object", after->name, "license", before->license, after->license);
	lade_compare_text(compare, "object", after->name, "endian", before->big_endian ? "big" : "little",
			  after->big_endian ? "big" : "little");
	lade_compare_number(compare, "object", after->name, "version", before->has_version ? before->version : 0,
			    after->has_version ? after->version : 0);
}

/* ---- maps ---- */

static void map_text(const struct lade_map *map, char *text, size_t size)
{
	const struct map_definition *map_is = &map->definition;
	const char *type = lade_map_type_name(map_is->type);
	char number[24];

	(void)snprintf(number, sizeof number, "type %u", map_is->type);
	(void)snprintf(text, size, "%s %u \xe2\x86\x92 %u, %u entries", type ? type : number, map_is->key_size,
		       map_is->value_size, map_is->max_entries);
}

static const char *inner_name(const struct lade_map *map)
{
	return map->inner < map->object->maps.count ? map->object->maps.items[map->inner]->name : NULL;
}

static const char *pinning_text(const struct lade_map *map)
{
	if (map->pinning == LADE_PIN_OBJECT)
		return "object";
	return map->pinning == LADE_PIN_BY_NAME ? "by name" : map->pin_path;
}

static void type_text(const char *(*name_of)(uint32_t), uint32_t type, char *text, size_t size)
{
	const char *name = name_of(type);

	if (name)
		(void)snprintf(text, size, "%s", name);
	else
		(void)snprintf(text, size, "%u", type);
}

/* Which variables it is say the variables; what is no variable's (strings, say) is told here alone. */
static void compare_content(struct lade_compare *compare, const struct lade_map *before, const struct lade_map *after)
{
	uint32_t bytes = after->definition.value_size, differ = 0;
	char text[64];

	if (before->definition.value_size != bytes || !before->is_data || !after->is_data)
		return;
	for (uint32_t i = 0; i < bytes; i++)
		differ += (before->data ? before->data[i] : 0) != (after->data ? after->data[i] : 0);
	(void)snprintf(text, sizeof text, "%u of %u bytes differ", differ, bytes);
	if (differ)
		lade_compare_text(compare, "map", after->name, "initial content", NULL, text);
}

static void compare_map(struct lade_compare *compare, const struct lade_map *before, const struct lade_map *after)
{
	const struct map_definition *old = &before->definition, *now = &after->definition;
	char types[2][32], flags[2][16];

	type_text(lade_map_type_name, old->type, types[0], sizeof types[0]);
	type_text(lade_map_type_name, now->type, types[1], sizeof types[1]);
	lade_compare_text(compare, "map", after->name, "type", types[0], types[1]);
	lade_compare_number(compare, "map", after->name, "key_size", old->key_size, now->key_size);
	lade_compare_number(compare, "map", after->name, "value_size", old->value_size, now->value_size);
	lade_compare_number(compare, "map", after->name, "max_entries", old->max_entries, now->max_entries);
	(void)snprintf(flags[0], sizeof flags[0], "0x%x", old->flags);
	(void)snprintf(flags[1], sizeof flags[1], "0x%x", now->flags);
	lade_compare_text(compare, "map", after->name, "flags", flags[0], flags[1]);
	lade_compare_number(compare, "map", after->name, "extra", old->extra, now->extra);
	lade_compare_text(compare, "map", after->name, "inner", inner_name(before), inner_name(after));
	lade_compare_text(compare, "map", after->name, "pinning", pinning_text(before), pinning_text(after));
	compare_content(compare, before, after);
}

static void compare_maps(struct lade_compare *compare, const struct lade_object *before,
			 const struct lade_object *after)
{
	char text[128];

	for (size_t i = 0; i < after->maps.count; i++) {
		const struct lade_map *now = after->maps.items[i], *old = lade_object_find_map(before, now->name);
		map_text(now, text, sizeof text);
		if (old)
			compare_map(compare, old, now);
		else
			(void)lade_compare_add(compare, "map", now->name, NULL, NULL, text);
	}
	for (size_t i = 0; i < before->maps.count; i++) {
		const struct lade_map *old = before->maps.items[i];
		map_text(old, text, sizeof text);
		if (!lade_object_find_map(after, old->name))
			(void)lade_compare_add(compare, "map", old->name, NULL, text, NULL);
	}
}

/* ---- programs ---- */

/* By function symbol alone: a section's name would find another program of it. */
static const struct lade_program *find_program(const struct lade_object *object, const char *name)
{
	for (size_t i = 0; i < object->programs.count; i++)
		if (strcmp(object->programs.items[i]->name, name) == 0)
			return object->programs.items[i];
	return NULL;
}

static const struct lade_function *body_of(const struct lade_program *program)
{
	return &program->object->functions.items[program->function];
}

static void program_text(const struct lade_program *program, char *text, size_t size)
{
	const char *type = lade_program_type_name(program->type);

	(void)snprintf(text, size, "%s, SEC(\"%s\"), %u instructions", type && program->type ? type : "no type",
		       program->section, body_of(program)->instruction_count);
}

static void compare_program(struct lade_compare *compare, const struct lade_program *before,
			    const struct lade_program *after)
{
	char types[2][48], flags[2][16];

	lade_compare_text(compare, "program", after->name, "section", before->section, after->section);
	type_text(lade_program_type_name, before->type, types[0], sizeof types[0]);
	type_text(lade_program_type_name, after->type, types[1], sizeof types[1]);
	lade_compare_text(compare, "program", after->name, "type", types[0], types[1]);
	type_text(lade_attach_type_name, before->expected_attach_type, types[0], sizeof types[0]);
	type_text(lade_attach_type_name, after->expected_attach_type, types[1], sizeof types[1]);
	lade_compare_text(compare, "program", after->name, "expected_attach_type",
			  before->has_expected_attach_type ? types[0] : NULL,
			  after->has_expected_attach_type ? types[1] : NULL);
	(void)snprintf(flags[0], sizeof flags[0], "0x%x", before->flags);
	(void)snprintf(flags[1], sizeof flags[1], "0x%x", after->flags);
	lade_compare_text(compare, "program", after->name, "flags", flags[0], flags[1]);
	lade_compare_text(compare, "program", after->name, "load_target", before->load_target, after->load_target);
	lade_compare_text(compare, "program", after->name, "attach_target", before->attach_target,
			  after->attach_target);
	lade_compare_text(compare, "program", after->name, "autoload", before->autoload ? "yes" : "no",
			  after->autoload ? "yes" : "no");
	lade_compare_number(compare, "program", after->name, "core_relocations", body_of(before)->core.count,
			    body_of(after)->core.count);
	lade_compare_code(compare, "program", after->name, before->object, body_of(before), after->object,
			  body_of(after));
}

static void compare_programs(struct lade_compare *compare, const struct lade_object *before,
			     const struct lade_object *after)
{
	char text[256];

	for (size_t i = 0; i < after->programs.count; i++) {
		const struct lade_program *now = after->programs.items[i], *old = find_program(before, now->name);
		program_text(now, text, sizeof text);
		if (old)
			compare_program(compare, old, now);
		else
			(void)lade_compare_add(compare, "program", now->name, NULL, NULL, text);
	}
	for (size_t i = 0; i < before->programs.count; i++) {
		const struct lade_program *old = before->programs.items[i];
		program_text(old, text, sizeof text);
		if (!find_program(after, old->name))
			(void)lade_compare_add(compare, "program", old->name, NULL, text, NULL);
	}
}

/* ---- subprograms ---- */

static bool is_body(const struct lade_object *object, size_t function)
{
	for (size_t i = 0; i < object->programs.count; i++)
		if (object->programs.items[i]->function == function)
			return true;
	return false;
}

static const struct lade_function *find_function(const struct lade_object *object, const char *name)
{
	for (size_t i = 0; i < object->functions.count; i++)
		if (strcmp(object->functions.items[i].name, name) == 0 && !is_body(object, i))
			return &object->functions.items[i];
	return NULL;
}

static void compare_functions(struct lade_compare *compare, const struct lade_object *before,
			      const struct lade_object *after)
{
	char text[48];

	for (size_t i = 0; i < after->functions.count; i++) {
		const struct lade_function *now = &after->functions.items[i], *old;
		if (is_body(after, i))
			continue;
		old = find_function(before, now->name);
		(void)snprintf(text, sizeof text, "%u instructions", now->instruction_count);
		if (old)
			lade_compare_code(compare, "subprogram", now->name, before, old, after, now);
		else
			(void)lade_compare_add(compare, "subprogram", now->name, NULL, NULL, text);
	}
	for (size_t i = 0; i < before->functions.count; i++) {
		const struct lade_function *old = &before->functions.items[i];
		(void)snprintf(text, sizeof text, "%u instructions", old->instruction_count);
		if (!is_body(before, i) && !find_function(after, old->name))
			(void)lade_compare_add(compare, "subprogram", old->name, NULL, text, NULL);
	}
}

/* ---- variables and externs ---- */

static const struct lade_variable *find_variable(const struct lade_object *object, const char *name)
{
	for (size_t i = 0; i < object->variables.count; i++)
		if (strcmp(object->variables.items[i]->name, name) == 0)
			return object->variables.items[i];
	return NULL;
}

#define VALUE_BYTES 16 /* of a value that is no number */

static const uint8_t *bytes_of(const struct lade_variable *variable)
{
	static const uint8_t zeros[VALUE_BYTES];
	const struct lade_map *map =
		variable->map < variable->object->maps.count ? variable->object->maps.items[variable->map] : NULL;
	uint32_t end;

	if (!map || __builtin_add_overflow(variable->offset, variable->length, &end) ||
	    end > map->definition.value_size)
		return NULL;
	return map->data ? map->data + variable->offset : variable->length <= VALUE_BYTES ? zeros : NULL;
}

/* A number as such (in the object's byte order, which is ours or the object cannot be loaded), others in hexadecimal.
 */
static void value_text(const uint8_t *bytes, uint32_t length, char *text, size_t size)
{
	uint64_t number = 0;
	size_t used = 0;

	if (length == 1 || length == 2 || length == 4 || length == 8) {
		for (uint32_t i = length; i-- > 0;)
			number = number << 8 | bytes[i];
		(void)snprintf(text, size, "%llu", (unsigned long long)number);
		return;
	}
	for (uint32_t i = 0; i < length && i < VALUE_BYTES && used + 3 < size; i++, used += 2)
		(void)snprintf(text + used, size - used, "%02x", bytes[i]);
	if (length > VALUE_BYTES)
		(void)snprintf(text + used, size - used, "\xe2\x80\xa6");
}

static void compare_value(struct lade_compare *compare, const struct lade_variable *before,
			  const struct lade_variable *after)
{
	const uint8_t *old = bytes_of(before), *now = bytes_of(after);
	char texts[2][2 * VALUE_BYTES + 8] = { "", "" };

	if (!old || !now || before->length != after->length || memcmp(old, now, after->length) == 0)
		return;
	value_text(old, before->length, texts[0], sizeof texts[0]);
	value_text(now, after->length, texts[1], sizeof texts[1]);
	(void)lade_compare_add(compare, "variable", after->name, "value", texts[0], texts[1]);
}

static void compare_variable(struct lade_compare *compare, const struct lade_variable *before,
			     const struct lade_variable *after)
{
	struct lade_variable_info was = { .size = sizeof was }, info = { .size = sizeof info };

	(void)lade_variable_describe(before, &was);
	(void)lade_variable_describe(after, &info);
	lade_compare_text(compare, "variable", after->name, "type", was.type_name, info.type_name);
	lade_compare_number(compare, "variable", after->name, "bytes", was.length, info.length);
	compare_value(compare, before, after);
}

static void compare_variables(struct lade_compare *compare, const struct lade_object *before,
			      const struct lade_object *after)
{
	for (size_t i = 0; i < after->variables.count; i++) {
		const struct lade_variable *now = after->variables.items[i], *old = find_variable(before, now->name);
		struct lade_variable_info info = { .size = sizeof info };
		(void)lade_variable_describe(now, &info);
		if (old)
			compare_variable(compare, old, now);
		else
			(void)lade_compare_add(compare, "variable", now->name, NULL, NULL,
					       info.type_name ? info.type_name : "");
	}
	for (size_t i = 0; i < before->variables.count; i++) {
		const struct lade_variable *old = before->variables.items[i];
		if (!find_variable(after, old->name))
			(void)lade_compare_add(compare, "variable", old->name, NULL, "", NULL);
	}
}

static bool has_extern(const struct lade_object *object, const char *name)
{
	array_foreach(item, &object->externs)
		if (strcmp(item->name, name) == 0)
			return true;
	return false;
}

static void compare_externs(struct lade_compare *compare, const struct lade_object *before,
			    const struct lade_object *after)
{
	array_foreach(now, &after->externs)
		if (!has_extern(before, now->name))
			(void)lade_compare_add(compare, "extern", now->name, NULL, NULL, now->section);
	array_foreach(old, &before->externs)
		if (!has_extern(after, old->name))
			(void)lade_compare_add(compare, "extern", old->name, NULL, old->section, NULL);
}

LADE_API int lade_compare_objects(const struct lade_object *before, const struct lade_object *after,
				  struct lade_compare **ret_compare, struct lade_error **error)
{
	CLEANUP(cleanup_lade_compare) struct lade_compare *compare = calloc(1, sizeof *compare);

	if (!compare || lade_object_settle_types(before) < 0 || lade_object_settle_types(after) < 0)
		return lade_fail_memory(error);
	compare_headers(compare, before, after);
	compare_maps(compare, before, after);
	compare_programs(compare, before, after);
	compare_functions(compare, before, after);
	compare_variables(compare, before, after);
	compare_externs(compare, before, after);
	lade_compare_needs(compare, before, after);
	if (compare->failed)
		return lade_fail_memory(error);
	*ret_compare = TAKE(compare);
	return 0;
}
