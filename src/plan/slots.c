/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes into the slots of prog arrays and outer maps, and what may not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "object/sections.h"
#include "plan/plan.h"

static uint32_t value_slot(const struct lade_plan *plan, const struct map_initial *initial)
{
	return initial->map != NO_INDEX ? plan->map_slots[initial->map] : plan->program_slots[initial->program];
}

static const char *value_name(const struct lade_plan *plan, const struct map_initial *initial)
{
	return initial->map != NO_INDEX ? plan->object->maps.items[initial->map]->name
					: plan->object->programs.items[initial->program]->name;
}

/* A program that is left out leaves its slot empty; a tail call to it falls through. */
static void note_empty(struct lade_plan *plan, const struct lade_map *map, const struct map_initial *initial)
{
	struct lade_finding *note =
		lade_note_add(&plan->notes, "plan.slot-empty", "%s: slot %u of %s stays empty: %s is not loaded",
			      plan->object->file, initial->index, map->name, value_name(plan, initial));

	finding_map(note, map->name);
}

static int refuse_index(const struct lade_plan *plan, const struct lade_map *map, const struct map_initial *initial,
			struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(
		error, EINVAL, "plan.slot-range", "%s: %s belongs in slot %u of %s, which has %u entries",
		plan->object->file, value_name(plan, initial), initial->index, map->name, map->definition.max_entries);

	finding_map(finding, map->name);
	finding_fix(finding, "--max-entries %s=%" PRIu64, map->name, (uint64_t)initial->index + 1);
	return -EINVAL;
}

static int add(struct lade_plan *plan, const struct lade_map *map, const struct map_initial *initial)
{
	struct operation *operation = lade_plan_add(plan, OPERATION_SLOT_FILL);

	if (!operation)
		return -ENOMEM;
	operation->map = lade_map_index(map);
	operation->slot_fill = (struct slot_operation){ operation->map, initial->index, plan->map_slots[operation->map],
							value_slot(plan, initial) };
	if (lade_operation_need(operation, operation->slot_fill.array_slot) < 0)
		return -ENOMEM;
	return lade_operation_need(operation, operation->slot_fill.value_slot);
}

/* Writes into maps that others may share wait until every program has been verified. */
static bool is_late(const struct lade_map *map, const struct map_initial *initial)
{
	return initial->map == NO_INDEX || map->reuse_only || map->place || map->pinning != LADE_PIN_OBJECT;
}

/* The key of a hash is a number like any other. */
static bool is_in_range(const struct lade_map *map, const struct map_initial *initial)
{
	return map->definition.type == BPF_MAP_TYPE_HASH_OF_MAPS || initial->index < map->definition.max_entries;
}

static int plan_slot(struct lade_plan *plan, const struct lade_map *map, const struct map_initial *initial,
		     struct lade_error **error)
{
	if (!is_in_range(map, initial))
		return refuse_index(plan, map, initial, error);
	if (value_slot(plan, initial) == NO_SLOT) {
		note_empty(plan, map, initial);
		return 0;
	}
	return add(plan, map, initial) < 0 ? lade_fail_memory(error) : 0;
}

int lade_plan_slots(struct lade_plan *plan, bool after_programs, struct lade_error **error)
{
	array_foreach(item, &plan->object->maps) {
		array_foreach(initial, &(*item)->initial) {
			int r = is_late(*item, initial) == after_programs ? plan_slot(plan, *item, initial, error) : 0;
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* ---- one prog array, one program type ---- */

static bool refers_to(const struct operation *operation, uint32_t slot)
{
	array_foreach(patch, &operation->program_load->patches)
		if (lade_patch_has_slot(patch) && patch->slot == slot)
			return true;
	return false;
}

static bool sits_in(const struct lade_map *map, uint32_t program)
{
	array_foreach(initial, &map->initial)
		if (initial->program == program)
			return true;
	return false;
}

static int refuse_mixed(const struct lade_plan *plan, const struct lade_map *map, const struct lade_program *first,
			const struct lade_program *second, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "plan.prog-array.types", "%s: prog array %s serves programs of two types",
			       plan->object->file, map->name);

	finding_map(finding, map->name);
	finding_evidence(finding, "%s is %s", first->name, lade_program_type_name(first->type));
	finding_evidence(finding, "%s is %s", second->name, lade_program_type_name(second->type));
	return -EINVAL;
}

static int check_array(const struct lade_plan *plan, const struct lade_map *map, struct lade_error **error)
{
	uint32_t slot = plan->map_slots[lade_map_index(map)];
	const struct lade_program *first = NULL;

	array_foreach(operation, &plan->operations) {
		const struct lade_program *program;
		if (operation->kind != OPERATION_PROGRAM_LOAD)
			continue;
		if (!refers_to(operation, slot) && !sits_in(map, operation->program))
			continue;
		program = plan->object->programs.items[operation->program];
		if (first && first->type != program->type)
			return refuse_mixed(plan, map, first, program, error);
		first = program;
	}
	return 0;
}

int lade_plan_check_prog_arrays(const struct lade_plan *plan, struct lade_error **error)
{
	array_foreach(item, &plan->object->maps) {
		int r = (*item)->definition.type == BPF_MAP_TYPE_PROG_ARRAY ? check_array(plan, *item, error) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}
