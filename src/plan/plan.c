/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of a load: BTF, maps, content, freezing, programs, slots, pins, attachments. */
#include "plan/plan.h"

#include <string.h>

#include "base/similar.h"
#include "object/reach.h"
#include "plan/externs.h"

struct operation *lade_plan_add(struct lade_plan *plan, enum operation_kind kind)
{
	struct operation *operation = array_push(&plan->operations);

	if (!operation)
		return NULL;
	operation->kind = kind;
	operation->slot = NO_SLOT;
	operation->map = operation->program = NO_INDEX;
	operation->map_create.inner_slot = operation->map_create.btf_slot = operation->map_create.ops_btf_slot =
		NO_SLOT;
	return operation;
}

int lade_operation_need(struct operation *operation, uint32_t slot)
{
	int *need;

	array_foreach(known, &operation->needs)
		if (*known == (int)slot)
			return 0;
	need = array_push(&operation->needs);
	if (!need)
		return -ENOMEM;
	*need = (int)slot;
	return 0;
}

void lade_program_operation_free(struct program_operation *load)
{
	if (!load)
		return;
	array_foreach(poison, &load->poisons)
		lade_core_poison_clear(poison);
	array_clear(&load->poisons);
	array_clear(&load->unresolved);
	array_clear(&load->placed);
	array_clear(&load->fd_array);
	array_clear(&load->instructions);
	array_clear(&load->patches);
	array_clear(&load->func_info);
	array_clear(&load->older_func_info);
	array_clear(&load->line_info);
	free(load);
}

struct lade_plan *lade_plan_free(struct lade_plan *plan)
{
	if (!plan)
		return NULL;
	array_foreach(operation, &plan->operations) {
		array_clear(&operation->needs);
		free(operation->text);
		free(operation->module);
		array_clear(&operation->jumps);
		free(operation->map_create.share_path);
		free(operation->attach_target);
		lade_program_operation_free(operation->program_load);
	}
	array_clear(&plan->operations);
	(void)lade_core_resolver_free(plan->core);
	(void)lade_core_resolver_free(plan->core_local);
	lade_context_arguments_free(plan->context_arguments);
	(void)lade_btf_free(plan->btf);
	for (size_t i = 0; plan->map_skips && i < plan->object->maps.count; i++)
		free(plan->map_skips[i]);
	for (size_t i = 0; plan->program_skips && i < plan->object->programs.count; i++)
		free(plan->program_skips[i]);
	free(plan->map_skips);
	free(plan->program_skips);
	for (size_t i = 0; plan->ops && i < plan->object->maps.count; i++)
		(void)lade_ops_table_free(plan->ops[i]);
	free(plan->ops);
	free(plan->program_needed);
	lade_plan_externs_free(plan);
	free(plan->map_slots);
	free(plan->program_slots);
	lade_findings_clear(&plan->notes);
	free(plan);
	return NULL;
}

static uint32_t *new_slots(size_t count)
{
	uint32_t *slots = calloc(count ? count : 1, sizeof *slots);

	for (size_t i = 0; slots && i < count; i++)
		slots[i] = NO_SLOT;
	return slots;
}

static struct lade_plan *plan_new(const struct lade_object *object)
{
	struct lade_plan *plan = calloc(1, sizeof *plan);

	if (!plan)
		return NULL;
	plan->object = object;
	plan->btf_slot = NO_SLOT;
	plan->map_slots = new_slots(object->maps.count);
	plan->program_slots = new_slots(object->programs.count);
	plan->map_skips = calloc(object->maps.count + 1, sizeof(char *));
	plan->program_skips = calloc(object->programs.count + 1, sizeof(char *));
	plan->ops = calloc(object->maps.count + 1, sizeof(struct ops_table *));
	plan->program_needed = calloc(object->programs.count + 1, sizeof *plan->program_needed);
	if (!plan->map_slots || !plan->program_slots || !plan->map_skips || !plan->program_skips || !plan->ops ||
	    !plan->program_needed)
		return lade_plan_free(plan);
	return plan;
}

