/* SPDX-License-Identifier: BSD-2-Clause */
/* From text and JSON to bytes: what the decoder prints is read back, and nothing hostile gets through. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/loaded.h"
#include "object/model.h"
#include "stream/encoder.h"

struct types {
	struct lade_context *context;
	struct lade_object *object;
};

static int setup(void **state)
{
	struct types *types = calloc(1, sizeof *types);
	types->context = new_context(NULL);
	types->object = open_object(types->context, "map_all.bpf.o");
	*state = types;
	return 0;
}

static int teardown(void **state)
{
	struct types *types = *state;
	lade_object_free(types->object);
	lade_context_free(types->context);
	free(types);
	return 0;
}

static struct lade_decoder *decoder_of(void **state, const char *name, uint32_t kind)
{
	const struct types *types = *state;
	struct lade_decoder *decoder = NULL;
	const struct lade_btf *btf = types->object->btf;
	uint32_t id = lade_btf_find(btf, name, kind);
	assert_true(id);
	assert_int_equal(lade_decoder_compile_value(btf, id, &decoder), 0);
	return decoder;
}

/* Layout of struct value in tests/objects/map_all.bpf.c. */
struct value {
	uint64_t hits;
	int32_t change;
	char comm[8];
	struct {
		uint16_t port;
		uint8_t bytes[3];
	} parts[2];
	uint8_t low : 3;
	uint8_t high : 5;
	bool good;
	int32_t state;
	union {
		uint32_t word;
		uint8_t pieces[4];
	};
};

static int encode(const struct lade_decoder *decoder, const char *text, void *bytes, size_t size, char **ret_message)
{
	struct lade_error *error = NULL;
	int result = lade_encode(decoder, text, strlen(text), bytes, size, "value", &error);
	if (ret_message)
		*ret_message = error ? strdup(lade_error_message(error)) : NULL;
	assert_true((result < 0) == (error != NULL));
	lade_error_free(error);
	return result;
}

static void words_fields_and_json_give_the_same_bytes(void **state)
{
	struct lade_decoder *decoder = decoder_of(state, "value", BTF_KIND_STRUCT);
	static const char *const texts[] = {
		"hits=3 change=-2 comm=shell parts=[{port=80 bytes=[1,2,3]}] low=5 high=17 good=true state=RUNNING "
		"word=0x01020304",
		"{\"hits\":3,\"change\":-2,\"comm\":\"shell\",\"parts\":[{\"port\":80,\"bytes\":[1,2,3]}],\"low\":5,"
		"\"high\":17,"
		"\"good\":true,\"state\":\"RUNNING\",\"word\":16909060}",
		"{hits:3, change:-2, comm:shell, parts:[{port:80,bytes:[1 2 3]}], low:5, high:17, good:1, state:5, "
		"pieces:[4,3,2,1]}",
	};
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		struct value value;
		memset(&value, 0xff, sizeof value);
		assert_int_equal(encode(decoder, texts[i], &value, sizeof value, NULL), 0);
		assert_int_equal(value.hits, 3);
		assert_int_equal(value.change, -2);
		assert_string_equal(value.comm, "shell");
		assert_int_equal(value.parts[0].port, 80);
		assert_int_equal(value.parts[0].bytes[2], 3);
		assert_int_equal(value.parts[1].port, 0);
		assert_int_equal(value.low, 5);
		assert_int_equal(value.high, 17);
		assert_true(value.good);
		assert_int_equal(value.state, 5);
		assert_int_equal(value.word, 0x01020304);
	}
	lade_decoder_free(decoder);
}

static void nested_names_reach_inner_fields(void **state)
{
	struct lade_decoder *decoder = decoder_of(state, "value", BTF_KIND_STRUCT);
	struct value value;
	char *message;
	assert_int_equal(encode(decoder, "comm.x=1", &value, sizeof value, &message), -EINVAL);
	assert_non_null(strstr(message, "comm"));
	free(message);
	lade_decoder_free(decoder);
	decoder = decoder_of(state, ".rodata", BTF_KIND_DATASEC);
	uint32_t limit;
	assert_int_equal(encode(decoder, "limit=9", &limit, sizeof limit, NULL), 0);
	assert_int_equal(limit, 9);
	lade_decoder_free(decoder);
}

