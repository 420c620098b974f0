/* SPDX-License-Identifier: BSD-2-Clause */
/* Linking and ordering, on models made by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/context.h"
#include "plan/plan.h"

#define CALL ((struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = -1 })
#define EXIT ((struct bpf_insn){ .code = BPF_JMP | BPF_EXIT })
#define LOAD ((struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM })
#define REST ((struct bpf_insn){ 0 })

static const struct plan_target little = { .possible_cpus = 2, .page_bytes = 4096 };

static struct lade_object *new_object(void)
{
	struct lade_object *object = lade_object_create(NULL, "test.o", "test");

	assert_non_null(object);
	object->dialect = strdup("btf");
	return object;
}

static uint32_t add_function(struct lade_object *object, const char *name, const struct bpf_insn *body, uint32_t count)
{
	struct lade_function *function = lade_object_add_function(object, name, ".text");

	assert_non_null(function);
	function->instructions = calloc(count, sizeof *body);
	assert_non_null(function->instructions);
	memcpy(function->instructions, body, count * sizeof *body);
	function->instruction_count = count;
	return (uint32_t)object->functions.count - 1;
}

static void relocate(struct lade_object *object, uint32_t function, uint32_t at, enum relocation_kind kind,
		     uint32_t target)
{
	struct function_relocation *relocation = array_push(&object->functions.items[function].relocations);

	assert_non_null(relocation);
	*relocation = (struct function_relocation){ .instruction = at, .kind = kind, .target = target };
}

static struct lade_program *add_program(struct lade_object *object, const char *name, uint32_t function, uint32_t type)
{
	struct lade_program *program = lade_object_add_program(object, name, "section", function);

	assert_non_null(program);
	program->type = type;
	program->autoload = true;
	return program;
}

static const struct program_operation *load_of(const struct lade_plan *plan, uint32_t program)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_PROGRAM_LOAD && operation->program == program)
			return operation->program_load;
	fail_msg("no load of program %u", program);
	return NULL;
}

static struct lade_plan *plan_of(const struct lade_object *object)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;

	if (lade_plan_build(object, &little, &opts, &plan, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return plan;
}

static int refused(const struct lade_object *object, const char *code)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;
	int r = lade_plan_build(object, &little, &opts, &plan, &error);

	assert_true(r < 0);
	assert_null(plan);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	(void)lade_error_free(error);
	return r;
}

static void subprograms_follow_in_the_order_of_their_first_call_depth_first(void **state)
{
	const struct bpf_insn main_body[] = { CALL, CALL, EXIT }, first_body[] = { CALL, EXIT }, leaf_body[] = { EXIT };
	struct lade_object *object = new_object();
	uint32_t second = add_function(object, "second", leaf_body, 1);
	uint32_t leaf = add_function(object, "leaf", leaf_body, 1);
	uint32_t first = add_function(object, "first", first_body, 2);
	uint32_t entry = add_function(object, "entry", main_body, 3);
	const struct program_operation *load;
	struct lade_plan *plan;

	(void)state;
	relocate(object, entry, 0, RELOCATION_CALL, first);
	relocate(object, entry, 1, RELOCATION_CALL, second);
	relocate(object, first, 0, RELOCATION_CALL, leaf);
	(void)add_program(object, "entry", entry, BPF_PROG_TYPE_XDP);
	plan = plan_of(object);
	load = load_of(plan, 0);
	/* entry 0-2, first 3-4, leaf 5, second 6 */
	assert_int_equal(load->instructions.count, 7);
	assert_int_equal(load->instructions.items[0].imm, 2);
	assert_int_equal(load->instructions.items[1].imm, 4);
	assert_int_equal(load->instructions.items[3].imm, 1);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void a_function_that_calls_itself_is_placed_once(void **state)
{
	const struct bpf_insn body[] = { CALL, EXIT };
	struct lade_object *object = new_object();
	uint32_t entry = add_function(object, "entry", body, 2);
	struct lade_plan *plan;

	(void)state;
	relocate(object, entry, 0, RELOCATION_CALL, entry);
	(void)add_program(object, "entry", entry, BPF_PROG_TYPE_XDP);
	plan = plan_of(object);
	assert_int_equal(load_of(plan, 0)->instructions.count, 2);
	assert_int_equal(load_of(plan, 0)->instructions.items[0].imm, -1);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void a_callback_becomes_a_relative_function_address(void **state)
{
	const struct bpf_insn body[] = { LOAD, REST, EXIT }, callback[] = { EXIT };
	struct lade_object *object = new_object();
	uint32_t target = add_function(object, "callback", callback, 1);
	uint32_t entry = add_function(object, "entry", body, 3);
	const struct bpf_insn *linked;
	struct lade_plan *plan;

	(void)state;
	relocate(object, entry, 0, RELOCATION_FUNCTION, target);
	(void)add_program(object, "entry", entry, BPF_PROG_TYPE_XDP);
	plan = plan_of(object);
	linked = load_of(plan, 0)->instructions.items;
	assert_int_equal(linked[0].src_reg, BPF_PSEUDO_FUNC);
	assert_int_equal(linked[0].imm, 2);
	assert_int_equal(linked[1].imm, 0);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void more_than_256_functions_are_refused(void **state)
{
	const struct bpf_insn body[] = { CALL, EXIT };
	struct lade_object *object = new_object();

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		(void)add_function(object, "chain", body, 2);
		if (i)
			relocate(object, i - 1, 0, RELOCATION_CALL, i);
	}
	(void)add_program(object, "entry", 0, BPF_PROG_TYPE_XDP);
	assert_int_equal(refused(object, "plan.too-large"), -E2BIG);
	(void)lade_object_free(object);
}

static void a_program_without_a_type_is_refused_and_the_remedy_named(void **state)
{
	const struct bpf_insn body[] = { EXIT };
	struct lade_object *object = new_object();

	(void)state;
	(void)add_program(object, "entry", add_function(object, "entry", body, 1), 0);
	assert_int_equal(refused(object, "plan.program.type"), -ENOEXEC);
	(void)lade_object_free(object);
}

static void an_object_of_the_other_byte_order_is_refused(void **state)
{
	struct lade_object *object = new_object();

	(void)state;
	object->big_endian = true;
	assert_int_equal(refused(object, "plan.endian"), -ENOEXEC);
	(void)lade_object_free(object);
}

static void what_only_a_program_that_is_left_out_needs_does_not_stop_a_load(void **state)
{
	const struct bpf_insn caller[] = { CALL, EXIT }, body[] = { EXIT };
	struct lade_object *object = new_object();
	uint32_t helper = add_function(object, "helper", body, 1);
	uint32_t modern = add_function(object, "modern", caller, 2), plain = add_function(object, "plain", body, 1);
	struct lade_program *needy;
	struct lade_plan *plan;

	(void)state;
	relocate(object, modern, 0, RELOCATION_CALL, helper);
	needy = add_program(object, "modern", modern, BPF_PROG_TYPE_XDP);
	(void)add_program(object, "plain", plain, BPF_PROG_TYPE_XDP);
	assert_int_equal(lade_object_add_need(object, helper, "plan.needs.extern", "helper refers to what is not defined"), 0);
	assert_int_equal(refused(object, "plan.needs.extern"), -EOPNOTSUPP);
	needy->autoload = false;
	plan = plan_of(object);
	assert_int_equal(plan->program_slots[0], NO_SLOT);
	assert_int_not_equal(plan->program_slots[1], NO_SLOT);
	(void)lade_plan_free(plan);
	assert_int_equal(lade_object_add_need(object, NO_INDEX, "plan.needs.extern", "map m is somewhere else"), 0);
	assert_int_equal(refused(object, "plan.needs.extern"), -EOPNOTSUPP);
	(void)lade_object_free(object);
}

static struct lade_map *add_map(struct lade_object *object, const char *name, uint32_t type, uint32_t entries)
{
	struct lade_map *map = lade_object_add_map(object, name, "maps");

	assert_non_null(map);
	map->definition.type = type;
	map->definition.key_size = map->definition.value_size = 4;
	map->definition.max_entries = entries;
	return map;
}

static void two_program_types_on_one_prog_array_are_found_before_loading(void **state)
{
	const struct bpf_insn body[] = { LOAD, REST, EXIT };
	struct lade_object *object = new_object();
	uint32_t left = add_function(object, "left", body, 3), right = add_function(object, "right", body, 3);

	(void)state;
	(void)add_map(object, "calls", BPF_MAP_TYPE_PROG_ARRAY, 2);
	relocate(object, left, 0, RELOCATION_MAP, 0);
	relocate(object, right, 0, RELOCATION_MAP, 0);
	(void)add_program(object, "left", left, BPF_PROG_TYPE_XDP);
	(void)add_program(object, "right", right, BPF_PROG_TYPE_SCHED_CLS);
	assert_int_equal(refused(object, "plan.prog-array.types"), -EINVAL);
	(void)lade_object_free(object);
}

static void a_slot_beyond_the_array_is_refused(void **state)
{
	const struct bpf_insn body[] = { EXIT };
	struct lade_object *object = new_object();
	struct lade_map *map = add_map(object, "calls", BPF_MAP_TYPE_PROG_ARRAY, 2);
	struct map_initial *initial = array_push(&map->initial);

	(void)state;
	(void)add_program(object, "entry", add_function(object, "entry", body, 1), BPF_PROG_TYPE_XDP);
	*initial = (struct map_initial){ .index = 2, .map = NO_INDEX, .program = 0 };
	assert_int_equal(refused(object, "plan.slot-range"), -EINVAL);
	(void)lade_object_free(object);
}

static const struct operation *create_of(const struct lade_plan *plan, uint32_t map)
{
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_MAP_CREATE && operation->map == map)
			return operation;
	fail_msg("map %u is not created", map);
	return NULL;
}

