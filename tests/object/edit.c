/* SPDX-License-Identifier: BSD-2-Clause */
/* Editing an object before it is loaded, and what the info structs promise. */
#include <errno.h>

#include "dialect/opened.h"

static void map_can_be_resized_and_retyped(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_attributes.bpf.o");
	struct lade_map *map = must_map(object, "typed");
	struct lade_map_info info = { .size = sizeof info };
	assert_int_equal(lade_map_set_max_entries(map, 5), 0);
	assert_int_equal(lade_map_set_type(map, BPF_MAP_TYPE_LRU_HASH), 0);
	assert_int_equal(lade_map_set_flags(map, 0), 0);
	assert_int_equal(lade_map_set_value_size(map, 24), 0);
	assert_int_equal(lade_map_describe(map, &info), 0);
	assert_int_equal(info.max_entries, 5);
	assert_string_equal(info.type_name, "lru_hash");
	assert_int_equal(info.value_size, 24);
	assert_int_equal(info.btf_value_type, 0);
	lade_object_free(object);
}

static void data_map_keeps_its_size(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_globals.bpf.o");
	struct lade_map *map = must_map(object, ".rodata");
	assert_int_equal(lade_map_set_max_entries(map, 2), -EBUSY);
	assert_int_equal(lade_map_set_value_size(map, 2), -EBUSY);
	assert_int_equal(lade_map_set_type(map, BPF_MAP_TYPE_HASH), -EBUSY);
	lade_object_free(object);
}

static void reused_map_remembers_its_pin(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_attributes.bpf.o");
	struct lade_map_info info = { .size = sizeof info };
	assert_int_equal(lade_map_set_reuse(must_map(object, "sized"), ""), -EINVAL);
	assert_int_equal(lade_map_set_reuse(must_map(object, "sized"), "tc/globals/x"), 0);
	assert_int_equal(lade_map_describe(must_map(object, "sized"), &info), 0);
	assert_int_equal(info.pinning, LADE_PIN_PATH);
	assert_string_equal(info.pin_path, "tc/globals/x");
	assert_true(must_map(object, "sized")->reuse_only);
	lade_object_free(object);
}

static void last_said_reuse_holds(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_attributes.bpf.o");
	struct lade_map *map = must_map(object, "sized");
	struct lade_map_info info = { .size = sizeof info };
	assert_int_equal(lade_map_set_reuse(map, "tc/globals/x"), 0);
	assert_int_equal(lade_map_set_fd(map, 4000), -EBADF);
	assert_int_equal(lade_map_describe(map, &info), 0);
	assert_string_equal(info.pin_path, "tc/globals/x");
	assert_int_equal(lade_map_set_fd(map, 2), 0);
	assert_int_equal(lade_map_describe(map, &info), 0);
	assert_null(info.pin_path);
	assert_true(map->reuse_fd > 2);
	assert_int_equal(lade_map_set_reuse(map, "tc/globals/x"), 0);
	assert_int_equal(map->reuse_fd, -1);
	lade_object_free(object);
}

static void key_node_and_template_can_be_set(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_inner_kern.o"), *other = open_object("dia_inner_kern.o");
	struct lade_map_info info = { .size = sizeof info };
	struct lade_map *map = lade_object_map(object, 0);
	struct lade_map *outer = NULL;
	for (size_t i = 0; i < lade_object_map_count(object) && !outer; i++)
		if (lade_object_map(object, i)->inner != NO_INDEX)
			outer = lade_object_map(object, i);
	assert_non_null(outer);
	assert_int_equal(lade_map_set_key_size(map, 12), 0);
	assert_int_equal(lade_map_set_numa_node(map, 3), 0);
	assert_int_equal(lade_map_describe(map, &info), 0);
	assert_int_equal(info.key_size, 12);
	assert_true(info.has_numa_node);
	assert_int_equal(info.numa_node, 3);
	assert_int_equal(info.flags & BPF_F_NUMA_NODE, BPF_F_NUMA_NODE);
	assert_int_equal(lade_map_set_inner(outer, outer), -EINVAL);
	assert_int_equal(lade_map_set_inner(outer, lade_object_map(other, 0)), -EINVAL);
	assert_int_equal(lade_map_set_inner(outer, map), 0);
	assert_int_equal(lade_map_describe(outer, &info), 0);
	assert_ptr_equal(info.inner, map);
	assert_int_equal(lade_map_set_inner(outer, NULL), 0);
	assert_int_equal(lade_map_describe(outer, &info), 0);
	assert_null(info.inner);
	lade_object_free(object);
	lade_object_free(other);
}

