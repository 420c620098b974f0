/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/reach.h"

#include <errno.h>
#include <string.h>

struct walk {
	struct lade_program *program;
	bool *function_seen, *map_seen;
};

static int reach_map(struct walk *walk, uint32_t map)
{
	if (map >= walk->program->object->maps.count || walk->map_seen[map])
		return 0;
	walk->map_seen[map] = true;
	uint32_t *place = array_push(&walk->program->reach_maps);
	if (!place)
		return -ENOMEM;
	*place = map;
	return 0;
}

static int reach_function(struct walk *walk, uint32_t function)
{
	if (function >= walk->program->object->functions.count || walk->function_seen[function])
		return 0;
	walk->function_seen[function] = true;
	uint32_t *place = array_push(&walk->program->reach_functions);
	if (!place)
		return -ENOMEM;
	*place = function;
	return 0;
}

static int reach_nothing(struct walk *walk, uint32_t target)
{
	(void)walk;
	(void)target;
	return 0;
}

static int walk_function(struct walk *walk, uint32_t index)
{
	static int (*const follow[])(struct walk *, uint32_t) = {
		[RELOCATION_MAP] = reach_map,        [RELOCATION_MAP_VALUE] = reach_map,
		[RELOCATION_CALL] = reach_function,  [RELOCATION_FUNCTION] = reach_function,
		[RELOCATION_EXTERN] = reach_nothing, [RELOCATION_JUMPS] = reach_nothing,
	};
	const struct lade_function *function = &walk->program->object->functions.items[index];
	array_foreach(relocation, &function->relocations) {
		int result = follow[relocation->kind](walk, relocation->target);
		if (result < 0)
			return result;
	}
	return 0;
}

/* reach_functions is the work list: it grows while it is walked. */
static int walk_all(struct walk *walk)
{
	struct lade_program *program = walk->program;
	walk->function_seen[program->function] = true;
	int result = walk_function(walk, program->function);
	for (size_t i = 0; result == 0 && i < program->reach_functions.count; i++)
		result = walk_function(walk, program->reach_functions.items[i]);
	return result;
}

int lade_program_reach(const struct lade_program *program)
{
	if (program->reach_known)
		return 0;
	const struct lade_object *object = program->object;
	bool *functions CLEANUP(cleanup_free) = calloc(object->functions.count + 1, sizeof *functions);
	bool *maps CLEANUP(cleanup_free) = calloc(object->maps.count + 1, sizeof *maps);
	if (!functions || !maps)
		return -ENOMEM;
	struct walk walk = { (struct lade_program *)(uintptr_t)program, functions, maps };
	array_clear(&walk.program->reach_functions);
	array_clear(&walk.program->reach_maps);
	int result = walk_all(&walk);
	walk.program->reach_known = result == 0;
	return result;
}
