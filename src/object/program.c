/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of a program: describing and editing it. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "object/model.h"
#include "object/reach.h"
#include "object/sections.h"
#include "object/sections_table.h"

static uint32_t core_relocations(const struct lade_program *program)
{
	const struct lade_object *object = program->object;
	uint32_t count = (uint32_t)object->functions.items[program->function].core.count;
	array_foreach(index, &program->reach_functions)
		count += (uint32_t)object->functions.items[*index].core.count;
	return count;
}

int lade_program_describe(const struct lade_program *program, struct lade_program_info *info)
{
	int result = lade_program_reach(program);
	if (result == 0)
		result = lade_object_settle_types(program->object);
	if (result < 0)
		return result;
	struct lade_program_info full = {
		.name = program->name,
		.section = program->section,
		.type = program->type,
		.type_name = lade_program_type_name(program->type),
		.expected_attach_type = program->expected_attach_type,
		.expected_attach_type_name =
			program->has_expected_attach_type ? lade_attach_type_name(program->expected_attach_type) : NULL,
		.flags = program->flags,
		.load_target = program->load_target,
		.attach_target = program->attach_target,
		.autoload = program->autoload,
		.skip = program->skip,
		.instructions = program->object->functions.items[program->function].instruction_count,
		.subprogram_count = program->reach_functions.count,
		.map_count = program->reach_maps.count,
		.core_relocations = core_relocations(program),
	};
	return info_fill(info, &full, sizeof full);
}

const char *lade_program_subprogram(const struct lade_program *program, size_t index)
{
	if (lade_program_reach(program) < 0 || index >= program->reach_functions.count)
		return NULL;
	return program->object->functions.items[program->reach_functions.items[index]].name;
}

const struct lade_map *lade_program_map(const struct lade_program *program, size_t index)
{
	if (lade_program_reach(program) < 0 || index >= program->reach_maps.count)
		return NULL;
	return program->object->maps.items[program->reach_maps.items[index]];
}

int lade_program_set_autoload(struct lade_program *program, bool autoload)
{
	if (autoload && !program->type)
		free(TAKE(program->skip)); /* whoever asks for it is told that it has no type */
	program->autoload = autoload;
	program->object->types_unsettled = program->object->assumes_types;
	return 0;
}

bool lade_program_type_needs_btf_id(uint32_t type)
{
	return type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM || type == BPF_PROG_TYPE_EXT;
}

/* A type that is not the section's own: nothing the section said about attaching holds any longer. */
static void program_retype(struct lade_program *program, uint32_t type)
{
	if (program->type == type)
		return;
	if (!program->type)
		free(TAKE(program->skip)); /* that it had no type was why */
	program->type = type;
	program->row = NULL;
	program->has_expected_attach_type = program->expected_attach_type_optional = false;
	program->expected_attach_type = 0;
	program->flags = 0;
	program->attach_btf_id_needed = lade_program_type_needs_btf_id(type);
}

int lade_program_set_target(struct lade_program *program, const char *target)
{
	char *copy = target ? strdup(target) : NULL;
	if (target && !copy)
		return -ENOMEM;
	free(program->target_request);
	program->target_request = copy;
	return 0;
}

const char *lade_program_type_at(size_t index)
{
	for (uint32_t type = 1; type < lade_program_name_count; type++)
		if (lade_program_names[type] && index-- == 0)
			return lade_program_names[type];
	return NULL;
}

int lade_program_set_type(struct lade_program *program, const char *type)
{
	uint32_t number;
	int result = type ? lade_program_type_parse(type, &number) : -EINVAL;
	if (result < 0)
		return result;
	program_retype(program, number);
	program->type_assumed = false;
	program->object->types_unsettled = program->object->assumes_types;
	return 0;
}
