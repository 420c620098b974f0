/* SPDX-License-Identifier: BSD-2-Clause */
/* .BTF.ext, compiled and made by hand. */
#include "btf/builder.h"

#include <errno.h>

/* Header (8 words), then tables; offsets of tables are filled in by ext_end(). */
struct ext_words {
	uint32_t words[100];
	uint32_t count;
};

static void add(struct ext_words *ext, uint32_t word)
{
	ext->words[ext->count++] = word;
}

/* One table with one section "compute" (name at `section`) of two records, offsets 16 and 0. */
static void add_table(struct ext_words *ext, size_t index, uint32_t record_words, const uint32_t rest[3])
{
	uint32_t section = rest[2], start = ext->count;
	add(ext, record_words * 4);
	add(ext, section);
	add(ext, 2);
	for (uint32_t record = 0; record < 2; record++) {
		add(ext, record ? 0 : 16);
		for (uint32_t i = 1; i < record_words; i++)
			add(ext, i == 1 ? rest[0] : i == 2 ? rest[1] : 0x1234);
	}
	ext->words[2 + index * 2] = (start - 8) * 4;
	ext->words[3 + index * 2] = (ext->count - start) * 4;
}

/* blob_make()'s BTF: type 6 is a func, type 3 a struct, strings from 1 on. The records have a word too many. */
static struct ext_words ext_make(void)
{
	struct ext_words ext = { .words = { 0x0001eb9f, 32 }, .count = 8 };
	const uint32_t functions[] = { 6, 0x77, 1 }, lines[] = { 1, 5, 1 }, relocations[] = { 3, 1, 1 };
	add_table(&ext, 0, 3, functions);
	add_table(&ext, 1, 5, lines);
	add_table(&ext, 2, 5, relocations);
	return ext;
}

static int ext_parse(const struct ext_words *ext, bool swapped, struct btf_ext **ret_ext, struct lade_btf **ret_btf,
		     struct lade_error **error)
{
	struct blob blob = blob_make();
	size_t size = ext->count * sizeof(uint32_t);
	uint8_t *bytes = malloc(size);
	memcpy(bytes, ext->words, size);
	if (swapped) {
		swap_words(bytes + 4, size - 4);
		bytes[0] = 0xeb;
		bytes[1] = 0x9f;
	}
	assert_int_equal(blob_parse(&blob, swapped, ret_btf, NULL), 0);
	int result = lade_btf_ext_parse(*ret_btf, bytes, size, "test.o", ret_ext, error);
	free(bytes);
	return result;
}

static void records_are_read_sorted_and_cut_to_what_is_known(void **state)
{
	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		struct ext_words words = ext_make();
		struct lade_btf *btf = NULL;
		struct btf_ext *ext = NULL;
		assert_int_equal(ext_parse(&words, swapped, &ext, &btf, NULL), 0);
		assert_int_equal(ext->count, 1);
		const struct btf_ext_section *section = lade_btf_ext_section(ext, "int");
		assert_non_null(section);
		assert_null(lade_btf_ext_section(ext, "absent"));
		assert_int_equal(section->func_count, 2);
		assert_int_equal(section->funcs[0].offset, 0);
		assert_int_equal(section->funcs[1].offset, 16);
		assert_int_equal(section->funcs[1].type_id, 6);
		assert_int_equal(section->line_count, 2);
		assert_int_equal(section->lines[0].line_offset, 5);
		assert_int_equal(section->lines[1].line_column, 0x1234);
		assert_int_equal(section->relocation_count, 2);
		assert_int_equal(section->relocations[0].type_id, 3);
		assert_int_equal(section->relocations[0].kind, 0x1234);
		lade_btf_ext_free(ext);
		lade_btf_free(btf);
	}
}

static void header_of_24_bytes_has_no_core_relocations(void **state)
{
	(void)state;
	struct ext_words words = ext_make();
	struct lade_btf *btf = NULL;
	struct btf_ext *ext = NULL;
	words.words[1] = 24;
	words.words[2] += 8;
	words.words[4] += 8;
	assert_int_equal(ext_parse(&words, false, &ext, &btf, NULL), 0);
	assert_int_equal(ext->items[0].line_count, 2);
	assert_int_equal(ext->items[0].relocation_count, 0);
	lade_btf_ext_free(ext);
	lade_btf_free(btf);
}

