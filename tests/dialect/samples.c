/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialect of the kernel's old samples, on objects as clang makes them and on ones it never made. */
#include "dialect/opened.h"

static void check_sized(const char *file)
{
	struct lade_object *object = open_as(file, "samples");
	assert_string_equal(object->dialect, "samples");
	assert_int_equal(object->maps.count, 2);
	assert_definition(must_map(object, "first"), BPF_MAP_TYPE_HASH, 4, 8, 100, 0);
	assert_definition(must_map(object, "second"), BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0);
	assert_false(must_map(object, "first")->definition.has_numa_node);
	assert_true(object->has_version);
	assert_int_equal(object->version, 0x040f00);
	assert_string_equal(object->license, "GPL");
	assert_string_equal(first_map(must_program(object, "count")), "first");
	lade_object_free(object);
}

static void samples_map_shorter_than_known_struct_is_zero_filled(void **state)
{
	(void)state;
	check_sized("dia_size16_kern.o");
	check_sized("dia_size20_kern.o");
	check_sized("dia_size24_kern.o");
}

static void samples_map_of_the_known_struct_is_read(void **state)
{
	(void)state;
	check_sized("dia_size28_kern.o");
}

static void samples_map_longer_than_known_struct_is_accepted_when_the_rest_is_zero(void **state)
{
	(void)state;
	check_sized("dia_size32zero_kern.o");
}

static void samples_map_with_a_nonzero_tail_is_refused_naming_map_and_byte(void **state)
{
	(void)state;
	assert_refused("dia_size32tail_kern.o", "dialect.samples.tail", "map second: byte 29");
}

static void samples_static_maps_are_found_by_the_addend(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_static_kern.o");
	assert_int_equal(object->maps.count, 3);
	assert_string_equal(first_map(must_program(object, "use_one")), "one");
	assert_string_equal(first_map(must_program(object, "use_two")), "two");
	assert_string_equal(first_map(must_program(object, "use_three")), "three");
	lade_object_free(object);
}

static void samples_inner_map_is_an_index_in_offset_order(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_inner_kern.o");
	const struct lade_map *outer = must_map(object, "outer");
	assert_int_equal(outer->definition.value_size, 4);
	assert_string_equal(object->maps.items[outer->inner]->name, "inner");
	assert_false(must_map(object, "inner")->inner_only);
	lade_object_free(object);
}

static void samples_numa_node_counts_only_with_its_flag(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_inner_kern.o");
	assert_true(must_map(object, "numa")->definition.has_numa_node);
	assert_int_equal(must_map(object, "numa")->definition.numa_node, 1);
	assert_false(must_map(object, "no_numa")->definition.has_numa_node);
	lade_object_free(object);
}

static void assert_slot(const struct lade_map *map, const char *program, uint32_t slot)
{
	for (size_t i = 0; i < map->initial.count; i++) {
		uint32_t index;
		const char *target;
		assert_int_equal(lade_map_initial(map, i, &index, &target), 0);
		if (strcmp(target, program) == 0) {
			assert_int_equal(index, slot);
			return;
		}
	}
	fail_msg("%s is in no slot", program);
}

static void samples_numeric_sections_fill_the_last_prog_array_as_atoi_reads(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_tail_kern.o");
	const struct lade_map *table = must_map(object, "table");
	assert_int_equal(must_map(object, "not_this")->initial.count, 0);
	assert_int_equal(table->initial.count, 4);
	assert_slot(table, "socket_three", 3);
	assert_slot(table, "socket_one", 1);
	assert_slot(table, "kprobe_zero", 0);
	assert_slot(table, "sockops_far", 4096);
	lade_object_free(object);
}

static void samples_program_in_a_slot_is_not_attached(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_tail_kern.o");
	assert_null(must_program(object, "kprobe_zero")->attach_target);
	assert_string_equal(must_program(object, "enter")->attach_target, "__seccomp_filter");
	lade_object_free(object);
}

static void samples_slot_beyond_the_array_is_a_warning(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_tail_kern.o");
	const struct lade_finding *note = find_note(object, "dialect.samples.slot-range");
	assert_non_null(note);
	assert_string_equal(note->map, "table");
	assert_string_equal(note->program, "sockops_far");
	lade_object_free(object);
}

