/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-RE relocations of the functions that a program consists of. */
#include "plan/plan.h"

#include <stdio.h>

/* Only what is asked of the kernel's types needs them: the object's own type ids do not. */
static bool needs_target(const struct lade_function *function)
{
	array_foreach(relocation, &function->core)
		if (lade_core_needs_target(relocation))
			return true;
	return false;
}

static int core_types(struct lade_plan *plan, const struct lade_program *program, const struct lade_function *function,
		      struct kernel_types **ret_types, struct lade_error **error)
{
	char what[256];

	if (plan->target->core_types || !needs_target(function) || lade_plan_leaves_open(plan)) {
		*ret_types = plan->target->core_types;
		return 0;
	}
	if (plan->target->types) { /* the usual case, without printf */
		*ret_types = plan->target->types;
		return 0;
	}
	(void)snprintf(what, sizeof what, "program %s", program->name);
	return lade_plan_need_types(plan, what, ret_types, error);
}

/* One resolver for all programs: it remembers what it was asked. */
static int find_resolver(struct lade_plan *plan, struct kernel_types *types, struct core_resolver **ret_resolver,
			 struct lade_error **error)
{
	struct core_resolver **place = types ? &plan->core : &plan->core_local;
	int r = *place ? 0 : lade_core_resolver_new(plan->object->btf, types, plan->object->file, place, error);

	if (r == 0)
		*ret_resolver = *place;
	return r;
}

static void trace(const struct lade_plan *plan, const struct lade_function *function, struct core_resolver *resolver,
		  const struct btf_core_relocation *relocation)
{
	CLEANUP(cleanup_free) char *text = NULL;

	if (!plan->object->log || !plan->object->log->fn)
		return;
	text = lade_core_explain(resolver, relocation);
	lade_log(plan->object->log, LADE_LOG_DEBUG, "core %s+%u: %s", function->name, relocation->offset,
		 text ? text : "?");
}

static int keep_poison(struct program_operation *result, struct core_poison *poison, struct lade_error **error)
{
	struct core_poison *place = array_push(&result->poisons);

	if (!place) {
		lade_core_poison_clear(poison);
		return lade_fail_memory(error);
	}
	*place = *poison;
	return 0;
}

/* True: it needs types, and none are known. */
static bool leave_open(const struct lade_plan *plan, const struct btf_core_relocation *relocation)
{
	return lade_plan_leaves_open(plan) && !plan->target->core_types && lade_core_needs_target(relocation);
}

static int keep_open(struct program_operation *result, const struct btf_core_relocation *relocation, uint32_t at,
		     struct lade_error **error)
{
	struct plan_unresolved *open = array_push(&result->unresolved);

	if (!open)
		return lade_fail_memory(error);
	*open = (struct plan_unresolved){ at, NO_INDEX, relocation };
	return 0;
}

int lade_plan_core(struct lade_plan *plan, const struct lade_program *program, const struct lade_function *function,
		   uint32_t start, struct program_operation *result, struct lade_error **error)
{
	struct kernel_types *types = NULL;
	struct core_resolver *resolver = NULL;
	int r = core_types(plan, program, function, &types, error);

	if (r == 0)
		r = find_resolver(plan, types, &resolver, error);
	for (size_t i = 0; r == 0 && i < function->core.count; i++) {
		const struct btf_core_relocation *relocation = &function->core.items[i];
		struct core_poison poison = { 0 };
		bool poisoned = false;
		if (leave_open(plan, relocation)) {
			r = keep_open(result, relocation, start + relocation->offset, error);
			continue;
		}
		r = lade_core_apply(resolver, relocation, program->name, result->instructions.items,
				    (uint32_t)result->instructions.count, start + relocation->offset, &poisoned,
				    &poison, error);
		if (r == 0)
			trace(plan, function, resolver, relocation);
		if (r == 0 && poisoned)
			r = keep_poison(result, &poison, error);
	}
	return r;
}
