/* SPDX-License-Identifier: BSD-2-Clause */
/* What Android's loaders leave out of an object, where they pin the rest, and whose it is. */
#include "boot/decided.h"

static const struct device u = { "14", 38 };

/* ---- filters ---- */

struct filtered {
	struct device device;
	const char *directory, *part;
	bool is_map;
	const char *skip, *line; /* NULL: it is not left out */
};

static const struct filtered filters[] = {
	{ { "14", 38 }, PLATFORM, "plain", true, NULL, NULL },
	{ { "14", 38 },
	  PLATFORM,
	  "new_loader",
	  true,
	  "for bpfloader version 50",
	  "skipping map new_loader which requires bpfloader min ver 0x00032" },
	{ { "14", 50 }, APEX, "new_loader", true, NULL, NULL },
	{ { "14", 45 }, APEX, "old_loader", true, NULL, NULL },
	{ { "14", 46 },
	  APEX,
	  "old_loader",
	  true,
	  "for bpfloader versions 0 to before 46",
	  "skipping map old_loader which requires bpfloader max ver 0x0002e" },
	{ { "15", 46 }, PLATFORM, "old_loader", true, NULL, NULL }, /* looks at no version but the kernel's */
	{ { "15", 46 }, PLATFORM, "new_loader", true, NULL, NULL },
	{ { "14", 38, NULL, "4.13.999" }, PLATFORM, "old_kernel", true, NULL, NULL },
	{ { "14", 38, NULL, "4.14.0" },
	  PLATFORM,
	  "old_kernel",
	  true,
	  "for kernels 0.0.0 to before 4.14.0, this is 4.14.0",
	  "skipping map old_kernel which requires kernel version 0x40e0000 < 0x40e0000" },
	{ { "14", 38, NULL, "99.0.0" }, PLATFORM, "new_kernel", true, NULL, NULL },
	{ { "15", 46, NULL, "98.255" },
	  PLATFORM,
	  "new_kernel",
	  true,
	  "for kernel 99.0.0 or newer",
	  "skipping map new_kernel which requires kernel version 0x62ff0000 >= 0x63000000" },
	{ { "14", 38, "user" },
	  PLATFORM,
	  "not_user",
	  true,
	  "not for user builds",
	  "skipping map not_user which is ignored on user builds" },
	{ { "14", 38, "userdebug" }, PLATFORM, "not_user", true, NULL, NULL },
	{ { "14", 38, "eng" }, PLATFORM, "not_user", true, NULL, NULL },
	{ { "13", 31, "user" }, PLATFORM, "not_user", true, NULL, NULL },
	{ { "13", 32, "user" }, PLATFORM, "not_user", true, "not for user builds", "ignored on user builds" },
	{ { "15", 46, "user" }, PLATFORM, "not_user", true, NULL, NULL },

	{ { "14", 38 },
	  PLATFORM,
	  "always",
	  false,
	  NULL,
	  "cs[0].name:skfilter/always min_kver:0 .max_kver:ffffffff (kvers:6010039)" },
	{ { "14", 38 },
	  PLATFORM,
	  "for_new_loader",
	  false,
	  "for bpfloader version 50",
	  "cs[1].name:skfilter/new_loader requires bpfloader version [0x00032,0x10000)" },
	{ { "14", 46 },
	  APEX,
	  "for_old_loader",
	  false,
	  "for bpfloader versions 0 to before 46",
	  "cs[2].name:skfilter/old_loader requires bpfloader version [0x00000,0x0002e)" },
	{ { "15", 46 }, PLATFORM, "for_old_loader", false, NULL, NULL },
	{ { "14", 38, NULL, "98.1" },
	  PLATFORM,
	  "for_new_kernel",
	  false,
	  "for kernel 99.0.0 or newer",
	  "min_kver:63000000" },
	{ { "14", 38, NULL, "4.14" }, PLATFORM, "for_old_kernel", false, "to before 4.14.0", "max_kver:40e0000" },
	{ { "14", 38, NULL, "4.9.337" }, PLATFORM, "for_old_kernel", false, NULL, NULL },
	{ { "14", 38 },
	  PLATFORM,
	  "for_no_user",
	  false,
	  "not for user builds",
	  "cs[5].name:skfilter/no_user is ignored on user builds" },
	{ { "13", 32 }, PLATFORM, "for_no_user", false, NULL, NULL },
	{ { "13", 33 }, PLATFORM, "for_no_user", false, "not for user builds", "ignored on user builds" },
	{ { "14", 38 },
	  PLATFORM,
	  "for_no_machine",
	  false,
	  "not for aarch64",
	  "cs[6].name:skfilter/no_machine is ignored on aarch64" },
	{ { "14", 38, NULL, NULL, "armv8l" }, PLATFORM, "for_no_machine", false, "not for arm32", "ignored on arm32" },
	{ { "14", 38, NULL, NULL, "x86_64" },
	  PLATFORM,
	  "for_no_machine",
	  false,
	  "not for x86_64",
	  "ignored on x86_64" },
	{ { "14", 38, NULL, NULL, "riscv64" }, PLATFORM, "for_no_machine", false, "not for riscv64", NULL },
	{ { "14", 38, NULL, NULL, "s390x" }, PLATFORM, "for_no_machine", false, NULL, NULL },
	{ { "14", 37 }, PLATFORM, "for_no_machine", false, NULL, NULL },
	{ { "15", 46 }, PLATFORM, "for_no_machine", false, NULL, NULL },
};

