/* SPDX-License-Identifier: BSD-2-Clause */
/* The string builder formats as printf does, by itself or by libc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/strbuf.h"

#define SAME(...)                                                                                                      \
	do {                                                                                                           \
		struct strbuf buffer = { 0 };                                                                          \
		char expected[256], *text;                                                                             \
		(void)snprintf(expected, sizeof expected, __VA_ARGS__);                                                \
		lade_strbuf_addf(&buffer, __VA_ARGS__);                                                                \
		text = lade_strbuf_take(&buffer);                                                                      \
		assert_string_equal(text, expected);                                                                   \
		free(text);                                                                                            \
	} while (0)

static void formats_give_what_printf_gives(void **state)
{
	const unsigned long long most = ~0ull;

	(void)state;
	SAME("plain text");
	SAME("%s", "");
	SAME("%s and %s.", "one", "two");
	SAME("%u %u %u", 0u, 7u, UINT32_MAX);
	SAME("%zu entries of %llu bytes", (size_t)12, most);
	SAME("%s: %d", "by libc", -5);
	SAME("%5u|%-5u|%05u", 1u, 2u, 3u);
	SAME("100%%");
	SAME("0x%llx %lu %c", most, 3ul, 'x');
	SAME("%.3s", "cut off");
}

static void several_pieces_become_one_string(void **state)
{
	struct strbuf buffer = { 0 };
	char *text;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		lade_strbuf_addf(&buffer, "%u,", i % 10);
	text = lade_strbuf_take(&buffer);
	assert_int_equal(strlen(text), 600);
	assert_memory_equal(text + 590, "5,6,7,8,9,", 10);
	free(text);
}

static void nothing_added_is_an_empty_string(void **state)
{
	struct strbuf buffer = { 0 };
	char *text = lade_strbuf_take(&buffer);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void a_list_of_strings_owns_what_it_formats(void **state)
{
	struct strings list = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(lade_strings_addf(&list, "item %u of %s", i, "twenty"), 0);
	assert_string_equal(list.items[19], "item 19 of twenty");
	lade_strings_clear(&list);
	assert_int_equal(list.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_give_what_printf_gives),
		cmocka_unit_test(several_pieces_become_one_string),
		cmocka_unit_test(nothing_added_is_an_empty_string),
		cmocka_unit_test(a_list_of_strings_owns_what_it_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
