/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of a kernel: its configuration, symbols, events, types; and reports of lade doctor. */
#include "made.h"

/* ---- configurations ---- */

static struct lade_target *with_config(struct made *made, const char *path)
{
	assert_int_equal(made_open(made, (struct lade_target_opts){ .config = path }), 0);
	return lade_target(made->targets, 0);
}

static enum known option(struct lade_target *target, const char *name)
{
	return lade_target_option(target, name, NULL).answer;
}

static void configuration_alone_makes_a_target(void **state)
{
	struct lade_target *target = with_config(*state, made_text(*state, "config-6.1", MADE_CONFIG));
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.name, "config-6.1");
	assert_string_equal(info.release, "6.1.55");
	assert_string_equal(info.version, "6.1");
	assert_string_equal(info.machine, "x86_64");
	assert_true(info.has_config);
	assert_int_equal(option(target, "CONFIG_BPF_SYSCALL"), KNOWN_YES);
	assert_int_equal(option(target, "CONFIG_BPF_LSM"), KNOWN_NO);
	assert_int_equal(option(target, "CONFIG_NETKIT"), KNOWN_NO); /* a whole one has all that is set */
	assert_non_null(strstr(lade_target_option(target, "CONFIG_BPF_LSM", NULL).why, "is not set in config-6.1"));
}

static void packed_configuration_is_the_same(void **state)
{
	struct strbuf text = { .text = (char *)(uintptr_t)MADE_CONFIG, .length = strlen(MADE_CONFIG) }, packed = { 0 };
	put_packed(&packed, GZIP, &text);
	struct lade_target *target = with_config(*state, made_file(*state, "config.gz", &packed));
	const char *value = NULL;
	assert_int_equal(lade_target_option(target, "CONFIG_HZ", &value).answer, KNOWN_YES);
	assert_string_equal(value, "250");
	lade_strbuf_clear(&packed);
}

static void defconfig_leaves_out_what_has_its_default(void **state)
{
	struct lade_target *target =
		with_config(*state, made_text(*state, "gki_defconfig", "CONFIG_BPF_SYSCALL=y\nCONFIG_HZ_250=y\n"));
	assert_int_equal(option(target, "CONFIG_BPF_SYSCALL"), KNOWN_YES);
	assert_int_equal(option(target, "CONFIG_CGROUP_BPF"), KNOWN_NO); /* off by default, and nothing selects it */
	assert_int_equal(option(target, "CONFIG_NET"), KNOWN_NOT);
	assert_int_equal(option(target, "CONFIG_BPF_EVENTS"), KNOWN_NOT);
}

static void last_line_about_an_option_counts(void **state)
{
	struct lade_target *target = with_config(
		*state,
		made_text(*state, "config",
			  "# Automatically generated\nCONFIG_A=y\r\nCONFIG_A=m \n# CONFIG_B is not set\nCONFIG_B=y\n"
			  "CONFIG_C=y\nCONFIG_C=n\n# CONFIG_D is not set by mistake\nCONFIG_E=\"a b\""));
	const char *value = NULL;
	assert_int_equal(lade_target_option(target, "CONFIG_A", &value).answer, KNOWN_YES);
	assert_string_equal(value, "m");
	assert_int_equal(option(target, "CONFIG_B"), KNOWN_YES);
	assert_int_equal(option(target, "CONFIG_C"), KNOWN_NO);
	assert_int_equal(lade_target_option(target, "CONFIG_E", &value).answer, KNOWN_YES);
	assert_string_equal(value, "\"a b\"");
	assert_int_equal(option(target, "CONFIG_"), KNOWN_NO);
}

static void old_names_of_options_count(void **state)
{
	struct lade_target *target = with_config(
		*state, made_text(*state, "config-4.4", "# Automatically generated\nCONFIG_KPROBE_EVENT=y\n"));
	assert_int_equal(option(target, "CONFIG_KPROBE_EVENTS"), KNOWN_YES);
}

static void missing_option_takes_its_types_away(void **state)
{
	struct made *made = *state;
	struct lade_target_opts opts = { .kernels = "6.1",
					 .config = made_text(made, "config", MADE_CONFIG "CONFIG_BPF_JIT=y\n") };
	assert_int_equal(made_open(made, opts), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	struct known_fact fact = lade_target_program_type(target, 29); /* lsm */
	assert_int_equal(fact.answer, KNOWN_NO);
	assert_false(fact.by_table);
	assert_non_null(strstr(fact.why, "CONFIG_BPF_LSM is not set in config"));
	assert_int_equal(lade_target_program_type(target, 1).answer, KNOWN_YES); /* socket_filter: CONFIG_NET=y */
	opts.config = made_text(made, "config", "# Automatically generated\n# CONFIG_BPF_SYSCALL is not set\n");
	assert_int_equal(made_open(made, opts), 0);
	target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_map_type(target, 1).answer, KNOWN_NO);
	assert_int_equal(lade_target_helper(target, 1).answer, KNOWN_NO);
}

