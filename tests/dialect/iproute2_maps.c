/* SPDX-License-Identifier: BSD-2-Clause */
/* The maps of iproute2 and Calico: records of every size, pins, maps of maps, types from BTF, and what lies. */
#include <sha1.h>
#include <stdlib.h>
#include <unistd.h>

#include "dialect/opened.h"
#include "plan/plan.h"

/* ---- records ---- */

struct sized_case {
	const char *file;
	uint32_t counts_flags;
	bool pinned;
};

static void check_sized(const struct sized_case *expected)
{
	struct lade_object *object = open_object(expected->file);
	const struct lade_map *calls = must_map(object, "calls");
	assert_string_equal(object->dialect, "iproute2");
	assert_int_equal(object->maps.count, 2);
	assert_definition(calls, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 3, 0);
	assert_definition(must_map(object, "counts"), BPF_MAP_TYPE_ARRAY, 4, 8, 1, expected->counts_flags);
	assert_int_equal(calls->pinning, expected->pinned ? LADE_PIN_PATH : LADE_PIN_OBJECT);
	if (expected->pinned)
		assert_string_equal(calls->pin_path, "tc/globals/calls");
	assert_int_equal(must_map(object, "counts")->pinning, LADE_PIN_OBJECT);
	/* Only who read the id finds the array of section 77/2. */
	assert_int_equal(calls->initial.count, 1);
	assert_int_equal(calls->initial.items[0].index, 2);
	lade_object_free(object);
}

