/* SPDX-License-Identifier: BSD-2-Clause */
/* Attach targets as text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attach/method.h"

static struct attach_target parse(const char *text)
{
	struct attach_target target = { 0 };
	struct lade_error *error = NULL;
	if (lade_target_parse(text, &target, &error) < 0)
		fail_msg("%s: %s", text, lade_error_message(error));
	return target;
}

static void options_of_a_file_follow_its_symbol(void **state)
{
	(void)state;
	struct attach_target target = parse("file:/bin/sh:main+4,pid=12,cookie=0x10");
	assert_string_equal(target.name, "/bin/sh");
	assert_string_equal(target.symbol, "main");
	assert_int_equal(target.offset, 4);
	assert_int_equal(target.pid, 12);
	assert_int_equal(target.options.count, 2);
	lade_target_clear(&target);
	target = parse("file:/bin/sh,usdt=provider:name");
	assert_string_equal(target.name, "/bin/sh");
	assert_null(target.symbol);
	assert_string_equal(target.options.items[0], "usdt=provider:name");
	lade_target_clear(&target);
}

/* Names of Go functions hold slashes and commas. */
static void name_of_a_go_function_is_a_symbol(void **state)
{
	(void)state;
	struct attach_target target = parse("file:/proc/self/exe:net/http.(*conn).serve");
	assert_string_equal(target.name, "/proc/self/exe");
	assert_string_equal(target.symbol, "net/http.(*conn).serve");
	lade_target_clear(&target);
	target = parse("file:/proc/self/exe:main.pair[int,string],pid=7");
	assert_string_equal(target.symbol, "main.pair[int,string]");
	assert_int_equal(target.pid, 7);
	lade_target_clear(&target);
}

static void function_has_a_name_and_an_offset(void **state)
{
	(void)state;
	struct attach_target target = parse("function:vfs_read+0x10");
	assert_int_equal(target.kind, TARGET_FUNCTION);
	assert_string_equal(target.name, "vfs_read");
	assert_int_equal(target.offset, 16);
	lade_target_clear(&target);
	target = parse("function:tcp_*.isra.[0-9]");
	assert_string_equal(target.name, "tcp_*.isra.[0-9]");
	assert_int_equal(target.offset, 0);
	lade_target_clear(&target);
	target = parse("tracepoint:sched/sched_switch");
	assert_int_equal(target.kind, TARGET_TRACEPOINT);
	assert_string_equal(target.name, "sched/sched_switch");
	lade_target_clear(&target);
	static const char *const wrong[] = { "function:",	"function:+1",	  "function:a+", "function:a+b",
					     "function:a+1x",	"function:a/b",	  "function:a b", "function:a+-1",
					     "function:a\nb+1", "tracepoint:" };
	for (size_t i = 0; i < ELEMENTS(wrong); i++) {
		struct lade_error *error = NULL;
		assert_int_equal(lade_target_parse(wrong[i], &target, &error), -EINVAL);
		lade_error_free(error);
	}
}

static void device_has_a_name_a_direction_and_options(void **state)
{
	(void)state;
	struct attach_target target = parse("dev:eth0:ingress,prio=5,handle=0x1,classid=1:10,mode=native");
	assert_int_equal(target.kind, TARGET_DEVICE);
	assert_string_equal(target.name, "eth0");
	assert_int_equal(target.options.count, 5);
	assert_string_equal(target.options.items[0], "ingress");
	assert_string_equal(target.options.items[3], "classid=1:10");
	lade_target_clear(&target);
	target = parse("dev:lo,da");
	assert_string_equal(target.name, "lo");
	assert_string_equal(target.options.items[0], "da");
	lade_target_clear(&target);
}

static void file_has_a_symbol_and_an_offset(void **state)
{
	(void)state;
	struct attach_target target = parse("file:/bin/sh:main+0x10");
	assert_int_equal(target.kind, TARGET_FILE);
	assert_string_equal(target.name, "/bin/sh");
	assert_string_equal(target.symbol, "main");
	assert_int_equal(target.offset, 16);
	lade_target_clear(&target);
}

static void file_alone_has_no_symbol(void **state)
{
	(void)state;
	struct attach_target target = parse("file:/opt/a:b/program");
	assert_string_equal(target.name, "/opt/a:b/program");
	assert_null(target.symbol);
	lade_target_clear(&target);
}

static void the_other_kinds_keep_what_follows(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum target_kind kind;
		const char *name;
	} table[] = {
		{ "cgroup:/sys/fs/cgroup/a", TARGET_CGROUP, "/sys/fs/cgroup/a" },
		{ "prog:/sys/fs/bpf/x", TARGET_PROGRAM, "/sys/fs/bpf/x" },
		{ "prog:12", TARGET_PROGRAM, "12" },
		{ "netns:/run/netns/blue", TARGET_NETNS, "/run/netns/blue" },
		{ "map:/sys/fs/bpf/m", TARGET_MAP, "/sys/fs/bpf/m" },
	};
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct attach_target target = parse(table[i].text);
		assert_int_equal(target.kind, table[i].kind);
		assert_string_equal(target.name, table[i].name);
		lade_target_clear(&target);
	}
	struct attach_target target = parse("pid:4711");
	assert_int_equal(target.kind, TARGET_PID);
	assert_int_equal(target.pid, 4711);
	lade_target_clear(&target);
}

