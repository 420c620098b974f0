/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading BTF, whole and lying. */
#include "btf/builder.h"

#include <errno.h>

static void check_valid(bool swapped)
{
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL;
	assert_int_equal(blob_parse(&blob, swapped, &btf, NULL), 0);
	assert_int_equal(lade_btf_count(btf), 7);
	assert_null(lade_btf_type(btf, 0));
	assert_null(lade_btf_type(btf, 7));
	const struct btf_type *pair = lade_btf_type(btf, 3);
	assert_int_equal(lade_btf_kind(pair), BTF_KIND_STRUCT);
	assert_int_equal(lade_btf_vlen(pair), 2);
	assert_string_equal(lade_btf_type_name(btf, 3), "pair");
	assert_string_equal(lade_btf_string(btf, lade_btf_members(pair)[1].name_off), "next");
	assert_int_equal(lade_btf_member_bit_offset(pair, 1), 64);
	assert_int_equal(lade_btf_array(lade_btf_type(btf, 4))->nelems, 5);
	assert_int_equal(lade_btf_int_bits(lade_btf_type(btf, 1)), 32);
	assert_int_equal(lade_btf_int_encoding(lade_btf_type(btf, 1)), BTF_INT_SIGNED);
	assert_int_equal(lade_btf_size(btf, 4), 20);
	assert_int_equal(lade_btf_size(btf, 2), 8);
	assert_int_equal(lade_btf_size_with(btf, 2, 4), 4);
	assert_int_equal(lade_btf_size_with(btf, 4, 4), 20);
	assert_int_equal(lade_btf_size(btf, 0), -EINVAL);
	assert_int_equal(lade_btf_size(btf, 6), -EINVAL);
	assert_int_equal(lade_btf_find(btf, "pair", BTF_KIND_STRUCT), 3);
	assert_int_equal(lade_btf_find(btf, "pair", BTF_KIND_UNION), 0);
	assert_int_equal(lade_btf_find(btf, "", BTF_KIND_PTR), 0);
	assert_null(lade_btf_members(lade_btf_type(btf, 1)));
	assert_string_equal(lade_btf_string(btf, 100000), "");
	lade_btf_free(btf);
}

static void native_btf_is_read(void **state)
{
	(void)state;
	check_valid(false);
}

static void opposite_byte_order_reads_the_same(void **state)
{
	(void)state;
	check_valid(true);
}

static void bytes_given_out_are_native_and_plain(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct lade_btf *native = NULL, *swapped = NULL;
	size_t native_size, swapped_size;
	assert_int_equal(blob_parse(&blob, false, &native, NULL), 0);
	assert_int_equal(blob_parse(&blob, true, &swapped, NULL), 0);
	const void *a = lade_btf_bytes(native, &native_size), *b = lade_btf_bytes(swapped, &swapped_size);
	assert_int_equal(native_size, swapped_size);
	assert_memory_equal(a, b, native_size);
	const struct btf_header *header = a;
	assert_int_equal(header->hdr_len, 24);
	assert_int_equal(header->hdr_len + header->type_len + header->str_len, native_size);
	lade_btf_free(native);
	lade_btf_free(swapped);
}

static void padding_behind_the_strings_is_dropped(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct blob_header header = blob_header(&blob);
	struct lade_btf *btf = NULL;
	size_t size, plain;
	uint8_t *bytes = blob_write(&blob, &header, false, &size);
	uint8_t *padded = calloc(1, size + 100);
	memcpy(padded, bytes, size);
	assert_int_equal(lade_btf_parse(padded, size + 100, "x", &btf, NULL), 0);
	assert_memory_equal(lade_btf_bytes(btf, &plain), bytes, size);
	assert_int_equal(plain, size);
	free(padded);
	free(bytes);
	lade_btf_free(btf);
}

static void empty_btf_has_no_types(void **state)
{
	(void)state;
	struct blob blob = { .string_bytes = 1 };
	struct lade_btf *btf = NULL;
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	assert_int_equal(lade_btf_count(btf), 1);
	assert_int_equal(lade_btf_find(btf, "int", BTF_KIND_INT), 0);
	lade_btf_free(btf);
}

/* ---- the header of 7.1: 32 bytes and a layout for each kind ---- */
#define UNKNOWN_KIND 25u

