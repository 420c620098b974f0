/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that are cut, damaged, or have no end: whatever they say, explaining them ends, and does no harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/strbuf.h"
#include "explain/blocks.h"

#define FEW_BYTES  (2U << 10)  /* of logs that stand behind each other, as somebody posts them */
#define MANY_BYTES (64U << 10) /* as a service writes them */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static void explain(const char *text, size_t length)
{
	struct lade_explanation_info info = { .size = sizeof info };
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;

	if (lade_explain_text(text, length, NULL, &explanation, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	assert_true(info.known <= info.lines);
	lade_explanation_free(explanation);
}

/* Its end or its beginning is missing, and bytes of it are others; in a buffer of its size, of which the sanitizer sees
 * the end. */
static void explain_damaged(const char *text, size_t length, unsigned round, uint32_t *seed)
{
	size_t start = round % 3 ? next_random(seed) % length : 0;

	length -= start;
	if (round % 2)
		length = next_random(seed) % (length + 1);
	char *copy = malloc(length + !length);
	assert_non_null(copy);
	memcpy(copy, text + start, length);
	for (unsigned i = 0; length && i < round * 10; i++)
		copy[next_random(seed) % length] = (char)next_random(seed);
	explain(copy, length);
	free(copy);
}

/* All that the tests hold, in pieces. */
static void damage_pieces(size_t bytes, unsigned rounds)
{
	struct blocks *blocks = read_blocks();
	uint32_t seed = 280;

	for (size_t at = 0; at < blocks->text.length; at += bytes) {
		size_t left = blocks->text.length - at;
		for (unsigned round = 0; round < rounds; round++)
			explain_damaged(blocks->text.text + at, left < bytes ? left : bytes, round, &seed);
	}
	free_blocks(blocks);
}

static void damaged_posts_do_no_harm(void **state)
{
	(void)state;
	damage_pieces(FEW_BYTES, 10);
}

static void damaged_logs_do_no_harm(void **state)
{
	(void)state;
	damage_pieces(MANY_BYTES, 8);
}

static void endless_lines_and_calls_that_never_return_do_no_harm(void **state)
{
	static const char call[] = "[pid 1] bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH <unfinished ...>\n";
	static const char half[] = "libbpf: prog 'a': BPF program load failed: ";
	struct strbuf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		lade_strbuf_add(&text, call);
	for (unsigned i = 0; i < 30000; i++)
		lade_strbuf_add(&text, half);
	explain(text.text, text.length);
	lade_strbuf_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_posts_do_no_harm),
		cmocka_unit_test(damaged_logs_do_no_harm),
		cmocka_unit_test(endless_lines_and_calls_that_never_return_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
