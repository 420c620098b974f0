/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of several CPUs in the order of their time; CPUs that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream/buffer.h"

static void add(struct record_order *order, uint64_t time_ns, int cpu, const char *text)
{
	const struct ordered_record record = {
		.time_ns = time_ns, .cpu = cpu, .length = text ? strlen(text) + 1 : 0, .lost = text ? 0 : 3
	};
	assert_int_equal(lade_order_add(order, &record, text), 0);
}

static void expect(struct record_order *order, uint64_t until_ns, const char *text)
{
	const struct ordered_record *next = lade_order_next(order, until_ns);
	assert_non_null(next);
	assert_string_equal((const char *)order->bytes.items + next->offset, text);
	lade_order_take(order);
}

static void records_of_two_cpus_come_out_by_time(void **state)
{
	(void)state;
	struct record_order order = { 0 };
	assert_int_equal(lade_order_begin(&order), 0);
	add(&order, 10, 0, "one");
	add(&order, 30, 0, "three");
	add(&order, 20, 1, "two");
	add(&order, 40, 1, "four");
	expect(&order, 100, "one");
	expect(&order, 100, "two");
	expect(&order, 100, "three");
	expect(&order, 100, "four");
	assert_null(lade_order_next(&order, 100));
	assert_false(lade_order_holds(&order));
	lade_order_clear(&order);
}

static void records_of_one_time_keep_the_order_in_which_they_came(void **state)
{
	(void)state;
	struct record_order order = { 0 };
	add(&order, 20, 0, "later");
	add(&order, 10, 1, "first");
	add(&order, 10, 1, "second");
	expect(&order, 100, "first");
	expect(&order, 100, "second");
	expect(&order, 100, "later");
	lade_order_clear(&order);
}

/* What is in the window waits, and something older may still come before it. */
static void young_records_wait_for_older_ones_of_other_cpus(void **state)
{
	(void)state;
	struct record_order order = { 0 };
	add(&order, 10, 0, "old");
	add(&order, 60, 0, "young");
	expect(&order, 50, "old");
	assert_null(lade_order_next(&order, 50));
	assert_true(lade_order_holds(&order));
	assert_int_equal(lade_order_begin(&order), 0);
	add(&order, 55, 1, "older");
	expect(&order, 100, "older");
	expect(&order, 100, "young");
	lade_order_clear(&order);
}

static void losses_have_no_bytes(void **state)
{
	(void)state;
	struct record_order order = { 0 };
	add(&order, 10, 0, NULL);
	const struct ordered_record *next = lade_order_next(&order, 10);
	assert_non_null(next);
	assert_int_equal(next->lost, 3);
	lade_order_clear(&order);
}

/* For hours: what was taken does not pile up. */
static void memory_does_not_grow_with_what_was_taken(void **state)
{
	(void)state;
	static char text[4096];
	struct record_order order = { 0 };
	memset(text, 'x', sizeof text - 1);
	for (uint64_t pass = 0; pass < 5000; pass++) {
		assert_int_equal(lade_order_begin(&order), 0);
		for (uint64_t i = 0; i < 4; i++)
			add(&order, pass * 10 + i, 0, text);
		while (lade_order_next(&order, pass * 10 + 1))
			lade_order_take(&order);
	}
	assert_true(order.bytes.capacity < 16U << 20);
	assert_true(order.records.count < 16);
	lade_order_clear(&order);
}

/* ---- CPUs ---- */

static void cpu_that_comes_online_is_new_and_one_that_came_back_is_new_again(void **state)
{
	(void)state;
	uint8_t online[4] = { 0 };
	int added[4] = { -1, -1, -1, -1 };
	static const int first[] = { 0, 2 }, second[] = { 0, 1 }, third[] = { 0, 1, 2, 3, 7 };
	assert_int_equal(lade_perf_new_cpus(online, 4, first, 2, added), 2);
	assert_int_equal(added[0], 0);
	assert_int_equal(added[1], 2);
	assert_int_equal(lade_perf_new_cpus(online, 4, first, 2, added), 0);
	assert_int_equal(lade_perf_new_cpus(online, 4, second, 2, added), 1);
	assert_int_equal(added[0], 1);
	assert_int_equal(lade_perf_new_cpus(online, 4, third, 5, added), 2);
	assert_int_equal(added[0], 2);
	assert_int_equal(added[1], 3);
}

static void cpus_beyond_the_map_are_left_out(void **state)
{
	(void)state;
	uint8_t online[2] = { 0 };
	int added[2] = { -1, -1 };
	static const int list[] = { 1, 2, 3 };
	assert_int_equal(lade_perf_new_cpus(online, 2, list, 3, added), 1);
	assert_int_equal(added[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_two_cpus_come_out_by_time),
		cmocka_unit_test(records_of_one_time_keep_the_order_in_which_they_came),
		cmocka_unit_test(young_records_wait_for_older_ones_of_other_cpus),
		cmocka_unit_test(losses_have_no_bytes),
		cmocka_unit_test(memory_does_not_grow_with_what_was_taken),
		cmocka_unit_test(cpu_that_comes_online_is_new_and_one_that_came_back_is_new_again),
		cmocka_unit_test(cpus_beyond_the_map_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
