/* SPDX-License-Identifier: BSD-2-Clause */
/* The modern dialect, on objects compiled with BTF. */
#include "dialect/opened.h"

#include <errno.h>
#include <unistd.h>

static void attributes_of_maps_are_read(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_attributes.bpf.o");
	const struct lade_map *typed = must_map(object, "typed"), *sized = must_map(object, "sized");
	assert_string_equal(object->dialect, "btf");
	assert_definition(typed, BPF_MAP_TYPE_HASH, 8, 8, 1000, BPF_F_NO_PREALLOC);
	assert_string_equal(lade_btf_type_name(object->btf, typed->definition.btf_key_type), "key");
	assert_true(typed->definition.btf_value_type > 0);
	assert_int_equal(typed->pinning, LADE_PIN_BY_NAME);
	assert_definition(sized, BPF_MAP_TYPE_HASH, 8, 12, 10, BPF_F_NUMA_NODE);
	assert_true(sized->definition.has_numa_node);
	assert_int_equal(must_map(object, "bloom")->definition.extra, 3);
	lade_object_free(object);
}

static void value_type_of_a_buffer_describes_records_and_not_the_map(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_attributes.bpf.o");
	const struct lade_map *ring = must_map(object, "ring"), *perf = must_map(object, "perf");
	assert_definition(ring, BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0);
	assert_int_equal(ring->definition.btf_value_type, 0);
	assert_string_equal(lade_btf_type_name(object->btf, ring->btf_record_type), "event");
	assert_definition(perf, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 0, 0);
	assert_string_equal(lade_btf_type_name(object->btf, perf->btf_record_type), "event");
	assert_int_equal(must_map(object, "plain_perf")->btf_record_type, 0);
	lade_object_free(object);
}

static void unknown_attribute_is_refused_naming_map_and_field(void **state)
{
	(void)state;
	assert_refused("dia_unknown_attribute.bpf.o", "dialect.btf.map.unknown", "map wrong: max_entrees");
}

static void size_that_contradicts_its_type_is_refused(void **state)
{
	(void)state;
	assert_refused("dia_conflict.bpf.o", "dialect.btf.map.conflict", "map wrong: key_size");
}

static void map_without_a_type_is_refused(void **state)
{
	(void)state;
	assert_refused("dia_no_type.bpf.o", "dialect.btf.map.type", "map wrong: type");
}

static void pinning_other_than_by_name_is_refused(void **state)
{
	(void)state;
	assert_refused("dia_bad_pinning.bpf.o", "dialect.btf.map.pinning", "map wrong: pinning");
}

/* ---- globals ---- */

