/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was there before need not be understood again, and says the same nevertheless: real failures over and over, as
 * they are, in any order and behind a logger's words, once with all that is remembered of a text and once without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "explain/blocks.h"
#include "explain/text.h"

#define ROUNDS 4

static struct lade_explanation *read_text(const struct strbuf *text, bool understands_all)
{
	struct lade_explanation *explanation = calloc(1, sizeof *explanation);

	assert_non_null(explanation);
	explanation->understands_all = understands_all;
	assert_int_equal(lade_explanation_read(explanation, text->text, text->length), 0);
	return explanation;
}

static void same_text(const char *one, const char *other)
{
	assert_string_equal(one ? one : "(none)", other ? other : "(none)");
}

static void same_item(const struct explained *one, const struct explained *other)
{
	same_text(one->line, other->line);
	assert_int_equal(one->first_line, other->first_line);
	assert_int_equal(one->role, other->role);
	assert_int_equal(one->cause, other->cause);
	assert_int_equal(one->other_count, other->other_count);
	same_text(one->others, other->others);
	assert_int_equal(!one->finding, !other->finding);
	if (!one->finding)
		return;
	same_text(one->finding->code, other->finding->code);
	same_text(one->finding->object, other->finding->object);
	same_text(one->finding->map, other->finding->map);
	same_text(one->finding->program, other->finding->program);
	same_text(one->finding->cause, other->finding->cause);
	assert_int_equal(one->finding->confidence, other->finding->confidence);
	assert_int_equal(one->finding->instruction, other->finding->instruction);
}

static bool is_counted_otherwise(const struct explained *one, const struct explained *other)
{
	const bool differs = one->times != other->times || one->last_line != other->last_line;

	if (differs)
		print_message("counted otherwise: %s\n", one->line);
	return differs;
}

/* It says so many things at least. Frees the text. */
static void reads_the_same(struct strbuf *text, size_t least)
{
	size_t otherwise = 0;
	struct lade_explanation *remembers = read_text(text, false), *understands = read_text(text, true);

	assert_int_equal(remembers->lines, understands->lines);
	assert_int_equal(remembers->known, understands->known);
	assert_int_equal(remembers->items.count, understands->items.count);
	assert_true(understands->items.count >= least);
	for (size_t i = 0; i < understands->items.count; i++) {
		same_item(&remembers->items.items[i], &understands->items.items[i]);
		otherwise += is_counted_otherwise(&remembers->items.items[i], &understands->items.items[i]);
	}
	/* Where there is no room for what comes, what is beside it may be counted otherwise, as the contract says. */
	assert_true(otherwise <= (understands->items.count < EXPLAINED_MAX ? 0 : EXPLAINED_MAX / 100));
	lade_explanation_free(remembers);
	lade_explanation_free(understands);
	lade_strbuf_clear(text);
}

static void failures_say_the_same_again_and_again(void **state)
{
	struct blocks *blocks = read_blocks();
	struct strbuf text = { 0 };

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++)
		lade_strbuf_add_bytes(&text, blocks->text.text, blocks->text.length);
	reads_the_same(&text, 100);
	free_blocks(blocks);
}

/* Any, and always the same ones. */
static size_t next_of(uint32_t *random, size_t count)
{
	*random = *random * 1664525U + 1013904223U;
	return (size_t)(*random >> 8) % count;
}

static void order_does_not_matter(void **state)
{
	struct blocks *blocks = read_blocks();
	struct strbuf text = { 0 };
	uint32_t random = 7;

	(void)state;
	for (size_t i = 0; i < ROUNDS * blocks->count; i++) {
		size_t number = next_of(&random, blocks->count);
		lade_strbuf_add_bytes(&text, blocks->text.text + blocks->items[number].from,
				      blocks->items[number].length);
	}
	reads_the_same(&text, 100);
	free_blocks(blocks);
}

/* Few enough that there is room for all that they say. */
static void few_failures_are_counted_before_there_is_no_room(void **state)
{
	struct blocks *blocks = read_blocks();
	struct strbuf text = { 0 };
	uint32_t random = 11;

	(void)state;
	for (size_t i = 0; i < ROUNDS * blocks->count; i++) {
		size_t number = next_of(&random, blocks->count / 8);
		lade_strbuf_add_bytes(&text, blocks->text.text + blocks->items[number].from,
				      blocks->items[number].length);
	}
	reads_the_same(&text, 100);
	free_blocks(blocks);
}

/* Every line behind another time, as the system's log writes them. */
static void add_logged(struct strbuf *text, const char *block, size_t length, size_t *seconds)
{
	for (const char *at = block, *end = block + length, *next; at < end; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		char *head = NULL;
		next = newline ? newline + 1 : end;
		assert_true(asprintf(&head, "Nov 22 12:%02zu:%02zu host agent[1001]: ", *seconds / 6000 % 60,
				     *seconds / 100 % 60) > 0);
		lade_strbuf_add(text, head);
		lade_strbuf_add_bytes(text, at, (size_t)(next - at));
		free(head);
		++*seconds;
	}
}