static void windows_build_types_and_architectures_leave_parts_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(filters); i++) {
		const struct filtered *row = &filters[i];
		struct decided decided = decide_in(&row->device, row->directory, "android_filters.o");
		assert_loads(&decided);
		const struct boot_part *part =
			row->is_map ? map_part(&decided, row->part) : program_part(&decided, row->part);
		if ((part->skip == NULL) != (row->skip == NULL))
			fail_msg("row %zu: %s", i, part->skip);
		if (row->skip && !strstr(part->skip, row->skip))
			fail_msg("row %zu: %s", i, part->skip);
		assert_int_equal(part->pin == NULL, row->skip != NULL);
		if (row->line) {
			char text[256];
			(void)snprintf(text, sizeof text, "%s", row->line);
			bool found = false;
			array_foreach(line, &part->log.lines)
				found = found || strstr(line->text, text);
			if (!found) {
				print_log(&part->log);
				fail_msg("row %zu: %s", i, text);
			}
		}
		decided_clear(&decided);
	}
}

static void loader_comes_before_kernel_for_maps_and_after_it_for_programs(void **state)
{
	(void)state;
	struct boot_policy policy = { 0 };
	make_policy(&(struct device){ "14", 38, NULL, "4.9" }, &policy);
	struct decided decided = { .policy = policy };
	const struct boot_location *location = must_location(&policy, PLATFORM);
	decided.object = open_named("android_filters.o", NULL, location, &policy, NULL);
	must_map(decided.object, "new_loader")->policy->kernel.min = KVER(5, 0, 0);
	must_program(decided.object, "for_new_loader")->policy->kernel.min = KVER(5, 0, 0);
	assert_int_equal(lade_boot_decide(&policy, location, decided.object, &decided.decision), 0);
	assert_non_null(strstr(map_part(&decided, "new_loader")->skip, "bpfloader"));
	assert_non_null(strstr(program_part(&decided, "for_new_loader")->skip, "kernel"));
	decided_clear(&decided);
}

/* ---- places ---- */

struct placed {
	struct device device;
	const char *directory, *part;
	bool is_map;
	const char *pin, *first;
};

#define B "/sys/fs/bpf/"