static void type_set_by_hand_drops_what_the_section_said(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_types.bpf.o");
	struct lade_program *program = must_program(object, "on_xdp_frags");
	assert_int_equal(lade_program_set_type(program, "carpet"), -EINVAL);
	assert_int_equal(lade_program_set_type(program, "xdp"), 0);
	assert_true(program->has_expected_attach_type);
	assert_int_equal(lade_program_set_type(program, "sched_cls"), 0);
	assert_int_equal(program->type, BPF_PROG_TYPE_SCHED_CLS);
	assert_false(program->has_expected_attach_type);
	assert_int_equal(program->flags, 0);
	assert_null(program->row);
	lade_object_free(object);
}

static void program_is_found_by_function_then_by_section(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_types.bpf.o");
	assert_string_equal(must_program(object, "kprobe/do_exit")->name, "on_kprobe");
	assert_string_equal(must_program(object, "on_kprobe")->section, "kprobe/do_exit");
	assert_null(lade_object_find_program(object, "nothing"));
	lade_object_free(object);
}

static void autoload_can_be_switched(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_calls.bpf.o");
	struct lade_program *program = must_program(object, "only_when_asked");
	struct lade_program_info info = { .size = sizeof info };
	assert_int_equal(lade_program_set_autoload(program, true), 0);
	assert_int_equal(lade_program_describe(program, &info), 0);
	assert_true(info.autoload);
	assert_null(info.skip);
	lade_object_free(object);
}

static void shorter_info_of_an_older_caller_is_filled_as_far_as_it_goes(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_types.bpf.o");
	struct lade_object_info info = { .size = offsetof(struct lade_object_info, dialect) };
	info.dialect = "untouched";
	assert_int_equal(lade_object_describe(object, &info), 0);
	assert_string_equal(info.name, "dia_types");
	assert_string_equal(info.dialect, "untouched");
	lade_object_free(object);
}

static void past_the_end_there_is_nothing(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_types.bpf.o");
	struct lade_section_info section = { .size = sizeof section };
	struct lade_symbol_info symbol = { .size = sizeof symbol };
	struct lade_relocation_info relocation = { .size = sizeof relocation };
	struct lade_extern_info outside = { .size = sizeof outside };
	assert_null(lade_object_map(object, 0));
	assert_null(lade_object_program(object, lade_object_program_count(object)));
	assert_null(lade_object_variable(object, 0));
	assert_int_equal(lade_object_section(object, lade_object_section_count(object), &section), -ENOENT);
	assert_int_equal(lade_object_symbol(object, lade_object_symbol_count(object), &symbol), -ENOENT);
	assert_int_equal(lade_object_relocation(object, 0, &relocation), -ENOENT);
	assert_int_equal(lade_object_extern(object, 0, &outside), -ENOENT);
	assert_null(lade_object_note(object, 99));
	lade_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_can_be_resized_and_retyped),
		cmocka_unit_test(data_map_keeps_its_size),
		cmocka_unit_test(last_said_reuse_holds),
		cmocka_unit_test(key_node_and_template_can_be_set),
		cmocka_unit_test(reused_map_remembers_its_pin),
		cmocka_unit_test(type_set_by_hand_drops_what_the_section_said),
		cmocka_unit_test(program_is_found_by_function_then_by_section),
		cmocka_unit_test(autoload_can_be_switched),
		cmocka_unit_test(shorter_info_of_an_older_caller_is_filled_as_far_as_it_goes),
		cmocka_unit_test(past_the_end_there_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
