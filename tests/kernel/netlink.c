/* SPDX-License-Identifier: BSD-2-Clause */
/* Netlink messages, with libmnl as the referee; what no kernel would send; one question to the running one. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#include "base/array.h"
#include "kernel/netlink.h"
#include "kernel/route.h"

enum { INDEX = 7, ROOM = 2048 };

static const struct tcmsg body = { .tcm_ifindex = INDEX, .tcm_parent = 0xfffffff2 };

static struct nlmsghdr *built_by_libmnl(void *room)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(room);
	message->nlmsg_type = RTM_NEWTFILTER;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
	memcpy(mnl_nlmsg_put_extra_header(message, sizeof body), &body, sizeof body);
	mnl_attr_put_strz(message, TCA_KIND, "bpf");
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put_u32(message, 6, 12);
	mnl_attr_put(message, 3, 3, "abc");
	struct nlattr *inner = mnl_attr_nest_start(message, 4);
	mnl_attr_put_strz(message, 1, "deep");
	mnl_attr_nest_end(message, inner);
	mnl_attr_nest_end(message, options);
	mnl_attr_put_u32(message, TCA_CHAIN, 3);
	return message;
}

static void build(struct netlink_request *request)
{
	lade_netlink_begin(request, RTM_NEWTFILTER, NLM_F_CREATE, &body, sizeof body);
	lade_netlink_put_string(request, TCA_KIND, "bpf");
	size_t options = lade_netlink_nest(request, TCA_OPTIONS);
	lade_netlink_put_u32(request, 6, 12);
	lade_netlink_put(request, 3, "abc", 3);
	size_t inner = lade_netlink_nest(request, 4);
	lade_netlink_put_string(request, 1, "deep");
	lade_netlink_nest_end(request, inner);
	lade_netlink_nest_end(request, options);
	lade_netlink_put_u32(request, TCA_CHAIN, 3);
}

static void request_is_the_one_that_libmnl_builds(void **state)
{
	(void)state;
	_Alignas(4) unsigned char room[ROOM] = { 0 };
	const struct nlmsghdr *wanted = built_by_libmnl(room);
	struct netlink_request request;
	build(&request);
	assert_false(request.overflow);
	assert_int_equal(request.header.nlmsg_len, wanted->nlmsg_len);
	assert_memory_equal(request.bytes, wanted, wanted->nlmsg_len);
}

static void message_of_libmnl_is_read(void **state)
{
	(void)state;
	_Alignas(4) unsigned char room[ROOM] = { 0 };
	const struct nlmsghdr *message = built_by_libmnl(room);
	const struct tcmsg *header = lade_netlink_body(message, sizeof *header);
	struct netlink_attributes all = lade_netlink_attributes(message, sizeof body);
	struct netlink_attributes options = lade_netlink_inside(all, TCA_OPTIONS);
	struct netlink_attribute bytes;
	assert_int_equal(header->tcm_ifindex, INDEX);
	assert_string_equal(lade_netlink_string(all, TCA_KIND), "bpf");
	assert_int_equal(lade_netlink_u32(all, TCA_CHAIN), 3);
	assert_int_equal(lade_netlink_u32(options, 6), 12);
	assert_true(lade_netlink_find(options, 3, &bytes));
	assert_int_equal(bytes.bytes, 3);
	assert_string_equal(lade_netlink_string(lade_netlink_inside(options, 4), 1), "deep");
}

static void what_is_missing_is_empty(void **state)
{
	(void)state;
	struct netlink_request request;
	build(&request);
	struct netlink_attributes all = lade_netlink_attributes(&request.header, sizeof body);
	struct netlink_attributes options = lade_netlink_inside(all, TCA_OPTIONS);
	struct netlink_attribute attribute;
	assert_int_equal(lade_netlink_inside(all, TCA_RATE).left, 0);
	assert_int_equal(lade_netlink_u32(all, TCA_RATE), 0);
	assert_string_equal(lade_netlink_string(all, TCA_RATE), "");
	assert_int_equal(lade_netlink_u32(options, 3), 0);        /* three bytes are no number */
	assert_string_equal(lade_netlink_string(options, 3), ""); /* and no string that ends */
	assert_false(lade_netlink_next(&(struct netlink_attributes){ 0 }, &attribute));
}

static void attribute_that_lies_about_its_length_ends_the_walk(void **state)
{
	(void)state;
	static const uint16_t lengths[] = { 0, 3, 9, 64, UINT16_MAX };
	for (size_t i = 0; i < ELEMENTS(lengths); i++) {
		const struct nlattr lie = { lengths[i], 1 };
		unsigned char *exact = malloc(8); /* a sanitizer sees what is beyond */
		struct netlink_attribute attribute;
		assert_non_null(exact);
		memset(exact, 0, 8);
		memcpy(exact, &lie, sizeof lie);
		struct netlink_attributes all = { exact, 8 };
		assert_false(lade_netlink_next(&all, &attribute));
		free(exact);
	}
}

