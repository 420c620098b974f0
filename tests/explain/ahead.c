/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which lines say nothing is the same whoever found it out: one thread or two, from the first line to the last or with
 * jumps; and every line of such a run says nothing.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "explain/reading/ahead.h"
#include "explain/reading/quiet.h"
#include "explain/strace/strace.h"

#define TEXT_BYTES (6U << 20)

struct runs {
	struct {
		const char *begin;
		struct quiet_run run;
	} * items;
	size_t count;
};

static uint32_t next(uint32_t *random)
{
	*random = *random * 1664525U + 1013904223U;
	return *random >> 8;
}

/* Stretches of all shares of lines that say something, and lines that are longer than a block. */
static void make_text(struct strbuf *text)
{
	static const char *const quiet[] = { "usb 1-2: new high-speed device\n", "\n", "EXT4-fs (sda1): mounted\n",
					     "a line without anything in it that is about anything at all\n" };
	uint32_t random = 3;

	for (size_t number = 0; text->length < TEXT_BYTES; number++) {
		char line[64];
		size_t share = text->length >> 19;
		(void)snprintf(line, sizeof line, "libbpf: prog 'p%zu': failed to load: -13\n", number);
		lade_strbuf_add(text, next(&random) % 12 < share ? line : quiet[next(&random) % ELEMENTS(quiet)]);
		for (size_t i = 0; number % 40000 == 39999 && i < 5000; i++)
			lade_strbuf_add(text, "a line that is longer ");
	}
	lade_strbuf_add(text, "and no newline at its end");
}

/* From the first line to the last; of `step` lines that may be read the reader jumps behind the next 100 kB once.
 * `again` quarters of them were there before. */
static struct runs read_ahead(const struct strbuf *text, size_t step, size_t again)
{
	const struct reader reader = { .begin = text->text, .end = text->text + text->length };
	struct ahead *ahead = lade_ahead_new(&reader);
	struct runs runs = { calloc(text->length, sizeof *runs.items), 0 };
	const char *at = reader.begin;

	assert_non_null(ahead);
	assert_non_null(runs.items);
	for (size_t number = 1; at < reader.end; number++) {
		struct quiet_run run;
		struct raw_line raw;
		if (lade_ahead_take(ahead, at, (size_t)(at - reader.begin) * again / 4, &run)) {
			runs.items[runs.count].begin = at;
			runs.items[runs.count++].run = run;
			at = run.end;
			continue;
		}
		assert_true(lade_peek_line(&reader, at, &raw));
		at = raw.next;
		if (step && number % step == 0 && reader.end - at > 300000) {
			at = memchr(at + 100000, '\n', 200000);
			assert_non_null(at);
			at++;
		}
	}
	lade_ahead_free(ahead);
	return runs;
}

static void assert_same_runs(const struct runs *one, const struct runs *other)
{
	assert_int_equal(one->count, other->count);
	for (size_t i = 0; i < one->count; i++) {
		assert_ptr_equal(one->items[i].begin, other->items[i].begin);
		assert_ptr_equal(one->items[i].run.end, other->items[i].run.end);
		assert_ptr_equal(one->items[i].run.last, other->items[i].run.last);
		assert_int_equal(one->items[i].run.lines, other->items[i].run.lines);
	}
}

/* ---- others want the CPUs, too: a thread that stopped in the middle of a block is overtaken ---- */

#define SPINNERS 6
#define HURRIES  12

static atomic_bool is_over;

static void *spin(void *data)
{
	while (!atomic_load(&is_over))
		continue;
	return data;
}

static void thread_that_is_overtaken_keeps_its_block(void **state)
{
	struct strbuf text = { 0 };
	pthread_t spinners[SPINNERS];
	struct runs calm, busy;

	(void)state;
	make_text(&text);
	calm = read_ahead(&text, 70, 1);
	atomic_store(&is_over, false);
	for (size_t i = 0; i < SPINNERS; i++)
		assert_int_equal(pthread_create(&spinners[i], NULL, spin, NULL), 0);
	for (size_t i = 0; i < HURRIES; i++) {
		busy = read_ahead(&text, 70, 1);
		assert_same_runs(&calm, &busy);
		free(busy.items);
	}
	atomic_store(&is_over, true);
	for (size_t i = 0; i < SPINNERS; i++)
		assert_int_equal(pthread_join(spinners[i], NULL), 0);
	free(calm.items);
	lade_strbuf_clear(&text);
}