static void bad_target_is_refused_and_the_form_is_named(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"lo",
		"dev:",
		"dev:averyveryverylongname",
		"dev:a/b",
		"dev:lo:sideways",
		"dev:lo,prio",
		"dev:lo,prio=x",
		"dev:lo,prio=65536",
		"dev:lo,da=1",
		"dev:lo,da,da",
		"dev:lo,da,classid=1:1",
		"dev:lo,mode=fast",
		"dev:lo,",
		"dev:lo:",
		"pid:0",
		"pid:-1",
		"pid:1x",
		"pid:99999999999999",
		"pid:",
		"file:",
		"file::main",
		"file:/bin/sh:",
		"file:/bin/sh:main+",
		"file:/bin/sh:main+x",
		"file:/bin/sh,pid=1,pid=2",
		"cgroup:",
		"map:",
		"prog:",
		"netns:",
		"DEV:lo",
	};
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct attach_target target = { .kind = TARGET_MAP };
		struct lade_error *error = NULL;
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_target_parse(bad[i], &target, &error) != -EINVAL)
			fail_msg("\"%s\" was accepted", bad[i]);
		assert_int_equal(target.kind, TARGET_MAP);
		assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
		assert_string_equal(info.code, "attach.target.syntax");
		assert_non_null(strchr(info.fix, ':'));
		assert_int_equal(lade_error_exit_code(error), 1);
		lade_error_free(error);
	}
}

static void long_garbage_does_no_harm(void **state)
{
	(void)state;
	unsigned seed = 3;
	static const char alphabet[] = "dev:file:pid:lo,=+/x1 \x80";
	for (int round = 0; round < 5000; round++) {
		char text[64];
		size_t length = (size_t)rand_r(&seed) % (sizeof text - 1);
		for (size_t i = 0; i < length; i++)
			text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
		text[length] = '\0';
		struct attach_target target = { 0 };
		if (lade_target_parse(text, &target, NULL) == 0)
			lade_target_clear(&target);
	}
}

static void cpu_lists_are_read_as_the_kernel_writes_them(void **state)
{
	(void)state;
	struct cpu_list list = { 0 };
	assert_int_equal(lade_cpu_list_parse("0-2,5,7-8\n", &list), 0);
	const int expected[] = { 0, 1, 2, 5, 7, 8 };
	assert_int_equal(list.count, ELEMENTS(expected));
	assert_memory_equal(list.items, expected, sizeof expected);
	array_clear(&list);
	static const char *const bad[] = { "", "\n", "a", "1-", "2-1", "0,", "0-999999999", "-1" };
	for (size_t i = 0; i < ELEMENTS(bad); i++)
		assert_int_equal(lade_cpu_list_parse(bad[i], &list), -EINVAL);
}

static void edit_distance_counts_changes(void **state)
{
	(void)state;
	assert_int_equal(lade_edit_distance("", ""), 0);
	assert_int_equal(lade_edit_distance("abc", ""), 3);
	assert_int_equal(lade_edit_distance("kitten", "sitting"), 3);
	assert_int_equal(lade_edit_distance("sched_switch", "sched_swich"), 1);
}

static void the_nearest_names_come_first(void **state)
{
	(void)state;
	struct similar_names names = { .wanted = "sched_swich" };
	static const char *const known[] = { "sched_stat", "sched_switch", "irq_entry",   "sched_wakeup",
					     "sched_swic", "sched_swith",  "sched_swich2" };
	for (size_t i = 0; i < ELEMENTS(known); i++)
		lade_similar_consider(&names, known[i]);
	assert_int_equal(names.count, SIMILAR_NAMES);
	assert_string_equal(names.names[0], "sched_switch");
	lade_similar_clear(&names);
}

