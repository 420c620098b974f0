/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding of structs, unions and arrays, and of the fields that were chosen of them. */
#include "stream/decoded.h"

/* ---- structure ---- */

static void nested_structs_and_arrays_keep_their_shape(void **state)
{
	(void)state;
	struct build b = build_new();
	int point = btf__add_struct(b.btf, "point", 8);
	btf__add_field(b.btf, "x", b.s32, 0, 0);
	btf__add_field(b.btf, "y", b.s32, 32, 0);
	int points = btf__add_array(b.btf, b.index, point, 2);
	int row = btf__add_array(b.btf, b.index, b.u8, 2);
	int grid = btf__add_array(b.btf, b.index, row, 2);
	int id = btf__add_struct(b.btf, "event", 28);
	btf__add_field(b.btf, "p", point, 0, 0);
	btf__add_field(b.btf, "q", points, 64, 0);
	btf__add_field(b.btf, "g", grid, 192, 0);
	struct {
		int32_t numbers[6];
		uint8_t grid[4];
	} record = { { 1, 2, 3, 4, 5, 6 }, { 7, 8, 9, 10 } };
	expect(compile(&b, id), &record, sizeof record, "p={x=1 y=2} q=[{x=3 y=4},{x=5 y=6}] g=[[7,8],[9,10]]",
	       "{\"p\":{\"x\":1,\"y\":2},\"q\":[{\"x\":3,\"y\":4},{\"x\":5,\"y\":6}],\"g\":[[7,8],[9,10]]}");
}

static void unions_show_every_member(void **state)
{
	(void)state;
	struct build b = build_new();
	int type = btf__add_union(b.btf, "u", 4);
	btf__add_field(b.btf, "all", b.u32, 0, 0);
	btf__add_field(b.btf, "first", b.u8, 0, 0);
	uint32_t value = 0x01010101;
	expect_one(&b, type, &value, sizeof value, "x={all=16843009 first=1}",
		   "{\"x\":{\"all\":16843009,\"first\":1}}");
}

static void members_of_a_nameless_struct_count_as_the_outer_ones(void **state)
{
	(void)state;
	struct build b = build_new();
	int inner = btf__add_struct(b.btf, NULL, 4);
	btf__add_field(b.btf, "low", b.u16, 0, 0);
	btf__add_field(b.btf, "high", b.u16, 16, 0);
	int id = btf__add_struct(b.btf, "event", 8);
	btf__add_field(b.btf, "pid", b.u32, 0, 0);
	btf__add_field(b.btf, NULL, inner, 32, 0);
	struct {
		uint32_t pid;
		uint16_t low, high;
	} record = { 9, 1, 2 };
	expect(compile(&b, id), &record, sizeof record, "pid=9 low=1 high=2", "{\"pid\":9,\"low\":1,\"high\":2}");
}

static int add_flexible(struct build *b, int element)
{
	int array = btf__add_array(b->btf, b->index, element, 0);
	int id = btf__add_struct(b->btf, "event", 4);
	btf__add_field(b->btf, "length", b->u32, 0, 0);
	btf__add_field(b->btf, "rest", array, 32, 0);
	return id;
}

static void flexible_array_takes_the_rest_of_the_record(void **state)
{
	(void)state;
	struct build b = build_new();
	uint16_t record[] = { 3, 0, 10, 20, 30 };
	int id = add_flexible(&b, b.u16);
	expect(compile(&b, id), record, sizeof record, "length=3 rest=[10,20,30]",
	       "{\"length\":3,\"rest\":[10,20,30]}");
}

static void flexible_char_array_takes_the_rest_as_text(void **state)
{
	(void)state;
	struct build b = build_new();
	int id = add_flexible(&b, b.character);
	expect(compile(&b, id), "\1\0\0\0/bin/sh\0xx", 14, "length=1 rest=\"/bin/sh\"",
	       "{\"length\":1,\"rest\":\"/bin/sh\"}");
}

static void array_of_length_zero_in_the_middle_is_empty(void **state)
{
	(void)state;
	struct build b = build_new();
	int array = btf__add_array(b.btf, b.index, b.u32, 0);
	int id = btf__add_struct(b.btf, "event", 4);
	btf__add_field(b.btf, "none", array, 0, 0);
	btf__add_field(b.btf, "a", b.u32, 0, 0);
	uint32_t value = 3;
	expect(compile(&b, id), &value, sizeof value, "none=[] a=3", "{\"none\":[],\"a\":3}");
}

static void what_lies_beyond_the_record_is_unknown(void **state)
{
	(void)state;
	struct build b = build_new();
	int text = btf__add_array(b.btf, b.index, b.character, 8);
	int id = btf__add_struct(b.btf, "event", 24);
	btf__add_field(b.btf, "a", b.u32, 0, 0);
	btf__add_field(b.btf, "b", b.u32, 32, 0);
	btf__add_field(b.btf, "c", text, 64, 0);
	btf__add_field(b.btf, "d", b.u64, 128, 0);
	expect(compile(&b, id), "\1\0\0\0\2\0", 6, "a=1 b=? c=\"\" d=?", "{\"a\":1,\"b\":null,\"c\":\"\",\"d\":null}");
}

static void empty_struct_prints_nothing(void **state)
{
	(void)state;
	struct build b = build_new();
	int id = btf__add_struct(b.btf, "empty", 0);
	expect(compile(&b, id), "", 0, "", "{}");
}

