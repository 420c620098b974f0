/* SPDX-License-Identifier: BSD-2-Clause */
/* Which directories each Android's loader reads, in which order, as which version, and what is allowed there. */
#include "base/strbuf.h"
#include "boot/decided.h"

/* ---- locations ---- */

struct locations {
	const char *android;
	uint32_t loader;
	const char *text; /* "DIRECTORY PREFIX@LOADER", with APEX as ~, a * at NetBpfLoad's */
};

#define ALL_NETWORK(at)                                                                                                \
	"~ tethering/" at " ~/netd_shared netd_shared/" at " ~/netd_readonly netd_readonly/" at                        \
	" ~/net_shared net_shared/" at " ~/net_private net_private/" at

static const struct locations locations[] = {
	{ "10", 0, "/system/etc/bpf @1" },
	{ "11", 0, "/system/etc/bpf @1" },
	{ "12", 0, "~ tethering/@2 /system/etc/bpf @2" },
	{ "13", 0, ALL_NETWORK("@19") " /system/etc/bpf @19 /vendor/etc/bpf vendor/@19" },
	{ "13", 22, ALL_NETWORK("@22") " /system/etc/bpf @22 /vendor/etc/bpf vendor/@22" },
	{ "14", 38, ALL_NETWORK("@38") " /system/etc/bpf @38 /vendor/etc/bpf vendor/@38" },
	{ "14", 0,
	  ALL_NETWORK("@46*") " /system/etc/bpf @41 /system/etc/bpf/uprobestats uprobestats/@41 "
			      "/vendor/etc/bpf vendor/@41" },
	{ "13", 43, ALL_NETWORK("@43*") " /system/etc/bpf @19 /vendor/etc/bpf vendor/@19" },
	{ "15", 0,
	  ALL_NETWORK("@46*") " /system/etc/bpf @- /system/etc/bpf/uprobestats uprobestats/@- "
			      "/vendor/etc/bpf vendor/@-" },
	{ "16", 0,
	  "~/tethering tethering/@47* ~/netd_shared netd_shared/@47* ~/netd_readonly netd_readonly/@47* "
	  "~/net_shared net_shared/@47* ~/net_private net_private/@47* /etc/bpf @- /etc/bpf/memevents @- "
	  "/vendor/etc/bpf vendor/@-" },
	{ "16", 3612, "~/mainline @3612* /etc/bpf @- /etc/bpf/memevents @- /vendor/etc/bpf vendor/@-" },
};

static char *spell(const struct boot_policy *policy)
{
	struct strbuf text = { 0 };
	array_foreach(location, &policy->locations) {
		bool is_apex = strncmp(location->directory, APEX, strlen(APEX)) == 0;
		lade_strbuf_addf(&text, "%s%s%s %s@", text.length ? " " : "", is_apex ? "~" : "",
				 location->directory + (is_apex ? strlen(APEX) : 0), location->prefix);
		if (location->loader == POLICY_LOADER_UNVERSIONED)
			lade_strbuf_add(&text, "-");
		else
			lade_strbuf_addf(&text, "%u", location->loader);
		lade_strbuf_add(&text, location->is_network ? "*" : "");
	}
	return lade_strbuf_take(&text);
}

static void each_version_has_its_directories_in_their_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(locations); i++) {
		const struct device device = { locations[i].android, locations[i].loader, NULL, NULL, NULL };
		struct boot_policy policy = { 0 };
		make_policy(&device, &policy);
		char *text = spell(&policy);
		assert_string_equal(text, locations[i].text);
		free(text);
		lade_boot_policy_clear(&policy);
	}
}

/* ---- what is meant without more words ---- */

