/* SPDX-License-Identifier: BSD-2-Clause */
/* Verification on several threads, and what is remembered of its cost. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "harness/live.h"
#include "kernel/context.h"
#include "kernel/recorded.h"
#include "load/loader.h"

#define JOBS 40

/* Forty programs of two instructions on a recorded kernel; weights as given. */
struct world {
	struct lade_context *context;
	struct lade_load_opts opts;
	struct lade_object *object;
	struct loader loader;
	struct program_operation loads[JOBS];
	struct operation operations[JOBS];
	struct program_job jobs[JOBS];
};

static void fill_program(struct world *world, unsigned index)
{
	static const struct bpf_insn body[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
						{ .code = BPF_JMP | BPF_EXIT } };
	struct program_operation *load = &world->loads[index];

	load->type = BPF_PROG_TYPE_SOCKET_FILTER;
	load->btf_slot = load->attach_btf_slot = load->attach_target_slot = NO_SLOT;
	load->own_target = NO_INDEX;
	(void)snprintf(load->kernel_name, sizeof load->kernel_name, "p%u", index);
	for (size_t i = 0; i < ELEMENTS(body); i++) {
		struct bpf_insn *instruction = array_push(&load->instructions);
		assert_non_null(instruction);
		*instruction = body[i];
	}
	assert_non_null(lade_object_add_program(world->object, load->kernel_name, "socket", 0));
	world->operations[index] = (struct operation){ .kind = OPERATION_PROGRAM_LOAD, .program = index };
	world->operations[index].program_load = load;
	world->jobs[index] = (struct program_job){ .loader = &world->loader,
						   .operation = &world->operations[index],
						   .name = load->kernel_name,
						   .weight = index,
						   .fd = -1 };
}

static void enter(struct world *world, const char *cache)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .cache = cache };
	struct kernel *kernel = NULL;

	memset(world, 0, sizeof *world);
	assert_int_equal(lade_context_new(&opts, &world->context, NULL), 0);
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile("6.18"), NULL, 0, &kernel), 0);
	lade_context_set_kernel(world->context, kernel);
	world->object = lade_object_create(world->context, "many.o", "many");
	assert_non_null(world->object);
	world->loader = (struct loader){
		.context = world->context, .kernel = kernel, .object = world->object, .opts = &world->opts
	};
	for (unsigned i = 0; i < JOBS; i++)
		fill_program(world, i);
}

static void leave(struct world *world)
{
	for (unsigned i = 0; i < JOBS; i++) {
		(void)fd_close(world->jobs[i].fd);
		array_clear(&world->loads[i].instructions);
	}
	(void)lade_object_free(world->object);
	(void)lade_context_free(world->context);
}

static void load_with(struct world *world, unsigned helpers)
{
	struct crew *crew = lade_crew_start(helpers);

	assert_non_null(crew);
	assert_int_equal(lade_crew_load(crew, world->jobs, JOBS), 0);
	(void)lade_crew_free(crew);
}

static void every_job_is_done_once_whatever_the_number_of_threads(void **state)
{
	static const unsigned helpers[] = { 0, 1, 2, 63 };

	(void)state;
	for (size_t round = 0; round < ELEMENTS(helpers); round++) {
		size_t fds = fd_count();
		struct world world;
		enter(&world, NULL);
		load_with(&world, helpers[round]);
		for (unsigned i = 0; i < JOBS; i++) {
			assert_int_equal(world.jobs[i].code, 0);
			assert_true(world.jobs[i].fd > 2);
		}
		assert_int_equal(lade_recorded_call_count(world.loader.kernel), JOBS);
		leave(&world);
		assert_int_equal(fd_count(), fds);
	}
}

static void a_crew_without_work_goes_home(void **state)
{
	(void)state;
	(void)lade_crew_free(lade_crew_start(1));
	(void)lade_crew_free(NULL);
}

static void the_most_expensive_program_is_verified_first(void **state)
{
	struct world world;
	const struct recorded_call *call;

	(void)state;
	enter(&world, NULL);
	load_with(&world, 0);
	call = lade_recorded_call(world.loader.kernel, 0);
	assert_string_equal(((const struct attr_prog_load *)call->attr)->prog_name, "p39");
	leave(&world);
}

static void remembered_times_replace_guesses(void **state)
{
	char directory[] = "/tmp/lade-cost-XXXXXX";
	struct world world;

	(void)state;
	assert_non_null(mkdtemp(directory));
	enter(&world, directory);
	for (unsigned i = 0; i < JOBS; i++) {
		world.jobs[i].weight = 100000;
		world.jobs[i].verify_ns = 1000000u * (JOBS - i);
	}
	lade_cost_remember(world.context, "many", world.jobs, JOBS);
	lade_cost_recall(world.context, "many", world.jobs, JOBS);
	for (unsigned i = 1; i < JOBS; i++)
		assert_true(world.jobs[i].weight < world.jobs[i - 1].weight);
	leave(&world);
	live_remove_tree(directory);
}

