/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-RE relocations and load targets in plans, against the types of kernels that are not here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/types.h"
#include "kernel/context.h"
#include "plan/plan.h"

#define CALLS TEST_OBJECTS "/core_calls.bpf.o"

static struct lade_context *context;

static int setup(void **state)
{
	(void)state;
	return lade_context_new(NULL, &context, NULL);
}

static int teardown(void **state)
{
	(void)state;
	context = lade_context_free(context);
	return 0;
}

static struct lade_object *open_object(const char *file)
{
	struct lade_object *object = NULL;

	assert_int_equal(lade_object_open(context, file, NULL, &object, NULL), 0);
	return object;
}

/* A kernel that has the types of an object, and a module some_module with a function some_function. */
static struct kernel_types *types_of(const char *file)
{
	struct lade_object *object = open_object(file);
	struct kernel_types *types = made_types(object->btf, "some_module", "some_function");

	(void)lade_object_free(object);
	return types;
}

static struct plan_target target_of(struct kernel_types *types)
{
	return (struct plan_target){ .page_bytes = 4096,
				     .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
				     .types = types };
}

static struct lade_plan *plan_of(const struct lade_object *object, const struct plan_target *target)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;

	if (lade_plan_build(object, target, &opts, &plan, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return plan;
}

/* The code of the first finding is checked; the error code comes back. */
static int refused(const struct lade_object *object, const struct plan_target *target, const char *code)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;
	int r = lade_plan_build(object, target, &opts, &plan, &error);

	assert_true(r < 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	assert_int_equal(lade_error_code(error), r);
	(void)lade_error_free(error);
	return r;
}

static const struct program_operation *load_of(const struct lade_plan *plan, const char *program)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD &&
		    strcmp(plan->object->programs.items[operation->program]->name, program) == 0)
			return operation->program_load;
	fail_msg("no operation loads %s", program);
	return NULL;
}

static void only_load(struct lade_object *object, const char *program)
{
	array_foreach(item, &object->programs)
		(*item)->autoload = strcmp((*item)->name, program) == 0;
}

static void poison_is_kept_with_its_place_in_the_whole_program(void **state)
{
	struct lade_object *object = open_object(CALLS);
	/* core_targets.bpf.o knows a task_struct with nothing but tgid. */
	struct kernel_types *types = types_of(TEST_OBJECTS "/core_targets.bpf.o");
	struct plan_target target = target_of(types);
	struct lade_plan *plan = plan_of(object, &target);
	const struct program_operation *load = load_of(plan, "asks");
	const struct core_poison *poison = load->poisons.items;

	(void)state;
	assert_int_equal(load->poisons.count, 1);
	assert_non_null(strstr(poison->what, "struct task_struct.never_there"));
	assert_non_null(poison->why);
	assert_true(poison->instruction >=
		    object->functions.items[object->programs.items[0]->function].instruction_count);
	assert_true(poison->instruction < load->instructions.count);
	assert_int_equal(load->instructions.items[poison->instruction].imm, CORE_POISON);
	assert_int_equal(load->instructions.items[poison->instruction].code, BPF_JMP | BPF_CALL);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
	(void)lade_kernel_types_free(types);
}

static void object_itself_is_never_relocated(void **state)
{
	struct lade_object *object = open_object(CALLS);
	struct kernel_types *types = types_of(TEST_OBJECTS "/core_targets.bpf.o");
	struct plan_target target = target_of(types);
	const struct lade_function *function = &object->functions.items[object->programs.items[0]->function];
	size_t size = function->instruction_count * sizeof *function->instructions;
	struct bpf_insn *before = malloc(size);

	(void)state;
	assert_non_null(before);
	memcpy(before, function->instructions, size);
	for (int i = 0; i < 2; i++)
		(void)lade_plan_free(plan_of(object, &target));
	assert_memory_equal(before, function->instructions, size);
	free(before);
	(void)lade_object_free(object);
	(void)lade_kernel_types_free(types);
}

static bool has_name(const struct strings *names, const char *name)
{
	array_foreach(item, names)
		if (strcmp(*item, name) == 0)
			return true;
	return false;
}