static const struct placed places[] = {
	{ { "12" }, APEX, "plain", true, B "tethering/map_boot_places_plain", NULL },
	{ { "12" }, APEX, "moved", true, B "tethering/map_boot_places_moved", NULL },
	{ { "12" }, APEX, "common", true, B "tethering/map_boot_places_common", NULL },
	{ { "13", 18 }, APEX, "labelled", true, B "tethering/map_boot_places_labelled", NULL },
	{ { "13", 18 }, APEX, "common", true, B "tethering/map__common", NULL },
	{ { "13" }, APEX "/net_shared", "plain", true, B "net_shared/map_boot_places_plain", NULL },
	{ { "13" },
	  APEX "/net_shared",
	  "labelled",
	  true,
	  B "net_shared/map_boot_places_labelled",
	  B "netd_readonly/tmp_map_boot_places_labelled" },
	{ { "13" }, APEX "/net_shared", "moved", true, B "netd_shared/map_boot_places_moved", NULL },
	{ { "13" },
	  APEX "/net_shared",
	  "both",
	  true,
	  B "tethering/map_boot_places_both",
	  B "net_private/tmp_map_boot_places_both" },
	{ { "13" },
	  APEX "/net_shared",
	  "common",
	  true,
	  B "net_shared/map__common",
	  B "net_shared/tmp_map_boot_places_common" },
	{ { "13" }, APEX "/net_shared", "here", false, B "net_shared/prog_boot_places_skfilter_here", NULL },
	{ { "13" },
	  APEX "/net_shared",
	  "block",
	  false,
	  B "netd_readonly/prog_boot_places_bind4_block_port",
	  B "netd_readonly/tmp_prog_boot_places_bind4_block_port" },
	{ { "14", 46 },
	  APEX "/netd_shared",
	  "both",
	  true,
	  B "tethering/map_boot_places_both",
	  B "net_private/tmp_map_boot_places_both" },
	{ { "15", 46 }, PLATFORM, "moved", true, B "map_boot_places_moved", NULL },
	{ { "15", 46 }, PLATFORM, "labelled", true, B "map_boot_places_labelled", NULL },
	{ { "15", 46 }, PLATFORM, "common", true, B "map__common", NULL },
};

static void pins_go_where_prefix_label_and_directory_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(places); i++) {
		const struct placed *row = &places[i];
		struct decided decided = { 0 };
		make_policy(&row->device, &decided.policy);
		const struct boot_location *location = must_location(&decided.policy, row->directory);
		decided.object = open_named("boot_places.o", NULL, location, &decided.policy, NULL);
		assert_non_null(decided.object);
		assert_int_equal(lade_boot_decide(&decided.policy, location, decided.object, &decided.decision), 0);
		assert_loads(&decided);
		const struct boot_part *part =
			row->is_map ? map_part(&decided, row->part) : program_part(&decided, row->part);
		if (!part->pin || strcmp(part->pin, row->pin) != 0)
			fail_msg("row %zu: %s", i, part->pin);
		if (row->first)
			assert_string_equal(part->pin_first, row->first);
		else
			assert_null(part->pin_first);
		decided_clear(&decided);
	}
}