static void typedef_names_a_nameless_struct(void **state)
{
	(void)state;
	struct build b = build_new();
	int inner = btf__add_struct(b.btf, NULL, 4);
	btf__add_field(b.btf, "a", b.u32, 0, 0);
	struct lade_decoder *decoder = compile(&b, btf__add_typedef(b.btf, "event_t", inner));
	assert_non_null(decoder);
	assert_string_equal(lade_decoder_name(decoder), "event_t");
	assert_int_equal(lade_decoder_size(decoder), 4);
	lade_decoder_free(decoder);
}

static void an_integer_is_no_record(void **state)
{
	(void)state;
	struct build b = build_new();
	assert_null(compile(&b, b.u32));
}

/* ---- fields ---- */

/* struct { int a; struct { int b; struct { short c, d; } list[2]; } in; char name[4]; } */
static struct lade_decoder *selected(const char *const *paths, size_t count)
{
	struct build b = build_new();
	int item = btf__add_struct(b.btf, "item", 4);
	btf__add_field(b.btf, "c", b.u16, 0, 0);
	btf__add_field(b.btf, "d", b.u16, 16, 0);
	int list = btf__add_array(b.btf, b.index, item, 2), name = btf__add_array(b.btf, b.index, b.character, 4);
	int in = btf__add_struct(b.btf, "in", 12);
	btf__add_field(b.btf, "b", b.s32, 0, 0);
	btf__add_field(b.btf, "list", list, 32, 0);
	int id = btf__add_struct(b.btf, "event", 20);
	btf__add_field(b.btf, "a", b.s32, 0, 0);
	btf__add_field(b.btf, "in", in, 32, 0);
	btf__add_field(b.btf, "name", name, 128, 0);
	struct lade_decoder *decoder = compile(&b, id);
	if (decoder)
		assert_int_equal(lade_decoder_select(decoder, paths, count), 0);
	return decoder;
}

static const struct {
	int32_t a, b;
	uint16_t list[4];
	char name[4];
} nested = { 1, 2, { 3, 4, 5, 6 }, "sh" };

static void selected_fields_are_printed_in_the_wanted_order(void **state)
{
	(void)state;
	static const char *const paths[] = { "name", "in.list[1].d", "a", "in.b", "a" };
	expect(selected(paths, 5), &nested, sizeof nested, "name=\"sh\" in.list[1].d=6 a=1 in.b=2 a=1",
	       "{\"name\":\"sh\",\"in.list[1].d\":6,\"a\":1,\"in.b\":2,\"a\":1}");
}

static void selected_group_is_whole(void **state)
{
	(void)state;
	static const char *const paths[] = { "in.list", "in", "in.list[0]" };
	expect(selected(paths, 3), &nested, sizeof nested,
	       "in.list=[{c=3 d=4},{c=5 d=6}] in={b=2 list=[{c=3 d=4},{c=5 d=6}]} in.list[0]={c=3 d=4}",
	       "{\"in.list\":[{\"c\":3,\"d\":4},{\"c\":5,\"d\":6}],\"in\":{\"b\":2,\"list\":[{\"c\":3,\"d\":4},{\"c\":"
	       "5,"
	       "\"d\":6}]},\"in.list[0]\":{\"c\":3,\"d\":4}}");
}

static void path_that_leads_nowhere_is_unknown(void **state)
{
	(void)state;
	static const char *const paths[] = { "",           "x",           "a.b",       "in.list[2]",
					     "in.list[",   "in.list[-1]", "in.list.c", "in.",
					     ".a",         "in..b",       "a[0]",      "in.list[99999999999999999999]",
					     "in.list[0]c" };
	struct lade_decoder *decoder = selected(NULL, 0);
	lade_decoder_free(decoder);
	static const char *const one[] = { "in.list[2].c", "a" };
	expect(selected(one, 2), &nested, sizeof nested, "in.list[2].c=? a=1", "{\"in.list[2].c\":null,\"a\":1}");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		decoder = selected(&paths[i], 1);
		struct strbuf text = { 0 };
		lade_decoder_text(decoder, &nested, sizeof nested, &text);
		assert_non_null(strstr(text.text, "=?"));
		lade_strbuf_clear(&text);
		lade_decoder_free(decoder);
	}
}

static void unknown_records_are_hexadecimal(void **state)
{
	(void)state;
	struct strbuf text = { 0 }, json = { 0 };
	lade_hex_text("\x00\xff\x10", 3, &text);
	lade_hex_json("\x00\xff\x10", 3, &json);
	assert_string_equal(text.text, "hex:00ff10");
	assert_string_equal(json.text, "{\"hex\":\"00ff10\"}");
	lade_strbuf_clear(&text);
	lade_strbuf_clear(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_structs_and_arrays_keep_their_shape),
		cmocka_unit_test(unions_show_every_member),
		cmocka_unit_test(members_of_a_nameless_struct_count_as_the_outer_ones),
		cmocka_unit_test(flexible_array_takes_the_rest_of_the_record),
		cmocka_unit_test(flexible_char_array_takes_the_rest_as_text),
		cmocka_unit_test(array_of_length_zero_in_the_middle_is_empty),
		cmocka_unit_test(what_lies_beyond_the_record_is_unknown),
		cmocka_unit_test(empty_struct_prints_nothing),
		cmocka_unit_test(typedef_names_a_nameless_struct),
		cmocka_unit_test(an_integer_is_no_record),
		cmocka_unit_test(selected_fields_are_printed_in_the_wanted_order),
		cmocka_unit_test(selected_group_is_whole),
		cmocka_unit_test(path_that_leads_nowhere_is_unknown),
		cmocka_unit_test(unknown_records_are_hexadecimal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
