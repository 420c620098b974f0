/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of a plan: its steps. */
#include "base/info.h"
#include "plan/plan.h"

static const char *const operation_names[] = {
	[OPERATION_BTF_LOAD] = "btf_load",       [OPERATION_MAP_CREATE] = "map_create",
	[OPERATION_MAP_REUSE] = "map_reuse",     [OPERATION_MAP_WRITE] = "map_write",
	[OPERATION_MAP_FREEZE] = "map_freeze",   [OPERATION_PROGRAM_LOAD] = "prog_load",
	[OPERATION_SLOT_FILL] = "slot_fill",     [OPERATION_PIN] = "pin",
	[OPERATION_ATTACH] = "attach",           [OPERATION_BTF_OPEN] = "btf_open",
	[OPERATION_TARGET_OPEN] = "target_open", [OPERATION_ARENA_MAP] = "arena_map",
	[OPERATION_JUMP_TABLE] = "jump_table",
};

LADE_API size_t lade_plan_step_count(const struct lade_plan *plan)
{
	return plan->operations.count;
}

LADE_API int lade_plan_step(const struct lade_plan *plan, size_t index, struct lade_plan_step_info *info)
{
	struct operation *operation;
	struct lade_plan_step_info full;

	if (index >= plan->operations.count)
		return -ENOENT;
	operation = &plan->operations.items[index];
	if (!operation->text)
		operation->text = lade_plan_text(plan, operation);
	if (!operation->text)
		return -ENOMEM;
	full = (struct lade_plan_step_info){
		.operation = operation_names[operation->kind],
		.slot = operation->slot == NO_SLOT ? -1 : (int)operation->slot,
		.text = operation->text,
		.needs = operation->needs.items,
		.need_count = operation->needs.count,
	};
	return info_fill(info, &full, sizeof full);
}