static void one_thread_finds_what_two_find(void **state)
{
	static const size_t steps[] = { 0, 1000, 70 };
	struct strbuf text = { 0 };
	cpu_set_t all, one;

	(void)state;
	make_text(&text);
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	CPU_SET((unsigned)sched_getcpu(), &one);
	for (size_t i = 0; i < ELEMENTS(steps); i++) {
		struct runs two = read_ahead(&text, steps[i], i > 0), alone;
		assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
		alone = read_ahead(&text, steps[i], i > 0);
		assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
		assert_true(two.count > 100);
		assert_same_runs(&two, &alone);
		free(two.items);
		free(alone.items);
	}
	lade_strbuf_clear(&text);
}

static void where_most_was_there_before_all_is_read(void **state)
{
	struct strbuf text = { 0 };
	struct runs runs;
	size_t all;

	(void)state;
	make_text(&text);
	runs = read_ahead(&text, 0, 0);
	all = runs.count;
	free(runs.items);
	runs = read_ahead(&text, 0, 3);
	/* but where a line is longer than what is tried */
	assert_in_range(runs.count, 0, all / 10);
	free(runs.items);
	lade_strbuf_clear(&text);
}

static void each_line_of_a_run_says_nothing(void **state)
{
	struct strbuf text = { 0 };
	struct quiet *quiet = calloc(1, sizeof *quiet);
	struct runs runs;
	size_t lines = 0;

	(void)state;
	assert_non_null(quiet);
	make_text(&text);
	runs = read_ahead(&text, 0, 0);
	const struct reader reader = { .begin = text.text, .end = text.text + text.length };
	lade_quiet_begin(quiet, &reader);
	for (size_t i = 0; i < runs.count; i++) {
		const char *at = runs.items[i].begin;
		struct raw_line raw;
		for (size_t line = 0; line < runs.items[i].run.lines; line++, lines++) {
			assert_true(lade_peek_line(&reader, at, &raw));
			quiet->is_behind_types = false;
			assert_int_not_equal(lade_quietness(quiet, &raw), QUIET_NOT);
			at = raw.next;
		}
		assert_ptr_equal(at, runs.items[i].run.end);
	}
	assert_true(lines > 40000);
	free(runs.items);
	free(quiet);
	lade_strbuf_clear(&text);
}

/* It ends while the other thread is far ahead, or has not begun. */
static void it_may_end_at_any_time(void **state)
{
	struct strbuf text = { 0 };

	(void)state;
	make_text(&text);
	for (size_t taken = 0; taken < 200; taken += 20) {
		const struct reader reader = { .begin = text.text, .end = text.text + text.length };
		struct ahead *ahead = lade_ahead_new(&reader);
		const char *at = reader.begin;
		assert_non_null(ahead);
		for (size_t i = 0; i < taken; i++) {
			struct quiet_run run;
			struct raw_line raw;
			assert_true(lade_peek_line(&reader, at, &raw));
			at = lade_ahead_take(ahead, at, 0, &run) ? run.end : raw.next;
		}
		lade_ahead_free(ahead);
	}
	lade_strbuf_clear(&text);
}

static void noise_has_control_characters_and_no_words(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		bool is_noise;
	} lines[] = {
		{ "", 0, false },
		{ "\1", 1, true },
		{ "\0\0\0\0\0\0\0\0\0", 9, true },
		{ "failed", 6, false },
		{ "\1failed:", 8, true },
		{ "\1failed: 1", 10, false },
		{ "\1\1\1\1\1\1\1\1\1failed 1", 17, false },
		{ "\1\1\1\1failed 1\1\1\1\1", 16, false },
		{ "\1\1\1\1\1failed 1\1\1\1\1", 17, false },
		{ "\1\1\1\1\1\1\1failed 1\1\1\1\1", 19, false },
		{ "\1\1\1\1\1\1\1faile\1 1\1\1\1\1", 19, true },
		{ "\033[1m\ta\r", 7, false },
		{ "\377\376\375 \344\366\374", 7, false },
		{ "\377\376\375 \177\344\366\374", 8, true },
		{ "abcd\177efg", 8, true },
		{ "abcdefg\177", 8, true },
		{ "abcdefgh\177", 9, false },
		{ "\3016libbpf: x", 11, false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		/* a byte too far is one that the sanitizer sees */
		char *copy = malloc(lines[i].length ? lines[i].length : 1);
		assert_non_null(copy);
		memcpy(copy, lines[i].text, lines[i].length);
		const struct raw_line raw = { copy, copy + lines[i].length, lines[i].length };
		if (lade_is_noise(&raw) != lines[i].is_noise)
			fail_msg("line %zu: %d", i, !lines[i].is_noise);
		free(copy);
	}
}

