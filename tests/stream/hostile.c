/* SPDX-License-Identifier: BSD-2-Clause */
/* Types that would never end, bytes that are no record, damaged types. */
#include "stream/decoded.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_that_multiplies_by_nesting_is_refused),
		cmocka_unit_test(record_whose_text_would_be_endless_is_shown_as_bytes),
		cmocka_unit_test(random_bytes_of_every_length_give_text_and_valid_json),
		cmocka_unit_test(damaged_types_never_crash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