static void every_lie_of_an_ext_section_has_its_finding(void **state)
{
	(void)state;
	/* Word numbers: 8 header, 8 + 9 functions (record size, name, count, 2 x 3), 17 + 13 lines, 30 + 13 core. */
	static const struct {
		uint32_t word, value;
		const char *code, *text;
	} lies[] = {
		{ 0, 0x0002eb9f, "btf.ext.header", "version 2" },
		{ 0, 0x0001eb9e, "btf.ext.header", "starts with" },
		{ 1, 20, "btf.ext.header", "20 bytes" },
		{ 1, 100000, "btf.ext.header", "100000 bytes" },
		{ 2, 0xfffffffc, "btf.ext.header", "function table" },
		{ 5, 0x10000, "btf.ext.header", "line table" },
		{ 3, 2, "btf.ext.record", "records of 0 bytes" },
		{ 3, 8, "btf.ext.record", "4 bytes too many" },
		{ 8, 4, "btf.ext.record", "records of 4 bytes" },
		{ 8, 13, "btf.ext.record", "records of 13 bytes" },
		{ 17, 12, "btf.ext.record", "records of 12 bytes in the line table" },
		{ 9, 5000, "btf.ext.record", "at 5000" },
		{ 10, 0xffffffff, "btf.ext.record", "4294967295 records" },
		{ 10, 0, "btf.ext.record", "0 records" },
		{ 11, 12, "btf.ext.record", "inside an instruction: 12" },
		{ 12, 3, "btf.ext.record", "int+0x10: a function whose type is no func: 3" },
		{ 12, 900, "btf.ext.record", "no func: 900" },
		{ 21, 900, "btf.ext.record", "a string outside .BTF at 900" },
		{ 22, 901, "btf.ext.record", "a string outside .BTF at 901" },
		{ 34, 0, "btf.ext.record", "unknown type: 0" },
		{ 34, 7, "btf.ext.record", "unknown type: 7" },
		{ 35, 902, "btf.ext.record", "a string outside .BTF at 902" },
	};
	for (size_t i = 0; i < ELEMENTS(lies); i++) {
		struct ext_words words = ext_make();
		struct lade_btf *btf = NULL;
		struct btf_ext *ext = NULL;
		struct lade_error *error = NULL;
		words.words[lies[i].word] = lies[i].value;
		if (ext_parse(&words, false, &ext, &btf, &error) != -EINVAL)
			fail_msg("%s: not refused", lies[i].text);
		assert_null(ext);
		assert_finding(error, lies[i].code, lies[i].text);
		lade_btf_free(btf);
	}
}

static void sections_without_end_are_refused(void **state)
{
	(void)state;
	enum { SECTIONS = 16385, WORDS = 8 + 1 + SECTIONS * 4 };
	char *strings = calloc(1, SECTIONS * 7 + 1);
	uint32_t *words = calloc(WORDS, sizeof *words), at = 1, count = 9;
	struct btf_header header = { BTF_MAGIC, 1, 0, 24, 0, 40, 40, SECTIONS * 7 + 1 };
	const uint32_t types[] = { 0, KIND(FUNC_PROTO, 0), 0, 0, KIND(FUNC, 0), 1, 0, KIND(CONST, 0), 0 };
	uint8_t *bytes = calloc(1, sizeof header + 40 + header.str_len);
	struct lade_btf *btf = NULL;
	struct btf_ext *ext = NULL;
	struct lade_error *error = NULL;
	header.type_len = header.str_off = sizeof types;
	words[0] = 0x0001eb9f;
	words[1] = 32;
	words[3] = (WORDS - 8) * 4;
	words[8] = 8;
	for (uint32_t i = 0; i < SECTIONS; i++, at += 7, count += 4) {
		(void)snprintf(strings + at, 8, "s%05x", i);
		words[count] = at;
		words[count + 1] = 1;
		words[count + 3] = 2;
	}
	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, types, sizeof types);
	memcpy(bytes + sizeof header + sizeof types, strings, header.str_len);
	assert_int_equal(lade_btf_parse(bytes, sizeof header + sizeof types + header.str_len, "x", &btf, NULL), 0);
	assert_int_equal(lade_btf_ext_parse(btf, words, (size_t)WORDS * 4, "x", &ext, &error), -EFBIG);
	assert_finding(error, "btf.ext.record", "more than 16384 sections");
	lade_btf_free(btf);
	free(bytes);
	free(words);
	free(strings);
}

static struct btf_ext *compiled_ext(const struct compiled *object)
{
	struct btf_ext *ext = NULL;
	struct lade_error *error = NULL;
	const struct elf_section *section = lade_elf_section(object->elf, ".BTF.ext");
	assert_non_null(section);
	if (lade_btf_ext_parse(object->btf, section->bytes, section->size, "x", &ext, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return ext;
}

static void functions_and_lines_of_a_compiled_object_are_found(void **state)
{
	(void)state;
	static const char *const objects[] = { TEST_OBJECTS "/elf_basic.bpf.o", TEST_OBJECTS "/elf_basic.eb.o" };
	for (size_t i = 0; i < ELEMENTS(objects); i++) {
		struct compiled object;
		assert_true(compiled_open(objects[i], &object));
		struct btf_ext *ext = compiled_ext(&object);
		assert_int_equal(ext->count, 3);
		const struct btf_ext_section *section =
			lade_btf_ext_section(ext, "tracepoint/sched/sched_process_exec");
		assert_int_equal(section->func_count, 1);
		assert_int_equal(section->funcs[0].offset, 0);
		assert_string_equal(lade_btf_type_name(object.btf, section->funcs[0].type_id), "on_exec");
		assert_true(section->line_count >= 2);
		assert_int_equal(section->lines[0].offset, 0);
		assert_non_null(
			strstr(lade_btf_string(object.btf, section->lines[0].file_name_offset), "elf_basic.bpf.c"));
		const char *line = lade_btf_string(object.btf, section->lines[section->line_count - 1].line_offset);
		assert_non_null(strstr(line, "return add(limit, 1);"));
		lade_btf_ext_free(ext);
		compiled_close(&object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_sorted_and_cut_to_what_is_known),
		cmocka_unit_test(header_of_24_bytes_has_no_core_relocations),
		cmocka_unit_test(every_lie_of_an_ext_section_has_its_finding),
		cmocka_unit_test(sections_without_end_are_refused),
		cmocka_unit_test(functions_and_lines_of_a_compiled_object_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
