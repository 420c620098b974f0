/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions and versions of Go programs, by tables made from the documented layouts. */
#include "symbols/maker.h"

#include "symbols/function.h"
#include "symbols/go.h"

enum { TEXT, TABLE, INFO, SECTIONS };
#define TEXT_ADDRESS (MADE_BASE + MADE_CONTENT)

struct bytes {
	uint8_t data[MADE_STEP];
	size_t size;
};

static void put(struct bytes *bytes, size_t at, uint64_t value, unsigned width)
{
	memcpy(bytes->data + at, &value, width);
	bytes->size = at + width > bytes->size ? at + width : bytes->size;
}

static void put_text(struct bytes *bytes, size_t at, const char *text)
{
	memcpy(bytes->data + at, text, strlen(text) + 1);
	bytes->size = at + strlen(text) + 1;
}

/* Two functions, main.main at 0x10 and net/http.serve at 0x40 of the text, which ends at 0x60. */
static struct bytes table_of(uint32_t magic, bool says_start)
{
	struct bytes table = { 0 };
	bool is_old = magic == 0xfffffffb, is_compact = magic == 0xfffffff0 || magic == 0xfffffff1;
	unsigned width = is_compact ? 4 : 8;
	size_t pairs = is_old ? 16 : 0x200, records = is_old ? 0 : pairs, names = is_old ? 0 : 0x100;
	uint64_t base = is_compact ? 0 : TEXT_ADDRESS;
	put(&table, 0, magic, 4);
	put(&table, 6, 1, 1);
	put(&table, 7, 8, 1);
	put(&table, 8, 2, 8);
	if (magic == 0xfffffffa) {
		put(&table, 8 + 2 * 8, names, 8);
		put(&table, 8 + 6 * 8, pairs, 8);
	} else if (is_compact) {
		put(&table, 8 + 2 * 8, says_start ? TEXT_ADDRESS : 0, 8);
		put(&table, 8 + 3 * 8, names, 8);
		put(&table, 8 + 7 * 8, pairs, 8);
	}
	put(&table, pairs, base + 0x10, width);
	put(&table, pairs + width, 0x300 - records, width);
	put(&table, pairs + 2 * width, base + 0x40, width);
	put(&table, pairs + 3 * width, 0x340 - records, width);
	put(&table, pairs + 4 * width, base + 0x60, width);
	put(&table, 0x300, base + 0x10, width);
	put(&table, 0x300 + width, 0x110 - names, 4);
	put(&table, 0x340, base + 0x40, width);
	put(&table, 0x340 + width, 0x120 - names, 4);
	size_t size = table.size;
	put_text(&table, 0x110, "main.main");
	put_text(&table, 0x120, "net/http.serve");
	table.size = size;
	return table;
}

static struct bytes inline_version(const char *version)
{
	struct bytes info = { 0 };
	memcpy(info.data, "\xff Go buildinf:", 14);
	put(&info, 14, 8, 1);
	put(&info, 15, 2, 1);
	put(&info, 32, strlen(version), 1);
	put_text(&info, 33, version);
	return info;
}

static struct bytes pointed_version(const char *version)
{
	struct bytes info = { 0 };
	uint64_t here = MADE_BASE + MADE_CONTENT + INFO * MADE_STEP;
	memcpy(info.data, "\xff Go buildinf:", 14);
	put(&info, 14, 8, 1);
	put(&info, 16, here + 64, 8);
	put(&info, 64, here + 96, 8);
	put(&info, 72, strlen(version), 8);
	put_text(&info, 96, version);
	return info;
}

static struct made make(const struct bytes *table, const struct bytes *info)
{
	static const uint8_t code[0x60];
	const struct made_section sections[SECTIONS] = {
		[TEXT] = { ".text", SHT_PROGBITS, code, sizeof code, 0 },
		[TABLE] = { ".gopclntab", SHT_PROGBITS, table->data, table->size, 0 },
		[INFO] = { ".go.buildinfo", SHT_PROGBITS, info->data, info->size, 0 },
	};
	return make_binary(EM_X86_64, sections, SECTIONS);
}

static const uint32_t magics[] = { 0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1 };

static void functions_of_every_layout_are_found(void **state)
{
	(void)state;
	struct bytes info = inline_version("go1.21.4");
	for (size_t i = 0; i < ELEMENTS(magics); i++) {
		struct bytes table = table_of(magics[i], true);
		struct made made = make(&table, &info);
		struct lade_error *error = NULL;
		uint64_t offset = 0;
		if (lade_function_offset(made.path, "main.main", 4, &offset, &error) < 0)
			fail_msg("%x: %s", magics[i], lade_error_message(error));
		assert_int_equal(offset, MADE_CONTENT + 0x14);
		assert_int_equal(lade_function_offset(made.path, "net/http.serve", 0, &offset, &error), 0);
		assert_int_equal(offset, MADE_CONTENT + 0x40);
		assert_int_equal(lade_function_offset(made.path, "net/http.serve", 0x20, &offset, &error), -EINVAL);
		expect_finding(error, "attach.uprobe.symbol", "behind the function's 32 bytes");
		made_remove(&made);
	}
}

