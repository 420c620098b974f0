/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting variables by their BTF type. */
#include <errno.h>

#include "dialect/opened.h"

struct globals {
	struct lade_object *object;
};

static int setup(void **state)
{
	static struct globals globals;
	globals.object = open_object("dia_globals.bpf.o");
	*state = &globals;
	return 0;
}

static int teardown(void **state)
{
	struct globals *globals = *state;
	lade_object_free(globals->object);
	return 0;
}

static const uint8_t *bytes_of(const struct lade_object *object, const char *name)
{
	const struct lade_variable *variable = lade_object_find_variable(object, name);
	assert_non_null(variable);
	return object->maps.items[variable->map]->data + variable->offset;
}

static int64_t integer_of(const struct lade_object *object, const char *name)
{
	const struct lade_variable *variable = lade_object_find_variable(object, name);
	int64_t value = 0;
	memcpy(&value, bytes_of(object, name), variable->length);
	unsigned shift = 64 - 8 * variable->length;
	return (int64_t)((uint64_t)value << shift) >> shift;
}

static int set(void **state, const char *name, const char *text)
{
	const struct globals *globals = *state;
	struct lade_error *error = NULL;
	int result = lade_variable_set(lade_object_find_variable(globals->object, name), text, &error);
	assert_int_equal(result<0, lade_error_finding_count(error)> 0);
	lade_error_free(error);
	return result;
}

static void assert_sets(void **state, const char *name, const char *text, int64_t value)
{
	const struct globals *globals = *state;
	assert_int_equal(set(state, name, text), 0);
	assert_int_equal(integer_of(globals->object, name), value);
}

static void integers_are_read_in_every_spelling(void **state)
{
	assert_sets(state, "limit", "42", 42);
	assert_sets(state, "limit", "-42", -42);
	assert_sets(state, "limit", "0x7fffffff", INT32_MAX);
	assert_sets(state, "limit", "-2147483648", INT32_MIN);
	assert_sets(state, "limit", "010", 8);
	assert_sets(state, "limit", "'a'", 'a');
	assert_sets(state, "limit", "true", 1);
	assert_sets(state, "small", "-128", -128);
	assert_sets(state, "total", "0xffffffffffffffff", -1);
}

static void integers_out_of_range_are_refused(void **state)
{
	assert_int_equal(set(state, "limit", "2147483648"), -ERANGE);
	assert_int_equal(set(state, "limit", "-2147483649"), -ERANGE);
	assert_int_equal(set(state, "small", "128"), -ERANGE);
	assert_int_equal(set(state, "small", "-129"), -ERANGE);
	assert_int_equal(set(state, "total", "-1"), -ERANGE);
	assert_int_equal(set(state, "total", "18446744073709551616"), -ERANGE);
}

static void text_that_is_no_integer_is_refused_and_changes_nothing(void **state)
{
	static const char *const texts[] = { "", " 1", "1 ", "1x", "--1", "0x", "ten", "'ab'", "1.5" };
	assert_sets(state, "limit", "7", 7);
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_int_equal(set(state, "limit", texts[i]), -EINVAL);
	assert_int_equal(integer_of(((struct globals *)*state)->object, "limit"), 7);
}

static void bool_takes_true_false_one_and_zero(void **state)
{
	assert_sets(state, "verbose", "false", 0);
	assert_sets(state, "verbose", "1", 1);
	assert_int_equal(set(state, "verbose", "2"), -ERANGE);
	assert_int_equal(set(state, "verbose", "yes"), -EINVAL);
}

static void enumerators_are_taken_by_name(void **state)
{
	assert_sets(state, "colour", "BLUE", -1);
	assert_sets(state, "colour", "GREEN", 5);
	assert_sets(state, "colour", "0", 0);
	assert_sets(state, "plain", "SOME", (int32_t)0xfffffff0U);
	assert_int_equal(set(state, "colour", "PINK"), -EINVAL);
}

