/* SPDX-License-Identifier: BSD-2-Clause */
/* The operation that loads one program. */
#include <stdio.h>
#include <string.h>

#include "object/sections.h"
#include "plan/plan.h"

static int refuse_untyped(const struct lade_plan *plan, const struct lade_program *program, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ENOEXEC, "plan.program.type",
						      "%s: section %s of program %s gives no program type",
						      plan->object->file, program->section, program->name);

	finding_program(finding, program->name);
	finding_cause(finding, "the %s dialect has no rule for a section of this name", plan->object->dialect);
	finding_fix(finding, "say what it is: --type %s=TYPE (xdp, sched_cls, tracepoint …), or leave it out: --prog",
		    program->name);
	return -ENOEXEC;
}

static int needs_of(struct operation *operation)
{
	struct program_operation *load = operation->program_load;
	int r = 0;

	if (load->btf_slot != NO_SLOT)
		r = lade_operation_need(operation, load->btf_slot);
	array_foreach(patch, &load->patches)
		if (r == 0)
			r = lade_operation_need(operation, patch->slot);
	return r;
}

static int fill(struct lade_plan *plan, const struct lade_program *program, struct operation *operation,
		struct lade_error **error)
{
	struct program_operation *load = operation->program_load;
	int r = lade_plan_link(plan->object, program, plan->map_slots, load, error);

	if (r < 0)
		return r;
	load->type = program->type;
	load->expected_attach_type = program->has_expected_attach_type ? program->expected_attach_type : 0;
	load->expected_attach_type_optional = program->expected_attach_type_optional;
	load->flags = program->flags;
	load->btf_slot = load->func_info.count ? plan->btf_slot : NO_SLOT;
	load->weight = lade_plan_weigh(load->instructions.items, load->instructions.count);
	lade_plan_kernel_name(load->kernel_name, program->kernel_name ? program->kernel_name : program->name);
	return needs_of(operation) < 0 ? lade_fail_memory(error) : 0;
}

int lade_plan_program(struct lade_plan *plan, uint32_t index, struct lade_error **error)
{
	const struct lade_program *program = plan->object->programs.items[index];
	struct operation *operation;

	if (!program->type)
		return refuse_untyped(plan, program, error);
	operation = lade_plan_add(plan, OPERATION_PROGRAM_LOAD);
	if (!operation)
		return lade_fail_memory(error);
	operation->program = index;
	operation->program_load = calloc(1, sizeof *operation->program_load);
	if (!operation->program_load)
		return lade_fail_memory(error);
	operation->slot = plan->slot_count++;
	plan->program_slots[index] = operation->slot;
	return fill(plan, program, operation, error);
}
