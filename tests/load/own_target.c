/* SPDX-License-Identifier: BSD-2-Clause */
/* Waves of programs, against a recorded kernel: what is loaded when, and what is not tried. */
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "harness/live.h"
#include "kernel/attr.h"
#include "kernel/context.h"
#include "kernel/recorded.h"
#include "object/model.h"

struct world {
	struct lade_context *context;
	struct kernel *kernel;
	struct lade_object *object;
	struct lade_instance *instance;
	struct lade_error *error;
	size_t fds;
};

static void aim(struct world *world, const char *program, const char *at)
{
	struct lade_program *found = lade_object_find_program(world->object, program);

	assert_int_equal(lade_program_set_autoload(found, true), 0);
	assert_int_equal(lade_program_set_target(found, at), 0);
}

/* asks ← watch, asks ← other_answer ← watch_replacement */
static void enter(struct world *world, const struct recorded_rejection *rejection)
{
	*world = (struct world){ .fds = fd_count() };
	assert_int_equal(lade_context_new(NULL, &world->context, NULL), 0);
	assert_int_equal(
		lade_kernel_recorded(lade_recorded_profile("6.18"), rejection, rejection ? 1 : 0, &world->kernel), 0);
	lade_context_set_kernel(world->context, world->kernel);
	assert_int_equal(
		lade_object_open(world->context, TEST_OBJECTS "/own_targets.bpf.o", NULL, &world->object, NULL), 0);
	aim(world, "watch", "asks");
	aim(world, "other_answer", "asks");
	aim(world, "watch_replacement", "other_answer");
}

static int load(struct world *world)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .jobs = 2 };

	return lade_object_load(world->object, &opts, &world->instance, &world->error);
}

static void leave(struct world *world)
{
	(void)lade_instance_close(world->instance);
	(void)lade_object_free(world->object);
	(void)lade_error_free(world->error);
	(void)lade_context_free(world->context);
	assert_int_equal(fd_count(), world->fds);
}

/* Which call of BPF_PROG_LOAD it was, from 1; 0: it was not tried. */
static unsigned place_of(const struct world *world, const char *program)
{
	unsigned place = 0;

	for (size_t i = 0; i < lade_recorded_call_count(world->kernel); i++) {
		const struct recorded_call *call = lade_recorded_call(world->kernel, i);
		if (call->command != BPF_PROG_LOAD)
			continue;
		place++;
		if (strncmp(((const struct attr_prog_load *)call->attr)->prog_name, program, BPF_OBJ_NAME_LEN - 1) == 0)
			return place;
	}
	return 0;
}

static const char *skip_of(const struct world *world, const char *program)
{
	struct lade_loaded_program_info info = { .size = sizeof info };

	for (size_t i = 0; lade_instance_program(world->instance, i, &info) == 0; i++)
		if (strcmp(info.name, program) == 0)
			return info.skip;
	fail_msg("the instance has no program %s", program);
	return NULL;
}

static void targets_are_loaded_before_what_goes_to_them(void **state)
{
	struct world world;

	(void)state;
	enter(&world, NULL);
	if (load(&world) < 0)
		fail_msg("%s", lade_error_message(world.error));
	assert_int_equal(place_of(&world, "asks"), 1);
	assert_in_range(place_of(&world, "watch"), 2, 3);
	assert_in_range(place_of(&world, "other_answer"), 2, 3);
	assert_int_equal(place_of(&world, "watch_replacement"), 4);
	leave(&world);
}

static void each_gets_the_descriptor_of_its_target(void **state)
{
	struct world world;
	int asks = -1, replacement = -1;

	(void)state;
	enter(&world, NULL);
	assert_int_equal(load(&world), 0);
	for (size_t i = 0; i < lade_recorded_call_count(world.kernel); i++) {
		const struct recorded_call *call = lade_recorded_call(world.kernel, i);
		const struct attr_prog_load *attr = call->attr;
		if (call->command != BPF_PROG_LOAD)
			continue;
		if (strcmp(attr->prog_name, "asks") == 0)
			asks = call->result;
		if (strcmp(attr->prog_name, "other_answer") == 0)
			replacement = call->result;
		if (strcmp(attr->prog_name, "watch") == 0)
			assert_int_equal(attr->attach_prog_fd, asks);
		if (strncmp(attr->prog_name, "watch_repl", 10) == 0)
			assert_int_equal(attr->attach_prog_fd, replacement);
	}
	leave(&world);
}

static void what_goes_to_a_refused_program_is_not_tried(void **state)
{
	const struct recorded_rejection rejection = { "asks", EACCES,
						      "R0 invalid mem access 'scalar'\nprocessed 3 insns\n" };
	struct world world;

	(void)state;
	enter(&world, &rejection);
	assert_int_equal(load(&world), -EACCES);
	assert_int_equal(lade_error_finding_count(world.error), 1);
	assert_int_equal(place_of(&world, "watch"), 0);
	assert_int_equal(place_of(&world, "other_answer"), 0);
	assert_int_equal(place_of(&world, "watch_replacement"), 0);
	leave(&world);
}

/* All programs that can be tried are: one run shows all that is wrong. */
static void other_chains_are_tried_all_the_same(void **state)
{
	const struct recorded_rejection rejection = { "other_answer", EACCES,
						      "R0 invalid mem access 'scalar'\nprocessed 3 insns\n" };
	struct world world;

	(void)state;
	enter(&world, &rejection);
	assert_int_equal(load(&world), -EACCES);
	assert_int_not_equal(place_of(&world, "watch"), 0);
	assert_int_equal(place_of(&world, "watch_replacement"), 0);
	leave(&world);
}

static void what_goes_to_an_optional_program_that_failed_is_left_out_with_it(void **state)
{
	const struct recorded_rejection rejection = { "other_answer", EACCES,
						      "R0 invalid mem access 'scalar'\nprocessed 3 insns\n" };
	struct world world;
	struct lade_program *optional;

	(void)state;
	enter(&world, &rejection);
	optional = lade_object_find_program(world.object, "other_answer");
	optional->policy = calloc(1, sizeof *optional->policy);
	assert_non_null(optional->policy);
	optional->policy->kernel.max = optional->policy->loader.max = POLICY_KERNEL_ANY;
	optional->policy->optional = true;
	if (load(&world) < 0)
		fail_msg("%s", lade_error_message(world.error));
	assert_non_null(skip_of(&world, "other_answer"));
	assert_non_null(strstr(skip_of(&world, "watch_replacement"), "other_answer"));
	assert_null(skip_of(&world, "watch"));
	leave(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_loaded_before_what_goes_to_them),
		cmocka_unit_test(each_gets_the_descriptor_of_its_target),
		cmocka_unit_test(what_goes_to_a_refused_program_is_not_tried),
		cmocka_unit_test(other_chains_are_tried_all_the_same),
		cmocka_unit_test(what_goes_to_an_optional_program_that_failed_is_left_out_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