/* ---- what no plan can help ---- */

static int check_endian(const struct lade_object *object, const struct plan_target *target, struct lade_error **error)
{
	if (object->big_endian == target->big_endian)
		return 0;
	return lade_fail(error, ENOEXEC, "plan.endian", "%s: compiled for %s-endian machines, this kernel is %s-endian",
			 object->file, object->big_endian ? "big" : "little", target->big_endian ? "big" : "little");
}

static bool is_loaded(const struct lade_plan *plan, uint32_t index)
{
	const struct lade_program *program = plan->object->programs.items[index];

	return plan->program_needed[index] || (program->autoload && !program->skip && !plan->program_skips[index]);
}

static bool reaches(const struct lade_program *program, uint32_t function)
{
	if (program->function == function)
		return true;
	if (lade_program_reach(program) < 0)
		return true; /* rather refused than loaded wrongly */
	for (size_t i = 0; i < program->reach_functions.count; i++)
		if (program->reach_functions.items[i] == function)
			return true;
	return false;
}

static bool concerns(const struct lade_plan *plan, const struct object_need *need)
{
	if (need->function == NO_INDEX)
		return true;
	for (uint32_t i = 0; i < plan->object->programs.count; i++)
		if (is_loaded(plan, i) && reaches(plan->object->programs.items[i], need->function))
			return true;
	return false;
}

/* What no program that is loaded reaches may be there: SEC("?…") and --prog leave such programs out. */
static int check_needs(const struct lade_plan *plan, struct lade_error **error)
{
	int result = 0;

	array_foreach(need, &plan->object->needs) {
		if (!concerns(plan, need))
			continue;
		(void)lade_error_add(error, EOPNOTSUPP, need->code, "%s: %s", plan->object->file, need->what);
		result = -EOPNOTSUPP;
	}
	return result;
}

/* ---- BTF ---- */

static bool uses_btf(const struct lade_object *object)
{
	if (object->btf_required)
		return true;
	array_foreach(map, &object->maps)
		if ((*map)->definition.btf_value_type)
			return true;
	array_foreach(function, &object->functions)
		if (function->func_info.count)
			return true;
	return false;
}

static int plan_btf(struct lade_plan *plan, struct lade_error **error)
{
	struct operation *operation;

	if (!plan->object->btf || !uses_btf(plan->object))
		return 0;
	operation = lade_plan_add(plan, OPERATION_BTF_LOAD);
	if (!operation)
		return lade_fail_memory(error);
	operation->slot = plan->btf_slot = plan->slot_count++;
	return 0;
}

static int plan_maps(struct lade_plan *plan, const struct plan_target *target, struct lade_error **error)
{
	for (uint32_t i = 0; i < plan->object->maps.count; i++) {
		bool left_out = plan->object->maps.items[i]->inner_only || plan->map_skips[i];
		int r = left_out ? 0 : lade_plan_map(plan, i, target, error);
		if (r < 0)
			return r;
	}
	return lade_plan_map_contents(plan, error);
}