static void names_that_loaded_programs_need_are_collected_once(void **state)
{
	struct lade_object *object = open_object(CALLS);
	struct strings names = { 0 };
	bool needed = false;

	(void)state;
	assert_int_equal(lade_plan_type_names(object, &names, &needed), 0);
	assert_true(needed);
	assert_int_equal(names.count, 1);
	assert_string_equal(names.items[0], "task_struct");
	lade_strings_clear(&names);
	array_foreach(item, &object->programs)
		(*item)->autoload = true;
	assert_int_equal(lade_plan_type_names(object, &names, &needed), 0);
	assert_true(has_name(&names, "btf_trace_sched_switch"));
	assert_true(has_name(&names, "bpf_lsm_file_open"));
	assert_true(has_name(&names, "bpf_iter_bpf_map"));
	assert_true(has_name(&names, "some_function"));
	lade_strings_clear(&names);
	(void)lade_object_free(object);
}

static void own_type_id_needs_no_kernel(void **state)
{
	struct lade_object *object = open_object(CALLS);
	struct plan_target target = target_of(NULL);
	struct strings names = { 0 };
	struct lade_plan *plan;
	bool needed = true;

	(void)state;
	only_load(object, "own");
	assert_int_equal(lade_plan_type_names(object, &names, &needed), 0);
	assert_false(needed);
	lade_strings_clear(&names);
	plan = plan_of(object, &target);
	assert_int_equal(load_of(plan, "own")->poisons.count, 0);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void missing_types_are_an_error_of_who_needs_them(void **state)
{
	struct lade_object *object = open_object(CALLS);
	struct plan_target target = target_of(NULL);
	struct lade_error *why = NULL;

	(void)state;
	target.types_error = &why;
	(void)lade_fail(&why, ENOENT, "btf.kernel.absent", "no types anywhere");
	assert_int_equal(refused(object, &target, "btf.kernel.absent"), -ENOENT);
	assert_null(why); /* the finding has it now */
	assert_int_equal(refused(object, &target, "plan.types.absent"), -ENOENT);
	(void)lade_fail(&why, ENOENT, "btf.kernel.absent", "no types anywhere");
	only_load(object, "own");
	(void)lade_plan_free(plan_of(object, &target));
	(void)lade_error_free(why);
	(void)lade_object_free(object);
}

static void types_from_a_file_are_for_relocations_alone(void **state)
{
	struct lade_object *object = open_object(CALLS);
	struct kernel_types *file = types_of(TEST_OBJECTS "/core_targets.bpf.o");
	struct plan_target target = target_of(NULL);

	(void)state;
	target.core_types = file;
	only_load(object, "asks");
	(void)lade_plan_free(plan_of(object, &target));
	only_load(object, "on_switch"); /* its id must be the running kernel's own */
	assert_int_equal(refused(object, &target, "plan.types.absent"), -ENOENT);
	(void)lade_object_free(object);
	(void)lade_kernel_types_free(file);
}

/* ---- load targets ---- */

static void function_of_another_program_is_found_in_its_types(void **state)
{
	struct lade_object *object = open_object(TEST_OBJECTS "/core_targets.bpf.o");
	struct lade_object *other = open_object(TEST_OBJECTS "/core_replaced.bpf.o");
	struct plan_load_target *targets = calloc(object->programs.count, sizeof *targets);
	struct lade_program *program = lade_object_find_program(object, "new_answer");
	struct plan_target target = target_of(NULL);
	struct lade_plan *plan;

	(void)state;
	assert_non_null(targets);
	targets[lade_program_index(program)].btf = other->btf;
	target.load_targets = targets;
	only_load(object, "new_answer");
	assert_int_equal(lade_program_set_target(program, "17"), 0);
	plan = plan_of(object, &target);
	assert_string_equal(lade_btf_type_name(other->btf, load_of(plan, "new_answer")->attach_btf_id), "answer");
	assert_int_not_equal(load_of(plan, "new_answer")->attach_target_slot, NO_SLOT);
	(void)lade_plan_free(plan);
	free(program->load_target);
	program->load_target = strdup("anwser");
	assert_int_equal(refused(object, &target, "plan.target.function"), -ESRCH);
	free(targets);
	(void)lade_object_free(other);
	(void)lade_object_free(object);
}

static size_t place_of(const struct lade_plan *plan, enum operation_kind kind)
{
	for (size_t i = 0; i < plan->operations.count; i++)
		if (plan->operations.items[i].kind == kind)
			return i;
	fail_msg("no operation of kind %d", (int)kind);
	return 0;
}

static void function_of_a_module_is_found_and_its_types_are_opened_before_programs_load(void **state)
{
	static const char *const spellings[] = { "some_module:some_function", "some_function" };
	struct lade_object *object = open_object(CALLS);
	struct kernel_types *types = types_of(CALLS);
	struct plan_target target = target_of(types);
	struct lade_program *program = lade_object_find_program(object, "of_module");

	(void)state;
	only_load(object, "of_module");
	for (size_t i = 0; i < ELEMENTS(spellings); i++) {
		struct lade_plan *plan;
		assert_int_equal(lade_program_set_target(program, spellings[i]), 0);
		plan = plan_of(object, &target);
		const struct program_operation *load = load_of(plan, "of_module");
		const struct operation *open = &plan->operations.items[place_of(plan, OPERATION_BTF_OPEN)];
		assert_int_equal(load->attach_btf_id, lade_btf_count(object->btf) + 1);
		assert_string_equal(open->module, "some_module");
		assert_int_equal(load->attach_btf_slot, open->slot);
		assert_true(place_of(plan, OPERATION_BTF_OPEN) < place_of(plan, OPERATION_PROGRAM_LOAD));
		(void)lade_plan_free(plan);
	}
	assert_int_equal(lade_program_set_target(program, "vmlinux:some_function"), 0);
	assert_int_equal(refused(object, &target, "plan.target.unknown"), -ESRCH);
	assert_int_equal(lade_program_set_target(program, "some_module:another"), 0);
	assert_int_equal(refused(object, &target, "plan.target.unknown"), -ESRCH);
	(void)lade_object_free(object);
	(void)lade_kernel_types_free(types);
}

static struct lade_plan *plan_skipping(const struct lade_object *object, const struct plan_target *target)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .skip_absent_targets = true };
	struct lade_plan *plan = NULL;

	return lade_plan_build(object, target, &opts, &plan, NULL) < 0 ? NULL : plan;
}