/* The paths that Android's own test of existence looks for. */
static void pins_are_those_that_androids_own_test_looks_for(void **state)
{
	static const struct {
		struct device device;
		const char *directory, *file, *name, *part, *pin;
	} rows[] = {
		{ { "13" },
		  APEX,
		  "boot_types.o",
		  "offload.o",
		  "classify",
		  B "tethering/prog_offload_schedcls_classify" },
		{ { "13" },
		  APEX "/net_shared",
		  "boot_places.o",
		  "block.o",
		  "block",
		  B "netd_readonly/prog_block_bind4_block_port" },
		{ { "14", 38 },
		  PLATFORM,
		  "android_d120.o",
		  "gpuMem.o",
		  "on_switch",
		  B "prog_gpuMem_tracepoint_sched_sched_switch" },
		{ { "13", 25 },
		  APEX,
		  "boot_types.o",
		  "offload@25.o",
		  "classify",
		  B "tethering/prog_offload_schedcls_classify" },
		{ { "13", 24 },
		  APEX,
		  "boot_types.o",
		  "offload@25.o",
		  "classify",
		  B "tethering/prog_offload@25_schedcls_classify" },
		{ { "13" }, APEX, "boot_types.o", "a.b.o", "classify", B "tethering/prog_a.b_schedcls_classify" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided = { 0 };
		make_policy(&rows[i].device, &decided.policy);
		struct boot_location location = *must_location(&decided.policy, rows[i].directory);
		location.types = UINT64_MAX;
		location.domains = UINT32_MAX;
		decided.object = open_named(rows[i].file, rows[i].name, &location, &decided.policy, NULL);
		assert_non_null(decided.object);
		assert_int_equal(lade_boot_decide(&decided.policy, &location, decided.object, &decided.decision), 0);
		assert_loads(&decided);
		assert_string_equal(program_part(&decided, rows[i].part)->pin, rows[i].pin);
		decided_clear(&decided);
	}
}

static void variants_of_a_program_share_its_pin(void **state)
{
	(void)state;
	struct decided decided =
		decide_as(&(struct device){ "14", 46 }, APEX "/netd_shared", "android_variants.o", "netd.o");
	assert_loads(&decided);
	static const char *const variants[] = { "stats_broken_first", "stats_good", "stats_broken_last" };
	for (size_t i = 0; i < ELEMENTS(variants); i++)
		assert_string_equal(program_part(&decided, variants[i])->pin,
				    B "netd_shared/prog_netd_cgroupskb_ingress_stats");
	assert_true(program_part(&decided, "stats_broken_first")->optional);
	assert_false(program_part(&decided, "stats_good")->optional);
	decided_clear(&decided);
}

static void instances_are_named_by_directory_and_file(void **state)
{
	static const struct {
		const char *directory, *name, *instance;
	} rows[] = {
		{ APEX, "offload.o", "tethering_offload" },
		{ APEX "/net_shared", "foo@2.o", "net_shared_foo_2" },
		{ PLATFORM, "gpuMem.o", "gpuMem" },
		{ VENDOR, "my-filter.o", "vendor_my-filter" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided = decide_as(&u, rows[i].directory, "boot_uid116.o", rows[i].name);
		assert_string_equal(decided.decision.instance, rows[i].instance);
		decided_clear(&decided);
	}
}

/* ---- words that a location or loader does not take ---- */

/* boot_places.o with one word of its map "plain" or its program "here" changed, in the platform's directory. */
static struct decided decide_changed(const struct device *device, const char *directory, bool is_map,
				     const char *context, const char *subdir)
{
	struct decided decided = { 0 };
	make_policy(device, &decided.policy);
	const struct boot_location *location = must_location(&decided.policy, directory);
	decided.object = open_named("android_filters.o", NULL, location, &decided.policy, NULL);
	assert_non_null(decided.object);
	struct part_policy *policy =
		is_map ? must_map(decided.object, "plain")->policy : must_program(decided.object, "always")->policy;
	policy->selinux_context = context ? strdup(context) : NULL;
	policy->pin_subdir = subdir ? strdup(subdir) : NULL;
	assert_int_equal(lade_boot_decide(&decided.policy, location, decided.object, &decided.decision), 0);
	return decided;
}

static void unknown_directory_is_no_directory(void **state)
{
	(void)state;
	for (int is_map = 0; is_map < 2; is_map++) {
		struct decided decided = decide_changed(&u, PLATFORM, is_map, NULL, "elsewhere/");
		assert_fails(&decided, -ENOTDIR, "boot.android.subdir", "unrecognized pin_subdir 'elsewhere/");
		assert_log(decided.decision.log, LADE_BOOT_ERROR,
			   is_map ? "Failed to create maps: (ret=-20) in " : "loadCodeSections ret=-20");
		decided_clear(&decided);
		decided = decide_changed(&(struct device){ "15", 46 }, PLATFORM, is_map, NULL, "elsewhere/");
		assert_loads(&decided);
		decided_clear(&decided);
		decided = decide_changed(&(struct device){ "14", 46 }, APEX, is_map, NULL, "net_shared"); /* no slash */
		assert_fails(&decided, -ENOTDIR, "boot.android.subdir", "unrecognized pin_subdir");
		decided_clear(&decided);
	}
}

static void unknown_label_is_ignored_with_a_warning(void **state)
{
	(void)state;
	for (int is_map = 0; is_map < 2; is_map++) {
		struct decided decided = decide_changed(&u, PLATFORM, is_map, "fs_bpf_elsewhere", NULL);
		assert_loads(&decided);
		const struct boot_part *part = is_map ? map_part(&decided, "plain") : program_part(&decided, "always");
		assert_log(&part->log, LADE_BOOT_WARNING,
			   "ignoring unrecognized selinux_context 'fs_bpf_elsewhere                '");
		assert_non_null(boot_note(&decided, "boot.android.selinux"));
		assert_null(part->pin_first);
		decided_clear(&decided);
		decided = decide_changed(&(struct device){ "15", 46 }, PLATFORM, is_map, "fs_bpf_elsewhere", NULL);
		assert_null(boot_note(&decided, "boot.android.selinux"));
		decided_clear(&decided);
	}
}

static void domain_that_a_location_does_not_allow_fails_the_object(void **state)
{
	static const struct {
		struct device device;
		const char *directory, *context, *subdir, *line; /* NULL: it loads */
	} rows[] = {
		{ { "14", 38 },
		  PLATFORM,
		  "fs_bpf_vendor",
		  NULL,
		  "has invalid selinux_context of 7 (allowed bitmask 0x2)" },
		{ { "14", 38 }, PLATFORM, NULL, "vendor/", "has invalid pin_subdir of 7 (allowed bitmask 0x2)" },
		{ { "14", 38 }, PLATFORM, "fs_bpf", "/", NULL },
		{ { "14", 38 }, APEX, NULL, "/", "has invalid pin_subdir of 1" },
		{ { "14", 38 }, APEX, "fs_bpf_net_private", "netd_readonly/", NULL },
		{ { "14", 38 }, VENDOR, "fs_bpf_vendor", "vendor/", NULL },
		{ { "14", 46 }, APEX, "fs_bpf_vendor", "vendor/", NULL }, /* NetBpfLoad does not ask */
		{ { "14", 46 }, PLATFORM, NULL, "vendor/", "has invalid pin_subdir" },
		{ { "15", 46 }, PLATFORM, "fs_bpf_vendor", "vendor/", NULL },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows) * 2; i++) {
		size_t row = i / 2;
		struct decided decided = decide_changed(&rows[row].device, rows[row].directory, i % 2,
							rows[row].context, rows[row].subdir);
		if (rows[row].line)
			assert_fails(&decided, -EINVAL, "boot.android.domain", rows[row].line);
		else
			assert_loads(&decided);
		decided_clear(&decided);
	}
}

static void parts_that_are_left_out_are_not_asked(void **state)
{
	(void)state;
	struct decided decided = { 0 };
	make_policy(&u, &decided.policy);
	const struct boot_location *location = must_location(&decided.policy, PLATFORM);
	decided.object = open_named("android_filters.o", NULL, location, &decided.policy, NULL);
	must_map(decided.object, "new_loader")->policy->pin_subdir = strdup("elsewhere/");
	assert_int_equal(lade_boot_decide(&decided.policy, location, decided.object, &decided.decision), 0);
	assert_loads(&decided);
	decided_clear(&decided);
}

/* ---- owners ---- */

struct owned {
	const char *android, *directory, *part;
	uint32_t loader;
	bool is_map, has_owner;
	uint32_t uid, gid, mode;
};

static const struct owned owners[] = {
	{ "14", APEX, "plain", 38, true, true, 0, 0, 0600 },
	{ "14", APEX, "labelled", 38, true, true, 0, 3007, 0460 },
	{ "14", APEX, "both", 38, true, true, 1029, 1029, 0060 },
	{ "13", APEX, "both", 19, true, true, 0, 1029, 0060 }, /* the owner lies behind what it reads */
	{ "14", APEX, "here", 38, false, true, 0, 3003, 0440 },
	{ "15", PLATFORM, "both", 46, true, true, 1029, 1029, 0060 },
};

static void owners_and_modes_are_as_the_object_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(owners); i++) {
		const struct owned *row = &owners[i];
		struct decided decided =
			decide_in(&(struct device){ row->android, row->loader }, row->directory, "boot_places.o");
		assert_loads(&decided);
		const struct boot_part *part =
			row->is_map ? map_part(&decided, row->part) : program_part(&decided, row->part);
		assert_int_equal(part->has_owner, row->has_owner);
		assert_int_equal(part->has_mode, row->has_owner);
		assert_int_equal(part->uid, row->uid);
		assert_int_equal(part->gid, row->gid);
		assert_int_equal(part->mode, row->mode);
		assert_false(part->is_local);
		decided_clear(&decided);
	}
	struct decided decided = decide_in(&(struct device){ "10" }, PLATFORM, "android_a.o");
	assert_false(map_part(&decided, "counts")->has_owner);
	assert_false(program_part(&decided, "pick")->has_owner);
	assert_string_equal(map_part(&decided, "counts")->pin, B "map_android_a_counts");
	decided_clear(&decided);
	decided = decide_in(&(struct device){ "11" }, PLATFORM, "android_b.o");
	assert_int_equal(map_part(&decided, "counts")->mode, 0640);
	assert_int_equal(map_part(&decided, "counts")->gid, 3007);
	assert_int_equal(program_part(&decided, "pick")->mode, 0440);
	assert_int_equal(program_part(&decided, "pick")->gid, 3003);
	decided_clear(&decided);
}

