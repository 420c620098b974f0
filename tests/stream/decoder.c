/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding: types made with libbpf's builder, read by our own BTF, printed by the compiled decoder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <json-c/json.h>
#include <locale.h>

#include "stream/decoder.h"
#include "stream/quote.h"

/* ---- building ---- */

struct build {
	struct btf *btf;
	int s8, u8, u16, s32, u32, s64, u64, boolean, character, f32, f64, s128, index;
};

static struct build build_new(void)
{
	struct build b = { .btf = btf__new_empty() };
	b.s32 = btf__add_int(b.btf, "int", 4, BTF_INT_SIGNED);
	b.u32 = btf__add_int(b.btf, "unsigned int", 4, 0);
	b.s8 = btf__add_int(b.btf, "signed char", 1, BTF_INT_SIGNED);
	b.u8 = btf__add_int(b.btf, "unsigned char", 1, 0);
	b.u16 = btf__add_int(b.btf, "unsigned short", 2, 0);
	b.s64 = btf__add_int(b.btf, "long", 8, BTF_INT_SIGNED);
	b.u64 = btf__add_int(b.btf, "unsigned long", 8, 0);
	b.boolean = btf__add_int(b.btf, "_Bool", 1, BTF_INT_BOOL);
	b.character = btf__add_int(b.btf, "char", 1, BTF_INT_SIGNED);
	b.f32 = btf__add_float(b.btf, "float", 4);
	b.f64 = btf__add_float(b.btf, "double", 8);
	b.s128 = btf__add_int(b.btf, "__int128", 16, BTF_INT_SIGNED);
	b.index = b.u32;
	return b;
}

