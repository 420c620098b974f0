/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the decoder share: types made with libbpf's builder, read by our own BTF, printed both ways by the
 * compiled decoder.
 */
#ifndef LADE_TESTS_DECODED_H
#define LADE_TESTS_DECODED_H

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>
#include <json-c/json.h>

#include "stream/decoder.h"
#include "stream/quote.h"

struct build {
	struct btf *btf;
	int s8, u8, u16, s32, u32, s64, u64, boolean, character, f32, f64, s128, index;
};

static inline struct build build_new(void)
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

static inline struct lade_decoder *compile(struct build *b, int type)
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

static inline void assert_valid_json(const char *text)
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
static inline void expect(struct lade_decoder *decoder, const void *bytes, size_t length, const char *text,
			  const char *json)
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
static inline void expect_one(struct build *b, int type, const void *bytes, size_t length, const char *text,
			      const char *json)
{
	int id = btf__add_struct(b->btf, "one", (uint32_t)length);
	btf__add_field(b->btf, "x", type, 0, 0);
	expect(compile(b, id), bytes, length, text, json);
}

#endif
