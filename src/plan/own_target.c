/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that are verified against another program of their own object (--target PROG=NAME). The other one has to be
 * loaded before: programs are loaded in waves, and a chain of such targets takes one wave for each of its links.
 */
#include <errno.h>
#include <string.h>

#include "plan/plan.h"

const struct lade_program *lade_load_target_own(const struct lade_program *program)
{
	const struct lade_program *found = program->target_request && program->object
						   ? lade_object_find_program(program->object, program->target_request)
						   : NULL;

	/* A tracing program may bear the name of the kernel's function that it traces. */
	return found == program && program->type != BPF_PROG_TYPE_EXT ? NULL : found;
}

struct waves {
	struct lade_plan *plan;
	struct program_operation *const *loads; /* by program index; NULL: not loaded */
	struct lade_error **error;
};

static const struct lade_program *program_at(const struct waves *waves, uint32_t index)
{
	return waves->plan->object->programs.items[index];
}

static struct lade_finding *add_finding(const struct waves *waves, const struct lade_program *program, int errnum,
					const char *code, const char *why)
{
	struct lade_finding *finding =
		lade_error_add(waves->error, errnum, code, "%s: program %s is to be verified against %s, %s",
			       waves->plan->object->file, program->name, program->target_request, why);

	finding_program(finding, program->name);
	return finding;
}

static int refuse_left_out(const struct waves *waves, const struct lade_program *program,
			   const struct lade_program *target)
{
	struct lade_finding *finding = add_finding(waves, program, ENOENT, "plan.target.left-out",
						   "a program of this object that is not loaded");

	if (target->skip)
		finding_evidence(finding, "%s is left out: %s", target->name, target->skip);
	finding_fix(finding, "load it too: --prog %s, or name a program that is loaded already by its pin or id",
		    target->name);
	return -ENOENT;
}

static int refuse_function(const struct waves *waves, const struct lade_program *program, const char *name,
			   const struct program_operation *load)
{
	struct lade_finding *finding =
		add_finding(waves, program, ESRCH, "plan.target.function", "which has no function of that name");

	finding_evidence(finding, "it looks for function %s", name);
	for (size_t i = 0; i < load->func_info.count; i++)
		finding_evidence(finding, "function %s",
				 lade_btf_type_name(waves->plan->object->btf, load->func_info.items[i].type_id));
	return -ESRCH;
}

static uint32_t function_named(const struct waves *waves, const struct program_operation *load, const char *name)
{
	for (size_t i = 0; i < load->func_info.count; i++)
		if (strcmp(lade_btf_type_name(waves->plan->object->btf, load->func_info.items[i].type_id), name) == 0)
			return load->func_info.items[i].type_id;
	return 0;
}

/* The function that the section names, else one of the program's own name, else the other's main function. */
static int find_function(const struct waves *waves, const struct lade_program *program,
			 const struct program_operation *target, uint32_t *ret_id)
{
	uint32_t id;

	if (!target->func_info.count) {
		(void)add_finding(waves, program, EINVAL, "plan.target.no-btf", "which has no BTF");
		return -EINVAL;
	}
	id = function_named(waves, target, program->load_target ? program->load_target : program->name);
	if (!id && program->load_target)
		return refuse_function(waves, program, program->load_target, target);
	*ret_id = id ? id : target->func_info.items[0].type_id;
	return 0;
}

/* How many programs must be loaded one after another before this one; more than there are: they wait in a circle. */
static uint32_t wave_of(const struct waves *waves, uint32_t index)
{
	size_t count = waves->plan->object->programs.count;
	uint32_t wave = 0;

	while (wave <= count && waves->loads[index] && waves->loads[index]->own_target != NO_INDEX) {
		index = waves->loads[index]->own_target;
		wave++;
	}
	return wave;
}

static int set_target(const struct waves *waves, uint32_t index)
{
	const struct lade_program *program = program_at(waves, index);
	const struct lade_program *target = lade_load_target_own(program);
	uint32_t target_index = lade_program_index(target);

	if (!waves->loads[target_index])
		return refuse_left_out(waves, program, target);
	waves->loads[index]->own_target = target_index;
	return 0;
}

static int set_wave(const struct waves *waves, uint32_t index)
{
	struct program_operation *load = waves->loads[index];

	load->wave = wave_of(waves, index);
	if (load->wave <= waves->plan->object->programs.count)
		return 0;
	(void)add_finding(waves, program_at(waves, index), ELOOP, "plan.target.circle",
			  "which waits for it itself to be loaded");
	return -ELOOP;
}

static int set_function(const struct waves *waves, uint32_t index)
{
	struct program_operation *load = waves->loads[index];

	return find_function(waves, program_at(waves, index), waves->loads[load->own_target], &load->attach_btf_id);
}

typedef int each_fn(const struct waves *waves, uint32_t index);

/* All findings at once. */
static int for_each(const struct waves *waves, each_fn *act)
{
	int result = 0;

	for (uint32_t i = 0; i < waves->plan->object->programs.count; i++) {
		bool concerned = waves->loads[i] && lade_load_target_kind(program_at(waves, i)) == LOAD_TARGET_OWN;
		int r = concerned ? act(waves, i) : 0;
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

int lade_plan_own_targets(struct lade_plan *plan, struct program_operation *const *loads, struct lade_error **error)
{
	const struct waves waves = { plan, loads, error };
	int r = for_each(&waves, set_target);

	if (r == 0)
		r = for_each(&waves, set_wave);
	return r < 0 ? r : for_each(&waves, set_function);
}