static struct lade_decoder *compile(struct build *b, int type)
{
	struct lade_btf *btf = NULL;
	struct lade_error *error = NULL;
	struct lade_decoder *decoder = NULL;
	uint32_t size;
	const void *raw = btf__raw_data(b->btf, &size);
	if (lade_btf_parse(raw, size, "test", &btf, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	int result = lade_decoder_compile(btf, (uint32_t)type, &decoder);
	lade_btf_free(btf);
	btf__free(b->btf);
	return result < 0 ? NULL : decoder;
}

static void assert_valid_json(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *object = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		fail_msg("not JSON: %s: %s", json_tokener_error_desc(json_tokener_get_error(tokener)), text);
	json_object_put(object);
	json_tokener_free(tokener);
}

/* Prints both ways, compares, frees the decoder. */
static void expect(struct lade_decoder *decoder, const void *bytes, size_t length, const char *text, const char *json)
{
	struct strbuf a = { 0 }, b = { 0 };
	assert_non_null(decoder);
	lade_decoder_text(decoder, bytes, length, &a);
	lade_decoder_json(decoder, bytes, length, &b);
	assert_valid_json(b.text);
	assert_string_equal(a.text ? a.text : "", text);
	assert_string_equal(b.text, json);
	lade_strbuf_clear(&a);
	lade_strbuf_clear(&b);
	lade_decoder_free(decoder);
}

/* struct { T x; } around one value. */
static void expect_one(struct build *b, int type, const void *bytes, size_t length, const char *text, const char *json)
{
	int id = btf__add_struct(b->btf, "one", (uint32_t)length);
	btf__add_field(b->btf, "x", type, 0, 0);
	expect(compile(b, id), bytes, length, text, json);
}

/* ---- values ---- */

static void integers_follow_their_signedness(void **state)
{
	(void)state;
	struct build b = build_new();
	struct {
		int32_t a;
		uint32_t b;
		int64_t c;
		uint64_t d;
		int8_t e;
		uint8_t f;
		uint16_t g;
	} record = { -1, UINT32_MAX, INT64_MIN, UINT64_MAX, -128, 255, 65535 };
	int id = btf__add_struct(b.btf, "event", sizeof record);
	btf__add_field(b.btf, "a", b.s32, 0, 0);
	btf__add_field(b.btf, "b", b.u32, 32, 0);
	btf__add_field(b.btf, "c", b.s64, 64, 0);
	btf__add_field(b.btf, "d", b.u64, 128, 0);
	btf__add_field(b.btf, "e", b.s8, 192, 0);
	btf__add_field(b.btf, "f", b.u8, 200, 0);
	btf__add_field(b.btf, "g", b.u16, 208, 0);
	expect(compile(&b, id), &record, sizeof record,
	       "a=-1 b=4294967295 c=-9223372036854775808 d=18446744073709551615 e=-128 f=255 g=65535",
	       "{\"a\":-1,\"b\":4294967295,\"c\":-9223372036854775808,\"d\":18446744073709551615,\"e\":-128,\"f\":255,"
	       "\"g\":65535}");
}

static void char_array_ends_at_its_nul(void **state)
{
	(void)state;
	struct build b = build_new();
	int array = btf__add_array(b.btf, b.index, b.character, 16);
	expect_one(&b, array, "sh\0garbage\0\0\0\0\0\0", 16, "x=\"sh\"", "{\"x\":\"sh\"}");
}

static void char_array_without_nul_ends_at_its_length(void **state)
{
	(void)state;
	struct build b = build_new();
	int array = btf__add_array(b.btf, b.index, b.character, 4);
	expect_one(&b, array, "abcd", 4, "x=\"abcd\"", "{\"x\":\"abcd\"}");
}

static void control_characters_and_broken_utf8_are_escaped(void **state)
{
	(void)state;
	struct build b = build_new();
	int array = btf__add_array(b.btf, b.index, b.character, 16);
	expect_one(&b, array, "\"\\\n\x1b\x7f\xc3\xa9\xff\xc2\x9b\xed\xa0\x80\xe2\x82", 16,
		   "x=\"\\\"\\\\\\n\\x1b\\x7f\xc3\xa9\\xff\\x9b\\xed\\xa0\\x80\\xe2\\x82\"",
		   "{\"x\":\"\\\"\\\\\\n\\u001b\\u007f\xc3\xa9\\u00ff\\u009b\\u00ed\\u00a0\\u0080\\u00e2\\u0082\"}");
}

static void typedefs_and_const_are_looked_through(void **state)
{
	(void)state;
	struct build b = build_new();
	int constant = btf__add_const(b.btf, b.u32);
	int type = btf__add_typedef(b.btf, "u32", constant);
	uint32_t value = 7;
	expect_one(&b, type, &value, sizeof value, "x=7", "{\"x\":7}");
}

static void bool_is_a_word(void **state)
{
	(void)state;
	struct build b = build_new();
	expect_one(&b, b.boolean, "\1", 1, "x=true", "{\"x\":true}");
}

static void one_char_is_a_letter_in_text_and_a_number_in_json(void **state)
{
	(void)state;
	struct build b = build_new();
	expect_one(&b, b.character, "R", 1, "x='R'", "{\"x\":82}");
}

static void enums_have_names_and_unknown_values_are_numbers(void **state)
{
	(void)state;
	struct build b = build_new();
	int kind = btf__add_enum(b.btf, "kind", 4);
	btf__add_enum_value(b.btf, "ZERO", 0);
	btf__add_enum_value(b.btf, "FIRST", 5);
	btf__add_enum_value(b.btf, "SECOND_NAME_OF_FIVE", 5);
	btf__add_enum_value(b.btf, "MINUS", -2);
	int id = btf__add_struct(b.btf, "event", 16);
	btf__add_field(b.btf, "a", kind, 0, 0);
	btf__add_field(b.btf, "b", kind, 32, 0);
	btf__add_field(b.btf, "c", kind, 64, 0);
	btf__add_field(b.btf, "d", kind, 96, 0);
	int32_t record[] = { 0, 5, -2, 77 };
	expect(compile(&b, id), record, sizeof record, "a=ZERO b=FIRST c=MINUS d=77",
	       "{\"a\":\"ZERO\",\"b\":\"FIRST\",\"c\":\"MINUS\",\"d\":77}");
}

static void enum64_has_names(void **state)
{
	(void)state;
	struct build b = build_new();
	int kind = btf__add_enum64(b.btf, "big", 8, false);
	btf__add_enum64_value(b.btf, "HUGE", 0x100000001ULL);
	uint64_t value = 0x100000001ULL;
	expect_one(&b, kind, &value, sizeof value, "x=HUGE", "{\"x\":\"HUGE\"}");
}

static void pointers_are_hexadecimal(void **state)
{
	(void)state;
	struct build b = build_new();
	uint64_t value = 0xffff8880deadbeefULL;
	expect_one(&b, btf__add_ptr(b.btf, 0), &value, sizeof value, "x=0xffff8880deadbeef",
		   "{\"x\":\"0xffff8880deadbeef\"}");
}

static void int128_is_hexadecimal(void **state)
{
	(void)state;
	struct build b = build_new();
	unsigned __int128 value = (unsigned __int128)1 << 64 | 2;
	expect_one(&b, b.s128, &value, sizeof value, "x=0x10000000000000002", "{\"x\":\"0x10000000000000002\"}");
}

static void floats_are_the_shortest_form_that_reads_back(void **state)
{
	(void)state;
	struct build b = build_new();
	struct {
		double a;
		float b;
	} record = { 0.1, 1.5F };
	int id = btf__add_struct(b.btf, "event", sizeof record);
	btf__add_field(b.btf, "a", b.f64, 0, 0);
	btf__add_field(b.btf, "b", b.f32, 64, 0);
	expect(compile(&b, id), &record, sizeof record, "a=0.1 b=1.5", "{\"a\":0.1,\"b\":1.5}");
}

static void nan_and_infinity_are_no_json_numbers(void **state)
{
	(void)state;
	struct build b = build_new();
	double record[] = { __builtin_nan(""), -__builtin_inf() };
	int array = btf__add_array(b.btf, b.index, b.f64, 2);
	expect_one(&b, array, record, sizeof record, "x=[nan,-inf]", "{\"x\":[null,\"-inf\"]}");
}

static void bitfields_are_taken_out_by_bits(void **state)
{
	(void)state;
	struct build b = build_new();
	struct {
		unsigned a : 3;
		signed int b : 5;
		unsigned c : 17;
		unsigned long d : 63;
	} record = { 5, -3, 0x1abcd, 1UL << 62 | 1 };
	int id = btf__add_struct(b.btf, "event", sizeof record);
	btf__add_field(b.btf, "a", b.u32, 0, 3);
	btf__add_field(b.btf, "b", b.s32, 3, 5);
	btf__add_field(b.btf, "c", b.u32, 8, 17);
	btf__add_field(b.btf, "d", b.u64, 64, 63);
	expect(compile(&b, id), &record, sizeof record, "a=5 b=-3 c=109517 d=4611686018427387905",
	       "{\"a\":5,\"b\":-3,\"c\":109517,\"d\":4611686018427387905}");
}

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

/* ---- hostile types ---- */

/* 20 levels of nameless structs with 8 members each would be 8^20 fields. */
static void type_that_multiplies_by_nesting_is_refused(void **state)
{
	(void)state;
	struct build b = build_new();
	int inner = btf__add_union(b.btf, NULL, 4);
	btf__add_field(b.btf, "a", b.u32, 0, 0);
	for (int level = 0; level < 20; level++) {
		int outer = btf__add_union(b.btf, NULL, 4);
		for (int i = 0; i < 8; i++)
			btf__add_field(b.btf, NULL, inner, 0, 0);
		inner = outer;
	}
	assert_null(compile(&b, inner));
}

/* One byte that is a union of 200 in an array of 64 KiB: the text would be gigabytes. */
static void record_whose_text_would_be_endless_is_shown_as_bytes(void **state)
{
	(void)state;
	struct build b = build_new();
	int many = btf__add_union(b.btf, "many", 1);
	for (int i = 0; i < 200; i++)
		btf__add_field(b.btf, "member_with_quite_a_long_name", b.u8, 0, 0);
	int array = btf__add_array(b.btf, b.index, many, 65536);
	int id = btf__add_struct(b.btf, "event", 65536);
	btf__add_field(b.btf, "a", array, 0, 0);
	struct lade_decoder *decoder = compile(&b, id);
	uint8_t *bytes = calloc(1, 65536);
	struct strbuf text = { 0 }, json = { 0 };
	lade_decoder_text(decoder, bytes, 65536, &text);
	lade_decoder_json(decoder, bytes, 65536, &json);
	assert_int_equal(text.length, 4 + 2 * 65536);
	assert_memory_equal(text.text, "hex:0000", 8);
	assert_valid_json(json.text);
	lade_strbuf_clear(&text);
	lade_strbuf_clear(&json);
	lade_decoder_free(decoder);
	free(bytes);
}

static void decimal_point_does_not_follow_the_locale(void **state)
{
	(void)state;
	static const char *const locales[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8" };
	bool is_set = false;
	for (size_t i = 0; i < 3 && !is_set; i++)
		is_set = setlocale(LC_NUMERIC, locales[i]) != NULL;
	if (!is_set) {
		(void)fprintf(stderr, "# no locale with a decimal comma is installed\n");
		skip();
	}
	struct build b = build_new();
	double value = 2.5;
	expect_one(&b, b.f64, &value, sizeof value, "x=2.5", "{\"x\":2.5}");
	(void)setlocale(LC_NUMERIC, "C");
}

static int add_everything(struct build *b)
{
	int text = btf__add_array(b->btf, b->index, b->character, 12);
	int numbers = btf__add_array(b->btf, b->index, b->u16, 5);
	int floats = btf__add_array(b->btf, b->index, b->f64, 2);
	int kind = btf__add_enum(b->btf, "kind", 1);
	btf__add_enum_value(b->btf, "ONE", 1);
	int inner = btf__add_union(b->btf, "inner", 16);
	btf__add_field(b->btf, "wide", b->s128, 0, 0);
	btf__add_field(b->btf, "text", text, 0, 0);
	btf__add_field(b->btf, "numbers", numbers, 0, 0);
	int rest = btf__add_array(b->btf, b->index, inner, 0);
	int id = btf__add_struct(b->btf, "event", 64);
	btf__add_field(b->btf, "a", kind, 0, 0);
	btf__add_field(b->btf, "b", b->u32, 9, 7);
	btf__add_field(b->btf, "c", b->f32, 32, 0);
	btf__add_field(b->btf, "d", floats, 64, 0);
	btf__add_field(b->btf, "e", inner, 192, 0);
	btf__add_field(b->btf, "f", b->boolean, 320, 0);
	btf__add_field(b->btf, "g", b->character, 328, 0);
	btf__add_field(b->btf, "rest", rest, 512, 0);
	return id;
}

static void random_bytes_of_every_length_give_text_and_valid_json(void **state)
{
	(void)state;
	struct build b = build_new();
	int id = add_everything(&b);
	struct lade_decoder *decoder = compile(&b, id);
	assert_non_null(decoder);
	unsigned seed = 20;
	for (size_t length = 0; length < 200; length++) {
		uint8_t *bytes = malloc(length ? length : 1); /* exact, so that the sanitizer sees every overrun */
		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)rand_r(&seed);
		struct strbuf text = { 0 }, json = { 0 };
		lade_decoder_text(decoder, bytes, length, &text);
		lade_decoder_json(decoder, bytes, length, &json);
		assert_valid_json(json.text);
		assert_non_null(strstr(text.text, "rest="));
		lade_strbuf_clear(&text);
		lade_strbuf_clear(&json);
		free(bytes);
	}
	lade_decoder_free(decoder);
}

static void damaged_types_never_crash(void **state)
{
	(void)state;
	struct build b = build_new();
	int id = add_everything(&b);
	uint32_t size;
	const void *raw = btf__raw_data(b.btf, &size);
	uint8_t *copy = malloc(size), record[100];
	unsigned seed = 7, accepted = 0;
	memset(record, 0x5a, sizeof record);
	for (int round = 0; round < 4000; round++) {
		memcpy(copy, raw, size);
		for (int i = 0; i < 1 + round % 3; i++)
			copy[24 + (size_t)rand_r(&seed) % (size - 24)] = (uint8_t)rand_r(&seed);
		struct lade_btf *btf = NULL;
		struct lade_decoder *decoder = NULL;
		if (lade_btf_parse(copy, size, "damaged", &btf, NULL) < 0)
			continue;
		accepted++;
		struct strbuf json = { 0 };
		if (lade_decoder_compile(btf, (uint32_t)id, &decoder) == 0) {
			lade_decoder_json(decoder, record, sizeof record, &json);
			assert_valid_json(json.text);
		}
		lade_strbuf_clear(&json);
		lade_decoder_free(decoder);
		lade_btf_free(btf);
	}
	assert_true(accepted > 0);
	free(copy);
	btf__free(b.btf);
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

/* ---- what the name of a type says ---- */

static void network_addresses_and_numbers_are_shown_as_people_write_them(void **state)
{
	(void)state;
	struct build b = build_new();
	static const uint8_t record[] = { 127, 0, 0,  1, 10, 0,   0, 2, 0, 0, 1, 2, 0x01, 0xbb, 0, 0, 0, 0,
					  0,   0, 32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0,    0,    0, 0, 0, 1 };
	int be32 = btf__add_typedef(b.btf, "__be32", b.u32), be16 = btf__add_typedef(b.btf, "__be16", b.u16);
	int ipv4 = btf__add_struct(b.btf, "in_addr", 4);
	btf__add_field(b.btf, "s_addr", be32, 0, 0);
	int bytes = btf__add_array(b.btf, b.index, b.u8, 16);
	int ipv6 = btf__add_struct(b.btf, "in6_addr", 16);
	btf__add_field(b.btf, "bytes", bytes, 0, 0);
	int id = btf__add_struct(b.btf, "event", sizeof record);
	btf__add_field(b.btf, "from", ipv4, 0, 0);
	btf__add_field(b.btf, "daddr", be32, 32, 0);
	btf__add_field(b.btf, "seq", be32, 64, 0);
	btf__add_field(b.btf, "port", be16, 96, 0);
	btf__add_field(b.btf, "six", ipv6, 160, 0);
	expect(compile(&b, id), record, sizeof record, "from=127.0.0.1 daddr=10.0.0.2 seq=258 port=443 six=2001:db8::1",
	       "{\"from\":\"127.0.0.1\",\"daddr\":\"10.0.0.2\",\"seq\":258,\"port\":443,\"six\":\"2001:db8::1\"}");
}

static void times_are_seconds_for_people_and_nanoseconds_for_programs(void **state)
{
	(void)state;
	struct build b = build_new();
	int64_t record[] = { 1500000000, -1, 2000000001 };
	int ktime = btf__add_typedef(b.btf, "ktime_t", b.s64), wait = btf__add_typedef(b.btf, "wait_ns", b.u64);
	int id = btf__add_struct(b.btf, "event", sizeof record);
	btf__add_field(b.btf, "a", ktime, 0, 0);
	btf__add_field(b.btf, "b", ktime, 64, 0);
	btf__add_field(b.btf, "c", wait, 128, 0);
	expect(compile(&b, id), record, sizeof record, "a=1.500000000s b=-0.000000001s c=2.000000001s",
	       "{\"a\":1500000000,\"b\":-1,\"c\":2000000001}");
}

/* A type that only has the name of another is what it is. */
static void name_of_another_size_says_nothing(void **state)
{
	(void)state;
	struct build b = build_new();
	uint64_t record[] = { 1, 2 };
	int odd = btf__add_typedef(b.btf, "__be32", b.u64), ns = btf__add_typedef(b.btf, "short_ns", b.u32);
	int id = btf__add_struct(b.btf, "event", sizeof record);
	btf__add_field(b.btf, "addr", odd, 0, 0);
	btf__add_field(b.btf, "n", ns, 64, 0);
	expect(compile(&b, id), record, sizeof record, "addr=1 n=2", "{\"addr\":1,\"n\":2}");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network_addresses_and_numbers_are_shown_as_people_write_them),
		cmocka_unit_test(times_are_seconds_for_people_and_nanoseconds_for_programs),
		cmocka_unit_test(name_of_another_size_says_nothing),
		cmocka_unit_test(selected_fields_are_printed_in_the_wanted_order),
		cmocka_unit_test(selected_group_is_whole),
		cmocka_unit_test(path_that_leads_nowhere_is_unknown),
		cmocka_unit_test(integers_follow_their_signedness),
		cmocka_unit_test(char_array_ends_at_its_nul),
		cmocka_unit_test(char_array_without_nul_ends_at_its_length),
		cmocka_unit_test(control_characters_and_broken_utf8_are_escaped),
		cmocka_unit_test(typedefs_and_const_are_looked_through),
		cmocka_unit_test(bool_is_a_word),
		cmocka_unit_test(one_char_is_a_letter_in_text_and_a_number_in_json),
		cmocka_unit_test(enums_have_names_and_unknown_values_are_numbers),
		cmocka_unit_test(enum64_has_names),
		cmocka_unit_test(pointers_are_hexadecimal),
		cmocka_unit_test(int128_is_hexadecimal),
		cmocka_unit_test(floats_are_the_shortest_form_that_reads_back),
		cmocka_unit_test(nan_and_infinity_are_no_json_numbers),
		cmocka_unit_test(bitfields_are_taken_out_by_bits),
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
		cmocka_unit_test(type_that_multiplies_by_nesting_is_refused),
		cmocka_unit_test(record_whose_text_would_be_endless_is_shown_as_bytes),
		cmocka_unit_test(decimal_point_does_not_follow_the_locale),
		cmocka_unit_test(random_bytes_of_every_length_give_text_and_valid_json),
		cmocka_unit_test(damaged_types_never_crash),
		cmocka_unit_test(unknown_records_are_hexadecimal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