static void a_perf_array_without_entries_gets_one_for_each_possible_cpu(void **state)
{
	struct lade_object *object = new_object();
	struct lade_plan *plan;

	(void)state;
	(void)add_map(object, "events", BPF_MAP_TYPE_PERF_EVENT_ARRAY, 0);
	plan = plan_of(object);
	assert_int_equal(create_of(plan, 0)->map_create.definition.max_entries, 2);
	assert_int_equal(plan->notes.count, 1);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void ring_buffers_are_rounded_up_to_a_power_of_two_of_pages(void **state)
{
	static const struct {
		uint32_t asked, given;
	} table[] = { { 1, 4096 }, { 4096, 4096 }, { 4097, 8192 }, { 12288, 16384 }, { 0x80000000u, 0x80000000u } };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct lade_object *object = new_object();
		struct lade_plan *plan;
		(void)add_map(object, "ring", BPF_MAP_TYPE_RINGBUF, table[i].asked);
		plan = plan_of(object);
		assert_int_equal(create_of(plan, 0)->map_create.definition.max_entries, table[i].given);
		(void)lade_plan_free(plan);
		(void)lade_object_free(object);
	}
}

static void a_template_is_created_before_the_map_that_holds_its_like(void **state)
{
	struct lade_object *object = new_object();
	struct lade_plan *plan;

	(void)state;
	add_map(object, "outer", BPF_MAP_TYPE_ARRAY_OF_MAPS, 1)->inner = 1;
	(void)add_map(object, "inner", BPF_MAP_TYPE_ARRAY, 1);
	plan = plan_of(object);
	assert_true(create_of(plan, 1) < create_of(plan, 0));
	assert_int_equal(create_of(plan, 0)->map_create.inner_slot, create_of(plan, 1)->slot);
	(void)lade_plan_free(plan);
	(void)lade_object_free(object);
}

