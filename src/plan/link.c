/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linking: the body of a program followed by every subprogram it reaches, each once, in the order in which
 * calls are met, depth first. That is libbpf's order, so that both give the kernel the same instructions.
 */
#include <string.h>

#include "plan/plan.h"

#define MAX_FUNCTIONS    256     /* BPF_MAX_SUBPROGS, every kernel since 4.16 */
#define MAX_INSTRUCTIONS 1000000 /* BPF_COMPLEXITY_LIMIT_INSNS since 5.2; 4096 before */

struct linker {
	struct lade_plan *plan;
	const struct lade_object *object;
	const struct lade_program *program;
	struct program_operation *result;
	ARRAY_OF(struct plan_placed) placed;
	bool lacks_func_info, lacks_line_info;
	struct lade_error **error;
};

static const struct lade_function *function_of(const struct linker *linker, uint32_t index)
{
	return &linker->object->functions.items[index];
}

static int append_func_info(struct linker *linker, const struct lade_function *function, uint32_t start)
{
	if (!function->func_info.count || function->func_info.items[0].offset != 0) {
		linker->lacks_func_info = true;
		return 0;
	}
	for (size_t i = 0; i < function->func_info.count; i++) {
		struct bpf_func_info *record = array_push(&linker->result->func_info);
		if (!record)
			return lade_fail_memory(linker->error);
		record->insn_off = start + function->func_info.items[i].offset;
		record->type_id = function->func_info.items[i].type_id;
	}
	return 0;
}

/* The kernel wants a record at the first instruction of each function, or none at all. */
static int append_line_info(struct linker *linker, const struct lade_function *function, uint32_t start)
{
	if (!function->line_info.count || function->line_info.items[0].offset != 0) {
		linker->lacks_line_info = true;
		return 0;
	}
	struct bpf_line_info *records = array_extend(&linker->result->line_info, function->line_info.count);
	if (!records)
		return lade_fail_memory(linker->error);
	for (size_t i = 0; i < function->line_info.count; i++) {
		const struct btf_line_info *line = &function->line_info.items[i];
		records[i].insn_off = start + line->offset;
		records[i].file_name_off = line->file_name_offset;
		records[i].line_off = line->line_offset;
		records[i].line_col = line->line_column;
	}
	return 0;
}

static int append_instructions(struct linker *linker, const struct lade_function *function)
{
	size_t count = function->instruction_count;
	struct bpf_insn *copies = count ? array_extend(&linker->result->instructions, count) : NULL;

	if (count && !copies)
		return lade_fail_memory(linker->error);
	if (count)
		memcpy(copies, function->instructions, count * sizeof *copies);
	return 0;
}

/* No kernel takes more; the bound also ends what a hostile object could make us build. */
static int check_limits(struct linker *linker, const struct lade_function *next)
{
	size_t instructions = linker->result->instructions.count + next->instruction_count;

	if (linker->placed.count < MAX_FUNCTIONS && instructions <= MAX_INSTRUCTIONS)
		return 0;
	struct lade_finding *finding =
		lade_error_add(linker->error, E2BIG, "plan.too-large", "%s: program %s reaches more than %s",
			       linker->object->file, linker->program->name,
			       linker->placed.count < MAX_FUNCTIONS ? "1,000,000 instructions" : "256 functions");
	finding_program(finding, linker->program->name);
	finding_evidence(finding, "at function %s: %zu instructions in %zu functions before it", next->name,
			 linker->result->instructions.count, linker->placed.count);
	return -E2BIG;
}

static int place(struct linker *linker, uint32_t index, uint32_t *ret_start)
{
	const struct lade_function *function = function_of(linker, index);
	uint32_t start = (uint32_t)linker->result->instructions.count;
	struct plan_placed *placed;
	int r = check_limits(linker, function);

	if (r < 0)
		return r;
	placed = array_push(&linker->placed);
	if (!placed)
		return lade_fail_memory(linker->error);
	*placed = (struct plan_placed){ index, start };
	r = append_instructions(linker, function);
	if (r == 0 && function->core.count)
		r = lade_plan_core(linker->plan, linker->program, function, start, linker->result, linker->error);
	if (r == 0)
		r = append_func_info(linker, function, start);
	if (r == 0)
		r = append_line_info(linker, function, start);
	if (r == 0)
		*ret_start = start;
	return r;
}