static void characters_are_text_and_may_fill_the_array_exactly(void **state)
{
	const struct globals *globals = *state;
	assert_int_equal(set(state, "comm", "bash"), 0);
	assert_memory_equal(bytes_of(globals->object, "comm"), "bash\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(set(state, "comm", "0123456789abcdef"), 0);
	assert_memory_equal(bytes_of(globals->object, "comm"), "0123456789abcdef", 16);
	assert_int_equal(set(state, "comm", "0123456789abcdefg"), -ERANGE);
	assert_int_equal(set(state, "comm", ""), 0);
	assert_int_equal(bytes_of(globals->object, "comm")[0], 0);
}

static void arrays_are_lists_and_the_rest_is_zero(void **state)
{
	const struct globals *globals = *state;
	uint16_t ports[3];
	int matrix[4];
	assert_int_equal(set(state, "ports", "1,65535"), 0);
	memcpy(ports, bytes_of(globals->object, "ports"), sizeof ports);
	assert_int_equal(ports[0], 1);
	assert_int_equal(ports[1], 65535);
	assert_int_equal(ports[2], 0);
	assert_int_equal(set(state, "ports", "1,2,3,4"), -ERANGE);
	assert_int_equal(set(state, "ports", "1,65536"), -ERANGE);
	assert_int_equal(set(state, "ports", "1,,3"), -EINVAL);
	assert_int_equal(set(state, "address", "hex:0a000001"), 0);
	assert_memory_equal(bytes_of(globals->object, "address"), "\x0a\0\0\x01", 4);
	assert_int_equal(set(state, "matrix", "9,8,7,6"), 0);
	memcpy(matrix, bytes_of(globals->object, "matrix"), sizeof matrix);
	assert_int_equal(matrix[0], 9);
	assert_int_equal(matrix[3], 6);
}

static void structs_are_bytes(void **state)
{
	const struct globals *globals = *state;
	assert_int_equal(set(state, "pair", "hex:0100000002000000"), 0);
	assert_memory_equal(bytes_of(globals->object, "pair"), "\1\0\0\0\2\0\0\0", 8);
	assert_int_equal(set(state, "pair", "1,2"), -EINVAL);
	assert_int_equal(set(state, "pair", "hex:01"), -ERANGE);
	assert_int_equal(set(state, "pair", "hex:010"), -EINVAL);
	assert_int_equal(set(state, "pair", "hex:010000000200000g"), -EINVAL);
}

static void zeros_become_bytes_when_one_is_set(void **state)
{
	const struct globals *globals = *state;
	assert_null(must_map(globals->object, ".bss")->data);
	assert_sets(state, "total", "5", 5);
	assert_int_equal(integer_of(globals->object, "zeroed"), 0);
}

static void error_says_which_form_is_wanted(void **state)
{
	const struct globals *globals = *state;
	struct lade_error *error = NULL;
	assert_int_equal(lade_variable_set(lade_object_find_variable(globals->object, "colour"), "PINK", &error),
			 -EINVAL);
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_string_equal(finding->code, "variable.value");
	assert_non_null(strstr(finding->message, "colour"));
	assert_non_null(strstr(finding->fix, "enumerators"));
	assert_int_equal(lade_error_exit_code(error), 1); /* wrong use */
	lade_error_free(error);
}

static void bytes_must_have_the_length_of_the_variable(void **state)
{
	const struct globals *globals = *state;
	struct lade_variable *limit = lade_object_find_variable(globals->object, "limit");
	int value = 77;
	assert_int_equal(lade_variable_set_bytes(limit, &value, 3), -EMSGSIZE);
	assert_int_equal(lade_variable_set_bytes(limit, &value, sizeof value), 0);
	assert_int_equal(integer_of(globals->object, "limit"), 77);
}

static void without_btf_the_length_decides(void **state)
{
	const struct globals *globals = *state;
	globals->object->btf = lade_btf_free(globals->object->btf);
	assert_sets(state, "limit", "-1", -1);
	assert_sets(state, "limit", "0xffffffff", -1);
	assert_int_equal(set(state, "limit", "0x100000000"), -ERANGE);
	assert_int_equal(set(state, "comm", "bash"), -EINVAL);
	assert_int_equal(set(state, "limit", "hex:01020304"), 0);
}

#define VALUE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VALUE_TEST(integers_are_read_in_every_spelling),
		VALUE_TEST(integers_out_of_range_are_refused),
		VALUE_TEST(text_that_is_no_integer_is_refused_and_changes_nothing),
		VALUE_TEST(bool_takes_true_false_one_and_zero),
		VALUE_TEST(enumerators_are_taken_by_name),
		VALUE_TEST(characters_are_text_and_may_fill_the_array_exactly),
		VALUE_TEST(arrays_are_lists_and_the_rest_is_zero),
		VALUE_TEST(structs_are_bytes),
		VALUE_TEST(zeros_become_bytes_when_one_is_set),
		VALUE_TEST(error_says_which_form_is_wanted),
		VALUE_TEST(bytes_must_have_the_length_of_the_variable),
		VALUE_TEST(without_btf_the_length_decides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