static void version_alone_stands_for_a_loader_and_a_build_type(void **state)
{
	static const struct {
		const char *android;
		uint32_t loader;
		const char *tag;
		bool late, self_test, loader_directory;
		size_t sysctls;
	} rows[] = {
		{ "10", 0, "bpfloader", false, false, false, 0 }, { "11", 0, "bpfloader", false, false, false, 2 },
		{ "12", 2, "bpfloader", true, false, false, 2 },  { "13", 19, "bpfloader", false, false, false, 3 },
		{ "14", 46, "NetBpfLoad", false, true, true, 3 }, { "15", 46, "NetBpfLoad", false, true, true, 3 },
		{ "16", 47, "NetBpfLoad", false, true, true, 3 },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct boot_policy policy = { 0 };
		make_policy(&(struct device){ .android = rows[i].android }, &policy);
		assert_true(policy.is_android);
		assert_int_equal(policy.device.loader, rows[i].loader);
		assert_string_equal(policy.device.build_type, "user");
		assert_int_equal(policy.device.kernel, KVER(6, 1, 57));
		assert_int_equal(policy.device.machine, LADE_IGNORE_AARCH64);
		assert_string_equal(policy.tag, rows[i].tag);
		assert_int_equal(policy.makes_late, rows[i].late);
		assert_int_equal(policy.has_self_test, rows[i].self_test);
		assert_int_equal(policy.has_loader_dir, rows[i].loader_directory);
		assert_int_equal(policy.sysctl_count, rows[i].sysctls);
		assert_int_equal(policy.notes.count, 1);
		assert_string_equal(policy.notes.items[0]->code, "boot.android.chosen");
		lade_boot_policy_clear(&policy);
	}
}

static void this_machine_is_meant_without_another(void **state)
{
	const struct lade_boot_opts opts = { .size = sizeof opts, .android = "14" };
	struct boot_policy policy = { 0 };
	(void)state;
	assert_int_equal(lade_boot_android_policy(&opts, &policy, NULL), 0);
	assert_true(policy.device.kernel >= KVER(4, 0, 0));
	assert_true(strlen(policy.device.architecture) > 0);
	lade_boot_policy_clear(&policy);
}

/* ---- types and domains ---- */

static void types_are_limited_since_0_22(void **state)
{
	static const struct {
		const char *android;
		uint32_t loader;
		const char *directory;
		uint32_t type;
		bool allowed;
	} rows[] = {
		{ "12", 0, PLATFORM, BPF_PROG_TYPE_SCHED_CLS, true },
		{ "13", 0, PLATFORM, BPF_PROG_TYPE_SCHED_CLS, true },
		{ "13", 22, PLATFORM, BPF_PROG_TYPE_SCHED_CLS, false },
		{ "13", 22, PLATFORM, BPF_PROG_TYPE_TRACEPOINT, true },
		{ "14", 38, PLATFORM, BPF_PROG_TYPE_KPROBE, true },
		{ "14", 38, PLATFORM, BPF_PROG_TYPE_PERF_EVENT, true },
		{ "14", 38, PLATFORM, BPF_PROG_TYPE_UNSPEC, true }, /* fuse */
		{ "14", 38, PLATFORM, BPF_PROG_TYPE_XDP, false },
		{ "13", 0, APEX, BPF_PROG_TYPE_TRACEPOINT, true },
		{ "13", 22, APEX, BPF_PROG_TYPE_TRACEPOINT, false },
		{ "13", 22, APEX, BPF_PROG_TYPE_XDP, true },
		{ "13", 22, APEX, BPF_PROG_TYPE_CGROUP_SOCKOPT, false },
		{ "14", 38, APEX, BPF_PROG_TYPE_CGROUP_SOCKOPT, true },
		{ "14", 38, APEX, BPF_PROG_TYPE_LWT_SEG6LOCAL, true },
		{ "14", 38, APEX, BPF_PROG_TYPE_KPROBE, false },
		{ "14", 46, APEX, BPF_PROG_TYPE_KPROBE, true }, /* its table has no such prefix */
		{ "13", 0, VENDOR, BPF_PROG_TYPE_SOCKET_FILTER, true },
		{ "13", 0, VENDOR, BPF_PROG_TYPE_TRACEPOINT, false },
		{ "15", 0, VENDOR, BPF_PROG_TYPE_TRACEPOINT, false },
		{ "15", 0, PLATFORM "/uprobestats", BPF_PROG_TYPE_KPROBE, true },
		{ "15", 0, PLATFORM "/uprobestats", BPF_PROG_TYPE_TRACEPOINT, false },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct boot_policy policy = { 0 };
		make_policy(&(struct device){ .android = rows[i].android, .loader = rows[i].loader }, &policy);
		const struct boot_location *location = must_location(&policy, rows[i].directory);
		if (lade_boot_type_allowed(location->types, rows[i].type) != rows[i].allowed)
			fail_msg("row %zu", i);
		lade_boot_policy_clear(&policy);
	}
}