static uint8_t *write_with_layout(const struct blob *blob, uint8_t info_bytes, uint8_t element_bytes, size_t *ret_size)
{
	struct blob_header header = blob_header(blob);
	uint32_t layouts[UNKNOWN_KIND + 1] = { 0 }, types = header.plain.type_len;
	uint8_t entry[4] = { info_bytes, element_bytes, 0, 0 };
	memcpy(&layouts[UNKNOWN_KIND], entry, sizeof entry);
	header.plain.hdr_len = sizeof header;
	header.layout_off = types;
	header.layout_len = sizeof layouts;
	header.plain.str_off = types + (uint32_t)sizeof layouts;
	*ret_size = sizeof header + types + sizeof layouts + blob->string_bytes;
	uint8_t *bytes = malloc(*ret_size);
	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, blob->words, types);
	memcpy(bytes + sizeof header + types, layouts, sizeof layouts);
	memcpy(bytes + sizeof header + types + sizeof layouts, blob->strings, blob->string_bytes);
	return bytes;
}

static void unknown_kind_is_skipped_by_its_layout(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL, *clone = NULL;
	size_t size;
	blob_type(&blob, "novel", UNKNOWN_KIND << 24 | 2, 0xffffffff);
	for (int i = 0; i < 5; i++)
		blob_word(&blob, 0xdeadbeef);
	blob_type(&blob, "after", KIND(TYPEDEF, 0), 1);
	uint8_t *bytes = write_with_layout(&blob, 4, 8, &size);
	assert_int_equal(lade_btf_parse(bytes, size, "x", &btf, NULL), 0);
	assert_int_equal(lade_btf_count(btf), 9);
	assert_string_equal(lade_btf_type_name(btf, 7), "novel");
	assert_int_equal(lade_btf_find(btf, "after", BTF_KIND_TYPEDEF), 8);
	assert_int_equal(lade_btf_size(btf, 7), -EINVAL);
	assert_spelling(btf, 7, "novel");
	assert_int_equal(lade_btf_clone(btf, &clone, NULL), 0);
	assert_string_equal(lade_btf_type_name(clone, 8), "after");
	free(bytes);
	lade_btf_free(clone);
	lade_btf_free(btf);
}

static void layout_section_is_left_out_of_the_bytes_for_the_kernel(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct blob_header header = blob_header(&blob);
	struct lade_btf *btf = NULL;
	size_t size, plain_size, given;
	uint8_t *bytes = write_with_layout(&blob, 0, 0, &size), *plain = blob_write(&blob, &header, false, &plain_size);
	assert_int_equal(lade_btf_parse(bytes, size, "x", &btf, NULL), 0);
	assert_memory_equal(lade_btf_bytes(btf, &given), plain, plain_size);
	assert_int_equal(given, plain_size);
	free(bytes);
	free(plain);
	lade_btf_free(btf);
}

static void unknown_kind_without_usable_layout_is_refused(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL;
	struct lade_error *error = NULL;
	size_t size;
	blob_type(&blob, "novel", UNKNOWN_KIND << 24, 0);
	assert_int_equal(blob_parse(&blob, false, &btf, &error), -EINVAL);
	assert_finding(error, "btf.type", "type 7 at offset 120 of .BTF: kind 25 is not known");
	error = NULL;
	uint8_t *bytes = write_with_layout(&blob, 3, 0, &size);
	assert_int_equal(lade_btf_parse(bytes, size, "x", &btf, &error), -EINVAL);
	assert_finding(error, "btf.type", "not multiples of 4");
	free(bytes);
}

/* As in 7.2: more than 16 bits of elements. */
static void struct_of_70000_members_is_read(void **state)
{
	(void)state;
	enum { MEMBERS = 70000, BYTES = 24 + 16 + 12 + MEMBERS * 12 + 5 };
	uint8_t *bytes = calloc(1, BYTES);
	struct btf_header header = { BTF_MAGIC, 1, 0, 24, 0, BYTES - 29, BYTES - 29, 5 };
	const uint32_t start[] = { 1, KIND(INT, 0), 4, 32, 0, KIND(STRUCT, MEMBERS), 4 };
	struct lade_btf *btf = NULL;
	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + 24, start, sizeof start);
	memcpy(bytes + BYTES - 5, "\0int", 5);
	for (size_t i = 0; i < MEMBERS; i++) {
		const uint32_t one = 1;
		memcpy(bytes + 24 + 28 + i * 12 + 4, &one, sizeof one);
	}
	assert_int_equal(lade_btf_parse(bytes, BYTES, "x", &btf, NULL), 0);
	assert_int_equal(lade_btf_vlen(lade_btf_type(btf, 2)), MEMBERS);
	lade_btf_free(btf);
	free(bytes);
}

/* ---- headers that lie ---- */
struct header_lie {
	size_t offset; /* in struct btf_header */
	uint32_t value;
	const char *code, *text;
};
#define PLAIN(field) offsetof(struct btf_header, field)

