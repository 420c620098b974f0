/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal's text: what is written is read back, and nothing else is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "txn/internal.h"

static void bytes_outside_the_plain_ones_are_escaped(void **state)
{
	(void)state;
	const char *const pairs[] = { "name", "a b=%\n\xc3\xa4~", "path", "/sys/fs/bpf/x-1_2+3:4.5", NULL };
	char *text = lade_journal_format("pin", pairs);
	assert_string_equal(text, "pin name=a%20b%3D%25%0A%C3%A4%7E path=/sys/fs/bpf/x-1_2+3:4.5");
	free(text);
}

static void every_byte_survives_the_journal(void **state)
{
	(void)state;
	char every[256];
	for (int i = 1; i < 256; i++)
		every[i - 1] = (char)i;
	every[255] = '\0';
	const char *const pairs[] = { "name", every, "empty", "", NULL };
	char *text = lade_journal_format("name", pairs);
	struct journal_entry entry;
	assert_int_equal(lade_journal_parse(text, &entry), 0);
	assert_string_equal(entry.kind, "name");
	assert_string_equal(lade_journal_value(&entry, "name"), every);
	assert_string_equal(lade_journal_value(&entry, "empty"), "");
	assert_null(lade_journal_value(&entry, "absent"));
	struct journal journal = { 0 };
	*array_push(&journal) = entry;
	lade_journal_clear(&journal);
	free(text);
}

static void text_that_is_not_a_journal_entry_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		" ",
		"pin ",
		"pin x",
		"pin =y",
		"pin path=%",
		"pin path=%4",
		"pin path=%00",
		"pin path=%zz",
		"pin path=%2f",
		"pin path=a~b",
		"pin  path=x",
		"pin path=\x01",
		"/etc/passwd\n",
		"pin a=b\tc=d",
	};
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		struct journal_entry entry;
		assert_int_equal(lade_journal_parse(texts[i], &entry), -EBADMSG);
	}
}

static void value_without_memory_makes_no_entry(void **state)
{
	(void)state;
	const char *const pairs[] = { "name", NULL, NULL };
	assert_null(lade_journal_format("object", pairs));
}

static void safe_names_keep_what_bpffs_takes(void **state)
{
	(void)state;
	static const char *const names[][2] = {
		{ "demo", "demo" }, { ".rodata", "_rodata" },     { "a-b_C9", "a-b_C9" }, { "", "_" },
		{ "../x", "___x" }, { "x~run-1-a", "x_run-1-a" }, { "\xc3\xa4", "__" },
	};
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		char *safe = lade_safe_name(names[i][0]);
		assert_string_equal(safe, names[i][1]);
		free(safe);
	}
}

static void over_long_names_are_cut(void **state)
{
	(void)state;
	char name[1000];
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	char *safe = lade_safe_name(name);
	assert_int_equal(strlen(safe), 200);
	free(safe);
}

static void building_directories_are_told_from_names(void **state)
{
	(void)state;
	static const char *const ids[] = { "demo~12-5f3a", "demo~run-1-0", "a~b~1-f" };
	static const char *const others[] = { "demo",     "demo~",  "~1-2",      "demo~x",    "demo~1-",
					      "demo~1-g", "demo~1", "demo~run-", "demo~-1-2", "demo~99999999999-1" };
	struct txn_id id;
	for (size_t i = 0; i < ELEMENTS(ids); i++)
		assert_true(lade_txn_id_parse(ids[i], &id));
	assert_int_equal(id.leaf_length, 3);
	for (size_t i = 0; i < ELEMENTS(others); i++)
		assert_false(lade_txn_id_parse(others[i], &id));
	char *path = lade_txn_id_path("/x", "demo", true);
	assert_true(lade_txn_id_parse(lade_path_leaf(path), &id));
	assert_true(id.run && id.leaf_length == 4 && id.pid == getpid());
	free(path);
}

static void only_clean_paths_are_walked(void **state)
{
	(void)state;
	static const char *const clean[] = { "/a", "/a/b", "/...", "/.a", "/a..b" };
	static const char *const dirty[] = { "", "a", "/", "//", "/a/", "/a//b", "/.", "/..", "/a/../b", "/a/." };
	for (size_t i = 0; i < ELEMENTS(clean); i++)
		assert_true(lade_path_is_clean(clean[i]));
	for (size_t i = 0; i < ELEMENTS(dirty); i++)
		assert_false(lade_path_is_clean(dirty[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_outside_the_plain_ones_are_escaped),
		cmocka_unit_test(every_byte_survives_the_journal),
		cmocka_unit_test(text_that_is_not_a_journal_entry_is_refused),
		cmocka_unit_test(value_without_memory_makes_no_entry),
		cmocka_unit_test(safe_names_keep_what_bpffs_takes),
		cmocka_unit_test(over_long_names_are_cut),
		cmocka_unit_test(building_directories_are_told_from_names),
		cmocka_unit_test(only_clean_paths_are_walked),
	};
	return cmocka_run_group_tests_name("txn-journal", tests, NULL, NULL);
}