/* Linked first: what programs need opened comes before all of them. */
static int link_programs(struct lade_plan *plan, struct program_operation **loads, struct lade_error **error)
{
	int result = 0;

	for (uint32_t i = 0; i < plan->object->programs.count; i++) {
		int r = is_loaded(plan, i) ? lade_plan_program(plan, i, &loads[i], error) : 0;
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

static int add_wave(struct lade_plan *plan, struct program_operation **loads, uint32_t wave, bool *ret_more,
		    struct lade_error **error)
{
	int r = 0;

	*ret_more = false;
	for (uint32_t i = 0; r == 0 && i < plan->object->programs.count; i++) {
		if (loads[i] && loads[i]->wave == wave)
			r = lade_plan_add_program(plan, i, TAKE(loads[i]), error);
		else
			*ret_more |= loads[i] != NULL;
	}
	return r;
}

static int add_programs(struct lade_plan *plan, struct program_operation **loads, struct lade_error **error)
{
	bool more = true;
	int r = lade_plan_own_targets(plan, loads, error);

	for (uint32_t wave = 0; r == 0 && more; wave++)
		r = add_wave(plan, loads, wave, &more, error);
	return r;
}

static int plan_programs(struct lade_plan *plan, struct lade_error **error)
{
	size_t count = plan->object->programs.count, size = sizeof(struct program_operation *);
	struct program_operation **loads = calloc(count + 1, size);
	int r = loads ? link_programs(plan, loads, error) : lade_fail_memory(error);

	if (r == 0)
		r = add_programs(plan, loads, error);
	for (size_t i = 0; loads && i < count; i++)
		lade_program_operation_free(loads[i]);
	free(loads);
	return r;
}

/* ---- pins and attachments ---- */

static int add_for(struct lade_plan *plan, enum operation_kind kind, uint32_t slot, uint32_t map, uint32_t program)
{
	struct operation *operation = lade_plan_add(plan, kind);

	if (!operation)
		return -ENOMEM;
	operation->map = map;
	operation->program = program;
	return lade_operation_need(operation, slot);
}

/* What has a place outside is pinned there, whether the object is pinned or not. */
static int plan_pins(struct lade_plan *plan, bool named)
{
	const struct lade_object *object = plan->object;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < object->maps.count; i++) {
		const struct lade_map *map = object->maps.items[i];
		if (named && map->pinning == LADE_PIN_OBJECT && !map->place && !map->reuse_only && !map->inner_only &&
		    !plan->map_skips[i])
			r = add_for(plan, OPERATION_PIN, plan->map_slots[i], i, NO_INDEX);
	}
	for (uint32_t i = 0; r == 0 && i < object->programs.count; i++)
		if (plan->program_slots[i] != NO_SLOT && (named || object->programs.items[i]->place))
			r = add_for(plan, OPERATION_PIN, plan->program_slots[i], NO_INDEX, i);
	return r;
}

/* A program that waits in a slot is called from others, not attached. */
static bool waits_in_slot(const struct lade_object *object, uint32_t program)
{
	array_foreach(map, &object->maps)
		array_foreach(initial, &(*map)->initial)
			if (initial->program == program)
				return true;
	return false;
}

static bool is_requested(const struct lade_program *program, const struct lade_load_opts *opts)
{
	for (size_t i = 0; i < opts->attach_request_count; i++) {
		const char *name = opts->attach_requests[i].program;
		if (!name || strcmp(name, program->name) == 0 || strcmp(name, program->section) == 0)
			return true;
	}
	return false;
}

static int add_attach(struct lade_plan *plan, uint32_t program, const char *target, bool if_fits)
{
	int r = add_for(plan, OPERATION_ATTACH, plan->program_slots[program], NO_INDEX, program);

	struct operation *operation = &plan->operations.items[plan->operations.count - 1];
	if (r < 0 || !target)
		return r;
	operation->attach_if_fits = if_fits;
	operation->attach_target = strdup(target);
	return operation->attach_target ? 0 : -ENOMEM;
}

static int plan_automatic(struct lade_plan *plan, const struct lade_load_opts *opts)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && opts->attach && i < plan->object->maps.count; i++)
		if (plan->ops[i])
			r = add_for(plan, OPERATION_ATTACH, plan->map_slots[i], i, NO_INDEX);
	for (uint32_t i = 0; r == 0 && opts->attach && i < plan->object->programs.count; i++)
		if (plan->program_slots[i] != NO_SLOT && !waits_in_slot(plan->object, i) && !plan->program_needed[i] &&
		    !is_requested(plan->object->programs.items[i], opts))
			r = add_attach(plan, i, NULL, false);
	return r;
}