static void every_lie_of_the_header_has_its_finding(void **state)
{
	(void)state;
	static const struct header_lie lies[] = {
		{ PLAIN(hdr_len), 23, "btf.header", "23 bytes" },
		{ PLAIN(hdr_len), 0xffffffff, "btf.header", "4294967295 bytes" },
		{ PLAIN(hdr_len), 28, "btf.header", "has a meaning that is not known" },
		{ PLAIN(type_off), 0xfffffff0, "btf.header", "types" },
		{ PLAIN(type_off), 2, "btf.header", "multiple of 4" },
		{ PLAIN(type_len), 0xffffffff, "btf.header", "types" },
		{ PLAIN(str_off), 0, "btf.header", "overlap" },
		{ PLAIN(str_off), 0xffffff00, "btf.header", "strings" },
		{ PLAIN(str_len), 0, "btf.strings", "no strings" },
		{ PLAIN(str_len), 0x7fffffff, "btf.header", "strings" },
	};
	for (size_t i = 0; i < ELEMENTS(lies) * 2; i++) {
		const struct header_lie *lie = &lies[i / 2];
		struct blob blob = blob_make();
		struct blob_header header = blob_header(&blob);
		struct lade_btf *btf = NULL;
		struct lade_error *error = NULL;
		size_t size;
		memcpy((char *)&header + lie->offset, &lie->value, sizeof lie->value);
		uint8_t *bytes = blob_write(&blob, &header, i % 2, &size);
		if (lade_btf_parse(bytes, size, "x", &btf, &error) != -EINVAL)
			fail_msg("%s: not refused", lie->text);
		assert_finding(error, lie->code, lie->text);
		free(bytes);
	}
}

static void magic_version_flags_and_strings_are_checked(void **state)
{
	(void)state;
	static const struct {
		size_t offset; /* from the end when there_is_end */
		bool from_end;
		const char *code, *text;
	} lies[] = {
		{ 0, false, "btf.header", "starts with" },
		{ 2, false, "btf.header", "version" },
		{ 3, false, "btf.header", "flags" },
		{ 1, true, "btf.strings", "end with" },
	};
	for (size_t i = 0; i < ELEMENTS(lies); i++) {
		struct blob blob = blob_make();
		struct blob_header header = blob_header(&blob);
		struct lade_btf *btf = NULL;
		struct lade_error *error = NULL;
		size_t size;
		uint8_t *bytes = blob_write(&blob, &header, false, &size);
		bytes[lies[i].from_end ? size - lies[i].offset : lies[i].offset] = 0x55;
		assert_int_equal(lade_btf_parse(bytes, size, "x", &btf, &error), -EINVAL);
		assert_finding(error, lies[i].code, lies[i].text);
		free(bytes);
	}
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL;
	struct lade_error *error = NULL;
	blob.strings[0] = 'x';
	assert_int_equal(blob_parse(&blob, false, &btf, &error), -EINVAL);
	assert_finding(error, "btf.strings", "start with");
}

static void section_above_64_mib_is_refused_unread(void **state)
{
	(void)state;
	struct lade_btf *btf = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_btf_parse("", SIZE_MAX, "x", &btf, &error), -EFBIG);
	assert_finding(error, "btf.too-large", "limit");
}

