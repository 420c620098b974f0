/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hook a program goes to: by the words of every dialect's sections and of targets. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attach/hook.h"

static const struct {
	const char *section;
	uint32_t type, loaded_for;
	const char *target;
	int wanted; /* -1: it asks for one */
} table[] = {
	{ "cgroup/skb", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", -1 },
	{ "cgroup/skb", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a,egress", BPF_CGROUP_INET_EGRESS },
	{ "cgroup/skb", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a,ingress", BPF_CGROUP_INET_INGRESS },
	{ "cgroup/skb/egress", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", BPF_CGROUP_INET_EGRESS },
	{ "cgroup_skb/ingress", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", BPF_CGROUP_INET_INGRESS },
	{ "cgroup_skb/egress", BPF_PROG_TYPE_CGROUP_SKB, 1, "cgroup:a", BPF_CGROUP_INET_EGRESS },
	{ "cgroupskb/ingress/stats", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", BPF_CGROUP_INET_INGRESS },
	{ "cgroupskb/egress/stats", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", BPF_CGROUP_INET_EGRESS },
	{ "cgroupskb/stats", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", -1 },
	{ "ingress/x", BPF_PROG_TYPE_CGROUP_SKB, 0, "cgroup:a", BPF_CGROUP_INET_INGRESS },
	{ "cgroupsock/inet/create", BPF_PROG_TYPE_CGROUP_SOCK, 0, "cgroup:a", BPF_CGROUP_INET_SOCK_CREATE },
	{ "cgroupsockrelease/inet_release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, "cgroup:a",
	  BPF_CGROUP_INET_SOCK_RELEASE },
	{ "cgroup/sock", BPF_PROG_TYPE_CGROUP_SOCK, 2, "cgroup:a", BPF_CGROUP_INET_SOCK_CREATE },
	{ "cgroup/sock1", BPF_PROG_TYPE_CGROUP_SOCK, 0, "cgroup:a", BPF_CGROUP_INET_SOCK_CREATE },
	{ "postbind4/x", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, "cgroup:a",
	  BPF_CGROUP_INET4_POST_BIND },
	{ "connect4/inet4_connect", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, "cgroup:a",
	  BPF_CGROUP_INET4_CONNECT },
	{ "cgroup/connect_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, 49, "cgroup:a", 49 },
	{ "sockops", BPF_PROG_TYPE_SOCK_OPS, 0, "cgroup:a", BPF_CGROUP_SOCK_OPS },
	{ "cgroup/dev", BPF_PROG_TYPE_CGROUP_DEVICE, 0, "cgroup:a", BPF_CGROUP_DEVICE },
	{ "sysctl", BPF_PROG_TYPE_CGROUP_SYSCTL, 0, "cgroup:a", BPF_CGROUP_SYSCTL },
	{ "lsm_cgroup/socket_bind", BPF_PROG_TYPE_LSM, 43, "cgroup:a", 43 },
	{ "sk_skb", BPF_PROG_TYPE_SK_SKB, 0, "map:m", -1 },
	{ "sk_skb", BPF_PROG_TYPE_SK_SKB, 0, "map:m,stream_parser", BPF_SK_SKB_STREAM_PARSER },
	{ "sk_skb/stream_parser/p", BPF_PROG_TYPE_SK_SKB, 0, "map:m", BPF_SK_SKB_STREAM_PARSER },
	{ "streamverdict/v", BPF_PROG_TYPE_SK_SKB, 0, "map:m", BPF_SK_SKB_STREAM_VERDICT },
	{ "sk_msg1", BPF_PROG_TYPE_SK_MSG, 0, "map:m", BPF_SK_MSG_VERDICT },
	{ "sk_lookup/x", BPF_PROG_TYPE_SK_LOOKUP, 0, "netns:self", BPF_SK_LOOKUP },
	{ "flow_dissector", BPF_PROG_TYPE_FLOW_DISSECTOR, 0, "netns:self", BPF_FLOW_DISSECTOR },
};

static void every_dialects_sections_lead_to_their_hook(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct attach_target target;
		const struct attach_program program = { .name = "p",
							.section = table[i].section,
							.type = table[i].type,
							.expected_attach_type = table[i].loaded_for };
		struct lade_error *error = NULL;
		uint32_t hook = 999;
		assert_int_equal(lade_target_parse(table[i].target, &target, NULL), 0);
		struct attach_call call = { .program = &program, .target = &target, .error = &error };
		int result = lade_hook_type(&call, &hook);
		if (result < 0 ? table[i].wanted != -1 : (int)hook != table[i].wanted)
			fail_msg("%s on %s: %d, hook %u", table[i].section, table[i].target, result, hook);
		lade_error_free(error);
		lade_target_clear(&target);
	}
}

static void last_word_of_a_path_is_a_hook_only_if_it_is_one(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name, *word;
	} paths[] = { { "cgroup:a,b", "a,b", NULL },
		      { "cgroup:a,b,egress", "a,b", "egress" },
		      { "cgroup:/x/y z", "/x/y z", NULL },
		      { "map:m,egress", "m", "egress" } };
	for (size_t i = 0; i < ELEMENTS(paths); i++) {
		struct attach_target target;
		assert_int_equal(lade_target_parse(paths[i].text, &target, NULL), 0);
		assert_string_equal(target.name, paths[i].name);
		assert_int_equal(target.options.count, paths[i].word ? 1 : 0);
		if (paths[i].word)
			assert_string_equal(target.options.items[0], paths[i].word);
		lade_target_clear(&target);
	}
}

static void malformed_targets_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "cgroup:",
					     "cgroup:,egress",
					     "map:",
					     "socket:",
					     "socket:1",
					     "socket:0/3",
					     "socket:1/",
					     "socket:1/x",
					     "socket:/3",
					     "socket:1/-1",
					     "lirc:",
					     "netns:",
					     "socket:1/99999999999" };
	for (size_t i = 0; i < ELEMENTS(wrong); i++) {
		struct attach_target target;
		struct lade_error *error = NULL;
		if (lade_target_parse(wrong[i], &target, &error) != -EINVAL)
			fail_msg("%s was taken", wrong[i]);
		lade_error_free(error);
	}
}

static void socket_is_a_process_and_a_number(void **state)
{
	(void)state;
	struct attach_target target;
	assert_int_equal(lade_target_parse("socket:12/5", &target, NULL), 0);
	assert_int_equal(target.kind, TARGET_SOCKET);
	assert_int_equal(target.pid, 12);
	assert_int_equal(target.descriptor, 5);
	lade_target_clear(&target);
}

static void target_with_a_word_fits_only_its_kind_of_program(void **state)
{
	(void)state;
	const struct attach_program skb = { .section = "cgroup/skb", .type = BPF_PROG_TYPE_CGROUP_SKB };
	const struct attach_program address = { .section = "cgroup/bind4", .type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR };
	const struct attach_program received = { .section = "cgroup_skb/ingress", .type = BPF_PROG_TYPE_CGROUP_SKB };
	const struct attach_program sent = { .section = "cgroupskb/egress/x", .type = BPF_PROG_TYPE_CGROUP_SKB };
	struct attach_target target;
	assert_int_equal(lade_target_parse("cgroup:a,egress", &target, NULL), 0);
	assert_true(lade_attach_fits(&skb, &target));
	assert_false(lade_attach_fits(&address, &target));
	assert_false(lade_attach_fits(&received, &target));
	assert_true(lade_attach_fits(&sent, &target));
	lade_target_clear(&target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialects_sections_lead_to_their_hook),
		cmocka_unit_test(last_word_of_a_path_is_a_hook_only_if_it_is_one),
		cmocka_unit_test(malformed_targets_are_refused),
		cmocka_unit_test(socket_is_a_process_and_a_number),
		cmocka_unit_test(target_with_a_word_fits_only_its_kind_of_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
