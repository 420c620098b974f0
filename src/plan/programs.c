/* SPDX-License-Identifier: BSD-2-Clause */
/* The operation that loads one program. */
#include <stdio.h>
#include <string.h>

#include "base/similar.h"
#include "object/sections.h"
#include "plan/plan.h"

/* What the section was probably meant to be called. */
static void suggest_section(const struct lade_plan *plan, const struct lade_program *program,
			    struct lade_finding *finding)
{
	const bool is_modern = strcmp(plan->object->dialect, "btf") == 0;
	struct similar_names similar = { .wanted = program->section };

	if (!is_modern)
		lade_section_near(plan->object->dialect, program->section, &similar);
	if (!similar.count)
		lade_section_near("libbpf", program->section, &similar);
	if (similar.count)
		finding_fix(finding,
			    "did you mean SEC(\"%s\")? Else say what it is: --type %s=TYPE, or leave it out: --prog",
			    similar.names[0], program->name);
	for (size_t i = 1; i < similar.count; i++)
		finding_evidence(finding, "it is also near \"%s\"", similar.names[i]);
	lade_similar_clear(&similar);
}

static int refuse_untyped(const struct lade_plan *plan, const struct lade_program *program, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ENOEXEC, "plan.program.type",
						      "%s: section %s of program %s gives no program type",
						      plan->object->file, program->section, program->name);

	finding_program(finding, program->name);
	finding_cause(finding, "the %s dialect has no rule for a section of this name", plan->object->dialect);
	finding_fix(finding, "say what it is: --type %s=TYPE (xdp, sched_cls, tracepoint …), or leave it out: --prog",
		    program->name);
	suggest_section(plan, program, finding);
	return -ENOEXEC;
}

static int needs_of(struct operation *operation)
{
	struct program_operation *load = operation->program_load;
	const uint32_t slots[] = { load->btf_slot, load->attach_btf_slot, load->attach_target_slot };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ELEMENTS(slots); i++)
		if (slots[i] != NO_SLOT)
			r = lade_operation_need(operation, slots[i]);
	array_foreach(patch, &load->patches)
		if (r == 0 && lade_patch_has_slot(patch))
			r = lade_operation_need(operation, patch->slot);
	array_foreach(slot, &load->fd_array)
		if (r == 0 && *slot != NO_SLOT)
			r = lade_operation_need(operation, *slot);
	return r;
}

static int fill(struct lade_plan *plan, const struct lade_program *program, struct program_operation *load,
		struct lade_error **error)
{
	int r = lade_plan_link(plan, program, load, error);

	if (r < 0)
		return r;
	load->type = program->type;
	load->expected_attach_type = program->has_expected_attach_type ? program->expected_attach_type : 0;
	load->expected_attach_type_optional = program->expected_attach_type_optional;
	load->flags = program->flags;
	load->btf_slot = load->func_info.count ? plan->btf_slot : NO_SLOT;
	load->weight = lade_plan_weigh(load->instructions.items, load->instructions.count);
	lade_plan_kernel_name(load->kernel_name, program->kernel_name ? program->kernel_name : program->name);
	r = lade_plan_context_arguments(plan, load, error);
	if (r < 0)
		return r;
	if (program->type == BPF_PROG_TYPE_STRUCT_OPS)
		return lade_plan_ops_program(plan, lade_program_index(program), load, error);
	return lade_plan_load_target(plan, program, load, error);
}

int lade_plan_program(struct lade_plan *plan, uint32_t index, struct program_operation **ret_load,
		      struct lade_error **error)
{
	const struct lade_program *program = plan->object->programs.items[index];
	struct program_operation *load;
	int r;

	if (!program->type)
		return refuse_untyped(plan, program, error);
	load = calloc(1, sizeof *load);
	if (!load)
		return lade_fail_memory(error);
	load->btf_slot = load->attach_btf_slot = load->attach_target_slot = NO_SLOT;
	load->own_target = NO_INDEX;
	r = fill(plan, program, load, error);
	if (r < 0)
		lade_program_operation_free(load);
	else
		*ret_load = load;
	return r;
}

int lade_plan_add_program(struct lade_plan *plan, uint32_t index, struct program_operation *load,
			  struct lade_error **error)
{
	struct operation *operation = lade_plan_add(plan, OPERATION_PROGRAM_LOAD);

	if (!operation) {
		lade_program_operation_free(load);
		return lade_fail_memory(error);
	}
	if (load->own_target != NO_INDEX) /* of an earlier wave */
		load->attach_target_slot = plan->program_slots[load->own_target];
	operation->program = index;
	operation->program_load = load;
	operation->slot = plan->slot_count++;
	plan->program_slots[index] = operation->slot;
	return needs_of(operation) < 0 ? lade_fail_memory(error) : 0;
}