static void loggers_words_do_not_matter(void **state)
{
	struct blocks *blocks = read_blocks();
	struct strbuf text = { 0 };
	uint32_t random = 13;
	size_t seconds = 0;

	(void)state;
	for (size_t i = 0; i < ROUNDS * blocks->count / 2; i++) {
		size_t number = next_of(&random, blocks->count / 2);
		add_logged(&text, blocks->text.text + blocks->items[number].from, blocks->items[number].length,
			   &seconds);
	}
	reads_the_same(&text, 100);
	free_blocks(blocks);
}

/* Whatever stands before and behind: what a line is about may be another thing each time. Few enough of them that all
 * are kept. */
static void neighbours_do_not_matter(void **state)
{
	struct blocks *blocks = read_blocks();

	(void)state;
	for (uint32_t seed = 1; seed <= 24; seed++) {
		struct strbuf text = { 0 };
		uint32_t random = seed * 7919;
		size_t from = next_of(&random, blocks->count), few = 50 + next_of(&random, 400), seconds = 0;
		for (size_t i = 0; i < 2000; i++) {
			size_t number = (from + next_of(&random, few)) % blocks->count;
			const char *block = blocks->text.text + blocks->items[number].from;
			if (seed % 3)
				lade_strbuf_add_bytes(&text, block, blocks->items[number].length);
			else
				add_logged(&text, block, blocks->items[number].length, &seconds);
		}
		reads_the_same(&text, 20);
	}
	free_blocks(blocks);
}

/* ---- among lines that say nothing ---- */

static const char *const words[] = {
	"start", "of",    "activity", "for",    "process", "window",  "request", "loaded",  "failed",
	"error", "the",   "to",       "with",   "in",      "0x1234",  "state=3", "network", "policy",
	"map",   "bpf",   "program",  "create", "R1",      "timeout", "denied:", "-12",     "[3]",
	"(22)",  "\"x\"", "err=1",    "6:",     "{",       "exit",    "line(s)", "12",
};

static void add_prose(struct strbuf *text, uint32_t *random)
{
	for (size_t count = next_of(random, 14); count; count--) {
		lade_strbuf_add(text, words[next_of(random, ELEMENTS(words))]);
		lade_strbuf_add(text, count > 1 ? " " : "");
	}
}

static void add_noise(struct strbuf *text, uint32_t *random)
{
	for (size_t count = next_of(random, 300); count; count--) {
		char byte = (char)next_of(random, 256);
		lade_strbuf_add_bytes(text, &byte, 1);
	}
}

static void add_time(struct strbuf *text, const char *format, uint32_t *random)
{
	char *head = NULL;

	assert_true(asprintf(&head, format, next_of(random, 60), next_of(random, 60), next_of(random, 100000)) > 0);
	lade_strbuf_add(text, head);
	free(head);
}

/* A line or two that say nothing, or nearly. */
static void add_quiet(struct strbuf *text, uint32_t *random)
{
	static const char *const heads[] = {
		"Nov 22 10:%02zu:%02zu host agent[%zu]: ",
		"Nov 22 10:%02zu:%02zu host kernel: [%zu.5] ",
		"01-15 10:20:%02zu.0%02zu  %5zu  1144 D netd: ",
		"[%5zu.%02zu0%zu] ",
		"[%5zu.%02zu0%zu] c0 ",
		"2026-11-22T10:%02zu:%02zuZ %zu ",
		"[%zu] INT %zu %zu ",
		"\t%zu %zu %zu ",
	};
	size_t kind = next_of(random, 16);

	if (kind < ELEMENTS(heads))
		add_time(text, heads[kind], random);
	if (kind == ELEMENTS(heads))
		add_noise(text, random);
	else if (kind == ELEMENTS(heads) + 1 && next_of(random, 200) == 0)
		for (size_t i = 0; i < 20000; i++)
			add_prose(text, random);
	else if (kind == ELEMENTS(heads) + 2)
		lade_strbuf_add(text, "\033[1mbold\033[0m \r");
	else if (kind != ELEMENTS(heads) + 3)
		add_prose(text, random);
	lade_strbuf_add(text, "\n");
}

static void failures_are_found_among_lines_that_say_nothing(void **state)
{
	struct blocks *blocks = read_blocks();

	(void)state;
	/* most of it, half of it, hardly any of it */
	for (size_t share = 1; share <= 64; share *= 8) {
		struct strbuf text = { 0 };
		uint32_t random = (uint32_t)share;
		while (text.length < 3 << 20) {
			size_t number = next_of(&random, blocks->count);
			lade_strbuf_add_bytes(&text, blocks->text.text + blocks->items[number].from,
					      blocks->items[number].length);
			for (size_t count = next_of(&random, share + 1); count; count--)
				add_quiet(&text, &random);
		}
		reads_the_same(&text, 100);
	}
	free_blocks(blocks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_say_the_same_again_and_again),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(few_failures_are_counted_before_there_is_no_room),
		cmocka_unit_test(loggers_words_do_not_matter),
		cmocka_unit_test(neighbours_do_not_matter),
		cmocka_unit_test(failures_are_found_among_lines_that_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