/* ---- types that lie: appended as type 7 behind the valid ones ---- */
static void every_lie_of_a_type_has_its_finding(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t words[6];
		uint32_t count;
	} lies[] = {
		{ "kind 0 is not known", { 0, 0, 0 }, 3 },
		{ "kind 20 is not known", { 0, 20u << 24, 0 }, 3 },
		{ "only 8 bytes are left", { 0, KIND(PTR, 0) }, 2 },
		{ "only 12 are left", { 0, KIND(INT, 0), 4 }, 3 },
		{ "with 16777215 elements", { 0, KIND(STRUCT, 0xffffff), 4 }, 3 },
		{ "the name is at 100000", { 100000, KIND(PTR, 0), 0 }, 3 },
		{ "what it refers to is type 8, but there are only 7", { 0, KIND(PTR, 0), 8 }, 3 },
		{ "kind flag", { 0, KIND_FLAG(PTR, 0), 0 }, 3 },
		{ "ptr with 3 elements", { 0, KIND(PTR, 3), 0 }, 3 },
		{ "int of 0 bytes", { 0, KIND(INT, 0), 0, 32 }, 4 },
		{ "int of 17 bytes", { 0, KIND(INT, 0), 17, 32 }, 4 },
		{ "int of 33 bits at bit 0 does not fit into 4", { 0, KIND(INT, 0), 4, 33 }, 4 },
		{ "int of 0 bits", { 0, KIND(INT, 0), 4, 0 }, 4 },
		{ "at bit 8 does not fit", { 0, KIND(INT, 0), 4, 8 << 16 | 32 }, 4 },
		{ "the element of the array is type 99", { 0, KIND(ARRAY, 0), 0, 99, 1, 1 }, 6 },
		{ "the index of the array is type 99", { 0, KIND(ARRAY, 0), 0, 1, 99, 1 }, 6 },
		{ "the name of a member is at 9999", { 0, KIND(STRUCT, 1), 4, 9999, 1, 0 }, 6 },
		{ "a member is type 50", { 0, KIND(UNION, 1), 4, 0, 50, 0 }, 6 },
		{ "member 0 lies at bit 33, beyond the 4 bytes of the struct", { 0, KIND(STRUCT, 1), 4, 0, 1, 33 }, 6 },
		{ "member 0 lies at bit 30", { 0, KIND_FLAG(STRUCT, 1), 4, 0, 1, 3 << 24 | 30 }, 6 },
		{ "enum of 3 bytes", { 0, KIND(ENUM, 1), 3, 0, 0 }, 5 },
		{ "the name of a value is at 777", { 0, KIND(ENUM, 1), 4, 777, 0 }, 5 },
		{ "the name of a value is at 778", { 0, KIND(ENUM64, 1), 8, 778, 0, 0 }, 6 },
		{ "enum64 of 5 bytes", { 0, KIND(ENUM64, 1), 5, 0, 0, 0 }, 6 },
		{ "func of type 1, which is no func_proto", { 0, KIND(FUNC, 0), 1 }, 3 },
		{ "func of linkage 3", { 0, KIND(FUNC, 3), 5 }, 3 },
		{ "a parameter is type 12", { 0, KIND(FUNC_PROTO, 1), 0, 0, 12 }, 5 },
		{ "the name of a parameter is at 666", { 0, KIND(FUNC_PROTO, 1), 0, 666, 1 }, 5 },
		{ "var of linkage 3", { 0, KIND(VAR, 0), 1, 3 }, 4 },
		{ "the section holds type 1", { 0, KIND(DATASEC, 1), 8, 1, 0, 4 }, 6 },
		{ "a variable of the section is type 80", { 0, KIND(DATASEC, 1), 8, 80, 0, 4 }, 6 },
		{ "ends beyond 4 GiB", { 0, KIND(DATASEC, 1), 8, 6, 0xffffffff, 4 }, 6 },
		{ "float of 5 bytes", { 0, KIND(FLOAT, 0), 5 }, 3 },
		{ "float of 4294967295 bytes", { 0, KIND(FLOAT, 0), 0xffffffff }, 3 },
		{ "component -2", { 0, KIND(DECL_TAG, 0), 3, (uint32_t)-2 }, 4 },
	};
	for (size_t i = 0; i < ELEMENTS(lies) * 2; i++) {
		struct blob blob = blob_make();
		struct lade_btf *btf = NULL;
		struct lade_error *error = NULL;
		for (uint32_t j = 0; j < lies[i / 2].count; j++)
			blob_word(&blob, lies[i / 2].words[j]);
		if (blob_parse(&blob, i % 2, &btf, &error) != -EINVAL)
			fail_msg("%s: not refused", lies[i / 2].text);
		assert_string_equal(strstr(lade_error_message(error), "type 7"),
				    strstr(lade_error_message(error), "type 7 at offset 120 of .BTF: "));
		assert_finding(error, "btf.type", lies[i / 2].text);
	}
}

/* ---- cycles and sizes ---- */
static void types_that_refer_to_themselves_do_not_hang(void **state)
{
	(void)state;
	struct blob blob = { .string_bytes = 1 };
	struct lade_btf *btf = NULL;
	blob_type(&blob, "", KIND(CONST, 0), 2);
	blob_type(&blob, "", KIND(VOLATILE, 0), 1);
	blob_type(&blob, "loop", KIND(TYPEDEF, 0), 3);
	blob_type(&blob, "", KIND(ARRAY, 0), 0);
	blob_word(&blob, 4);
	blob_word(&blob, 4);
	blob_word(&blob, 2);
	blob_type(&blob, "", KIND(PTR, 0), 5);
	blob_type(&blob, "", KIND(FUNC_PROTO, 2), 6);
	for (int i = 0; i < 2; i++) {
		blob_word(&blob, 0);
		blob_word(&blob, 6);
	}
	blob_type(&blob, "own", KIND(VAR, 0), 7);
	blob_word(&blob, 0);
	blob_type(&blob, "", KIND(TYPE_TAG, 0), 8);
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		struct strbuf text = { 0 };
		uint32_t skipped = lade_btf_skip_modifiers(btf, id);
		assert_true(skipped == 0 || skipped == id);
		assert_int_equal(lade_btf_size(btf, id), id == 5 ? 8 : -EINVAL);
		lade_btf_spell(btf, id, &text);
		assert_true(text.length > 0 && text.length < 100000 && !text.failed);
		lade_strbuf_clear(&text);
	}
	lade_btf_free(btf);
}

