/* SPDX-License-Identifier: BSD-2-Clause */
/* What instructions refer to outside the object: the kernel's configuration, symbols and functions. */
#include <stdio.h>
#include <string.h>

#include "plan/externs.h"

#define LDIMM64 (BPF_LD | BPF_IMM | BPF_DW)
/* The call that stands for one of a function that is not there: "invalid func unknown#2002000003" is the extern of
 * index 3. libbpf's number, so that logs of both read alike. */
#define POISON_BASE 2002000000

/* One instruction that refers to an extern. */
struct use {
	struct lade_plan *plan;
	const struct lade_program *program;
	const struct object_extern *outside;
	uint32_t target, at;
	struct program_operation *result;
	struct lade_error **error;
};

static struct bpf_insn *instruction_of(const struct use *use)
{
	return &use->result->instructions.items[use->at];
}

static bool is_load(const struct use *use)
{
	return instruction_of(use)->code == LDIMM64;
}

static int refuse_use(const struct use *use, const char *how)
{
	struct lade_finding *finding =
		lade_error_add(use->error, ENOEXEC, "plan.extern.use", "%s: program %s %s %s", use->plan->object->file,
			       use->program->name, how, use->outside->name);

	finding_program(finding, use->program->name);
	finding_instruction(finding, use->at);
	return -ENOEXEC;
}

static int add_patch(const struct use *use, enum patch_kind kind, uint32_t slot)
{
	struct instruction_patch *patch = array_push(&use->result->patches);

	if (!patch)
		return lade_fail_memory(use->error);
	*patch = (struct instruction_patch){ .instruction = use->at, .slot = slot, .kind = kind };
	return 0;
}

/* ---- what is not there ---- */

static void load_zero(const struct use *use)
{
	struct bpf_insn *instruction = instruction_of(use);

	instruction[0].imm = instruction[1].imm = 0;
}

static int keep_poison(const struct use *use, const char *why)
{
	struct core_poison *poison = array_push(&use->result->poisons);

	if (!poison)
		return lade_fail_memory(use->error);
	poison->instruction = use->at;
	poison->why = strdup(why);
	if (asprintf(&poison->what, "kernel function %s", use->outside->name) < 0)
		poison->what = NULL;
	if (asprintf(&poison->guard, "bpf_ksym_exists(%s)", use->outside->name) < 0)
		poison->guard = NULL;
	return poison->what && poison->why && poison->guard ? 0 : lade_fail_memory(use->error);
}

static int poison_call(const struct use *use, const char *why)
{
	struct bpf_insn *instruction = instruction_of(use);

	*instruction =
		(struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = POISON_BASE + (int32_t)(use->target & 0xffffff) };
	return keep_poison(use, why);
}

/* A weak one: its address is null, and a call of it must never be reached. */
static int go_without(const struct use *use, const char *why)
{
	if (!is_load(use))
		return poison_call(use, why);
	load_zero(use);
	return 0;
}

/* ---- the kinds ---- */

static int use_undefined(const struct use *use)
{
	if (use->outside->is_weak)
		return go_without(use, "nothing declares it as a symbol of the kernel");
	struct lade_finding *finding =
		lade_error_add(use->error, ENOEXEC, "plan.needs.extern", "%s: program %s needs the extern %s",
			       use->plan->object->file, use->program->name, use->outside->name);
	finding_program(finding, use->program->name);
	return -ENOEXEC;
}

static int use_kconfig(const struct use *use)
{
	struct bpf_insn *instruction = instruction_of(use);
	int r;

	if (!is_load(use))
		return refuse_use(use, "calls the option");
	r = lade_plan_kconfig_check(use->plan, use->program, use->outside, use->error);
	if (r < 0)
		return r;
	instruction->src_reg = BPF_PSEUDO_MAP_VALUE;
	instruction[0].imm = 0;
	instruction[1].imm = (int32_t)use->outside->offset;
	return add_patch(use, PATCH_MAP_VALUE, use->plan->map_slots[use->plan->object->kconfig_map]);
}

static int use_address(const struct use *use)
{
	if (!is_load(use))
		return refuse_use(use, "calls the symbol");
	load_zero(use);
	return add_patch(use, PATCH_ADDRESS, use->target);
}

static int load_typed(const struct use *use, const struct plan_extern *found)
{
	struct bpf_insn *instruction = instruction_of(use);
	uint32_t slot;
	int r = lade_plan_module_btf(use->plan, found->type.module, &slot, use->error);

	if (r < 0)
		return r;
	instruction->src_reg = BPF_PSEUDO_BTF_ID;
	instruction[0].imm = (int32_t)found->type.id;
	instruction[1].imm = 0;
	return slot == NO_SLOT ? 0 : add_patch(use, PATCH_BTF, slot);
}

/* Descriptors of modules' BTF have the same index in all programs; one that does not use a module has a hole there. */
static int put_module(const struct use *use, uint32_t index, uint32_t slot)
{
	while (use->result->fd_array.count < index) {
		uint32_t *place = array_push(&use->result->fd_array);
		if (!place)
			return lade_fail_memory(use->error);
		*place = NO_SLOT;
	}
	use->result->fd_array.items[index - 1] = slot;
	return 0;
}

static int call_kernel(const struct use *use, const struct plan_extern *found)
{
	struct bpf_insn *instruction = instruction_of(use);
	uint32_t slot;
	int r = lade_plan_module_btf(use->plan, found->type.module, &slot, use->error);

	if (r == 0 && slot != NO_SLOT)
		r = put_module(use, found->module_index, slot);
	if (r < 0)
		return r;
	instruction->src_reg = BPF_PSEUDO_KFUNC_CALL;
	instruction->imm = (int32_t)found->type.id;
	instruction->off = (int16_t)found->module_index;
	return 0;
}

/* A plan for judging: its place is remembered, the instruction says what it is. */
static int leave_open(const struct use *use)
{
	struct plan_unresolved *open = array_push(&use->result->unresolved);

	if (!open)
		return lade_fail_memory(use->error);
	*open = (struct plan_unresolved){ use->at, use->target, NULL };
	instruction_of(use)->src_reg = is_load(use) ? BPF_PSEUDO_BTF_ID : BPF_PSEUDO_KFUNC_CALL;
	instruction_of(use)->imm = 0;
	return 0;
}

static int use_typed(const struct use *use)
{
	const struct plan_extern *found;
	int r;

	if (!is_load(use) && use->outside->kind != EXTERN_KFUNC)
		return refuse_use(use, "calls the variable");
	if (lade_plan_leaves_open(use->plan))
		return leave_open(use);
	r = lade_plan_extern_find(use->plan, use->program, use->target, &found, use->error);
	if (r < 0)
		return r;
	if (!found->type.id)
		return go_without(use, found->why);
	return is_load(use) ? load_typed(use, found) : call_kernel(use, found);
}

int lade_plan_extern(struct lade_plan *plan, const struct lade_program *program, uint32_t target, uint32_t at,
		     struct program_operation *result, struct lade_error **error)
{
	static int (*const kinds[])(const struct use *use) = {
		[EXTERN_UNDEFINED] = use_undefined, [EXTERN_KCONFIG] = use_kconfig, [EXTERN_KSYM] = use_typed,
		[EXTERN_ADDRESS] = use_address,     [EXTERN_KFUNC] = use_typed,
	};
	const struct object_extern *outside = &plan->object->externs.items[target];
	const struct use use = { plan, program, outside, target, at, result, error };

	return kinds[outside->kind](&use);
}
