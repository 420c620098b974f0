/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the kernel's types would be asked for by the programs that would be loaded: collected beforehand, so that
 * one walk over the kernel's types finds all of it, and none is made when nothing is needed.
 */
#include <string.h>

#include "object/reach.h"
#include "plan/plan.h"

struct needs {
	const struct lade_object *object;
	struct strings *names;
	bool *seen_functions, *seen_types; /* by function index; by type id of the object's BTF */
	bool walk;                         /* it matters which functions a program reaches */
	bool needed;
};

static int add_name(struct needs *needs, const char *name)
{
	needs->needed = true;
	return *name ? lade_strings_add(needs->names, name) : 0;
}

static int add_relocations(struct needs *needs, const struct lade_function *function)
{
	const struct lade_btf *btf = needs->object->btf;
	int r = 0;

	for (size_t i = 0; r == 0 && i < function->core.count; i++) {
		const struct btf_core_relocation *relocation = &function->core.items[i];
		if (!lade_core_needs_target(relocation) || relocation->type_id >= lade_btf_count(btf) ||
		    needs->seen_types[relocation->type_id])
			continue;
		needs->seen_types[relocation->type_id] = true;
		r = add_name(needs, lade_core_root_name(btf, relocation));
	}
	return r;
}

static int add_externs(struct needs *needs, const struct lade_function *function)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < function->relocations.count; i++) {
		const struct function_relocation *relocation = &function->relocations.items[i];
		const struct object_extern *symbol = relocation->kind == RELOCATION_EXTERN
							     ? &needs->object->externs.items[relocation->target]
							     : NULL;
		if (symbol && (symbol->kind == EXTERN_KSYM || symbol->kind == EXTERN_KFUNC))
			r = add_name(needs, symbol->name);
	}
	return r;
}

static int add_function(struct needs *needs, uint32_t index)
{
	const struct lade_function *function = &needs->object->functions.items[index];
	int r;

	if (needs->seen_functions[index])
		return 0;
	needs->seen_functions[index] = true;
	r = add_relocations(needs, function);
	return r < 0 ? r : add_externs(needs, function);
}

/* Most objects have neither relocations nor externs. */
static bool functions_need_types(const struct lade_object *object)
{
	array_foreach(function, &object->functions)
		if (function->core.count)
			return true;
	return object->externs.count > 0;
}

static int add_program(struct needs *needs, const struct lade_program *program)
{
	int r = needs->walk ? lade_program_reach(program) : 0;

	if (r == 0 && needs->walk)
		r = add_function(needs, program->function);
	for (size_t i = 0; r == 0 && needs->walk && i < program->reach_functions.count; i++)
		r = add_function(needs, program->reach_functions.items[i]);
	if (r == 0 && program->attach_btf_id_needed) {
		CLEANUP(cleanup_free) char *name = NULL;
		r = lade_load_target_name(program, &name);
		if (r == 0 && name)
			r = add_name(needs, name);
	}
	return r;
}

static int add_table(struct needs *needs, const struct lade_map *table)
{
	CLEANUP(cleanup_free) char *name = NULL;
	int r = lade_plan_ops_name(table, "bpf_struct_ops_", &name);

	return r < 0 ? r : add_name(needs, name);
}

int lade_plan_type_names(const struct lade_object *object, struct strings *ret_names, bool *ret_needed)
{
	uint32_t types = object->btf ? lade_btf_count(object->btf) : 0;
	CLEANUP(cleanup_free) bool *functions = calloc(object->functions.count + 1, sizeof *functions);
	CLEANUP(cleanup_free) bool *seen = calloc((size_t)types + 1, sizeof *seen);
	struct strings names = { 0 };
	struct needs needs = { object, &names, functions, seen, functions_need_types(object), false };
	int r = functions && seen ? 0 : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < object->programs.count; i++) {
		const struct lade_program *program = object->programs.items[i];
		if (program->autoload && !program->skip)
			r = add_program(&needs, program);
	}
	for (uint32_t i = 0; r == 0 && i < object->maps.count; i++)
		if (object->maps.items[i]->ops_type && !object->maps.items[i]->asleep)
			r = add_table(&needs, object->maps.items[i]);
	if (r < 0) {
		lade_strings_clear(&names);
		return r;
	}
	*ret_names = names;
	*ret_needed = needs.needed;
	return 0;
}

int lade_plan_need_types(struct lade_plan *plan, const char *what, struct kernel_types **ret_types,
			 struct lade_error **error)
{
	const struct plan_target *target = plan->target;

	if (target->types) {
		*ret_types = target->types;
		return 0;
	}
	if (target->types_error && *target->types_error) {
		int code = lade_error_code(*target->types_error);
		lade_error_merge(error, target->types_error);
		return lade_error_context(error, code, "%s: %s needs the kernel's types", plan->object->file, what);
	}
	/* Said once is enough, or nobody has looked for them. */
	if (error && *error)
		return lade_error_code(*error);
	return lade_fail(error, ENOENT, "plan.types.absent", "%s: %s needs the kernel's types, and none are known",
			 plan->object->file, what);
}