static void last_attribute_may_lack_its_padding(void **state)
{
	(void)state;
	const struct nlattr header = { 5, 1 };
	unsigned char *exact = malloc(5);
	struct netlink_attribute attribute;
	assert_non_null(exact);
	memcpy(exact, &header, sizeof header);
	exact[4] = 'x';
	struct netlink_attributes all = { exact, 5 };
	assert_true(lade_netlink_next(&all, &attribute));
	assert_int_equal(attribute.bytes, 1);
	assert_false(lade_netlink_next(&all, &attribute));
	free(exact);
}

static void request_that_is_too_long_is_not_made(void **state)
{
	(void)state;
	static const char text[900] = "";
	struct netlink_request request;
	lade_netlink_begin(&request, RTM_NEWTFILTER, 0, &body, sizeof body);
	lade_netlink_put(&request, 1, text, sizeof text);
	assert_false(request.overflow);
	lade_netlink_put(&request, 1, text, 100);
	assert_true(request.overflow);
	lade_netlink_put_u32(&request, 2, 1);
	assert_true(request.header.nlmsg_len <= NETLINK_REQUEST_BYTES);
	assert_int_equal(lade_netlink(NULL, &request, NULL, NULL), -EMSGSIZE);
}

static void questions_are_told_from_changes(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		bool reading;
	} table[] = { { RTM_GETLINK, true },     { RTM_SETLINK, false }, { RTM_NEWQDISC, false },
		      { RTM_DELTFILTER, false }, { RTM_GETQDISC, true }, { RTM_GETTFILTER, true },
		      { RTM_GETROUTE, true },    { RTM_NEWROUTE, false } };
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct netlink_request request;
		lade_netlink_begin(&request, table[i].type, 0, &body, sizeof body);
		assert_int_equal(lade_netlink_is_reading(&request), table[i].reading);
	}
}

static int count_message(const struct nlmsghdr *message, void *data)
{
	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	++*(int *)data;
	return 0;
}

static int end_at_once(const struct nlmsghdr *message, void *data)
{
	(void)message, (void)data;
	return -ECANCELED;
}

static void kernel_answers(void **state)
{
	(void)state;
	const struct ifinfomsg every = { 0 }, none = { .ifi_index = INT32_MAX };
	struct kernel *kernel = NULL;
	struct netlink_request request;
	int count = 0;
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	lade_netlink_begin(&request, RTM_GETLINK, NLM_F_DUMP, &every, sizeof every);
	assert_int_equal(lade_netlink(kernel, &request, count_message, &count), 0);
	assert_true(count >= 1);
	lade_netlink_begin(&request, RTM_GETLINK, NLM_F_DUMP, &every, sizeof every);
	assert_int_equal(lade_netlink(kernel, &request, end_at_once, NULL), -ECANCELED);
	lade_netlink_begin(&request, RTM_GETLINK, 0, &none, sizeof none);
	assert_int_equal(lade_netlink(kernel, &request, count_message, &count), -ENODEV);
	lade_kernel_free(kernel);
}

/* ---- prefixes ---- */

static void prefixes_are_addresses_with_a_length(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int family, length;
	} good[] = { { "10.0.0.0/8", AF_INET, 8 },
		     { "10.1.2.3", AF_INET, 32 },
		     { "0.0.0.0/0", AF_INET, 0 },
		     { "fc00::/64", AF_INET6, 64 },
		     { "::1", AF_INET6, 128 } };
	static const char *const bad[] = { "",           "/8",          "10.0.0.0/",   "10.0.0.0/33", "10.0.0/8",
					   "fc00::/129", "10.0.0.0/-1", "10.0.0.0/8x", "default" };
	for (size_t i = 0; i < ELEMENTS(good); i++) {
		struct route route = { 0 };
		assert_int_equal(lade_route_parse_prefix(good[i].text, &route), 0);
		assert_int_equal(route.family, good[i].family);
		assert_int_equal(route.prefix_length, good[i].length);
	}
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct route route = { 0 };
		if (lade_route_parse_prefix(bad[i], &route) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_the_one_that_libmnl_builds),
		cmocka_unit_test(message_of_libmnl_is_read),
		cmocka_unit_test(what_is_missing_is_empty),
		cmocka_unit_test(attribute_that_lies_about_its_length_ends_the_walk),
		cmocka_unit_test(last_attribute_may_lack_its_padding),
		cmocka_unit_test(request_that_is_too_long_is_not_made),
		cmocka_unit_test(questions_are_told_from_changes),
		cmocka_unit_test(kernel_answers),
		cmocka_unit_test(prefixes_are_addresses_with_a_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
