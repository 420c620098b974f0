/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the object's policy leaves out on the kernel that the plan is for, and the older types that its loader
 * takes there. A kernel of which nothing is known leaves nothing out.
 */
#include <stdio.h>
#include <string.h>

#include "plan/plan.h"

#define KERNEL(major, minor) ((uint32_t)(major) << 24 | (uint32_t)(minor) << 16)

static bool is_android(const struct lade_object *object)
{
	return object->policy != NULL;
}

/* ---- why a part is left out ---- */

static int judge(const struct lade_plan *plan, const struct part_policy *policy, const struct plan_target *target,
		 char **place)
{
	const struct object_policy *whole = plan->object->policy;
	uint32_t ignored;

	if (*place || !policy)
		return 0;
	if (target->kernel_version && !policy_window_holds(&policy->kernel, target->kernel_version))
		return lade_policy_say_kernel(place, &policy->kernel, target->kernel_version);
	ignored = whole && policy_loader_has(whole->judged_loader, POLICY_LOADER_HAS_MACHINE) ? policy->ignore_on & target->machine : 0;
	if (ignored)
		return lade_policy_say_machine(place, ignored);
	return 0;
}

static int judge_map(struct lade_plan *plan, uint32_t index, const struct plan_target *target)
{
	const struct lade_map *map = plan->object->maps.items[index];
	char **place = &plan->map_skips[index];
	int r = map->skip ? asprintf(place, "%s", map->skip) : judge(plan, map->policy, target, place);
	struct lade_finding *note;

	if (r < 0 || !*place)
		return r;
	note = lade_note_add(&plan->notes, "map.left-out", "%s: map %s is left out: %s", plan->object->file, map->name,
			     *place);
	finding_map(note, map->name);
	return 0;
}

/* ---- programs that use what is left out ---- */

static int refuse_use(const struct lade_plan *plan, const struct lade_program *program, const struct lade_map *map,
		      const char *why, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOEXEC, "plan.policy.map", "%s: program %s uses map %s, which is left out",
			       plan->object->file, program->name, map->name);

	finding_program(finding, program->name);
	finding_map(finding, map->name);
	finding_evidence(finding, "map %s: %s", map->name, why);
	return -ENOEXEC;
}

/* A variant of the same program that stands before it and will be loaded: Android would use that one. */
static const struct lade_program *earlier_variant(const struct lade_plan *plan, uint32_t index)
{
	const struct part_policy *policy = plan->object->programs.items[index]->policy;

	for (uint32_t i = 0; i < index && policy && policy->pin_name; i++) {
		const struct lade_program *other = plan->object->programs.items[i];
		bool loaded = other->autoload && !other->skip && !plan->program_skips[i];
		if (loaded && other->policy && strcmp(other->policy->pin_name, policy->pin_name) == 0)
			return other;
	}
	return NULL;
}

static int leave_out_user(struct lade_plan *plan, uint32_t index, const struct lade_map *map, const char *why,
			  struct lade_error **error)
{
	const struct lade_program *program = plan->object->programs.items[index];
	const struct lade_program *variant = earlier_variant(plan, index);
	bool optional = program->policy && program->policy->optional;
	int length;

	if (!optional && !variant)
		return refuse_use(plan, program, map, why, error);
	if (variant)
		length = asprintf(&plan->program_skips[index], "variant %s stands before it, and map %s is left out",
				  variant->name, map->name);
	else
		length = asprintf(&plan->program_skips[index], "optional, and map %s is left out: %s", map->name, why);
	return length < 0 ? lade_fail_memory(error) : 0;
}

static int check_maps(struct lade_plan *plan, uint32_t index, struct lade_error **error)
{
	const struct lade_program *program = plan->object->programs.items[index];
	const struct lade_map *map;

	for (size_t i = 0; (map = lade_program_map(program, i)); i++) {
		const char *why = plan->map_skips[lade_map_index(map)];
		if (why)
			return leave_out_user(plan, index, map, why, error);
	}
	return 0;
}

static int judge_programs(struct lade_plan *plan, const struct plan_target *target, struct lade_error **error)
{
	int result = 0;

	for (uint32_t i = 0; i < plan->object->programs.count; i++) {
		const struct lade_program *program = plan->object->programs.items[i];
		int r;
		if (!program->autoload || program->skip)
			continue;
		if (judge(plan, program->policy, target, &plan->program_skips[i]) < 0)
			return lade_fail_memory(error);
		r = plan->program_skips[i] ? 0 : check_maps(plan, i, error);
		result = result ? result : r;
	}
	return result;
}

int lade_plan_leave_out(struct lade_plan *plan, const struct plan_target *target, struct lade_error **error)
{
	if (!is_android(plan->object))
		return 0;
	for (uint32_t i = 0; i < plan->object->maps.count; i++)
		if (judge_map(plan, i, target) < 0)
			return lade_fail_memory(error);
	return judge_programs(plan, target, error);
}

/* ---- older types ---- */

static const struct old_type {
	uint32_t type, since, instead;
	const char *text;
} old_types[] = {
	{ BPF_MAP_TYPE_DEVMAP, KERNEL(4, 14), BPF_MAP_TYPE_ARRAY, "devmap is an array before kernel 4.14" },
	{ BPF_MAP_TYPE_DEVMAP_HASH, KERNEL(5, 4), BPF_MAP_TYPE_HASH, "devmap_hash is a hash before kernel 5.4" },
};

static void note_old(struct lade_plan *plan, const struct lade_map *map, const char *what)
{
	struct lade_finding *note = lade_note_add(&plan->notes, "map.adjusted.old-kernel", "%s: map %s: %s",
						  plan->object->file, map->name, what);

	finding_map(note, map->name);
}

void lade_plan_old_kernel(struct lade_plan *plan, const struct lade_map *map, const struct plan_target *target,
			  struct map_definition *definition)
{
	if (!is_android(plan->object) || !target->kernel_version)
		return;
	for (size_t i = 0; i < ELEMENTS(old_types); i++) {
		if (definition->type != old_types[i].type || target->kernel_version >= old_types[i].since)
			continue;
		definition->type = old_types[i].instead;
		note_old(plan, map, old_types[i].text);
		return;
	}
	if (definition->flags & BPF_F_MMAPABLE && target->kernel_version < KERNEL(5, 10) &&
	    policy_loader_has(plan->object->policy->judged_loader, POLICY_LOADER_HAS_MMAPABLE)) {
		definition->flags &= ~(uint32_t)BPF_F_MMAPABLE;
		note_old(plan, map, "mmapable is left away before kernel 5.10");
	}
}