static void calls_that_have_nothing_to_do_with_bpf_are_passed_over(void **state)
{
	static const struct {
		const char *text;
		bool is_other;
	} lines[] = {
		{ "close(3)                                = 0", true },
		{ "[pid    77] mmap(NULL, 4096, PROT_READ, MAP_SHARED, 5, 0) = 0x7f3200001000", true },
		{ "1234  12:34:56.789012 exit_group(0) = ?", true },
		{ "0.000123 futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 0 <0.000011>", true },
		{ "", false },
		{ "close", false },
		{ "close(3", false },
		{ "close(3) = ", false },
		{ "close(3) = 0 =", false },
		{ "closed(3) = 0", false },
		{ "clos(3) = 0", false },
		{ "mmap(NULL, 4096, PROT_READ, MAP_SHARED, 5, 0) = -1 EPERM (Operation not permitted)", false },
		{ "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH}, 72) = 3", false },
		{ "write(2, \"close(3) = 0\", 12) = 12", false },
		{ "poll([{fd=3, events=POLLIN}], 1, \"x\") = 0", false },
		{ "munmap(0x7f3200001000, 4096 <unfinished ...>", false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		const size_t length = strlen(lines[i].text);
		/* without the NUL, so that a byte too far is one that the sanitizer sees */
		char *copy = malloc(length ? length : 1);
		assert_non_null(copy);
		memcpy(copy, lines[i].text, length);
		if (lade_is_other_call(&(struct span){ copy, length }) != lines[i].is_other)
			fail_msg("%s: %d", lines[i].text, !lines[i].is_other);
		free(copy);
	}
}

/* Behind a line of types: the kernel objects to one in its line, and a dump of them is nobody's objection. */
static void words_alone_and_dumps_of_types_say_nothing(void **state)
{
	static const struct {
		const char *text;
		enum quietness quietness;
	} lines[] = {
		{ "", QUIET_EMPTY },
		{ " \t", QUIET_EMPTY },
		{ "}", QUIET_OTHER },
		{ "1234567", QUIET_OTHER },
		{ "/usr/lib/debug/vmlinux-6.1.0-13-amd64", QUIET_OTHER },
		{ "bpf_prog_0123456789abcdef_filter@plt", QUIET_OTHER },
		{ "a\342\200\230word", QUIET_OTHER },
		{ "[5] PTR '(anon)' type_id=8", QUIET_OTHER },
		{ "[6] STRUCT 'list_head' size=16 vlen=2", QUIET_OTHER },
		{ "\t'next' type_id=7 bits_offset=0", QUIET_OTHER },
		{ "[5] PTR (anon) type_id=8", QUIET_NOT },
		{ "\tnext type_id=7 bits_offset=0", QUIET_NOT },
		{ "[5] PTR (anon) type_id=8 isn't 'it'", QUIET_NOT },
		{ "[12] missing program definition", QUIET_NOT },
		{ "processed 1 insns (limit 1000000) max_states_per_insn 0", QUIET_NOT },
		{ "0: (bf) r6 = r1", QUIET_NOT },
		{ "0:", QUIET_NOT },
	};
	struct quiet *quiet = calloc(1, sizeof *quiet);

	(void)state;
	assert_non_null(quiet);
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		const size_t length = strlen(lines[i].text);
		char *copy = malloc(length ? length : 1);
		assert_non_null(copy);
		memcpy(copy, lines[i].text, length);
		const struct reader reader = { .begin = copy, .end = copy + length };
		const struct raw_line raw = { copy, copy + length, length };
		lade_quiet_begin(quiet, &reader);
		quiet->is_behind_types = true;
		enum quietness found = lade_quietness(quiet, &raw);
		if (found != lines[i].quietness)
			fail_msg("%s: %d", lines[i].text, (int)found);
		memset(quiet->known, 0, sizeof quiet->known);
		free(copy);
	}
	free(quiet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_thread_finds_what_two_find),
		cmocka_unit_test(thread_that_is_overtaken_keeps_its_block),
		cmocka_unit_test(where_most_was_there_before_all_is_read),
		cmocka_unit_test(each_line_of_a_run_says_nothing),
		cmocka_unit_test(it_may_end_at_any_time),
		cmocka_unit_test(noise_has_control_characters_and_no_words),
		cmocka_unit_test(words_alone_and_dumps_of_types_say_nothing),
		cmocka_unit_test(calls_that_have_nothing_to_do_with_bpf_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