static bool find_placed(const struct linker *linker, uint32_t function, uint32_t *ret_start)
{
	array_foreach(placed, &linker->placed) {
		if (placed->function == function) {
			*ret_start = placed->start;
			return true;
		}
	}
	return false;
}

/* Variables of an arena begin where the plan puts them, those of a data map with its value. */
static uint32_t value_offset(const struct linker *linker, const struct function_relocation *relocation)
{
	bool in_arena = linker->object->maps.items[relocation->target]->arena_bytes;

	return relocation->addend + (in_arena ? linker->plan->arena_offset : 0);
}

static int patch_map(struct linker *linker, uint32_t at, const struct function_relocation *relocation)
{
	bool is_value = relocation->kind == RELOCATION_MAP_VALUE;
	struct bpf_insn *instruction = &linker->result->instructions.items[at];
	struct instruction_patch *patch;

	instruction->src_reg = is_value ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
	instruction->imm = 0;
	instruction[1].imm = is_value ? (int32_t)value_offset(linker, relocation) : 0;
	patch = array_push(&linker->result->patches);
	if (!patch)
		return lade_fail_memory(linker->error);
	patch->instruction = at;
	patch->slot = linker->plan->map_slots[relocation->target];
	patch->kind = is_value ? PATCH_MAP_VALUE : PATCH_MAP;
	return 0;
}

/* Each program has tables of its own: where its functions lie is its own, too. */
static int add_jumps(struct linker *linker, uint32_t start, const struct jump_table *table, uint32_t *ret_slot)
{
	struct operation *operation = lade_plan_add(linker->plan, OPERATION_JUMP_TABLE);

	if (!operation)
		return lade_fail_memory(linker->error);
	operation->program = lade_program_index(linker->program);
	operation->slot = *ret_slot = linker->plan->slot_count++;
	array_foreach(target, &table->targets) {
		uint32_t *jump = array_push(&operation->jumps);
		if (!jump)
			return lade_fail_memory(linker->error);
		*jump = start + *target;
	}
	return 0;
}

static int patch_jumps(struct linker *linker, uint32_t start, const struct function_relocation *relocation)
{
	struct bpf_insn *instruction = &linker->result->instructions.items[start + relocation->instruction];
	struct instruction_patch *patch;
	uint32_t slot = NO_SLOT;
	int r = add_jumps(linker, start, &linker->object->jumps.items[relocation->target], &slot);

	if (r < 0)
		return r;
	instruction->src_reg = BPF_PSEUDO_MAP_VALUE;
	instruction->off = 0;
	patch = array_push(&linker->result->patches);
	if (!patch)
		return lade_fail_memory(linker->error);
	*patch = (struct instruction_patch){ start + relocation->instruction, slot, PATCH_MAP_VALUE };
	return 0;
}

static int link_function(struct linker *linker, uint32_t index, uint32_t start);

/* Where the called function lies in the result; it is placed, with all it calls, when it is met first. */
static int reach_function(struct linker *linker, uint32_t function, uint32_t *ret_start)
{
	int r;

	if (find_placed(linker, function, ret_start))
		return 0;
	r = place(linker, function, ret_start);
	return r < 0 ? r : link_function(linker, function, *ret_start);
}

static int patch_call(struct linker *linker, uint32_t at, const struct function_relocation *relocation)
{
	struct bpf_insn *instruction;
	uint32_t start;
	int r = reach_function(linker, relocation->target, &start);

	if (r < 0)
		return r;
	instruction = &linker->result->instructions.items[at]; /* after reaching: the array may have moved */
	instruction->imm = (int32_t)start - (int32_t)at - 1;
	if (relocation->kind == RELOCATION_CALL) {
		instruction->src_reg = BPF_PSEUDO_CALL;
		return 0;
	}
	instruction->src_reg = BPF_PSEUDO_FUNC;
	instruction[1].imm = 0;
	return 0;
}

static int apply(struct linker *linker, uint32_t start, const struct function_relocation *relocation)
{
	uint32_t at = start + relocation->instruction;

	switch (relocation->kind) {
	case RELOCATION_MAP:
	case RELOCATION_MAP_VALUE:
		return patch_map(linker, at, relocation);
	case RELOCATION_CALL:
	case RELOCATION_FUNCTION:
		return patch_call(linker, at, relocation);
	case RELOCATION_JUMPS:
		return patch_jumps(linker, start, relocation);
	case RELOCATION_EXTERN:
		break;
	}
	return lade_plan_extern(linker->plan, linker->program, relocation->target, at, linker->result, linker->error);
}

