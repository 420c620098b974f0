/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever the processor offers for looking through strings finds the same. */
#include "btf/builder.h"
#include "btf/scan.h"
#include "btf/scan_step.h"

#define BYTES 5000u

static void fill(char *bytes, uint32_t seed)
{
	static const char alphabet[] = "\0\0abs_\x80\xff\x7f";
	for (size_t i = 0; i < BYTES; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
	}
}

static bool passes(const struct lade_sieve *sieve, const char *first)
{
	return lade_sieve_passes(sieve, (const uint8_t *)first);
}

/* Byte by byte, from one of the odd places at which strings may start. */
static void compare(const struct lade_sieve *sieve, lade_step_fn *step, const char *bytes, size_t start)
{
	uint32_t found[200];
	size_t at = start, expected = start, end = BYTES - start;
	while (at + SCAN_AHEAD <= end) {
		size_t count = step(sieve, bytes, &at, end, found, ELEMENTS(found));
		for (size_t i = 0; i < count; i++, expected++) {
			for (; expected < found[i]; expected++)
				assert_false(!bytes[expected] && passes(sieve, bytes + expected + 1));
			assert_true(!bytes[expected] && passes(sieve, bytes + expected + 1));
		}
	}
	for (; expected < at; expected++)
		assert_false(!bytes[expected] && passes(sieve, bytes + expected + 1));
}

static void all_steps_find_what_a_look_at_each_byte_finds(void **state)
{
	(void)state;
	static const int firsts[][SCAN_FIRST] = {
		{ 'a', 'b', 's' }, { 's', '_', -1 }, { 'b', 0, -1 }, { 0xff, 0x80, 0x7f }
	};
	struct lade_sieve sieve = { 0 };
	char bytes[BYTES];
	for (size_t i = 0; i < ELEMENTS(firsts); i++) {
		lade_sieve_add(&sieve, firsts[i]);
		for (uint32_t seed = 0; seed < 20; seed++) {
			fill(bytes, seed);
			for (size_t step = 0; lade_step_at(step); step++)
				compare(&sieve, lade_step_at(step), bytes, seed % 9);
		}
	}
}

static size_t essential(const char *name)
{
	return lade_btf_essential_length(name, strlen(name));
}

static void a_flavour_is_what_follows_the_last_three_underscores(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t length;
	} cases[] = {
		{ "", 0 },
		{ "_", 1 },
		{ "___", 3 },
		{ "a___", 4 },
		{ "___b", 4 },
		{ "a___b", 1 },
		{ "a____b", 6 },
		{ "a___b___c", 5 },
		{ "a___b____c", 1 },
		{ "task_struct", 11 },
		{ "task_struct___old", 11 },
		{ "sk___b", 2 },
		{ "abcdefg___h", 7 },
		{ "abcdefghijklm___n", 13 },
		{ "a_b_c__d_e__f", 13 },
		{ "trace___of_a_long_name", 5 },
	};
	for (size_t i = 0; i < ELEMENTS(cases); i++)
		assert_int_equal(essential(cases[i].name), cases[i].length);
}

/* Slow and simple, against all strings of a few letters up to twelve long. */
static void the_quick_look_for_a_flavour_overlooks_none(void **state)
{
	(void)state;
	for (uint32_t bits = 0; bits < 1u << 14; bits++) {
		char name[15] = { 0 };
		size_t length = 14, expected = 14;
		for (size_t i = 0; i < length; i++)
			name[i] = bits >> i & 1 ? '_' : 'x';
		for (size_t i = 1; i + 3 < length; i++)
			if (name[i - 1] != '_' && !strncmp(name + i, "___", 3) && name[i + 3] != '_')
				expected = i;
		assert_int_equal(essential(name), expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_steps_find_what_a_look_at_each_byte_finds),
		cmocka_unit_test(a_flavour_is_what_follows_the_last_three_underscores),
		cmocka_unit_test(the_quick_look_for_a_flavour_overlooks_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