static void a_template_of_a_template_is_refused(void **state)
{
	struct lade_object *object = new_object();

	(void)state;
	add_map(object, "outer", BPF_MAP_TYPE_ARRAY_OF_MAPS, 1)->inner = 1;
	add_map(object, "middle", BPF_MAP_TYPE_ARRAY_OF_MAPS, 1)->inner = 0;
	assert_int_equal(refused(object, "plan.map.nested"), -EINVAL);
	(void)lade_object_free(object);
}

static void kernel_names_are_cut_at_15_and_keep_dots(void **state)
{
	char name[16];

	(void)state;
	lade_plan_kernel_name(name, "a-name.that$is_far_too_long");
	assert_string_equal(name, "a_name.that_is_");
}

static void a_loop_weighs_more_than_a_longer_straight_line(void **state)
{
	struct bpf_insn loop[16] = { 0 }, line[400] = { 0 };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(line); i++)
		line[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K };
	memcpy(loop, line, sizeof loop);
	loop[15] = (struct bpf_insn){ .code = BPF_JMP | BPF_JLT | BPF_K, .off = -14 };
	assert_true(lade_plan_weigh(loop, 16) > lade_plan_weigh(line, 400));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subprograms_follow_in_the_order_of_their_first_call_depth_first),
		cmocka_unit_test(a_function_that_calls_itself_is_placed_once),
		cmocka_unit_test(a_callback_becomes_a_relative_function_address),
		cmocka_unit_test(more_than_256_functions_are_refused),
		cmocka_unit_test(a_program_without_a_type_is_refused_and_the_remedy_named),
		cmocka_unit_test(an_object_of_the_other_byte_order_is_refused),
		cmocka_unit_test(what_only_a_program_that_is_left_out_needs_does_not_stop_a_load),
		cmocka_unit_test(two_program_types_on_one_prog_array_are_found_before_loading),
		cmocka_unit_test(a_slot_beyond_the_array_is_refused),
		cmocka_unit_test(a_perf_array_without_entries_gets_one_for_each_possible_cpu),
		cmocka_unit_test(ring_buffers_are_rounded_up_to_a_power_of_two_of_pages),
		cmocka_unit_test(a_template_is_created_before_the_map_that_holds_its_like),
		cmocka_unit_test(a_template_of_a_template_is_refused),
		cmocka_unit_test(kernel_names_are_cut_at_15_and_keep_dots),
		cmocka_unit_test(a_loop_weighs_more_than_a_longer_straight_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