static void what_is_printed_is_read_back(void **state)
{
	struct lade_decoder *decoder = decoder_of(state, "value", BTF_KIND_STRUCT);
	uint32_t random = 1;
	for (int round = 0; round < 2000; round++) {
		struct value value, again;
		struct strbuf json = { 0 }, text = { 0 };
		memset(&value, 0, sizeof value);
		memset(&again, 0, sizeof again);
		uint8_t noise[sizeof value];
		for (size_t i = 0; i < sizeof noise; i++)
			noise[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
		memcpy(&value.hits, noise, 8);
		memcpy(&value.change, noise + 8, 4);
		memcpy(value.comm, noise + 12, 8);
		for (size_t i = 0; i < sizeof value.comm; i++) { /* what lies behind the NUL is not shown */
			if ((uint8_t)value.comm[i] ==
			    0xc2) /* JSON shows control characters of UTF-8 as it shows that byte */
				value.comm[i] = 'c';
			else if (!value.comm[i])
				memset(value.comm + i, 0, sizeof value.comm - i);
		}
		value.parts[1].port = noise[20];
		value.low = noise[21] & 7U;
		value.high = noise[22] & 31U;
		value.good = noise[23] & 1;
		memcpy(&value.state, noise + 24, 4);
		memcpy(&value.word, noise + 28, 4);
		lade_decoder_json(decoder, &value, sizeof value, &json);
		lade_strbuf_add(&json, "");
		assert_int_equal(encode(decoder, json.text, &again, sizeof again, NULL), 0);
		assert_memory_equal(&value, &again, sizeof value);
		memset(&again, 0, sizeof again);
		lade_decoder_text(decoder, &value, sizeof value, &text);
		lade_strbuf_add(&text, "");
		assert_int_equal(encode(decoder, text.text, &again, sizeof again, NULL), 0);
		assert_memory_equal(&value, &again, sizeof value);
		lade_strbuf_clear(&json);
		lade_strbuf_clear(&text);
	}
	lade_decoder_free(decoder);
}

static void findings_name_the_field(void **state)
{
	static const struct {
		const char *text, *part;
		int result;
	} wrong[] = {
		{ "low=8", "field low", -ERANGE },
		{ "high=32", "field high", -ERANGE },
		{ "hits=-1", "field hits", -ERANGE },
		{ "hits=18446744073709551616", "field hits", -ERANGE },
		{ "change=2147483648", "field change", -ERANGE },
		{ "change=many", "field change", -EINVAL },
		{ "comm=nine_bytes", "field comm", -ERANGE },
		{ "parts=[{},{},{}]", "2 items", -ERANGE },
		{ "parts=[{port=65536}]", "parts[0].port", -ERANGE },
		{ "parts=[{prot=1}]", "parts[0]", -EINVAL },
		{ "parts=[{bytes=[1,2,3,4]}]", "parts[0].bytes", -ERANGE },
		{ "parts=3", "parts", -EINVAL },
		{ "good=2", "field good", -EINVAL },
		{ "state=RUNING", "field state", -EINVAL },
		{ "state", "'='", -EINVAL },
		{ "hits=", "a value is missing", -EINVAL },
		{ "{hits=1", "'}' is missing", -EINVAL },
		{ "hits=1}", "one too many", -EINVAL },
		{ "{\"hits\":1} {}", "something follows", -EINVAL },
		{ "{\"comm\":\"a", "'\"' at the end", -EINVAL },
		{ "{\"comm\":\"\\ud800\"}", "\\u", -EINVAL },
		{ "{\"comm\":\"\\q\"}", "'\\'", -EINVAL },
		{ "nothing=1", "no field nothing", -EINVAL },
		{ "hex:00", "cannot be taken", -EMSGSIZE },
		{ "hex:0g", "cannot be taken", -EINVAL },
	};
	struct lade_decoder *decoder = decoder_of(state, "value", BTF_KIND_STRUCT);
	for (size_t i = 0; i < ELEMENTS(wrong); i++) {
		struct value value;
		char *message;
		int result = encode(decoder, wrong[i].text, &value, sizeof value, &message);
		if (result != wrong[i].result || !strstr(message, wrong[i].part))
			fail_msg("%s: %d %s", wrong[i].text, result, message);
		free(message);
	}
	lade_decoder_free(decoder);
}

static void untyped_values_are_numbers_or_bytes(void **state)
{
	(void)state;
	uint32_t number;
	uint8_t three[3];
	char *message;
	assert_int_equal(encode(NULL, "0x10", &number, sizeof number, NULL), 0);
	assert_int_equal(number, 16);
	assert_int_equal(encode(NULL, "hex:01 02 00 00", &number, sizeof number, NULL), 0);
	assert_int_equal(number, 0x201);
	assert_int_equal(encode(NULL, "{\"hex\":\"01ff02\"}", three, sizeof three, NULL), 0);
	assert_int_equal(three[1], 0xff);
	assert_int_equal(encode(NULL, "4294967296", &number, sizeof number, &message), -ERANGE);
	free(message);
	assert_int_equal(encode(NULL, "12", three, sizeof three, &message), -EMSGSIZE);
	free(message);
	assert_int_equal(encode(NULL, "", &number, sizeof number, &message), -EINVAL);
	free(message);
}

/* Whatever is thrown at it ends, and writes nowhere else (sanitizers watch). */
static void hostile_text_does_no_harm(void **state)
{
	static const char bits[] = "{}[]\"\\:=,. \t0x9-'aehilnoprstuv\0\xff";
	struct lade_decoder *decoder = decoder_of(state, "value", BTF_KIND_STRUCT);
	uint32_t random = 7;
	for (int round = 0; round < 50000; round++) {
		char text[40];
		size_t length = (random >> 20) % sizeof text;
		for (size_t i = 0; i < length; i++)
			text[i] = bits[((random = random * 1664525 + 1013904223) >> 16) % (sizeof bits - 1)];
		struct value *value = malloc(sizeof *value);
		char *copy = malloc(length + 1); /* exactly as long, for the sanitizer */
		memcpy(copy, text, length);
		(void)lade_encode(decoder, copy, length, value, sizeof *value, "value", NULL);
		const char *start;
		size_t skipped;
		struct notation reader = lade_notation(copy, length);
		if (lade_notation_skip(&reader, &start, &skipped) == 0)
			assert_true(start + skipped <= copy + length);
		free(copy);
		free(value);
	}
	lade_decoder_free(decoder);
}

static void deep_nesting_is_refused(void **state)
{
	struct lade_decoder *decoder = decoder_of(state, "value", BTF_KIND_STRUCT);
	size_t depth = 100000;
	char *text = malloc(2 * depth);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	struct value value;
	assert_int_equal(lade_encode(decoder, text, 2 * depth, &value, sizeof value, "value", NULL), -EINVAL);
	struct notation reader = lade_notation(text, 2 * depth);
	const char *start;
	size_t length;
	assert_int_equal(lade_notation_skip(&reader, &start, &length), -EINVAL);
	assert_string_equal(reader.wrong, "it is nested too deeply");
	free(text);
	lade_decoder_free(decoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_fields_and_json_give_the_same_bytes),
		cmocka_unit_test(nested_names_reach_inner_fields),
		cmocka_unit_test(what_is_printed_is_read_back),
		cmocka_unit_test(findings_name_the_field),
		cmocka_unit_test(untyped_values_are_numbers_or_bytes),
		cmocka_unit_test(hostile_text_does_no_harm),
		cmocka_unit_test(deep_nesting_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