static void table_without_start_of_the_code_counts_from_the_section(void **state)
{
	(void)state;
	struct bytes table = table_of(0xfffffff1, false), info = inline_version("go1.26.0");
	struct made made = make(&table, &info);
	uint64_t offset = 0;
	assert_int_equal(lade_function_offset(made.path, "main.main", 0, &offset, NULL), 0);
	assert_int_equal(offset, MADE_CONTENT + 0x10);
	made_remove(&made);
}

static void misspelt_function_names_the_near_one(void **state)
{
	(void)state;
	struct bytes table = table_of(0xfffffff0, true), info = inline_version("go1.18");
	struct made made = make(&table, &info);
	struct lade_error *error = NULL;
	uint64_t offset = 0;
	assert_int_equal(lade_function_offset(made.path, "main.mian", 0, &offset, &error), -ENOENT);
	expect_finding(error, "attach.uprobe.symbol", "main.main");
	made_remove(&made);
}

static void table_of_unknown_layout_is_named(void **state)
{
	(void)state;
	struct bytes table = table_of(0xfffffff0, true), info = inline_version("go1.18");
	put(&table, 0, 0xffffffe0, 4);
	struct made made = make(&table, &info);
	struct lade_error *error = NULL;
	uint64_t offset = 0;
	assert_int_equal(lade_function_offset(made.path, "main.main", 0, &offset, &error), -ENOENT);
	expect_finding(error, "attach.uprobe.symbol", "new layout");
	made_remove(&made);
}

static void version_tells_whether_arguments_are_in_registers(void **state)
{
	(void)state;
	static const struct {
		const char *version;
		bool is_pointed, is_read, uses_registers;
	} cases[] = {
		{ "go1.16.15", true, true, false }, { "go1.17", true, true, true },
		{ "go1.17.1", false, true, true },  { "go1.22.3", false, true, true },
		{ "go2.0", false, true, true },     { "devel +abc", false, false, false },
		{ "", false, false, false },
	};
	struct bytes table = table_of(0xfffffff0, true);
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct bytes info =
			cases[i].is_pointed ? pointed_version(cases[i].version) : inline_version(cases[i].version);
		struct made made = make(&table, &info);
		struct lade_binary *binary = NULL;
		struct lade_go_version version = { 0 };
		assert_int_equal(lade_binary_open(made.path, &binary, NULL), 0);
		assert_int_equal(lade_go_version(binary, &version), cases[i].is_read);
		if (cases[i].is_read) {
			assert_string_equal(version.text, cases[i].version);
			assert_int_equal(lade_go_uses_registers(binary, &version), cases[i].uses_registers);
		}
		(void)lade_binary_free(binary);
		made_remove(&made);
	}
}

static void use(const char *path)
{
	struct lade_binary *binary = NULL;
	struct lade_go_version version;
	uint64_t offset;
	(void)lade_function_offset(path, "net/http.serve", 0, &offset, NULL);
	if (lade_binary_open(path, &binary, NULL) == 0)
		(void)lade_go_version(binary, &version);
	(void)lade_binary_free(binary);
}

static void any_byte_of_the_tables_may_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(magics); i++) {
		struct bytes table = table_of(magics[i], true);
		struct bytes info = i % 2 ? inline_version("go1.18") : pointed_version("go1.16");
		struct made made = make(&table, &info);
		size_t at = MADE_CONTENT + TABLE * MADE_STEP;
		made_damage(&made, at, at + 0x60, use);
		made_damage(&made, at + 0x200, at + 0x240, use);
		made_damage(&made, at + 0x300, at + 0x310, use);
		made_damage(&made, at + MADE_STEP, at + MADE_STEP + 128, use);
		made_cut(&made, use);
		use(made.path);
		made_remove(&made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_of_every_layout_are_found),
		cmocka_unit_test(table_without_start_of_the_code_counts_from_the_section),
		cmocka_unit_test(misspelt_function_names_the_near_one),
		cmocka_unit_test(table_of_unknown_layout_is_named),
		cmocka_unit_test(version_tells_whether_arguments_are_in_registers),
		cmocka_unit_test(any_byte_of_the_tables_may_lie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