static void refusals_have_the_code_of_their_cause(void **state)
{
	(void)state;
	static const struct {
		enum attach_operation operation;
		const char *method;
		int errnum;
		const char *code;
		int exit;
	} table[] = {
		{ OPERATION_LINK_CREATE, "tracepoint", EACCES, "attach.tracepoint.record", 6 },
		{ OPERATION_SET_BPF, "tracepoint", EACCES, "attach.tracepoint.record", 6 },
		{ OPERATION_SET_BPF, "uprobe", EACCES, "attach.permission", 5 },
		{ OPERATION_LINK_CREATE, "tracepoint", EEXIST, "attach.exists", 6 },
		{ OPERATION_SET_BPF, "tracepoint", E2BIG, "attach.full", 6 },
		{ OPERATION_SET_BPF, "perf_event", EINVAL, "attach.program-type", 6 },
		{ OPERATION_PERF_EVENT_OPEN, "uprobe", EINVAL, "attach.uprobe.offset", 6 },
		{ OPERATION_PERF_EVENT_OPEN, "perf_event", EPERM, "attach.permission", 5 },
		{ OPERATION_PERF_EVENT_OPEN, "perf_event", EMFILE, "attach.descriptors", 5 },
		{ OPERATION_PERF_EVENT_OPEN, "perf_event", ENOSYS, "attach.absent", 3 },
		{ OPERATION_RAW_TRACEPOINT_OPEN, "raw_tracepoint", EINVAL, "attach.raw-tracepoint.program", 6 },
		{ OPERATION_SO_ATTACH_BPF, "socket", EINVAL, "attach.program-type", 6 },
		{ OPERATION_SO_ATTACH_BPF, "socket", EPERM, "attach.exists", 6 },
		{ OPERATION_SOCKET, "socket", EPERM, "attach.permission", 5 },
		{ OPERATION_BIND, "socket", ENODEV, "attach.device.missing", 6 },
		{ OPERATION_LINK_CREATE, "perf_event", ENOMEM, "attach.memory", 5 },
		{ OPERATION_LINK_CREATE, "perf_event", EXFULL, "attach.refused", 6 },
	};
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		const char *code = lade_attach_refusal_code(table[i].operation, table[i].method, table[i].errnum);
		assert_string_equal(code, table[i].code);
		assert_int_equal(lade_finding_kind(code)->exit_code, table[i].exit);
	}
}

static void every_refusal_code_is_in_the_catalogue(void **state)
{
	(void)state;
	static const char *const methods[] = { "tracepoint", "raw_tracepoint", "perf_event", "uprobe", "socket" };
	for (enum attach_operation operation = 0; operation <= OPERATION_SO_ATTACH_BPF; operation++)
		for (size_t i = 0; i < ELEMENTS(methods); i++)
			for (int errnum = 1; errnum < 600; errnum++)
				assert_non_null(
					lade_finding_kind(lade_attach_refusal_code(operation, methods[i], errnum)));
}

static void network_targets_have_a_name_and_options(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum target_kind kind;
		const char *name;
		size_t options;
	} table[] = {
		{ "dev:lo,mode=offload", TARGET_DEVICE, "lo", 1 },
		{ "route:10.0.0.0/8,dev=lo,metric=5", TARGET_ROUTE, "10.0.0.0/8", 2 },
		{ "route:fc00::/64,via=fe80::1", TARGET_ROUTE, "fc00::/64", 1 },
		{ "netfilter:ipv4:input", TARGET_NETFILTER, "ipv4:input", 0 },
		{ "netfilter:ipv6:output,prio=-5,defrag,netns=blue", TARGET_NETFILTER, "ipv6:output", 3 },
		{ "map:ports,key=1", TARGET_MAP, "ports", 1 },
		{ "map:/sys/fs/bpf/a,b,key=1,dev=eth0", TARGET_MAP, "/sys/fs/bpf/a,b", 2 },
	};
	static const char *const bad[] = { "route:",
					   "route:,dev=lo",
					   "route:10.0.0.0/8,dev=",
					   "route:10.0.0.0/8,device=lo",
					   "route:10.0.0.0/8,dev=lo,dev=lo",
					   "netfilter:",
					   "netfilter:ipv4:input,",
					   "map:,key=1",
					   "map:ports,key=1,mode=native",
					   "dev:lo,mode=fast" };
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct attach_target target = parse(table[i].text);
		assert_int_equal(target.kind, table[i].kind);
		assert_string_equal(target.name, table[i].name);
		assert_int_equal(target.options.count, table[i].options);
		lade_target_clear(&target);
	}
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		struct attach_target target = { 0 };
		if (lade_target_parse(bad[i], &target, NULL) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_a_file_follow_its_symbol),
		cmocka_unit_test(name_of_a_go_function_is_a_symbol),
		cmocka_unit_test(function_has_a_name_and_an_offset),
		cmocka_unit_test(device_has_a_name_a_direction_and_options),
		cmocka_unit_test(file_has_a_symbol_and_an_offset),
		cmocka_unit_test(file_alone_has_no_symbol),
		cmocka_unit_test(the_other_kinds_keep_what_follows),
		cmocka_unit_test(bad_target_is_refused_and_the_form_is_named),
		cmocka_unit_test(network_targets_have_a_name_and_options),
		cmocka_unit_test(long_garbage_does_no_harm),
		cmocka_unit_test(cpu_lists_are_read_as_the_kernel_writes_them),
		cmocka_unit_test(edit_distance_counts_changes),
		cmocka_unit_test(the_nearest_names_come_first),
		cmocka_unit_test(refusals_have_the_code_of_their_cause),
		cmocka_unit_test(every_refusal_code_is_in_the_catalogue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