/* ---- types of maps ---- */

static void gates_decide_whether_types_of_maps_are_loaded(void **state)
{
	/* android_filters.o: from 39, never on user builds since then, from kernel 5.10 */
	static const struct {
		struct device device;
		const char *file;
		bool without;
	} rows[] = {
		{ { "12", 2 }, "android_c48.o", true },
		{ { "13", 19 }, "android_c48.o", false },
		{ { "13", 19 }, "android_filters.o", false }, /* does not look yet */
		{ { "14", 38 }, "android_filters.o", true },
		{ { "14", 39, "userdebug" }, "android_filters.o", false },
		{ { "14", 39, "user" }, "android_filters.o", true },
		{ { "14", 40, "eng", "5.4" }, "android_filters.o", true },
		{ { "14", 40, "eng", "5.10" }, "android_filters.o", false },
		{ { "14", 46 }, "android_filters.o", true },
		{ { "15", 46 }, "android_filters.o", true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided = { 0 };
		make_policy(&rows[i].device, &decided.policy);
		struct boot_location location = *must_location(&decided.policy, PLATFORM);
		decided.object = open_named(rows[i].file, NULL, &location, &decided.policy, NULL);
		assert_int_equal(lade_boot_decide(&decided.policy, &location, decided.object, &decided.decision), 0);
		assert_loads(&decided);
		if (decided.decision.without_btf != rows[i].without)
			fail_msg("row %zu", i);
		decided_clear(&decided);
	}
}

/* ---- objects that hold their paths ---- */

static void layout_e_goes_where_the_object_says(void **state)
{
	(void)state;
	struct decided decided = decide_in(&(struct device){ "16", 3700 }, APEX "/mainline", "android_e.o");
	assert_loads(&decided);
	assert_non_null(decided.decision.critical);
	const struct boot_part *counts = map_part(&decided, "counts");
	assert_string_equal(counts->pin, B "netd_shared/map_netd_counts");
	assert_string_equal(counts->pin_first, B "net_shared/tmp");
	assert_int_equal(counts->gid, 3006);
	assert_int_equal(counts->mode, 0060);
	assert_null(map_part(&decided, "unused")->pin);
	assert_non_null(map_part(&decided, "future")->skip);
	assert_string_equal(program_part(&decided, "bind4_guard_35")->pin, B "net_shared/prog_block_bind4_guard");
	assert_non_null(program_part(&decided, "skfilter_later_38")->skip);
	decided_clear(&decided);
}

static void layout_e_cannot_leave_bpffs(void **state)
{
	static const char *const bad[] = { "/etc/passwd",           "/sys/fs/bpf/../x", "sys/fs/bpf/x",
					   "/sys/fs/bpf/a/../../x", "/sys/fs/bpf",      "/sys/fs/bpf/",
					   "/sys/fs/bpf/lade/x",    "/sys/fs/bpf/a/./b" };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(bad) * 2; i++) {
		struct decided decided = { 0 };
		make_policy(&(struct device){ "16", 3700 }, &decided.policy);
		const struct boot_location *location = must_location(&decided.policy, APEX "/mainline");
		decided.object = open_named("android_e.o", NULL, location, &decided.policy, NULL);
		struct part_policy *policy = must_map(decided.object, "counts")->policy;
		char **place = i % 2 ? &policy->pin_location : &policy->create_location;
		free(*place);
		*place = strdup(bad[i / 2]);
		assert_int_equal(lade_boot_decide(&decided.policy, location, decided.object, &decided.decision), 0);
		assert_fails(&decided, -EINVAL, "boot.android.path", NULL);
		decided_clear(&decided);
	}
	struct decided decided = decide_in(&(struct device){ "16", 3700 }, APEX "/mainline", "android_e.o");
	assert_loads(&decided);
	assert_true(decided.decision.map_count > 0);
	decided_clear(&decided);
}

