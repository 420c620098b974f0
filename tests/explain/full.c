/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts with more different things than there is room for: those that are kept are counted all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"

enum { DIFFERENT = 3000, AGAIN = 5 };

/* `format` with different numbers, and then with the first again. */
static struct lade_explanation *explain_many(const char *format)
{
	struct strbuf text = { 0 };
	struct lade_explanation *explanation;

	for (unsigned number = 0; number < DIFFERENT + AGAIN; number++) {
		CLEANUP(cleanup_free) char *words = NULL;
		assert_true(asprintf(&words, format, number < DIFFERENT ? number : 0) > 0);
		lade_strbuf_add(&text, words);
	}
	assert_int_equal(lade_explain_text(text.text, text.length, NULL, &explanation, NULL), 0);
	lade_strbuf_clear(&text);
	return explanation;
}

static const char one_line[] = "libbpf: prog 'p%04u': BPF program load failed: Permission denied\n";
static const char whole_log[] = "libbpf: prog 'p%04u': -- BEGIN PROG LOAD LOG --\n"
				"0: R1=ctx() R10=fp0\n"
				"0: (61) r0 = *(u32 *)(r1 +4)\n"
				"invalid bpf_context access off=4 size=4\n"
				"processed 1 insns (limit 1000000)\n"
				"-- END PROG LOAD LOG --\n";

static const char two_lines[] = "libbpf: prog 'p%1$04u': BPF program load failed: Permission denied\n"
				"agent %1$04u: failed to load program: operation not permitted\n";

static const char named_lines[] = "libbpf: prog 'n%c%c%c%c': BPF program load failed: Permission denied\n";

/* What is kept is the same whether the others are like each other or not. */
static void names_that_are_not_alike_are_no_other_thing(void **state)
{
	struct lade_explanation_info info = { .size = sizeof info };
	struct lade_explained_info item = { .size = sizeof item };
	struct strbuf text = { 0 };
	struct lade_explanation *explanation;

	(void)state;
	for (unsigned number = 0; number < DIFFERENT + AGAIN; number++) {
		unsigned name = number < DIFFERENT ? number : 0;
		CLEANUP(cleanup_free) char *words = NULL;
		assert_true(asprintf(&words, named_lines, 'a' + name % 26, 'a' + name / 26 % 26, 'a' + name / 676 % 26,
				     'z') > 0);
		lade_strbuf_add(&text, words);
	}
	assert_int_equal(lade_explain_text(text.text, text.length, NULL, &explanation, NULL), 0);
	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	assert_int_equal(info.known, DIFFERENT + AGAIN);
	assert_int_equal(lade_explained(explanation, 0, &item), 0);
	assert_int_equal(item.times, 1 + AGAIN);
	lade_explanation_free(explanation);
	lade_strbuf_clear(&text);
}

static void what_was_kept_is_counted_when_there_is_no_room_for_more(void **state)
{
	static const struct {
		const char *format;
		size_t lines;
	} texts[] = { { one_line, 1 }, { whole_log, 6 } };

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		struct lade_explanation_info info = { .size = sizeof info };
		struct lade_explained_info item = { .size = sizeof item };
		struct lade_explanation *explanation = explain_many(texts[i].format);
		assert_int_equal(lade_explanation_describe(explanation, &info), 0);
		assert_int_equal(info.lines, texts[i].lines * (DIFFERENT + AGAIN));
		assert_int_equal(info.known, info.lines);
		assert_in_range(lade_explained_count(explanation), 100, DIFFERENT - 1);
		assert_int_equal(lade_explained(explanation, 0, &item), 0);
		assert_in_range(item.first_line, 1, texts[i].lines);
		assert_int_equal(item.times, 1 + AGAIN);
		lade_explanation_free(explanation);
	}
}

/* What names nothing is one thing, however many there are and whatever the numbers. */
static void what_names_nothing_is_counted_when_there_is_no_room_for_more(void **state)
{
	struct lade_explained_info item = { .size = sizeof item };
	struct lade_explanation *explanation;
	bool is_found = false;

	(void)state;
	explanation = explain_many(two_lines);
	for (size_t i = 0; i < lade_explained_count(explanation); i++)
		if (lade_explained(explanation, i, &item) == 0 && strstr(item.line, "agent"))
			is_found |= item.times == DIFFERENT + AGAIN;
	assert_true(is_found);
	lade_explanation_free(explanation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_is_counted_when_there_is_no_room_for_more),
		cmocka_unit_test(names_that_are_not_alike_are_no_other_thing),
		cmocka_unit_test(what_names_nothing_is_counted_when_there_is_no_room_for_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