static void program_without_its_target_is_left_out_where_that_is_asked_for_and_others_remain(void **state)
{
	struct lade_object *object = open_object(TEST_OBJECTS "/core_targets.bpf.o");
	struct kernel_types *types = types_of(CALLS);
	struct plan_target target = target_of(types);
	struct lade_program *there = lade_object_find_program(object, "on_unlink");
	struct lade_program *absent = lade_object_find_program(object, "nowhere");
	struct lade_finding_info note = { .size = sizeof note };

	(void)state;
	only_load(object, "on_unlink");
	absent->autoload = true;
	free(there->load_target);
	there->load_target = strdup("of_module"); /* a function that CALLS has */
	assert_int_equal(refused(object, &target, "plan.target.unknown"), -ESRCH);
	struct lade_plan *plan = plan_skipping(object, &target);
	assert_non_null(plan);
	assert_int_not_equal(load_of(plan, "on_unlink")->attach_btf_id, 0);
	assert_int_equal(plan->program_slots[lade_program_index(absent)], NO_SLOT);
	assert_string_equal(plan->program_skips[lade_program_index(absent)],
			    "this kernel has no function no_such_function_anywhere");
	assert_int_equal(plan->notes.count, 1);
	assert_int_equal(lade_finding_describe(plan->notes.items[0], &note), 0);
	assert_string_equal(note.code, "plan.target.absent");
	assert_string_equal(note.program, "nowhere");
	(void)lade_plan_free(plan);
	/* What the caller himself names, and what alone would be loaded, is not left out. */
	assert_int_equal(lade_program_set_target(absent, "no_such_function"), 0);
	assert_null(plan_skipping(object, &target));
	only_load(object, "nowhere");
	assert_int_equal(lade_program_set_target(absent, NULL), 0);
	assert_null(plan_skipping(object, &target));
	(void)lade_object_free(object);
	(void)lade_kernel_types_free(types);
}