static void plans_look_options_up_in_the_same_configuration(void **state)
{
	struct lade_target *target = with_config(*state, made_text(*state, "config", MADE_CONFIG));
	const struct kernel_config *config = lade_target_config(target);
	assert_string_equal(lade_kernel_config_value(config, "CONFIG_HZ"), "250");
	assert_null(lade_kernel_config_value(config, "CONFIG_BPF_LSM"));
	assert_true(lade_kernel_config_knows(config, "CONFIG_BPF_LSM"));
	assert_true(lade_kernel_config_knows(config, "CONFIG_NOBODY_HEARD_OF"));
	assert_false(lade_kernel_config_knows(config, "LINUX_KERNEL_VERSION"));
}

static void text_that_is_no_configuration_is_refused(void **state)
{
	struct made *made = *state;
	assert_refused(made, (struct lade_target_opts){ .config = made_text(made, "notes", "buy milk\n") },
		       "target.config", "CONFIG_");
	assert_refused(made, (struct lade_target_opts){ .config = "/no/such/config" }, "target.file", "No such file");
	assert_int_equal(lade_error_finding(made->error, 0)->exit_code, 5);
}

static void pieces_of_different_kernels_are_noted(void **state)
{
	struct made *made = *state;
	struct lade_target_opts opts = { .kernels = "5.10,6.1", .config = made_text(made, "config", MADE_CONFIG) };
	assert_int_equal(made_open(made, opts), 0);
	assert_int_equal(lade_target_note_count(lade_target(made->targets, 0)), 1);
	assert_string_equal(lade_target_note(lade_target(made->targets, 0), 0)->code, "target.version.differs");
	assert_int_equal(lade_target_note_count(lade_target(made->targets, 1)), 0);
}

/* ---- symbols ---- */

static void list_of_symbols_knows_each_and_names_near_ones(void **state)
{
	struct made *made = *state;
	struct strings near = { 0 };
	struct lade_target_opts opts = {
		.kernels = "6.1",
		.system_map = made_text(made, "System.map",
					"0000000000000000 A fixed\nffffffff81000000 T tcp_v4_connect\n"
					"ffffffff81000010 t do_it.constprop.0\nffffffff82000000 D jiffies"),
	};
	assert_int_equal(made_open(made, opts), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_symbol(target, "jiffies", NULL).answer, KNOWN_YES);
	struct known_fact fact = lade_target_symbol(target, "tcp_v4_conect", &near);
	assert_int_equal(fact.answer, KNOWN_NO);
	assert_non_null(strstr(fact.why, "System.map"));
	assert_int_equal(near.count, 1);
	assert_string_equal(near.items[0], "tcp_v4_connect");
	lade_strings_clear(&near);
	assert_int_equal(lade_target_symbol(target, "do_it", &near).answer, KNOWN_NO);
	assert_string_equal(near.items[0], "do_it.constprop.0");
	lade_strings_clear(&near);
}

static void copy_of_kallsyms_with_modules_is_a_list_of_symbols(void **state)
{
	struct made *made = *state;
	struct lade_target_opts opts = {
		.system_map = made_text(made, "kallsyms",
					"0000000000000000 T vfs_read\n0000000000000000 t init_it\t[veth]\n"),
	};
	assert_int_equal(made_open(made, opts), 0);
	assert_int_equal(lade_target_symbol(lade_target(made->targets, 0), "init_it", NULL).answer, KNOWN_YES);
}

/* Files of /proc do not say how long they are. */
static void lists_of_the_running_kernel_are_read_to_their_end(void **state)
{
	struct made *made = *state;
	if (access("/proc/kallsyms", R_OK) < 0) {
		print_message("/proc/kallsyms cannot be read\n");
		skip();
	}
	assert_int_equal(made_open(made, (struct lade_target_opts){ .system_map = "/proc/kallsyms" }), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_symbol(target, "vfs_read", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "no_such_symbol", NULL).answer, KNOWN_NO);
}