static void samples_has_no_limit_of_32_maps(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_many_kern.o");
	assert_int_equal(object->maps.count, 40);
	assert_string_equal(object->maps.items[39]->name, "map_39");
	assert_int_equal(object->maps.items[39]->definition.max_entries, 139);
	assert_string_equal(first_map(must_program(object, "last")), "map_39");
	lade_object_free(object);
}

static void samples_sections_are_compared_by_prefix(void **state)
{
	static const struct {
		const char *name, *target;
		uint32_t type;
	} wanted[] = {
		{ "plain_socket", NULL, BPF_PROG_TYPE_SOCKET_FILTER },
		{ "plain_xdp", NULL, BPF_PROG_TYPE_XDP },
		{ "plain_perf", NULL, BPF_PROG_TYPE_PERF_EVENT },
		{ "plain_cgroup_skb", NULL, BPF_PROG_TYPE_CGROUP_SKB },
		{ "plain_cgroup_sock", NULL, BPF_PROG_TYPE_CGROUP_SOCK },
		{ "plain_sk_msg", NULL, BPF_PROG_TYPE_SK_MSG },
		{ "plain_sockops", NULL, BPF_PROG_TYPE_SOCK_OPS },
		{ "on_switch", "sched/sched_switch", BPF_PROG_TYPE_TRACEPOINT },
		{ "on_enter", "sys_enter", BPF_PROG_TYPE_RAW_TRACEPOINT },
		{ "on_exit", "do_exit", BPF_PROG_TYPE_KPROBE },
	};
	(void)state;
	struct lade_object *object = open_object("dia_prefix_kern.o");
	for (size_t i = 0; i < ELEMENTS(wanted); i++) {
		const struct lade_program *program = must_program(object, wanted[i].name);
		assert_int_equal(program->type, wanted[i].type);
		assert_false(program->has_expected_attach_type);
		if (wanted[i].target)
			assert_string_equal(program->attach_target, wanted[i].target);
		else
			assert_null(program->attach_target);
	}
	assert_int_equal(object->programs.count, ELEMENTS(wanted));
	lade_object_free(object);
}

static void samples_unknown_section_is_ignored_and_says_why(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_prefix_kern.o");
	bool seen = false;
	array_foreach(section, &object->sections) {
		if (strcmp(section->name, "classifier") != 0)
			continue;
		seen = true;
		assert_string_equal(section->role, "ignored");
		assert_non_null(section->why);
	}
	assert_true(seen);
	lade_object_free(object);
}

static void samples_object_without_a_known_section_is_refused(void **state)
{
	(void)state;
	assert_refused_as("dia_foreign_kern.o", "samples", "dialect.no-program", "section mine");
}

static void samples_variable_is_not_taken_for_the_map_at_its_offset(void **state)
{
	(void)state;
	assert_refused_as("dia_rodata_kern.o", "samples", "dialect.samples.data", "silently took map innocent");
}

static void samples_object_that_refers_to_variables_is_read_as_libbpf0(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_rodata_kern.o");
	struct lade_object_info info = { .size = sizeof info };
	assert_int_equal(lade_object_describe(object, &info), 0);
	assert_string_equal(info.dialect, "libbpf0");
	assert_int_equal(info.also_count, 0);
	assert_non_null(strstr(info.evidence[info.evidence_count - 1], ".rodata"));
	(void)lade_object_free(object);
}

static void samples_maps_without_programs_may_be_there_to_be_shared(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_maps_only_kern.o");
	assert_int_equal(lade_object_program_count(object), 0);
	assert_int_equal(must_map(object, "shared")->definition.max_entries, 16);
	(void)lade_object_free(object);
}

static void samples_calls_reach_functions_in_sections_of_their_own(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_far_calls_kern.o");
	struct lade_program_info info = { .size = sizeof info };
	assert_int_equal(lade_object_program_count(object), 1);
	assert_int_equal(lade_program_describe(lade_object_program(object, 0), &info), 0);
	assert_int_equal(info.subprogram_count, 1);
	assert_string_equal(lade_program_subprogram(lade_object_program(object, 0), 0), "twice");
	(void)lade_object_free(object);
}

