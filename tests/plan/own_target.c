/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are verified against others of their object: order, dependencies, and what cannot be ordered. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/context.h"
#include "plan/plan.h"

static struct lade_context *context;
static struct lade_object *object;
static const struct lade_load_opts opts = { .size = sizeof opts };
static const struct plan_target target = { .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

static int setup(void **state)
{
	(void)state;
	if (lade_context_new(NULL, &context, NULL) < 0)
		return -1;
	return lade_object_open(context, TEST_OBJECTS "/own_targets.bpf.o", NULL, &object, NULL);
}

static int teardown(void **state)
{
	(void)state;
	object = lade_object_free(object);
	context = lade_context_free(context);
	return 0;
}

static void aim(const char *program, const char *at)
{
	struct lade_program *found = lade_object_find_program(object, program);

	assert_non_null(found);
	assert_int_equal(lade_program_set_autoload(found, true), 0);
	assert_int_equal(lade_program_set_target(found, at), 0);
}

static struct lade_plan *plan_of(void)
{
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;

	if (lade_plan_build(object, &target, &opts, &plan, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return plan;
}

/* Place among all operations, in which it stands. */
static const struct operation *load_of(const struct lade_plan *plan, const char *program)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD &&
		    strcmp(object->programs.items[operation->program]->name, program) == 0)
			return operation;
	fail_msg("no operation loads %s", program);
	return NULL;
}

static bool needs(const struct operation *operation, uint32_t slot)
{
	array_foreach(need, &operation->needs)
		if (*need == (int)slot)
			return true;
	return false;
}

static const char *function_of(const struct operation *operation)
{
	return lade_btf_type_name(object->btf, operation->program_load->attach_btf_id);
}

static void refused_with(const char *code, int errnum, const char *words)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_plan_build(object, &target, &opts, &plan, &error), -errnum);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	assert_non_null(strstr(info.message, words));
	assert_non_null(info.program);
	(void)lade_error_free(error);
}

static void a_program_is_loaded_after_the_one_that_it_is_verified_against(void **state)
{
	struct lade_plan *plan;
	const struct operation *first, *second;

	(void)state;
	aim("watch", "asks");
	plan = plan_of();
	first = load_of(plan, "asks");
	second = load_of(plan, "watch"); /* which stands before it in the file */
	assert_true(first < second);
	assert_int_equal(first->program_load->wave, 0);
	assert_int_equal(second->program_load->wave, 1);
	assert_int_equal(second->program_load->attach_target_slot, first->slot);
	assert_true(needs(second, first->slot));
	assert_string_equal(function_of(second), "answer");
	(void)lade_plan_free(plan);
}

static void a_chain_of_targets_takes_a_wave_for_each_link(void **state)
{
	struct lade_plan *plan;
	struct lade_plan_step_info step = { .size = sizeof step };

	(void)state;
	aim("other_answer", "asks");
	aim("watch_replacement", "other_answer");
	plan = plan_of();
	assert_int_equal(load_of(plan, "other_answer")->program_load->wave, 1);
	assert_int_equal(load_of(plan, "watch_replacement")->program_load->wave, 2);
	/* Its section names no function: the main one. */
	assert_string_equal(function_of(load_of(plan, "watch_replacement")), "other_answer");
	assert_int_equal(
		lade_plan_step(plan, (size_t)(load_of(plan, "watch_replacement") - plan->operations.items), &step), 0);
	assert_non_null(strstr(step.text, "of program other_answer"));
	(void)lade_plan_free(plan);
}

static void no_types_of_the_kernel_are_asked_for(void **state)
{
	struct strings names = { 0 };
	bool needed = true;

	(void)state;
	aim("watch", "asks");
	assert_int_equal(lade_plan_type_names(object, &names, &needed), 0);
	assert_false(needed);
	lade_strings_clear(&names);
}

static void programs_that_wait_for_each_other_are_refused(void **state)
{
	(void)state;
	aim("watch_replacement", "other_answer");
	aim("other_answer", "watch_replacement");
	refused_with("plan.target.circle", ELOOP, "watch_replacement");
}

static void a_replacement_of_itself_is_refused(void **state)
{
	(void)state;
	aim("other_answer", "other_answer");
	refused_with("plan.target.circle", ELOOP, "other_answer");
}

/* SEC("fentry/x") int x(…): the kernel's x is meant. */
static void a_tracing_program_of_the_name_of_its_function_means_the_kernels(void **state)
{
	(void)state;
	aim("watch", "watch");
	assert_int_equal(lade_load_target_kind(lade_object_find_program(object, "watch")), LOAD_TARGET_FUNCTION);
}

static void a_target_that_is_not_loaded_is_named(void **state)
{
	(void)state;
	aim("watch", "asks");
	assert_int_equal(lade_program_set_autoload(lade_object_find_program(object, "asks"), false), 0);
	refused_with("plan.target.left-out", ENOENT, "asks");
}

static void a_function_that_the_target_does_not_have_is_refused(void **state)
{
	(void)state;
	aim("watch_nobody", "asks");
	refused_with("plan.target.function", ESRCH, "asks");
}

static void a_section_name_means_its_program(void **state)
{
	struct lade_plan *plan;

	(void)state;
	aim("watch", "tc");
	plan = plan_of();
	assert_int_equal(load_of(plan, "watch")->program_load->attach_target_slot, load_of(plan, "asks")->slot);
	(void)lade_plan_free(plan);
}

#define each(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		each(a_program_is_loaded_after_the_one_that_it_is_verified_against),
		each(a_chain_of_targets_takes_a_wave_for_each_link),
		each(no_types_of_the_kernel_are_asked_for),
		each(programs_that_wait_for_each_other_are_refused),
		each(a_replacement_of_itself_is_refused),
		each(a_tracing_program_of_the_name_of_its_function_means_the_kernels),
		each(a_target_that_is_not_loaded_is_named),
		each(a_function_that_the_target_does_not_have_is_refused),
		each(a_section_name_means_its_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