static void lists_that_are_none_are_refused_or_noted(void **state)
{
	struct made *made = *state;
	assert_refused(made, (struct lade_target_opts){ .system_map = made_text(made, "map", "no\nsuch\nthing\n") },
		       "target.symbols", "ADDRESS TYPE NAME");
	const char *stub =
		made_text(made, "map", "ffffffffffffffff B The real System.map is in the linux-image-dbg package\n");
	assert_int_equal(made_open(made, (struct lade_target_opts){ .kernels = "6.1", .system_map = stub }), 0);
	assert_false(made_info(lade_target(made->targets, 0)).has_symbols);
	assert_int_equal(lade_target_note_count(lade_target(made->targets, 0)), 1);
}

/* ---- events ---- */

static const char format[] = "name: sched_switch\nID: 1\nformat:\n"
			     "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n"
			     "\tfield:pid_t prev_pid;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: \"\"\n";

static void make_event(struct made *made, const char *below)
{
	char name[64];
	const char *const parts[] = { "", "/sched", "/sched/sched_switch" };
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		(void)snprintf(name, sizeof name, "%s%s", below, parts[i]);
		(void)mkdir(made_path(made, name), 0755);
	}
	(void)snprintf(name, sizeof name, "%s/sched/sched_switch/format", below);
	(void)made_text(made, name, format);
}

static void copy_of_events_has_their_fields(void **state)
{
	struct made *made = *state;
	const struct event_format *found = NULL;
	char directory[256];
	make_event(made, "events");
	const char *const given[] = { "events", "" }; /* or what they lie in */
	for (size_t i = 0; i < ELEMENTS(given); i++) {
		(void)snprintf(directory, sizeof directory, "%s", made_path(made, given[i]));
		assert_int_equal(made_open(made, (struct lade_target_opts){ .kernels = "6.1", .events = directory }),
				 0);
		struct lade_target *target = lade_target(made->targets, 0);
		assert_int_equal(lade_target_event(target, "sched/sched_switch", &found).answer, KNOWN_YES);
		assert_non_null(found);
		assert_int_equal(lade_event_format_find(found, "prev_pid")->offset, 8);
		assert_int_equal(lade_target_event(target, "sched/sched_swatch", &found).answer, KNOWN_NO);
		assert_null(found);
		assert_int_equal(lade_target_event(target, "net/netif_rx", &found).answer, KNOWN_NOT);
		assert_int_equal(lade_target_event(target, "../etc/passwd", &found).answer, KNOWN_NOT);
		assert_int_equal(lade_target_event(target, "sched/..", &found).answer, KNOWN_NOT);
	}
	assert_refused(made, (struct lade_target_opts){ .events = made_text(made, "file", "x") }, "target.events",
		       "directory");
}

/* ---- lade doctor ---- */

static const char report[] =
	"{\"schema\":\"lade/1\",\"ok\":true,\"exit\":0,\"facts\":["
	"{\"section\":\"kernel\",\"name\":\"release\",\"state\":\"given\",\"value\":\"5.15.0-91-generic\",\"detail\":"
	"null,\"source\":\"x\"},"
	"{\"section\":\"kernel\",\"name\":\"architecture\",\"state\":\"given\",\"value\":\"aarch64\",\"detail\":null,"
	"\"source\":\"x\"},"
	"{\"section\":\"kernel\",\"name\":\"processors\",\"state\":\"given\",\"value\":\"24\",\"detail\":null,"
	"\"source\":\"x\"},"
	"{\"section\":\"map "
	"types\",\"name\":\"cgrp_storage\",\"state\":\"given\",\"value\":\"yes\",\"detail\":null,\"source\":\"bpf(2)\"}"
	","
	"{\"section\":\"map "
	"types\",\"name\":\"ringbuf\",\"state\":\"absent\",\"value\":\"no\",\"detail\":null,\"source\":\"bpf(2)\"},"
	"{\"section\":\"program "
	"types\",\"name\":\"xdp\",\"state\":\"unknown\",\"value\":\"EPERM\",\"detail\":null,\"source\":\"bpf(2)\"},"
	"{\"section\":\"btf "
	"kinds\",\"name\":\"enum64\",\"state\":\"given\",\"value\":\"yes\",\"detail\":null,\"source\":\"bpf(2)\"},"
	"{\"section\":\"helpers\",\"name\":\"bpf_loop\",\"state\":\"given\",\"value\":\"xdp "
	"sched_cls\",\"detail\":\"not asked: tracing lsm\",\"source\":\"bpf(2)\"},"
	"{\"section\":\"helpers\",\"name\":\"bpf_map_lookup_elem\",\"state\":\"absent\",\"value\":\"no\",\"detail\":"
	"null,\"source\":\"bpf(2)\"}"
	"],\"config\":{\"CONFIG_BPF_SYSCALL\":\"y\",\"CONFIG_HZ\":\"250\",\"CONFIG_\\u0041\":\"\\\"q\\\"\"},"
	"\"findings\":[{\"x\":[1,{\"y\":null}]}]}\n";

