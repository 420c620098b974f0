/* SPDX-License-Identifier: BSD-2-Clause */
/* Which dialect is it, and what proves it. */
#include <errno.h>

#include "dialect/opened.h"

static bool also(const struct lade_object *object, const char *name)
{
	array_foreach(item, &object->also)
		if (strcmp(*item, name) == 0)
			return true;
	return false;
}

static void btf_maps_decide(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_attributes.bpf.o");
	assert_string_equal(object->dialect, "btf");
	assert_int_equal(object->also.count, 0);
	assert_non_null(strstr(object->evidence.items[0], ".maps"));
	lade_object_free(object);
}

static void object_without_maps_is_btf_when_it_has_btf(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_types.bpf.o");
	assert_string_equal(object->dialect, "btf");
	lade_object_free(object);
}

static void object_without_maps_and_btf_is_samples_when_names_say_so(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_license_kern.o");
	assert_string_equal(object->dialect, "samples");
	assert_true(also(object, "btf"));
	lade_object_free(object);
}

static void neutral_words_are_samples_and_name_the_others(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_size28_kern.o");
	assert_string_equal(object->dialect, "samples");
	assert_true(also(object, "libbpf0"));
	assert_true(also(object, "aya"));
	lade_object_free(object);
}

static void numa_flag_excludes_the_others(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_inner_kern.o");
	assert_string_equal(object->dialect, "samples");
	assert_int_equal(object->also.count, 0);
	lade_object_free(object);
}

static void prefixes_that_only_samples_know_exclude_the_others(void **state)
{
	(void)state;
	struct lade_object *object = open_object("dia_prefix_kern.o");
	assert_string_equal(object->dialect, "samples");
	assert_false(also(object, "btf"));
	lade_object_free(object);
}

static void different_meanings_of_the_same_bytes_are_refused(void **state)
{
	(void)state;
	assert_refused("dia_ambiguous_kern.o", "dialect.ambiguous", "iproute2 or aya");
}

static void dialect_that_is_asked_for_is_taken(void **state)
{
	(void)state;
	struct lade_object *object = open_as("dia_ambiguous_kern.o", "samples");
	assert_string_equal(object->dialect, "samples");
	assert_definition(must_map(object, "shared"), BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	lade_object_free(object);
}

static void unknown_dialect_is_refused(void **state)
{
	(void)state;
	assert_refused_as("dia_size28_kern.o", "klingon", "dialect.unknown", "klingon");
}

static void name_is_the_file_without_directory_and_ending(void **state)
{
	static const struct {
		const char *file, *name;
	} names[] = {
		{ "/a/b/trace.bpf.o", "trace" },  { "trace.o", "trace" }, { "x/trace.bpf", "trace" },
		{ "trace_kern.o", "trace_kern" }, { "trace", "trace" },   { ".o", ".o" },
	};
	(void)state;
	FILE *file = fopen(TEST_OBJECTS "/dia_license_kern.o", "rbe");
	char bytes[16384];
	assert_non_null(file);
	size_t size = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct lade_object *object = NULL;
		assert_int_equal(lade_object_open_memory(NULL, bytes, size, names[i].file, NULL, &object, NULL), 0);
		assert_string_equal(object->name, names[i].name);
		lade_object_free(object);
	}
}

static void name_with_a_slash_is_refused(void **state)
{
	(void)state;
	struct lade_object *object = NULL;
	struct lade_open_opts options = { .size = sizeof options, .name = "../x" };
	assert_int_equal(lade_object_open(NULL, TEST_OBJECTS "/dia_license_kern.o", &options, &object, NULL), -EINVAL);
	assert_null(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(btf_maps_decide),
		cmocka_unit_test(object_without_maps_is_btf_when_it_has_btf),
		cmocka_unit_test(object_without_maps_and_btf_is_samples_when_names_say_so),
		cmocka_unit_test(neutral_words_are_samples_and_name_the_others),
		cmocka_unit_test(numa_flag_excludes_the_others),
		cmocka_unit_test(prefixes_that_only_samples_know_exclude_the_others),
		cmocka_unit_test(different_meanings_of_the_same_bytes_are_refused),
		cmocka_unit_test(dialect_that_is_asked_for_is_taken),
		cmocka_unit_test(unknown_dialect_is_refused),
		cmocka_unit_test(name_is_the_file_without_directory_and_ending),
		cmocka_unit_test(name_with_a_slash_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
