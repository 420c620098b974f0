/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes with programs, by what packets meet that take them, in a network namespace of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/net_device.h"
#include "harness/packets.h"
#include "kernel/route.h"

enum { PATIENCE_SECONDS = 60 };

static size_t route_count(const struct loaded *loaded, const char *prefix)
{
	struct route wanted = { .table = 254 };
	struct routes routes = { 0 };
	assert_int_equal(lade_route_parse_prefix(prefix, &wanted), 0);
	assert_int_equal(lade_routes_like(kernel_of(loaded), &wanted, &routes), 0);
	size_t count = routes.count;
	array_clear(&routes);
	return count;
}

static void program_of_a_route_sees_what_takes_it(void **state)
{
	(void)state;
	static const char *const programs[] = { "on_route", "leaves_route" };
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct loaded loaded = load_device_programs(NULL, programs[i], NULL);
		assert_true(packets_enter());
		packets_pair(kernel_of(&loaded), "in0", "in1");
		packets_address("in0", "10.66.0.1");
		attach(&loaded, programs[i], "route:172.77.0.0/16,via=10.66.0.9,dev=in0");
		assert_int_equal(route_count(&loaded, "172.77.0.0/16"), 1);
		packets_send_to("172.77.1.1");
		assert_true(loaded_count(&loaded, LWT) >= 1);
		assert_string_equal(link_at(&loaded, 0).method, "lwt");
		loaded_unload(&loaded);
		assert_int_equal(route_count(&loaded, "172.77.0.0/16"), 0);
		assert_leaves_nothing(&loaded);
	}
}

static void route_of_others_is_named_and_stays(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "on_route", "leaves_route");
	packets_route(kernel_of(&loaded), "172.77.0.0", true);
	expect_refusal(&loaded, "on_route", "route:172.77.0.0/16,dev=lo", "attach.exists", "by lo");
	attach(&loaded, "on_route", "route:172.77.0.0/16,dev=lo,metric=7");
	expect_refusal(&loaded, "leaves_route", "route:172.77.0.0/16,dev=lo,metric=7", "attach.exists", "on_route");
	expect_refusal(&loaded, "on_route", "route:172.78.0.0/16", "attach.target.option", NULL);
	expect_refusal(&loaded, "on_route", "route:172.78.0.0/33,dev=lo", "attach.target.option", NULL);
	expect_refusal(&loaded, "on_route", "route:172.78.0.0/16,dev=low", "attach.device.missing", "lo");
	expect_refusal(&loaded, "on_route", "route:172.78.0.0/16,dev=lo,metric=x", "attach.target.option", NULL);
	loaded_unload(&loaded);
	assert_int_equal(route_count(&loaded, "172.77.0.0/16"), 1);
	packets_route(kernel_of(&loaded), "172.77.0.0", false);
	assert_leaves_nothing(&loaded);
}

/* ---- on the way in ---- */

/* What was sent may lie in the queue of a processor, and a driver may lose the first frames while it starts. */
static void expect_count(const struct loaded *loaded, void (*send)(void))
{
	for (time_t end = time(NULL) + PATIENCE_SECONDS; loaded_count(loaded, LWT) == 0 && time(NULL) < end;) {
		send();
		(void)usleep(1000);
	}
	assert_true(loaded_count(loaded, LWT) > 0);
}

static void send_by_loopback(void)
{
	packets_send_to("172.77.1.1");
}

static void send_segments(void)
{
	packets_send_segments("in0", "fc00:77::1");
}

/* Over lo, and as a frame that comes from another device. */
static void program_of_a_route_sees_what_comes_in_by_it(void **state)
{
	(void)state;
	static const struct {
		const char *target, *prefix;
		void (*send)(void);
	} ways[] = {
		{ "route:172.77.0.0/16,dev=lo", "172.77.0.0/16", send_by_loopback },
		{ "route:fc00:77::/64,dev=in0", "fc00:77::/64", send_segments },
	};
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		struct loaded loaded = load_device_programs(NULL, "enters_route", NULL);
		assert_true(packets_enter());
		packets_pair(kernel_of(&loaded), "in0", "in1");
		attach(&loaded, "enters_route", ways[i].target);
		expect_count(&loaded, ways[i].send);
		assert_string_equal(link_at(&loaded, 0).target, ways[i].target);
		loaded_unload(&loaded);
		assert_int_equal(route_count(&loaded, ways[i].prefix), 0);
		assert_leaves_nothing(&loaded);
	}
}

/* It counts only packets that the kernel has led on to their last segment. */
static void program_of_a_segment_route_sees_packets_on_their_last_segment(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "on_segment", NULL);
	struct lade_error *error = NULL;
	packets_pair(kernel_of(&loaded), "in0", "in1");
	bool is_absent = lade_instance_attach(loaded.instance, "on_segment", "route:fc00:77::/64,dev=in0", &error) < 0;
	if (is_absent) {
		(void)fprintf(stderr,
			      "# no programs on segment routes (CONFIG_IPV6_SEG6_LWTUNNEL, CONFIG_IPV6_SEG6_BPF): %s\n",
			      lade_error_message(error));
		assert_string_equal(finding_of(error).code, "attach.absent");
		lade_error_free(error);
	} else {
		assert_int_equal(route_count(&loaded, "fc00:77::/64"), 1);
		expect_count(&loaded, send_segments);
		loaded_unload(&loaded);
		assert_int_equal(route_count(&loaded, "fc00:77::/64"), 0);
	}
	assert_leaves_nothing(&loaded);
	if (is_absent)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(program_of_a_route_sees_what_takes_it, device_enter_network),
		cmocka_unit_test_setup(route_of_others_is_named_and_stays, device_enter_network),
		cmocka_unit_test_setup(program_of_a_route_sees_what_comes_in_by_it, device_enter_network),
		cmocka_unit_test_setup(program_of_a_segment_route_sees_packets_on_their_last_segment,
				       device_enter_network),
	};
	return cmocka_run_group_tests(tests, device_enter, NULL);
}
