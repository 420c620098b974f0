/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where in the arena the object's variables lie: on its last pages, so that offset 0 stays NULL. Kernels that limit
 * offsets in an ldimm64 may not reach that far; there they lie on the first ones. Both as libbpf has it.
 */
#include <inttypes.h>

#include "plan/plan.h"

#define MAP_TYPE_ARENA 33 /* since 6.9 */

static uint32_t page_bytes(const struct lade_plan *plan)
{
	return plan->target->page_bytes ? plan->target->page_bytes : 4096;
}

static int refuse_small(const struct lade_plan *plan, const struct lade_map *map, uint64_t pages,
			struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(
		error, E2BIG, "plan.arena.small", "%s: arena %s has %u pages, its variables need %" PRIu64,
		plan->object->file, map->name, map->definition.max_entries, pages);

	finding_map(finding, map->name);
	finding_evidence(finding, "section .addr_space.1 has %u bytes", map->arena_bytes);
	finding_fix(finding, "--max-entries %s=%" PRIu64, map->name, pages);
	return -E2BIG;
}

int lade_plan_arena(struct lade_plan *plan, struct lade_error **error)
{
	array_foreach(item, &plan->object->maps) {
		const struct lade_map *map = *item;
		uint64_t page = page_bytes(plan), pages = (map->arena_bytes + page - 1) / page;
		if (map->definition.type != MAP_TYPE_ARENA || !map->arena_bytes)
			continue;
		if (pages > map->definition.max_entries)
			return refuse_small(plan, map, pages, error);
		if (plan->target->far_offsets)
			plan->arena_offset = (uint32_t)((map->definition.max_entries - pages) * page);
	}
	return 0;
}
