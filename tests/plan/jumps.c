/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of indirect jumps, from the file to the operations that make them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

static const struct plan_target target = { .possible_cpus = 1, .page_bytes = 4096 };

static struct lade_object *open_object(void)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;

	if (lade_object_open(NULL, TEST_OBJECTS "/jumps_table.bpf.o", NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static const struct operation *find(const struct lade_plan *plan, enum operation_kind kind, const char *program)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == kind &&
		    strcmp(plan->object->programs.items[operation->program]->name, program) == 0)
			return operation;
	return NULL;
}

static void places_of_a_table_are_counted_from_the_start_of_the_program(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_object *object = open_object();
	const struct operation *table, *load;
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;

	(void)state;
	if (lade_plan_build(object, &target, &opts, &plan, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	table = find(plan, OPERATION_JUMP_TABLE, "jumps_around");
	load = find(plan, OPERATION_PROGRAM_LOAD, "jumps_around");
	assert_null(find(plan, OPERATION_JUMP_TABLE, "jumps_before"));
	assert_non_null(table);
	assert_true(table < load);
	assert_int_equal(table->jumps.count, 2);
	assert_int_equal(table->jumps.items[0], 5);
	assert_int_equal(table->jumps.items[1], 7);
	assert_int_equal(load->program_load->patches.count, 1);
	assert_int_equal(load->program_load->patches.items[0].slot, table->slot);
	assert_int_equal(load->program_load->instructions.items[0].src_reg, BPF_PSEUDO_MAP_VALUE);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void table_that_leads_out_of_its_function_is_refused(void **state)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	static uint8_t bytes[65536];
	FILE *file = fopen(TEST_OBJECTS "/jumps_table.bpf.o", "re");
	const uint64_t places[2] = { 16 + 5 * 8, 16 + 7 * 8 }, beyond = 16 + 9 * 8;
	size_t size;
	uint8_t *found;

	(void)state;
	assert_non_null(file);
	size = fread(bytes, 1, sizeof bytes, file);
	assert_int_equal(fclose(file), 0);
	found = memmem(bytes, size, places, sizeof places);
	assert_non_null(found);
	memcpy(found, &beyond, sizeof beyond);
	assert_int_equal(lade_object_open_memory(NULL, bytes, size, "jumps.o", NULL, &object, &error), -ENOEXEC);
	assert_string_equal(lade_error_finding(error, 0)->code, "dialect.jump-table");
	(void)lade_error_free(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_a_table_are_counted_from_the_start_of_the_program),
		cmocka_unit_test(table_that_leads_out_of_its_function_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