/* ---- what cannot be meant ---- */

static void assert_no_policy(const struct lade_boot_opts *opts, const char *code, const char *text)
{
	struct boot_policy policy = { 0 };
	struct lade_error *error = NULL;
	assert_int_equal(lade_boot_android_policy(opts, &policy, &error), -EINVAL);
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_string_equal(finding->code, code);
	assert_int_equal(lade_error_exit_code(error), 1);
	bool found = strstr(finding->message, text);
	array_foreach(line, &finding->evidence)
		found = found || strstr(*line, text);
	assert_true(found);
	lade_error_free(error);
	lade_boot_policy_clear(&policy);
}

static void unknown_version_lists_the_known(void **state)
{
	(void)state;
	static const char *const known[] = { "Android 10", "Android 11", "Android 12: bpfloader version 2",
					     "Android 13: bpfloader version 19", "Android 15: bpfloader version 46" };
	for (size_t i = 0; i < ELEMENTS(known); i++)
		assert_no_policy(&(struct lade_boot_opts){ .size = sizeof(struct lade_boot_opts), .android = "9" },
				 "boot.android.version", known[i]);
	assert_no_policy(&(struct lade_boot_opts){ .size = sizeof(struct lade_boot_opts), .android = "" },
			 "boot.android.version", "\"\"");
}

static void build_type_and_kernel_must_be_some(void **state)
{
	(void)state;
	const struct lade_boot_opts build = { .size = sizeof build, .android = "14", .build_type = "debug" };
	assert_no_policy(&build, "boot.android.build-type", "got build type \"debug\"");
	const struct lade_boot_opts kernel = { .size = sizeof kernel, .android = "14", .kernel = "android14" };
	assert_no_policy(&kernel, "boot.android.kernel", "android14");
}

static void directory_of_the_user_is_as_the_platforms(void **state)
{
	struct boot_policy policy = { 0 };
	(void)state;
	make_policy(&(struct device){ .android = "14", .loader = 38 }, &policy);
	assert_int_equal(lade_boot_add_directory(&policy, "/home/me/bpf", NULL), 0);
	const struct boot_location *mine = must_location(&policy, "/home/me/bpf");
	const struct boot_location *platform = must_location(&policy, PLATFORM);
	assert_int_equal(mine->types, platform->types);
	assert_int_equal(mine->loader, 38);
	assert_string_equal(mine->prefix, "");
	assert_string_equal(mine->suffix, ".o");
	lade_boot_policy_clear(&policy);
	struct boot_policy plain = { 0 };
	assert_int_equal(lade_boot_add_directory(&plain, "/home/me/bpf", NULL), 0);
	assert_true(must_location(&plain, "/home/me/bpf")->types == UINT64_MAX);
	lade_boot_policy_clear(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_has_its_directories_in_their_order),
		cmocka_unit_test(version_alone_stands_for_a_loader_and_a_build_type),
		cmocka_unit_test(this_machine_is_meant_without_another),
		cmocka_unit_test(types_are_limited_since_0_22),
		cmocka_unit_test(unknown_version_lists_the_known),
		cmocka_unit_test(build_type_and_kernel_must_be_some),
		cmocka_unit_test(directory_of_the_user_is_as_the_platforms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