static void a_damaged_memory_of_costs_is_ignored(void **state)
{
	static const char *const damaged[] = { "",          "x",
					       "1 2",       "99999999999999999999999 1 p0\n",
					       "2 -5 p1\n", "\xff\xfe\n\n\n2 2" };
	char directory[] = "/tmp/lade-cost-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof path, "%s/costs", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/costs/many", directory);
	for (size_t i = 0; i < ELEMENTS(damaged); i++) {
		FILE *file = fopen(path, "w");
		struct world world;
		assert_non_null(file);
		(void)fputs(damaged[i], file);
		(void)fclose(file);
		enter(&world, directory);
		world.jobs[7].weight = 5000000;
		lade_cost_recall(world.context, "many", world.jobs, JOBS);
		assert_int_equal(world.jobs[7].weight, 5000000);
		leave(&world);
	}
	live_remove_tree(directory);
}

/* Whoever may write there could have written anything, and have put a link in place of the directory. */
static void costs_that_others_may_write_are_ignored(void **state)
{
	static const struct {
		const char *place;
		mode_t mode;
		uid_t owner;
	} others[] = {
		{ "", 0777, 0 }, { "/costs", 0777, 0 }, { "/costs/many", 0666, 0 }, { "/costs/many", 0644, 65534 }
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(others); i++) {
		char directory[] = "/tmp/lade-cost-XXXXXX", path[64];
		struct world world;
		assert_non_null(mkdtemp(directory));
		enter(&world, directory);
		world.jobs[7].weight = 5000000;
		for (unsigned j = 0; j < JOBS; j++)
			world.jobs[j].verify_ns = 1000000;
		lade_cost_remember(world.context, "many", world.jobs, JOBS);
		(void)snprintf(path, sizeof path, "%s%s", directory, others[i].place);
		assert_int_equal(chmod(path, others[i].mode), 0);
		assert_int_equal(chown(path, others[i].owner, others[i].owner), 0);
		lade_cost_recall(world.context, "many", world.jobs, JOBS);
		assert_int_equal(world.jobs[7].weight, 5000000);
		leave(&world);
		live_remove_tree(directory);
	}
}

static void costs_of_other_instructions_are_not_recalled(void **state)
{
	char directory[] = "/tmp/lade-cost-XXXXXX";
	struct world world;

	(void)state;
	assert_non_null(mkdtemp(directory));
	enter(&world, directory);
	for (unsigned j = 0; j < JOBS; j++) {
		world.jobs[j].weight = 5000000;
		world.jobs[j].verify_ns = 1000000;
	}
	lade_cost_remember(world.context, "many", world.jobs, JOBS);
	world.loads[7].instructions.items[0].imm = 3;
	lade_cost_recall(world.context, "many", world.jobs, JOBS);
	assert_int_equal(world.jobs[7].weight, 5000000);
	assert_int_equal(world.jobs[8].weight, 1000000);
	leave(&world);
	live_remove_tree(directory);
}

/* A directory that is a link would lead the rename to somebody else's file. */
static void costs_are_not_written_through_a_link(void **state)
{
	char directory[] = "/tmp/lade-cost-XXXXXX", elsewhere[] = "/tmp/lade-else-XXXXXX", path[64];
	struct world world;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_non_null(mkdtemp(elsewhere));
	(void)snprintf(path, sizeof path, "%s/costs", directory);
	assert_int_equal(symlink(elsewhere, path), 0);
	enter(&world, directory);
	for (unsigned j = 0; j < JOBS; j++)
		world.jobs[j].verify_ns = 1000000;
	lade_cost_remember(world.context, "many", world.jobs, JOBS);
	assert_int_equal(rmdir(elsewhere), 0); /* it is empty */
	leave(&world);
	live_remove_tree(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_is_done_once_whatever_the_number_of_threads),
		cmocka_unit_test(a_crew_without_work_goes_home),
		cmocka_unit_test(the_most_expensive_program_is_verified_first),
		cmocka_unit_test(remembered_times_replace_guesses),
		cmocka_unit_test(a_damaged_memory_of_costs_is_ignored),
		cmocka_unit_test(costs_that_others_may_write_are_ignored),
		cmocka_unit_test(costs_of_other_instructions_are_not_recalled),
		cmocka_unit_test(costs_are_not_written_through_a_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