static void report_of_another_machine_is_a_target(void **state)
{
	struct lade_target *target = made_kernel(*state, made_text(*state, "there.json", report));
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.name, "there.json");
	assert_string_equal(info.release, "5.15.0-91-generic");
	assert_string_equal(info.version, "5.15");
	assert_string_equal(info.machine, "aarch64");
	assert_true(info.has_probes && info.has_config);
	assert_int_equal(lade_target_cpus(target), 24);
	assert_int_equal(option(target, "CONFIG_HZ"), KNOWN_YES);
	assert_int_equal(option(target, "CONFIG_A"), KNOWN_YES);
	assert_int_equal(option(target, "CONFIG_CGROUP_BPF"), KNOWN_NO);
}

static void what_was_tried_there_counts_more_than_the_release(void **state)
{
	struct lade_target *target = made_kernel(*state, made_text(*state, "there.json", report));
	struct known_fact fact = lade_target_map_type(target, 32); /* cgrp_storage came in 6.2: backported */
	assert_int_equal(fact.answer, KNOWN_YES);
	assert_false(fact.by_table);
	assert_non_null(strstr(fact.why, "tried there (there.json)"));
	assert_int_equal(lade_target_map_type(target, 27).answer, KNOWN_NO);        /* ringbuf */
	assert_int_equal(lade_target_btf_kind(target, 19).answer, KNOWN_YES);       /* enum64 came in 6.0 */
	assert_int_equal(lade_target_helper_for(target, 181, 6).answer, KNOWN_YES); /* bpf_loop, xdp */
	assert_int_equal(lade_target_helper_for(target, 181, 1).answer, KNOWN_NO);  /* … socket_filter: tried */
	assert_true(lade_target_helper_for(target, 181, 26).by_table);              /* … tracing: not tried */
	assert_int_equal(lade_target_helper(target, 1).answer, KNOWN_NO);
	assert_true(lade_target_map_type(target, 1).by_table);
}

static void what_could_not_be_tried_there_is_answered_by_the_rest(void **state)
{
	struct lade_target *target = made_kernel(*state, made_text(*state, "there.json", report));
	struct known_fact fact = lade_target_program_type(target, 6); /* xdp: EPERM; its CONFIG_NET is not set */
	assert_int_equal(fact.answer, KNOWN_NO);
	assert_non_null(strstr(fact.why, "CONFIG_NET"));
}

static void reports_that_are_none_are_refused(void **state)
{
	static const char *const texts[] = {
		"{",
		"{}",
		"{\"facts\":[]}",
		"{\"facts\":[{\"section\":\"kernel\"}]}",
		"{\"facts\":{}}",
		"{\"a\":\"\\u00",
		"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
		"{\"facts\":[]} more",
	};
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_refused(*state, (struct lade_target_opts){ .kernels = made_text(*state, "a.json", texts[i]) },
			       "target.doctor", "JSON");
}

static void every_prefix_of_a_report_is_refused(void **state)
{
	struct made *made = *state;
	for (size_t length = 1; length < sizeof report - 2; length += 3) {
		struct strbuf text = { .text = (char *)(uintptr_t)report, .length = length };
		assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "a.json", &text) },
			       "target.doctor", "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(configuration_alone_makes_a_target),
		TEST(packed_configuration_is_the_same),
		TEST(defconfig_leaves_out_what_has_its_default),
		TEST(last_line_about_an_option_counts),
		TEST(old_names_of_options_count),
		TEST(missing_option_takes_its_types_away),
		TEST(plans_look_options_up_in_the_same_configuration),
		TEST(text_that_is_no_configuration_is_refused),
		TEST(pieces_of_different_kernels_are_noted),
		TEST(list_of_symbols_knows_each_and_names_near_ones),
		TEST(copy_of_kallsyms_with_modules_is_a_list_of_symbols),
		TEST(lists_of_the_running_kernel_are_read_to_their_end),
		TEST(lists_that_are_none_are_refused_or_noted),
		TEST(copy_of_events_has_their_fields),
		TEST(report_of_another_machine_is_a_target),
		TEST(what_was_tried_there_counts_more_than_the_release),
		TEST(what_could_not_be_tried_there_is_answered_by_the_rest),
		TEST(reports_that_are_none_are_refused),
		TEST(every_prefix_of_a_report_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