static void records_have_the_fields_of_their_time(void **state)
{
	static const struct sized_case cases[] = {
		{ "tc_size20_kern.o", 0, false },           { "tc_size24_kern.o", 0, true },
		{ "tc_size28_kern.o", BPF_F_RDONLY, true }, { "tc_size32_kern.o", BPF_F_RDONLY, true },
		{ "tc_size36_kern.o", BPF_F_RDONLY, true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		check_sized(&cases[i]);
}

static void records_longer_than_any_iproute2_knew_are_refused_even_with_zeros(void **state)
{
	(void)state;
	assert_refused_as("tc_size40_kern.o", "iproute2", "dialect.iproute2.size", "40 bytes");
}

static void members_that_btf_names_are_read_by_name_whatever_their_order(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_annotated.bpf.o");
	assert_definition(must_map(object, "flows"), BPF_MAP_TYPE_HASH, 8, 8, 16, 0);
	assert_string_equal(must_map(object, "flows")->pin_path, "tc/globals/flows");
	lade_object_free(object);
}

static void records_of_two_sizes_are_refused_naming_the_maps(void **state)
{
	(void)state;
	assert_refused("tc_mixed_kern.o", "dialect.iproute2.mixed", "b_long at 28, symbol size 36");
}

static void record_without_a_symbol_is_refused(void **state)
{
	(void)state;
	assert_refused("tc_hole.o", "dialect.iproute2.mixed", "beta at 72");
}

static void section_that_does_not_divide_is_refused(void **state)
{
	(void)state;
	assert_refused_as("tc_stride.o", "iproute2", "dialect.maps.stride", "70 bytes cannot be 2 map records");
}

static void symbol_beyond_the_section_is_refused(void **state)
{
	(void)state;
	assert_refused_as("tc_beyond.o", "iproute2", "dialect.maps.beyond", "map beta");
}

static void two_maps_of_one_name_are_refused(void **state)
{
	(void)state;
	assert_refused("tc_twice.o", "dialect.maps.duplicate", "offsets 0 and 36");
}

static void two_symbols_of_one_record_are_one_map_and_a_note(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_alias.o");
	const struct lade_finding *note = find_note(object, "dialect.maps.alias");
	assert_int_equal(object->maps.count, 2);
	assert_definition(must_map(object, "beta"), BPF_MAP_TYPE_HASH, 4, 16, 9, 0);
	assert_string_equal(first_map(must_program(object, "enter")), "beta");
	assert_non_null(note);
	assert_non_null(strstr(note->message, "beta_too"));
	lade_object_free(object);
}

static void size_of_the_symbols_gives_way_to_the_distance_of_the_records(void **state)
{
	(void)state;
	struct lade_object *object = open_as("tc_lying_size.o", "iproute2");
	assert_definition(must_map(object, "beta"), BPF_MAP_TYPE_HASH, 4, 16, 9, 0);
	assert_string_equal(must_map(object, "beta")->pin_path, "tc/globals/beta");
	assert_non_null(find_note(object, "dialect.iproute2.symbol-size"));
	lade_object_free(object);
}

static void sixty_four_maps_are_read_and_one_more_is_refused(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_maps64_kern.o");
	assert_int_equal(object->maps.count, 64);
	lade_object_free(object);
	assert_refused("tc_maps65_kern.o", "dialect.iproute2.many", "65 maps");
}

/* ---- pins ---- */

static char *hash_of(const char *path)
{
	char *hash = SHA1File(path, NULL);
	assert_non_null(hash);
	return hash;
}

static struct lade_object *open_with_names(const char *file, const char *text, char names[64])
{
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .pin_names = names };
	(void)snprintf(names, 64, "/tmp/lade-pin-names-XXXXXX");
	int fd = mkstemp(names);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	int result = lade_object_open(NULL, path, &options, &object, &error);
	(void)unlink(names);
	if (result < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static void pins_lie_where_tc_put_them(void **state)
{
	(void)state;
	char expected[128], names[64];
	char *hash = hash_of(TEST_OBJECTS "/tc_pins_kern.o");
	struct lade_object *object = open_with_names("tc_pins_kern.o", "# mine\n\n 0x5 /own/maps/ # five\n", names);
	(void)snprintf(expected, sizeof expected, "tc/%s/object_ns", hash);
	assert_int_equal(must_map(object, "own")->pinning, LADE_PIN_OBJECT);
	assert_string_equal(must_map(object, "object_ns")->pin_path, expected);
	assert_string_equal(must_map(object, "global_ns")->pin_path, "tc/globals/global_ns");
	assert_string_equal(must_map(object, "custom")->pin_path, "own/maps/custom");
	assert_int_equal(must_map(object, "custom")->pinning, LADE_PIN_PATH);
	lade_object_free(object);
	free(hash);
}

static void pinning_without_a_directory_is_a_warning_and_stays_with_the_object(void **state)
{
	(void)state;
	char names[64];
	struct lade_object *object = open_with_names("tc_pins_kern.o", "5 own\n", names);
	const struct lade_finding *note = find_note(object, "dialect.iproute2.pin-unknown");
	assert_int_equal(must_map(object, "unknown")->pinning, LADE_PIN_OBJECT);
	assert_null(must_map(object, "unknown")->pin_path);
	assert_non_null(note);
	assert_string_equal(note->map, "unknown");
	assert_non_null(strstr(note->message, "4711"));
	lade_object_free(object);
}

static void bad_line_of_the_pin_names_ends_their_reading(void **state)
{
	(void)state;
	char names[64];
	struct lade_object *object = open_with_names("tc_pins_kern.o", "2 no\n5 own\nfive own\n4711 late\n", names);
	assert_string_equal(must_map(object, "custom")->pin_path, "own/custom");
	assert_null(must_map(object, "unknown")->pin_path);
	size_t lines = 0;
	array_foreach(note, &object->notes)
		lines += strcmp((*note)->code, "dialect.iproute2.pin-names-line") == 0;
	assert_int_equal(lines, 2);
	lade_object_free(object);
}

static void last_pin_name_of_a_number_counts(void **state)
{
	(void)state;
	char names[64];
	struct lade_object *object = open_with_names("tc_pins_kern.o", "5 first\n05 second\n", names);
	assert_string_equal(must_map(object, "custom")->pin_path, "second/custom");
	lade_object_free(object);
}

static void pin_names_that_cannot_be_read_are_an_error(void **state)
{
	(void)state;
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .pin_names = "/nowhere/names" };
	assert_int_equal(lade_object_open(NULL, TEST_OBJECTS "/tc_size36_kern.o", &options, &object, &error), -ENOENT);
	assert_string_equal(lade_error_finding(error, 0)->code, "dialect.iproute2.pin-names");
	assert_int_equal(lade_error_exit_code(error), 5);
	lade_error_free(error);
}

/* ---- maps of maps ---- */

static void assert_inner(const struct lade_map *outer, size_t nth, uint32_t index, const char *name)
{
	uint32_t found;
	const char *inner;
	assert_int_equal(lade_map_initial(outer, nth, &found, &inner), 0);
	assert_int_equal(found, index);
	assert_string_equal(inner, name);
}

static void inner_maps_are_found_by_id_and_put_where_inner_idx_says(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_inner_kern.o");
	const struct lade_map *outer = must_map(object, "outer"), *far = must_map(object, "far");
	assert_int_equal(outer->definition.value_size, 4);
	assert_string_equal(object->maps.items[outer->inner]->name, "first");
	assert_false(must_map(object, "first")->inner_only);
	assert_int_equal(outer->initial.count, 2); /* not the spare one */
	assert_inner(outer, 0, 0, "first");
	assert_inner(outer, 1, 1, "second");
	assert_int_equal(far->initial.count, 1);
	assert_inner(far, 0, 4711, "far_inner");
	lade_object_free(object);
}

static void key_of_a_hash_of_maps_may_be_larger_than_the_hash(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_inner_kern.o");
	const struct plan_target target = { .possible_cpus = 2, .page_bytes = 4096 };
	struct lade_load_opts options = { .size = sizeof options };
	struct lade_plan *plan = NULL;
	assert_int_equal(lade_plan_build(object, &target, &options, &plan, NULL), 0);
	lade_plan_free(plan);
	lade_object_free(object);
}

static void inner_id_that_no_map_has_is_refused(void **state)
{
	(void)state;
	assert_refused("tc_noinner_kern.o", "dialect.iproute2.inner", "inner map of id 7");
	assert_refused("tc_noinner_kern.o", "dialect.iproute2.inner", "map other has id 8");
}

/* ---- annotations ---- */

static void key_and_value_types_come_from_the_annotation_when_their_sizes_fit(void **state)
{
	(void)state;
	struct lade_object *object = open_object("tc_annotated.bpf.o");
	const struct lade_map *flows = must_map(object, "flows"), *wrong = must_map(object, "wrong");
	const struct lade_finding *note = find_note(object, "dialect.annotation");
	assert_string_equal(lade_btf_type_name(object->btf, flows->definition.btf_key_type), "flow");
	assert_int_equal(lade_btf_size(object->btf, flows->definition.btf_value_type), 8);
	assert_int_equal(wrong->definition.btf_value_type, 0);
	assert_non_null(note);
	assert_string_equal(note->map, "wrong");
	lade_object_free(object);
}

/* ---- Calico ---- */

static void calico_records_have_flags_where_the_build_put_them(void **state)
{
	static const struct {
		const char *file, *pin;
	} cases[] = {
		{ "tc_calico20.bpf.o", NULL },
		{ "tc_calico24.bpf.o", NULL },
		{ "tc_calico36.bpf.o", "tc/globals/flows" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct lade_object *object = open_object(cases[i].file);
		const struct lade_map *flows = must_map(object, "flows");
		assert_string_equal(object->dialect, "calico");
		assert_definition(flows, BPF_MAP_TYPE_HASH, 16, 64, 512, BPF_F_NO_PREALLOC);
		assert_int_equal(flows->pinning, cases[i].pin ? LADE_PIN_PATH : LADE_PIN_OBJECT);
		if (cases[i].pin)
			assert_string_equal(flows->pin_path, cases[i].pin);
		lade_object_free(object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_have_the_fields_of_their_time),
		cmocka_unit_test(records_longer_than_any_iproute2_knew_are_refused_even_with_zeros),
		cmocka_unit_test(members_that_btf_names_are_read_by_name_whatever_their_order),
		cmocka_unit_test(records_of_two_sizes_are_refused_naming_the_maps),
		cmocka_unit_test(record_without_a_symbol_is_refused),
		cmocka_unit_test(section_that_does_not_divide_is_refused),
		cmocka_unit_test(symbol_beyond_the_section_is_refused),
		cmocka_unit_test(two_maps_of_one_name_are_refused),
		cmocka_unit_test(two_symbols_of_one_record_are_one_map_and_a_note),
		cmocka_unit_test(size_of_the_symbols_gives_way_to_the_distance_of_the_records),
		cmocka_unit_test(sixty_four_maps_are_read_and_one_more_is_refused),
		cmocka_unit_test(pins_lie_where_tc_put_them),
		cmocka_unit_test(pinning_without_a_directory_is_a_warning_and_stays_with_the_object),
		cmocka_unit_test(bad_line_of_the_pin_names_ends_their_reading),
		cmocka_unit_test(last_pin_name_of_a_number_counts),
		cmocka_unit_test(pin_names_that_cannot_be_read_are_an_error),
		cmocka_unit_test(inner_maps_are_found_by_id_and_put_where_inner_idx_says),
		cmocka_unit_test(key_of_a_hash_of_maps_may_be_larger_than_the_hash),
		cmocka_unit_test(inner_id_that_no_map_has_is_refused),
		cmocka_unit_test(key_and_value_types_come_from_the_annotation_when_their_sizes_fit),
		cmocka_unit_test(calico_records_have_flags_where_the_build_put_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