static void size_multiplies_arrays_and_refuses_4_gib(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL;
	const uint32_t arrays[][2] = { { 4, 3 }, { 7, 1u << 26 }, { 8, 1u << 31 }, { 9, 1u << 31 }, { 10, 0 } };
	for (size_t i = 0; i < ELEMENTS(arrays); i++) {
		blob_type(&blob, "", KIND(ARRAY, 0), 0);
		blob_word(&blob, arrays[i][0]);
		blob_word(&blob, 1);
		blob_word(&blob, arrays[i][1]);
	}
	blob_type(&blob, "grid_t", KIND(TYPEDEF, 0), 7);
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	assert_int_equal(lade_btf_size(btf, 7), 60);
	assert_int_equal(lade_btf_size(btf, 8), INT64_C(60) << 26);
	assert_int_equal(lade_btf_size(btf, 9), -E2BIG);
	assert_int_equal(lade_btf_size(btf, 10), -E2BIG);
	assert_int_equal(lade_btf_size(btf, 11), 0);
	assert_int_equal(lade_btf_size(btf, 12), 60);
	lade_btf_free(btf);
}

static void clone_is_edited_without_changing_the_original(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL, *clone = NULL;
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	assert_int_equal(lade_btf_clone(btf, &clone, NULL), 0);
	lade_btf_edit(clone, 3)->size = 24;
	assert_null(lade_btf_edit(clone, 0));
	assert_null(lade_btf_edit(clone, 7));
	assert_int_equal(lade_btf_size(btf, 3), 16);
	assert_int_equal(lade_btf_size(clone, 3), 24);
	assert_ptr_equal(lade_btf_ref(btf), btf);
	lade_btf_free(btf);
	assert_string_equal(lade_btf_type_name(btf, 3), "pair");
	lade_btf_free(btf);
	assert_string_equal(lade_btf_type_name(clone, 3), "pair");
	lade_btf_free(clone);
}

static void bitfields_have_offset_and_size(void **state)
{
	(void)state;
	struct blob blob = blob_make();
	struct lade_btf *btf = NULL;
	blob_type(&blob, "bits", KIND_FLAG(STRUCT, 2), 4);
	blob_member(&blob, "three", 1, 3 << 24 | 0);
	blob_member(&blob, "five", 1, 5 << 24 | 3);
	assert_int_equal(blob_parse(&blob, false, &btf, NULL), 0);
	const struct btf_type *type = lade_btf_type(btf, 7);
	assert_int_equal(lade_btf_member_bit_size(type, 0), 3);
	assert_int_equal(lade_btf_member_bit_size(type, 1), 5);
	assert_int_equal(lade_btf_member_bit_offset(type, 1), 3);
	lade_btf_free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_btf_is_read),
		cmocka_unit_test(opposite_byte_order_reads_the_same),
		cmocka_unit_test(bytes_given_out_are_native_and_plain),
		cmocka_unit_test(padding_behind_the_strings_is_dropped),
		cmocka_unit_test(empty_btf_has_no_types),
		cmocka_unit_test(unknown_kind_is_skipped_by_its_layout),
		cmocka_unit_test(layout_section_is_left_out_of_the_bytes_for_the_kernel),
		cmocka_unit_test(unknown_kind_without_usable_layout_is_refused),
		cmocka_unit_test(struct_of_70000_members_is_read),
		cmocka_unit_test(every_lie_of_the_header_has_its_finding),
		cmocka_unit_test(magic_version_flags_and_strings_are_checked),
		cmocka_unit_test(section_above_64_mib_is_refused_unread),
		cmocka_unit_test(every_lie_of_a_type_has_its_finding),
		cmocka_unit_test(types_that_refer_to_themselves_do_not_hang),
		cmocka_unit_test(size_multiplies_arrays_and_refuses_4_gib),
		cmocka_unit_test(clone_is_edited_without_changing_the_original),
		cmocka_unit_test(bitfields_have_offset_and_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
