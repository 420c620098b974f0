/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heads that are taken off a whole text at once are those that each line has: of logs with heads that are nearly the
 * same, what stands behind every one is compared with what is said of that line alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "explain/reading/heads.h"

#define LINES  400
#define ROUNDS 300

/* Any, and always the same ones. */
static size_t any(uint32_t *random, size_t count)
{
	*random = *random * 1664525U + 1013904223U;
	return (size_t)(*random >> 8) % count;
}

#define ANY(random, words) (words)[any(random, ELEMENTS(words))]

static const char *const hosts[] = { "host ", "host ", "host7 ", "a:b ", "x[1] ", "host:  ", "", "host\t" };
static const char *const names[] = { "agent[1001]: ", "agent[12]: ", "kernel: ",   "77[5]: ",
				     "12: ",          "a:b[3]: ",    "a: b[3]: ",  "agent:x ",
				     "kern.err x: ",  "[1]: ",       "{\"a\":1} ", "LibBpfLoader: " };
static const char *const messages[] = { "libbpf: failed to load",
					"(85) call pc+1",
					"12: (95) exit",
					"[   12.345678] hit",
					"[   12.345678] [ T12] hit",
					"2024/01/15 10:20:30 start",
					"bpfloader: LibBpfLoader: x",
					"I/tag(  12): inner",
					"",
					" ",
					"x",
					"\001",
					"close(3) = 0",
					"E NetBpfLoad: y",
					"a\tb\rc",
					"\033[1mbold\033[0m" };
static const char *const tags[] = { "netd: ", "netd    : ", "bpf loader: ", "a:b ", "no colon", ": ", " netd: ", "t:" };

static void add(struct strbuf *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct strbuf *text, const char *format, ...)
{
	char *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	assert_true(vasprintf(&line, format, arguments) >= 0);
	va_end(arguments);
	lade_strbuf_add(text, line);
	free(line);
}

/* Its digits, its name and its level are any; what else differs, hardly ever. */
static void add_head(struct strbuf *text, size_t kind, uint32_t *random)
{
	const unsigned seconds = (unsigned)any(random, 60), number = (unsigned)any(random, 20000);
	const char *host = any(random, 8) ? hosts[0] : ANY(random, hosts);

	switch (kind) {
	case 0:
		add(text, "Nov 22 12:00:%02u %s%s", seconds, host, ANY(random, names));
		break;
	case 1:
		add(text, "Nov %2u 12:00:%02u %s%s", number % 31, seconds, host, ANY(random, names));
		break;
	case 2:
		add(text, "01-22 12:00:%02u.123  1234 %5u %c %s", seconds, number, "VDIWEFSX"[number % 8],
		    ANY(random, tags));
		break;
	case 3:
		add(text, "2024-01-22 12:00:%02u.123  1234  %u E %s", seconds, number, ANY(random, tags));
		break;
	case 4:
		add(text, "[%5u.%06u] ", number, number);
		break;
	case 5:
		add(text, "2024-01-22T12:00:%02uZ %s%s", seconds, host, ANY(random, names));
		break;
	case 6:
		add(text, "%u: ", number);
		break;
	default:
		add(text, "E/%s", ANY(random, tags));
	}
}

static void add_line(struct strbuf *text, size_t kind, uint32_t *random)
{
	if (any(random, 10))
		add_head(text, any(random, 16) ? kind : any(random, 8), random);
	lade_strbuf_add(text, ANY(random, messages));
	lade_strbuf_add(text, "\n");
}

static struct reader reader_of(const struct strbuf *text, char *buffer)
{
	return (struct reader){ .begin = text->text,
				.at = text->text,
				.end = text->text + text->length,
				.has_colours = memchr(text->text, '\r', text->length),
				.stripped = buffer };
}

static void same_span(const struct span *one, const struct span *other)
{
	assert_int_equal(one->length, other->length);
	assert_memory_equal(one->text, other->text, one->length);
}

/* How many heads were taken off. */
static size_t compare(const struct reader *text, const char *copy, const char *end)
{
	struct reader without = { .begin = copy, .end = end, .has_colours = text->has_colours, .has_marks = true };
	char *buffer = malloc(LINE_BYTES);
	const char *at = text->begin;
	struct raw_line raw, bare;
	size_t count = 0;

	assert_non_null(buffer);
	for (; lade_peek_line(text, at, &raw); at = raw.next, copy = bare.next) {
		const struct log_line wanted = lade_parse_line(text, &raw, buffer);
		assert_true(lade_peek_line(&without, copy, &bare));
		if (!lade_is_marked(&bare)) {
			same_span(&(struct span){ bare.text, bare.length }, &(struct span){ raw.text, raw.length });
			continue;
		}
		const struct log_line got = lade_parse_line(&without, &bare, NULL);
		assert_true(wanted.format && got.format && !wanted.is_head);
		same_span(&got.message, &wanted.message);
		count++;
	}
	assert_ptr_equal(copy, end);
	free(buffer);
	return count;
}

static void heads_are_those_of_each_line(void **state)
{
	char *buffer = malloc(LINE_BYTES);
	size_t taken = 0;

	(void)state;
	assert_non_null(buffer);
	for (uint32_t round = 1; round <= ROUNDS; round++) {
		struct strbuf text = { 0 };
		uint32_t random = round;
		size_t length = 0;
		for (size_t i = 0; i < LINES; i++)
			add_line(&text, round % 8, &random);
		text.length -= round % 3 == 0; /* its last line has no newline */
		const struct reader reader = reader_of(&text, buffer);
		char *copy = lade_without_heads(&reader, &length);
		taken += copy ? compare(&reader, copy, copy + length) : 0;
		free(copy);
		lade_strbuf_clear(&text);
	}
	free(buffer);
	assert_true(taken > ROUNDS * LINES / 4);
}

static void leaves(const char *line)
{
	char *buffer = malloc(LINE_BYTES);
	struct strbuf text = { 0 };
	size_t length;

	assert_non_null(buffer);
	for (unsigned i = 0; i < 100; i++)
		add(&text, "Nov 22 12:00:00 host agent[1]: message\n%s\n", line);
	const struct reader reader = reader_of(&text, buffer);
	assert_null(lade_without_heads(&reader, &length));
	lade_strbuf_clear(&text);
	free(buffer);
}

static void text_with_few_heads_or_with_marks_is_left_as_it_is(void **state)
{
	(void)state;
	leaves("no head\nno head");
	leaves("\002marked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_those_of_each_line),
		cmocka_unit_test(text_with_few_heads_or_with_marks_is_left_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