static void samples_calls_reach_subprograms_in_text_and_beside_the_program(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_calls_kern.o");
	const struct lade_program *enter = must_program(object, "enter");
	assert_int_equal(object->programs.count, 1);
	assert_true(has_subprogram(enter, "global_helper"));
	assert_true(has_subprogram(enter, "static_helper"));
	assert_true(has_subprogram(enter, "beside"));
	assert_string_equal(lade_program_map(enter, 0)->name, "calls");
	lade_object_free(object);
}

static void samples_version_must_have_four_bytes(void **state)
{
	(void)state;
	assert_refused("dia_version_kern.o", "dialect.version", "8 bytes");
}

static void samples_license_needs_no_end(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_license_kern.o");
	assert_string_equal(object->license, "GPL");
	lade_object_free(object);
}

/* ---- what clang does not write any more, or never did: yaml ---- */

static void samples_symbols_without_size_and_type_are_maps(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_untyped.o");
	assert_string_equal(object->dialect, "samples");
	assert_int_equal(object->maps.count, 2);
	assert_definition(must_map(object, "alpha"), BPF_MAP_TYPE_HASH, 4, 8, 16, 0);
	assert_definition(must_map(object, "beta"), BPF_MAP_TYPE_ARRAY, 4, 4, 2, 0);
	const struct lade_program *program = lade_object_program(object, 0);
	assert_string_equal(program->name, "enter");
	assert_int_equal(body_of(program)->instruction_count, 5);
	assert_string_equal(first_map(program), "beta");
	lade_object_free(object);
}

static void samples_two_names_of_one_place_are_one_map(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_untyped.o");
	assert_null(lade_object_find_map(object, "beta_again"));
	lade_object_free(object);
}

static void samples_map_beyond_the_section_is_refused(void **state)
{
	(void)state;
	assert_refused("dia_beyond.o", "dialect.maps.beyond", "map far");
}

static void samples_maps_without_symbols_are_refused(void **state)
{
	(void)state;
	assert_refused("dia_nosymbols.o", "dialect.maps.symbols", "section maps");
}

static void samples_call_into_the_middle_of_a_function_is_refused(void **state)
{
	(void)state;
	assert_refused("dia_badcall.o", "dialect.call.target", "instruction 0 of enter");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_map_shorter_than_known_struct_is_zero_filled),
		cmocka_unit_test(samples_map_of_the_known_struct_is_read),
		cmocka_unit_test(samples_map_longer_than_known_struct_is_accepted_when_the_rest_is_zero),
		cmocka_unit_test(samples_map_with_a_nonzero_tail_is_refused_naming_map_and_byte),
		cmocka_unit_test(samples_static_maps_are_found_by_the_addend),
		cmocka_unit_test(samples_inner_map_is_an_index_in_offset_order),
		cmocka_unit_test(samples_numa_node_counts_only_with_its_flag),
		cmocka_unit_test(samples_numeric_sections_fill_the_last_prog_array_as_atoi_reads),
		cmocka_unit_test(samples_program_in_a_slot_is_not_attached),
		cmocka_unit_test(samples_slot_beyond_the_array_is_a_warning),
		cmocka_unit_test(samples_has_no_limit_of_32_maps),
		cmocka_unit_test(samples_sections_are_compared_by_prefix),
		cmocka_unit_test(samples_unknown_section_is_ignored_and_says_why),
		cmocka_unit_test(samples_object_without_a_known_section_is_refused),
		cmocka_unit_test(samples_variable_is_not_taken_for_the_map_at_its_offset),
		cmocka_unit_test(samples_object_that_refers_to_variables_is_read_as_libbpf0),
		cmocka_unit_test(samples_maps_without_programs_may_be_there_to_be_shared),
		cmocka_unit_test(samples_calls_reach_functions_in_sections_of_their_own),
		cmocka_unit_test(samples_calls_reach_subprograms_in_text_and_beside_the_program),
		cmocka_unit_test(samples_version_must_have_four_bytes),
		cmocka_unit_test(samples_license_needs_no_end),
		cmocka_unit_test(samples_symbols_without_size_and_type_are_maps),
		cmocka_unit_test(samples_two_names_of_one_place_are_one_map),
		cmocka_unit_test(samples_map_beyond_the_section_is_refused),
		cmocka_unit_test(samples_maps_without_symbols_are_refused),
		cmocka_unit_test(samples_call_into_the_middle_of_a_function_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