/* Recursion ends: every function is placed once. */
static int link_function(struct linker *linker, uint32_t index, uint32_t start)
{
	size_t count = function_of(linker, index)->relocations.count;

	for (size_t i = 0; i < count; i++) {
		int r = apply(linker, start, &function_of(linker, index)->relocations.items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- exceptions ---- */

#define CALLBACK_TAG "exception_callback:"

static bool is_callback_tag(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, id);

	return lade_btf_kind(type) == BTF_KIND_DECL_TAG &&
	       ((const struct btf_decl_tag *)(type + 1))->component_idx == -1 &&
	       strncmp(lade_btf_string(btf, type->name_off), CALLBACK_TAG, strlen(CALLBACK_TAG)) == 0;
}

/* Nearly no object has any: it is not searched again for each program. */
static bool has_callback_tags(struct lade_plan *plan)
{
	const struct lade_btf *btf = plan->object->btf;

	if (plan->callbacks == CALLBACKS_NOT_LOOKED_FOR) {
		plan->callbacks = NO_CALLBACKS;
		for (uint32_t id = 1; btf && plan->callbacks == NO_CALLBACKS && id < lade_btf_count(btf); id++)
			if (is_callback_tag(btf, id))
				plan->callbacks = CALLBACKS;
	}
	return plan->callbacks == CALLBACKS;
}

/* What __exception_cb(NAME) leaves: a tag of the program's own function. Two of them: the verifier will complain. */
static const char *callback_name(const struct linker *linker)
{
	const struct lade_function *body = function_of(linker, linker->program->function);
	const struct lade_btf *btf = linker->object->btf;
	uint32_t function = body->func_info.count ? body->func_info.items[0].type_id : 0;
	const char *found = NULL;

	if (!function || !has_callback_tags(linker->plan))
		return NULL;
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		if (!is_callback_tag(btf, id) || type->type != function)
			continue;
		if (found)
			return NULL;
		found = lade_btf_string(btf, type->name_off) + strlen(CALLBACK_TAG);
	}
	return found;
}

static bool is_program(const struct lade_object *object, uint32_t function)
{
	array_foreach(program, &object->programs)
		if ((*program)->function == function)
			return true;
	return false;
}

static int refuse_callback(const struct linker *linker, const char *name, const char *why)
{
	struct lade_finding *finding = lade_error_add(linker->error, EINVAL, "plan.exception.callback",
						      "%s: the exception callback %s of program %s %s",
						      linker->object->file, name, linker->program->name, why);

	finding_program(finding, linker->program->name);
	return -EINVAL;
}

/* Nothing calls it, so that nothing has placed it: the verifier finds it by its name, after all others. */
static int link_exception_callback(struct linker *linker)
{
	const char *name = callback_name(linker);
	uint32_t start;

	if (!name)
		return 0;
	for (uint32_t i = 0; i < linker->object->functions.count; i++) {
		const struct lade_function *function = function_of(linker, i);
		if (strcmp(function->name, name) != 0 || is_program(linker->object, i))
			continue;
		if (!function->is_global || function->is_hidden)
			return refuse_callback(linker, name, "is no global function that can be seen");
		return reach_function(linker, i, &start);
	}
	return refuse_callback(linker, name, "is not there");
}

/* Half an answer is none: the kernel refuses records that miss a function. */
static void drop_incomplete_info(struct linker *linker)
{
	if (linker->lacks_func_info)
		array_clear(&linker->result->func_info);
	if (linker->lacks_func_info || linker->lacks_line_info)
		array_clear(&linker->result->line_info);
}

int lade_plan_link(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result,
		   struct lade_error **error)
{
	struct linker linker = { plan, plan->object, program, result, .error = error };
	uint32_t start;
	int r = place(&linker, program->function, &start);

	if (r == 0)
		r = link_function(&linker, program->function, start);
	if (r == 0)
		r = link_exception_callback(&linker);
	drop_incomplete_info(&linker);
	if (plan->target->keep_places)
		memcpy(&result->placed, &linker.placed, sizeof result->placed); /* taken over */
	else
		array_clear(&linker.placed);
	return r;
}