static int refuse_request(const struct lade_plan *plan, const struct lade_attach_request *request,
			  struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "plan.attach.program", "%s: no loaded program %s to attach to %s",
			       plan->object->file, request->program ? request->program : "at all",
			       request->target ? request->target : "its section's target");

	struct similar_names similar = { .wanted = request->program ? request->program : "" };

	array_foreach(program, &plan->object->programs) {
		finding_evidence(finding, "program %s (section %s)", (*program)->name, (*program)->section);
		if (request->program)
			lade_similar_consider(&similar, (*program)->name);
	}
	if (lade_similar_is_near(&similar))
		finding_fix(finding, "did you mean %s?", similar.names[0]);
	lade_similar_clear(&similar);
	return -ENOENT;
}

static int plan_request(struct lade_plan *plan, const struct lade_attach_request *request, struct lade_error **error)
{
	bool found = false;

	for (uint32_t i = 0; i < plan->object->programs.count; i++) {
		const struct lade_program *program = plan->object->programs.items[i];
		const char *name = request->program;
		if (plan->program_slots[i] == NO_SLOT)
			continue;
		if (name ? strcmp(name, program->name) != 0 && strcmp(name, program->section) != 0
			 : waits_in_slot(plan->object, i) || plan->program_needed[i])
			continue;
		if (add_attach(plan, i, request->target, !request->program) < 0)
			return lade_fail_memory(error);
		found = true;
	}
	return found ? 0 : refuse_request(plan, request, error);
}

static int plan_attachments(struct lade_plan *plan, const struct lade_load_opts *opts, struct lade_error **error)
{
	int r = plan_automatic(plan, opts);

	if (r < 0)
		return lade_fail_memory(error);
	for (size_t i = 0; r == 0 && i < opts->attach_request_count; i++)
		r = plan_request(plan, &opts->attach_requests[i], error);
	return r;
}

static int build(struct lade_plan *plan, const struct plan_target *target, const struct lade_load_opts *opts,
		 struct lade_error **error)
{
	int r = check_endian(plan->object, target, error);

	if (r == 0 && lade_object_settle_types(plan->object) < 0)
		r = lade_fail_memory(error);
	if (r == 0)
		r = lade_plan_leave_out(plan, target, error);
	if (r == 0 && opts->skip_absent_targets)
		r = lade_plan_skip_absent(plan, error);
	if (r == 0)
		r = lade_plan_ops(plan, error);
	if (r == 0)
		r = lade_plan_arena(plan, error);
	if (r == 0)
		r = check_needs(plan, error);
	if (r == 0)
		r = plan_btf(plan, error);
	if (r == 0)
		r = lade_plan_kconfig(plan, error);
	if (r == 0)
		r = plan_maps(plan, target, error);
	if (r == 0)
		r = lade_plan_slots(plan, false, error);
	if (r == 0)
		r = plan_programs(plan, error);
	if (r == 0)
		r = lade_plan_extend_btf(plan, error);
	if (r == 0)
		r = lade_plan_check_prog_arrays(plan, error);
	if (r == 0)
		r = lade_plan_slots(plan, true, error);
	if (r == 0 && plan_pins(plan, opts->name != NULL) < 0)
		r = lade_fail_memory(error);
	return r < 0 ? r : plan_attachments(plan, opts, error);
}

int lade_plan_build(const struct lade_object *object, const struct plan_target *target,
		    const struct lade_load_opts *opts, struct lade_plan **ret_plan, struct lade_error **error)
{
	CLEANUP(cleanup_lade_plan) struct lade_plan *plan = plan_new(object);
	int r;

	if (!plan)
		return lade_fail_memory(error);
	plan->target = target;
	r = build(plan, target, opts, error);
	plan->target = NULL;
	if (r < 0) {
		if (error)
			lade_error_set_object(*error, object->name);
		return r;
	}
	*ret_plan = TAKE(plan);
	return 0;
}