static void dry_run_opens_no_target(void **state)
{
	struct lade_object *object = open_object(TEST_OBJECTS "/core_targets.bpf.o");
	struct plan_target target = target_of(NULL);
	struct lade_plan *plan;

	(void)state;
	only_load(object, "new_answer");
	assert_int_equal(lade_program_set_target(lade_object_find_program(object, "new_answer"), "lade/x/progs/y"), 0);
	plan = plan_of(object, &target);
	assert_int_equal(load_of(plan, "new_answer")->attach_btf_id, 0);
	for (size_t i = 0; i < lade_plan_step_count(plan); i++) {
		struct lade_plan_step_info step = { .size = sizeof step };
		assert_int_equal(lade_plan_step(plan, i, &step), 0);
		assert_non_null(step.text);
		assert_non_null(step.operation);
	}
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void request_is_told_apart_by_its_form(void **state)
{
	struct lade_program tracing = { .type = BPF_PROG_TYPE_TRACING, .attach_btf_id_needed = true };
	struct lade_program ext = { .type = BPF_PROG_TYPE_EXT, .attach_btf_id_needed = true };
	struct lade_program xdp = { .type = BPF_PROG_TYPE_XDP }, socket = { .type = BPF_PROG_TYPE_SOCKET_FILTER };
	char pin[] = "lade/a/progs/b", id[] = "12", name[] = "vfs_read", interface[] = "lo";

	(void)state;
	assert_int_equal(lade_load_target_kind(&tracing), LOAD_TARGET_SECTION);
	tracing.target_request = pin;
	assert_int_equal(lade_load_target_kind(&tracing), LOAD_TARGET_PROGRAM);
	tracing.target_request = id;
	assert_int_equal(lade_load_target_kind(&tracing), LOAD_TARGET_PROGRAM);
	tracing.target_request = name;
	assert_int_equal(lade_load_target_kind(&tracing), LOAD_TARGET_FUNCTION);
	ext.target_request = name;
	assert_int_equal(lade_load_target_kind(&ext), LOAD_TARGET_PROGRAM);
	xdp.target_request = interface;
	assert_int_equal(lade_load_target_kind(&xdp), LOAD_TARGET_DEVICE);
	socket.target_request = interface;
	assert_int_equal(lade_load_target_kind(&socket), LOAD_TARGET_REFUSED);
}

static void target_of_a_program_that_has_none_is_refused(void **state)
{
	struct lade_object *object = open_object(CALLS);
	struct plan_target target = target_of(NULL);

	(void)state;
	only_load(object, "own");
	assert_int_equal(lade_program_set_target(lade_object_find_program(object, "own"), "lo"), 0);
	assert_int_equal(refused(object, &target, "plan.target.kind"), -EINVAL);
	assert_int_equal(lade_program_set_target(lade_object_find_program(object, "own"), NULL), 0);
	(void)lade_plan_free(plan_of(object, &target));
	(void)lade_object_free(object);
}

static void xdp_program_is_bound_to_its_device(void **state)
{
	struct lade_object *object = open_object(TEST_OBJECTS "/core_targets.bpf.o");
	struct plan_load_target *targets = calloc(object->programs.count, sizeof *targets);
	struct lade_program *program = lade_object_find_program(object, "bound");
	struct plan_target target = target_of(NULL);
	struct lade_plan *plan;

	(void)state;
	assert_non_null(targets);
	targets[lade_program_index(program)].ifindex = 7;
	target.load_targets = targets;
	only_load(object, "bound");
	assert_int_equal(lade_program_set_target(program, "eth0"), 0);
	plan = plan_of(object, &target);
	assert_int_equal(load_of(plan, "bound")->ifindex, 7);
	assert_int_equal(load_of(plan, "bound")->flags, 1U << 6); /* BPF_F_XDP_DEV_BOUND_ONLY */
	(void)lade_plan_free(plan);
	free(targets);
	(void)lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(poison_is_kept_with_its_place_in_the_whole_program),
		cmocka_unit_test(object_itself_is_never_relocated),
		cmocka_unit_test(names_that_loaded_programs_need_are_collected_once),
		cmocka_unit_test(own_type_id_needs_no_kernel),
		cmocka_unit_test(missing_types_are_an_error_of_who_needs_them),
		cmocka_unit_test(types_from_a_file_are_for_relocations_alone),
		cmocka_unit_test(function_of_another_program_is_found_in_its_types),
		cmocka_unit_test(function_of_a_module_is_found_and_its_types_are_opened_before_programs_load),
		cmocka_unit_test(program_without_its_target_is_left_out_where_that_is_asked_for_and_others_remain),
		cmocka_unit_test(dry_run_opens_no_target),
		cmocka_unit_test(request_is_told_apart_by_its_form),
		cmocka_unit_test(target_of_a_program_that_has_none_is_refused),
		cmocka_unit_test(xdp_program_is_bound_to_its_device),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
