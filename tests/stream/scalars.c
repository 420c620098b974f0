/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding of single values: numbers, words, text, bits, and what the name of a type says of them. */
#include "stream/decoded.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(decimal_point_does_not_follow_the_locale),
		cmocka_unit_test(network_addresses_and_numbers_are_shown_as_people_write_them),
		cmocka_unit_test(times_are_seconds_for_people_and_nanoseconds_for_programs),
		cmocka_unit_test(name_of_another_size_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
