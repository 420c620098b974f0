/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of function names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/glob.h"

static void star_is_any_text_and_question_mark_one_character(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "*", "", true },
		{ "*", "anything", true },
		{ "", "", true },
		{ "", "a", false },
		{ "tcp_*", "tcp_sendmsg", true },
		{ "tcp_*", "tcp", false },
		{ "*_init", "tcp_init", true },
		{ "*_init", "tcp_init_sock", false },
		{ "a*b*c", "aXbXbXc", true },
		{ "a*b*c", "aXcXb", false },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "*a?", "aaab", true },
		{ "**", "x", true },
		{ "main.(*T).[a]", "main.(*T).[a]", true }, /* brackets are themselves */
		{ "[ab]", "a", false },
	};
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		if (lade_glob_matches(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("%s and %s", cases[i].pattern, cases[i].text);
}

static void name_without_either_is_no_pattern(void **state)
{
	(void)state;
	assert_true(lade_is_glob("tcp_*"));
	assert_true(lade_is_glob("a?"));
	assert_false(lade_is_glob("main.f[int]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(star_is_any_text_and_question_mark_one_character),
		cmocka_unit_test(name_without_either_is_no_pattern),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
