/* SPDX-License-Identifier: BSD-2-Clause */
/* Making the model's parts, finding them again, freeing them. */
#include "object/model.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "object/pin_place.h"

struct lade_object *lade_object_create(struct lade_context *context, const char *file, const char *name)
{
	struct lade_object *object CLEANUP(cleanup_lade_object) = calloc(1, sizeof *object);
	if (!object)
		return NULL;
	object->context = context;
	object->kconfig_map = NO_INDEX;
	object->file = strdup(file);
	object->name = strdup(name);
	if (!object->file || !object->name)
		return NULL;
	return TAKE(object);
}

static void map_free(struct lade_map *map)
{
	free(map->name);
	free(map->section);
	free(map->pin_path);
	(void)lade_pin_place_free(map->place);
	free(map->data);
	free(map->skip);
	(void)fd_close(map->reuse_fd);
	(void)lade_part_policy_free(map->policy);
	array_clear(&map->initial);
	array_clear(&map->ops);
	free(map);
}

static void program_free(struct lade_program *program)
{
	char *owned[] = { program->name,          program->section, program->load_target, program->target_request,
			  program->attach_target, program->skip,    program->kernel_name };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
	(void)lade_pin_place_free(program->place);
	array_clear(&program->reach_functions);
	array_clear(&program->reach_maps);
	(void)lade_part_policy_free(program->policy);
	free(program);
}

static void variable_free(struct lade_variable *variable)
{
	free(variable->name);
	free(variable->type_name);
	free(variable);
}

static void function_clear(struct lade_function *function)
{
	free(function->name);
	free(function->section);
	free(function->instructions);
	array_clear(&function->relocations);
	array_clear(&function->core);
	array_clear(&function->func_info);
	array_clear(&function->line_info);
}

static void object_clear_report(struct lade_object *object)
{
	array_foreach(section, &object->sections) {
		free(section->name);
		free(section->why);
	}
	array_foreach(symbol, &object->symbols) {
		free(symbol->name);
		free(symbol->why);
	}
	array_clear(&object->sections);
	array_clear(&object->symbols);
}

static void object_clear_parts(struct lade_object *object)
{
	array_foreach(map, &object->maps)
		map_free(*map);
	array_foreach(program, &object->programs)
		program_free(*program);
	array_foreach(variable, &object->variables)
		variable_free(*variable);
	array_foreach(member, &object->members)
		variable_free(*member);
	array_foreach(function, &object->functions)
		function_clear(function);
	array_foreach(outside, &object->externs) {
		free(outside->name);
		free(outside->section);
	}
	array_foreach(need, &object->needs)
		free(need->what);
	array_foreach(table, &object->jumps)
		array_clear(&table->targets);
	array_clear(&object->jumps);
	array_clear(&object->maps);
	array_clear(&object->programs);
	array_clear(&object->variables);
	array_clear(&object->members);
	array_clear(&object->functions);
	array_clear(&object->externs);
	array_clear(&object->needs);
}

struct lade_object *lade_object_free(struct lade_object *object)
{
	if (!object)
		return NULL;
	object_clear_parts(object);
	object_clear_report(object);
	char *owned[] = { object->file, object->name, object->dialect, object->license };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
	lade_strings_clear(&object->also);
	lade_strings_clear(&object->evidence);
	lade_findings_clear(&object->notes);
	(void)lade_btf_free(object->btf);
	(void)lade_object_policy_free(object->policy);
	free(object);
	return NULL;
}

struct lade_map *lade_object_add_map(struct lade_object *object, const char *name, const char *section)
{
	struct lade_map **place = array_push(&object->maps); /* NOLINT: items are pointers */
	struct lade_map *map = place ? calloc(1, sizeof *map) : NULL;
	if (!map) {
		object->maps.count -= place != NULL;
		return NULL;
	}
	*place = map;
	map->object = object;
	map->inner = NO_INDEX;
	map->reuse_fd = -1;
	map->name = strdup(name);
	map->section = strdup(section);
	return map->name && map->section ? map : NULL;
}

struct lade_program *lade_object_add_program(struct lade_object *object, const char *name, const char *section,
					     uint32_t function)
{
	struct lade_program **place = array_push(&object->programs); /* NOLINT: items are pointers */
	struct lade_program *program = place ? calloc(1, sizeof *program) : NULL;
	if (!program) {
		object->programs.count -= place != NULL;
		return NULL;
	}
	*place = program;
	program->object = object;
	program->function = function;
	program->autoload = true;
	program->name = strdup(name);
	program->section = strdup(section);
	return program->name && program->section ? program : NULL;
}

struct lade_variable *lade_object_add_variable(struct lade_object *object, const char *name, uint32_t map)
{
	struct lade_variable **place = array_push(&object->variables); /* NOLINT: items are pointers */
	struct lade_variable *variable = place ? calloc(1, sizeof *variable) : NULL;
	if (!variable) {
		object->variables.count -= place != NULL;
		return NULL;
	}
	*place = variable;
	variable->object = object;
	variable->map = map;
	variable->outside = NO_INDEX;
	variable->name = strdup(name);
	return variable->name ? variable : NULL;
}

struct lade_function *lade_object_add_function(struct lade_object *object, const char *name, const char *section)
{
	struct lade_function *function = array_push(&object->functions);
	if (!function)
		return NULL;
	function->name = strdup(name);
	function->section = strdup(section);
	return function->name && function->section ? function : NULL;
}

int lade_object_add_extern(struct lade_object *object, const char *name, const char *section, bool weak,
			   uint32_t btf_type, uint32_t *ret_index)
{
	struct object_extern *outside = array_push(&object->externs);
	if (!outside)
		return -ENOMEM;
	outside->name = strdup(name);
	outside->section = strdup(section);
	outside->is_weak = weak;
	outside->btf_type = btf_type;
	if (!outside->name || !outside->section)
		return -ENOMEM;
	*ret_index = (uint32_t)(object->externs.count - 1);
	return 0;
}

int lade_object_add_need(struct lade_object *object, uint32_t function, const char *code, const char *format, ...)
{
	struct object_need *need = array_push(&object->needs);
	if (!need)
		return -ENOMEM;
	need->function = function;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&need->what, format, arguments) < 0)
		need->what = NULL;
	va_end(arguments);
	need->code = code;
	return need->what ? 0 : -ENOMEM;
}

uint32_t lade_map_index(const struct lade_map *map)
{
	array_foreach(item, &map->object->maps)
		if (*item == map)
			return (uint32_t)(item - map->object->maps.items);
	return NO_INDEX;
}

uint32_t lade_program_index(const struct lade_program *program)
{
	array_foreach(item, &program->object->programs)
		if (*item == program)
			return (uint32_t)(item - program->object->programs.items);
	return NO_INDEX;
}

const char *lade_relocation_kind_name(enum relocation_kind kind)
{
	static const char *const names[] = {
		[RELOCATION_MAP] = "map",       [RELOCATION_MAP_VALUE] = "map_value",
		[RELOCATION_CALL] = "call",     [RELOCATION_FUNCTION] = "function",
		[RELOCATION_EXTERN] = "extern", [RELOCATION_JUMPS] = "jump_table",
	};
	return (size_t)kind < ELEMENTS(names) ? names[kind] : "unknown";
}