static void layout_f_has_androids_names_and_no_owners(void **state)
{
	(void)state;
	struct decided decided = decide_as(&(struct device){ "16" }, "/etc/bpf", "android_f.bpf", "gpuMem.bpf");
	assert_loads(&decided);
	assert_non_null(boot_note(&decided, "boot.android.table"));
	for (size_t i = 0; i < decided.decision.map_count; i++) {
		char pin[128];
		(void)snprintf(pin, sizeof pin, B "map_gpuMem_%s", decided.object->maps.items[i]->name);
		assert_string_equal(decided.decision.maps[i].pin, pin);
		assert_false(decided.decision.maps[i].has_owner);
	}
	assert_true(decided.decision.program_count > 0);
	const char *pin = decided.decision.programs[0].pin;
	assert_memory_equal(pin, B "prog_gpuMem_", strlen(B "prog_gpuMem_"));
	assert_null(strchr(pin + strlen(B), '/'));
	decided_clear(&decided);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_build_types_and_architectures_leave_parts_out),
		cmocka_unit_test(loader_comes_before_kernel_for_maps_and_after_it_for_programs),
		cmocka_unit_test(pins_go_where_prefix_label_and_directory_say),
		cmocka_unit_test(pins_are_those_that_androids_own_test_looks_for),
		cmocka_unit_test(variants_of_a_program_share_its_pin),
		cmocka_unit_test(instances_are_named_by_directory_and_file),
		cmocka_unit_test(unknown_directory_is_no_directory),
		cmocka_unit_test(unknown_label_is_ignored_with_a_warning),
		cmocka_unit_test(domain_that_a_location_does_not_allow_fails_the_object),
		cmocka_unit_test(parts_that_are_left_out_are_not_asked),
		cmocka_unit_test(owners_and_modes_are_as_the_object_says),
		cmocka_unit_test(gates_decide_whether_types_of_maps_are_loaded),
		cmocka_unit_test(layout_e_goes_where_the_object_says),
		cmocka_unit_test(layout_e_cannot_leave_bpffs),
		cmocka_unit_test(layout_f_has_androids_names_and_no_owners),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