static void data_sections_become_maps_with_their_content(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_globals.bpf.o");
	const struct lade_map *rodata = must_map(object, ".rodata"), *custom = must_map(object, ".data.custom");
	int value;
	assert_true(rodata->is_data && rodata->is_readonly_data);
	assert_int_equal(rodata->definition.flags, BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	assert_int_equal(rodata->definition.max_entries, 1);
	memcpy(&value, rodata->data, sizeof value);
	assert_int_equal(value, 10);
	memcpy(&value, custom->data, sizeof value);
	assert_int_equal(value, 11);
	assert_null(must_map(object, ".bss")->data);
	assert_false(must_map(object, ".bss")->is_readonly_data);
	lade_object_free(object);
}

static void variables_have_place_type_and_linkage(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_globals.bpf.o");
	struct lade_variable_info info = { .size = sizeof info };
	assert_int_equal(lade_variable_describe(lade_object_find_variable(object, "comm"), &info), 0);
	assert_int_equal(info.length, 16);
	assert_string_equal(info.type_name, "const volatile char[16]");
	assert_int_equal(lade_variable_describe(lade_object_find_variable(object, "hidden_second"), &info), 0);
	assert_true(info.is_static);
	assert_int_equal(lade_variable_describe(lade_object_find_variable(object, "weak_value"), &info), 0);
	assert_true(info.is_weak);
	lade_object_free(object);
}

/* Static variables are referred to by their section and the place in the instruction. */
static void references_to_variables_point_at_the_variable(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_globals.bpf.o");
	array_foreach(variable, &object->variables) {
		bool seen = false;
		array_foreach(relocation, &body_of(must_program(object, "enter"))->relocations)
			seen |= relocation->kind == RELOCATION_MAP_VALUE && relocation->target == (*variable)->map &&
				relocation->addend >= (*variable)->offset &&
				relocation->addend < (*variable)->offset + (*variable)->length;
		if (!seen)
			fail_msg("nothing refers to %s", (*variable)->name);
	}
	lade_object_free(object);
}

static void datasec_is_made_loadable(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_globals.bpf.o");
	const struct lade_map *data = must_map(object, ".data");
	const struct btf_type *datasec = lade_btf_type(object->btf, data->definition.btf_value_type);
	assert_int_equal(lade_btf_kind(datasec), BTF_KIND_DATASEC);
	assert_int_equal(datasec->size, data->definition.value_size);
	for (uint32_t i = 1; i < lade_btf_vlen(datasec); i++)
		assert_true(lade_btf_secinfos(datasec)[i].offset >=
			    lade_btf_secinfos(datasec)[i - 1].offset + lade_btf_secinfos(datasec)[i - 1].size);
	lade_object_free(object);
}

static void value_with_a_lock_requires_btf(void **state)
{
	(void)state;
	struct lade_object *special = open_object("dia_special.bpf.o"), *plain = open_object("dia_attributes.bpf.o");
	assert_true(special->btf_required);
	assert_false(plain->btf_required);
	lade_object_free(special);
	lade_object_free(plain);
}

/* ---- functions ---- */

static void check_calls(const char *file, bool big_endian)
{
	struct lade_object *object = open_object(file);
	struct lade_program *first = must_program(object, "first"), *second = must_program(object, "second");
	assert_int_equal(object->big_endian, big_endian);
	assert_int_equal(object->programs.count, 3);
	assert_true(has_subprogram(first, "global_sub"));
	assert_true(has_subprogram(first, "weak_sub"));
	assert_true(has_subprogram(first, "deepest"));
	assert_false(has_subprogram(first, "each"));
	assert_true(has_subprogram(second, "each"));
	assert_true(has_subprogram(second, "repeat"));
	assert_true(has_subprogram(second, "hidden_sub"));
	assert_true(has_subprogram(second, "deepest"));
	assert_string_equal(lade_program_map(first, 0)->name, "deep");
	assert_string_equal(first_map(second), "counts");
	assert_true(object->btf_required); /* callbacks */
	lade_object_free(object);
}

static void subprograms_and_callbacks_are_reached_through_calls(void **state)
{
	(void)state;
	check_calls("dia_calls.bpf.o", false);
}

static void big_endian_object_reads_the_same(void **state)
{
	(void)state;
	check_calls("dia_calls.eb.o", true);
}

static void instructions_of_both_byte_orders_are_equal(void **state)
{
	(void)state;
	struct lade_object *little = open_object("dia_calls.bpf.o"), *big = open_object("dia_calls.eb.o");
	assert_int_equal(little->functions.count, big->functions.count);
	for (size_t i = 0; i < little->functions.count; i++) {
		const struct lade_function *a = &little->functions.items[i], *b = &big->functions.items[i];
		assert_string_equal(a->name, b->name);
		assert_int_equal(a->instruction_count, b->instruction_count);
		for (uint32_t j = 0; j < a->instruction_count; j++)
			assert_int_equal(a->instructions[j].code, b->instructions[j].code);
	}
	lade_object_free(little);
	lade_object_free(big);
}

static void question_mark_section_does_not_load_by_itself(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_calls.bpf.o");
	const struct lade_program *program = must_program(object, "only_when_asked");
	assert_false(program->autoload);
	assert_string_equal(program->section, "xdp");
	assert_int_equal(program->type, BPF_PROG_TYPE_XDP);
	assert_ptr_equal(lade_object_find_program(object, "xdp"), program);
	lade_object_free(object);
}

static void section_of_two_programs_names_neither(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_calls.bpf.o");
	assert_null(lade_object_find_program(object, "tp/sched/sched_switch"));
	lade_object_free(object);
}

static void hidden_subprogram_is_static_in_btf(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_calls.bpf.o");
	uint32_t hidden = lade_btf_find(object->btf, "hidden_sub", BTF_KIND_FUNC);
	uint32_t global = lade_btf_find(object->btf, "global_sub", BTF_KIND_FUNC);
	assert_int_equal(lade_btf_vlen(lade_btf_type(object->btf, hidden)), BTF_FUNC_STATIC);
	assert_int_equal(lade_btf_vlen(lade_btf_type(object->btf, global)), BTF_FUNC_GLOBAL);
	lade_object_free(object);
}

static void info_records_are_relative_to_their_function(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_calls.bpf.o");
	array_foreach(function, &object->functions) {
		assert_int_equal(function->func_info.count, 1);
		assert_int_equal(function->func_info.items[0].offset, 0);
		const struct btf_type *type = lade_btf_type(object->btf, function->func_info.items[0].type_id);
		assert_string_equal(lade_btf_string(object->btf, type->name_off), function->name);
		assert_true(function->line_info.count > 0);
		assert_int_equal(function->line_info.items[0].offset, 0);
		array_foreach(line, &function->line_info)
			assert_true(line->offset < function->instruction_count);
	}
	lade_object_free(object);
}

/* ---- slots ---- */

static const char *slot_target(const struct lade_map *map, uint32_t slot)
{
	for (size_t i = 0; i < map->initial.count; i++) {
		uint32_t index;
		const char *target;
		assert_int_equal(lade_map_initial(map, i, &index, &target), 0);
		if (index == slot)
			return target;
	}
	return "";
}

static void prog_array_gets_its_initial_programs(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_slots.bpf.o");
	const struct lade_map *table = must_map(object, "table");
	assert_int_equal(table->initial.count, 2);
	assert_string_equal(slot_target(table, 0), "zero");
	assert_string_equal(slot_target(table, 2), "two");
	lade_object_free(object);
}

static void map_of_maps_gets_template_and_initial_maps(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_slots.bpf.o");
	const struct lade_map *outer = must_map(object, "outer"), *anonymous = must_map(object, "anonymous");
	assert_int_equal(outer->definition.value_size, 4);
	assert_string_equal(slot_target(outer, 1), "inner_b");
	assert_string_equal(slot_target(outer, 3), "inner_a");
	assert_true(object->maps.items[outer->inner]->inner_only);
	assert_definition(object->maps.items[anonymous->inner], BPF_MAP_TYPE_HASH, 4, 8, 7, 0);
	lade_object_free(object);
}

/* ---- needs ---- */

static void object_that_needs_the_kernel_is_read_without_one(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_needs.bpf.o");
	assert_int_equal(object->programs.count, 6);
	const struct lade_program *reads = must_program(object, "reads_task");
	assert_true(object->functions.items[reads->function].core.count > 0);
	assert_true(must_program(object, "on_unlink")->attach_btf_id_needed);
	assert_string_equal(must_program(object, "on_unlink")->load_target, "do_unlinkat");
	assert_string_equal(must_program(object, "on_exec")->load_target, "bprm_check_security");
	assert_int_equal(object->externs.count, 4);
	assert_int_equal(object->needs.count, 0);
	lade_object_free(object);
}

static void struct_ops_variable_is_a_table_with_programs_and_values(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_struct_ops.bpf.o");
	const struct lade_map *table = must_map(object, "table");
	assert_int_equal(table->definition.type, BPF_MAP_TYPE_STRUCT_OPS);
	assert_int_equal(table->definition.value_size, 24);
	assert_int_equal(table->definition.flags, 0);
	assert_false(table->asleep);
	assert_string_equal(lade_btf_type_name(object->btf, table->ops_type), "tcp_congestion_ops");
	assert_string_equal((const char *)table->data + 8, "dia");
	assert_int_equal(table->ops.count, 1);
	assert_int_equal(table->ops.items[0].member, 0);
	assert_ptr_equal(object->programs.items[table->ops.items[0].program], must_program(object, "ssthresh"));
	assert_int_equal(must_program(object, "ssthresh")->type, BPF_PROG_TYPE_STRUCT_OPS);
	assert_int_equal(object->needs.count, 0);
	lade_object_free(object);
}

static void struct_ops_sections_say_how_a_table_is_made(void **state)
{
	(void)state;
	struct lade_object *object = open_object("ops_link.bpf.o");
	assert_int_equal(must_map(object, "ops_first")->definition.flags, 1 << 13); /* BPF_F_LINK */
	assert_false(must_map(object, "ops_first")->asleep);
	assert_int_equal(must_map(object, "ops_asleep")->definition.flags, 1 << 13);
	assert_true(must_map(object, "ops_asleep")->asleep);
	assert_int_equal(must_map(object, "ops_second")->ops.count, 3);
	lade_object_free(object);
}

static void members_of_variables_are_found_by_their_path(void **state)
{
	(void)state;
	struct lade_object *object = open_object("ops_link.bpf.o");
	struct lade_map *table = must_map(object, "ops_first");
	struct lade_variable *name = lade_object_find_variable(object, "ops_first.name");
	struct lade_variable *ssthresh = lade_object_find_variable(object, "ops_first.ssthresh");
	struct lade_error *error = NULL;
	assert_non_null(name);
	assert_non_null(ssthresh);
	assert_ptr_equal(lade_object_find_variable(object, "ops_first.name"), name);
	assert_null(lade_object_find_variable(object, "ops_first.nothing"));
	assert_null(lade_object_find_variable(object, "nothing.name"));
	assert_null(lade_object_find_variable(object, "ops_first.name.x"));
	assert_int_equal(lade_variable_set(name, "another", NULL), 0);
	assert_string_equal((const char *)table->data + name->offset, "another");
	assert_int_equal(lade_variable_set(ssthresh, "ops_asleep_ssthresh", NULL), 0);
	assert_string_equal(object->programs.items[table->ops.items[0].program]->name, "ops_asleep_ssthresh");
	assert_int_equal(lade_variable_set(ssthresh, "0", NULL), 0);
	assert_int_equal(table->ops.items[0].program, NO_INDEX);
	assert_int_equal(lade_variable_set(ssthresh, "no_such_program", &error), -EINVAL);
	assert_string_equal(lade_error_finding(error, 0)->code, "variable.value");
	(void)lade_error_free(error);
	lade_object_free(object);
}

static void variables_of_an_arena_lie_in_its_map(void **state)
{
	(void)state;
	if (access(TEST_OBJECTS "/arena_global.recent.o", R_OK) != 0) {
		print_error("no clang-19: no object with an arena\n");
		skip();
	}
	struct lade_object *object = open_object("arena_global.recent.o");
	struct lade_map *arena = must_map(object, "arena");
	struct lade_variable *number = lade_object_find_variable(object, "arena_number");
	assert_non_null(number);
	assert_int_equal(arena->arena_bytes, 16);
	assert_ptr_equal(object->maps.items[number->map], arena);
	assert_int_equal(lade_map_set_type(arena, BPF_MAP_TYPE_ARRAY), -EBUSY);
	assert_int_equal(object->needs.count, 0);
	lade_object_free(object);
}

static void ordinary_object_needs_nothing(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_slots.bpf.o");
	assert_int_equal(object->needs.count, 0);
	assert_int_equal(object->notes.count, 0);
	lade_object_free(object);
}

static void function_in_text_alone_says_that_its_type_is_missing(void **state)
{
	struct lade_object *object = open_object("text_alone.bpf.o");
	struct lade_program *program = lade_object_find_program(object, "only");
	struct lade_program_info info = { .size = sizeof info };
	(void)state;
	assert_int_equal(lade_program_describe(program, &info), 0);
	assert_non_null(info.skip);
	assert_non_null(strstr(info.skip, "--type only=TYPE"));
	assert_int_equal(lade_program_set_type(program, "xdp"), 0);
	assert_int_equal(lade_program_describe(program, &info), 0);
	assert_null(info.skip);
	assert_true(info.autoload);
	assert_int_equal(info.type, BPF_PROG_TYPE_XDP);
	(void)lade_object_free(object);
}

/* Then the plan says that it has no type, and that is an error. */
static void function_in_text_alone_that_is_asked_for_is_not_left_out(void **state)
{
	struct lade_object *object = open_object("text_alone.bpf.o");
	struct lade_program *program = lade_object_find_program(object, "only");
	struct lade_program_info info = { .size = sizeof info };
	(void)state;
	assert_int_equal(lade_program_set_autoload(program, true), 0);
	assert_int_equal(lade_program_describe(program, &info), 0);
	assert_null(info.skip);
	(void)lade_object_free(object);
}

static void types_and_functions_for_others_are_an_object_of_nothing(void **state)
{
	struct lade_object *object = open_object("text_library.bpf.o");
	struct lade_finding_info info = { .size = sizeof info };
	(void)state;
	assert_int_equal(lade_object_program_count(object), 0);
	assert_int_equal(lade_object_map_count(object), 0);
	assert_int_equal(lade_object_note_count(object), 1);
	assert_int_equal(lade_finding_describe(lade_object_note(object, 0), &info), 0);
	assert_string_equal(info.code, "dialect.btf.nothing");
	(void)lade_object_free(object);
}

static void section_without_a_type_is_a_note(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_types.bpf.o");
	const struct lade_finding *note = find_note(object, "program.type.unknown");
	assert_non_null(note);
	assert_string_equal(note->program, "on_untyped");
	assert_int_equal(must_program(object, "on_untyped")->type, 0);
	lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_of_maps_are_read),
		cmocka_unit_test(value_type_of_a_buffer_describes_records_and_not_the_map),
		cmocka_unit_test(unknown_attribute_is_refused_naming_map_and_field),
		cmocka_unit_test(size_that_contradicts_its_type_is_refused),
		cmocka_unit_test(map_without_a_type_is_refused),
		cmocka_unit_test(pinning_other_than_by_name_is_refused),
		cmocka_unit_test(data_sections_become_maps_with_their_content),
		cmocka_unit_test(variables_have_place_type_and_linkage),
		cmocka_unit_test(references_to_variables_point_at_the_variable),
		cmocka_unit_test(datasec_is_made_loadable),
		cmocka_unit_test(value_with_a_lock_requires_btf),
		cmocka_unit_test(subprograms_and_callbacks_are_reached_through_calls),
		cmocka_unit_test(big_endian_object_reads_the_same),
		cmocka_unit_test(instructions_of_both_byte_orders_are_equal),
		cmocka_unit_test(question_mark_section_does_not_load_by_itself),
		cmocka_unit_test(section_of_two_programs_names_neither),
		cmocka_unit_test(hidden_subprogram_is_static_in_btf),
		cmocka_unit_test(info_records_are_relative_to_their_function),
		cmocka_unit_test(prog_array_gets_its_initial_programs),
		cmocka_unit_test(map_of_maps_gets_template_and_initial_maps),
		cmocka_unit_test(object_that_needs_the_kernel_is_read_without_one),
		cmocka_unit_test(struct_ops_variable_is_a_table_with_programs_and_values),
		cmocka_unit_test(struct_ops_sections_say_how_a_table_is_made),
		cmocka_unit_test(members_of_variables_are_found_by_their_path),
		cmocka_unit_test(variables_of_an_arena_lie_in_its_map),
		cmocka_unit_test(ordinary_object_needs_nothing),
		cmocka_unit_test(function_in_text_alone_says_that_its_type_is_missing),
		cmocka_unit_test(function_in_text_alone_that_is_asked_for_is_not_left_out),
		cmocka_unit_test(types_and_functions_for_others_are_an_object_of_nothing),
		cmocka_unit_test(section_without_a_type_is_a_note),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
