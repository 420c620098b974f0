/* SPDX-License-Identifier: BSD-2-Clause */
/* What Android's loaders make of an object as a whole: windows, sizes, definitions, types; and each time the contrary.
 */
#include "boot/decided.h"

/* ---- what is logged of every object ---- */

static void critical_and_optional_objects_are_announced(void **state)
{
	(void)state;
	struct decided decided = decide_in(&(struct device){ .android = "14", .loader = 38 }, APEX, "boot_places.o");
	assert_loads(&decided);
	assert_string_equal(decided.decision.critical, "Connectivity");
	assert_log(decided.decision.log, LADE_BOOT_DEBUG,
		   "Loading critical for Connectivity ELF object " APEX "/boot_places.o with license Apache 2.0");
	assert_log(decided.decision.log, LADE_BOOT_INFO, "Section size_of_bpf_map_def value is 120 [0x78]");
	assert_log(decided.decision.log, LADE_BOOT_DEBUG,
		   "Couldn't find section bpfloader_max_ver (defaulting to 65536 [0x10000]).");
	assert_log(decided.decision.log, LADE_BOOT_INFO,
		   "BpfLoader version 0x00026 processing ELF object " APEX "/boot_places.o with ver [0x00000,0x10000)");
	decided_clear(&decided);
	decided = decide_in(&(struct device){ .android = "12" }, PLATFORM, "android_c48.o");
	assert_loads(&decided);
	assert_null(decided.decision.critical);
	assert_log(decided.decision.log, LADE_BOOT_DEBUG,
		   "Loading optional ELF object /system/etc/bpf/android_c48.o with license Apache 2.0");
	assert_not_log(decided.decision.log, "required"); /* not before 0.24 */
	assert_not_log(decided.decision.log, "netbpfload");
	decided_clear(&decided);
}

static void short_number_counts_as_its_default(void **state)
{
	(void)state;
	struct decided decided =
		decide_in(&(struct device){ .android = "14", .loader = 38 }, PLATFORM, "android_lie_places.o");
	assert_log(decided.decision.log, LADE_BOOT_ERROR,
		   "Section bpfloader_min_ver too short (defaulting to 0 [0x0]).");
	assert_int_not_equal(decided.decision.verdict, BOOT_SKIP);
	decided_clear(&decided);
}

static void critical_counts_since_11_and_always_since_16(void **state)
{
	static const struct {
		const char *android, *directory, *critical;
	} rows[] = {
		{ "13", APEX, "Connectivity" },
		{ "15", APEX, "Connectivity" },
		{ "16", APEX "/tethering", "Connectivity" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided =
			decide_in(&(struct device){ rows[i].android }, rows[i].directory, "boot_places.o");
		assert_string_equal(decided.decision.critical, rows[i].critical);
		decided_clear(&decided);
	}
	struct decided decided = decide_in(&(struct device){ "16" }, APEX "/tethering", "boot_types.o");
	assert_string_equal(decided.decision.critical, "Android 16 can do without no object");
	decided_clear(&decided);
	decided = decide_in(&(struct device){ "10" }, PLATFORM, "android_a.o");
	assert_loads(&decided);
	assert_null(decided.decision.critical);
	decided_clear(&decided);
}

/* ---- windows of loaders ---- */

struct window {
	const char *file, *android;
	uint32_t loader;
	const char *directory;
	enum boot_verdict verdict;
	int value;
	enum lade_boot_level level;
	const char *line;
};

static const struct window windows[] = {
	/* android_filters.o: from 19; NetBpfLoad from 45 */
	{ "android_filters.o", "12", 0, PLATFORM, BOOT_SKIP, 0, LADE_BOOT_INFO,
	  "BpfLoader version 0x00002 ignoring ELF object " PLATFORM "/android_filters.o with min ver 0x00013" },
	{ "android_filters.o", "13", 0, PLATFORM, BOOT_LOAD, 0, LADE_BOOT_INFO,
	  "BpfLoader version 0x00013 processing ELF object " PLATFORM "/android_filters.o with ver [0x00013,0x10000)" },
	{ "android_filters.o", "13", 18, PLATFORM, BOOT_SKIP, 0, LADE_BOOT_INFO, "with min ver 0x00013" },
	{ "android_filters.o", "14", 44, APEX, BOOT_SKIP, 0, LADE_BOOT_INFO,
	  "NetBpfLoad version 44 ignoring ELF object " APEX "/android_filters.o with netbpfload min ver 45" },
	{ "android_filters.o", "14", 45, APEX, BOOT_LOAD, 0, LADE_BOOT_INFO,
	  "NetBpfLoad version 0x0002d processing ELF object " APEX "/android_filters.o" },
	{ "android_filters.o", "14", 44, PLATFORM, BOOT_LOAD, 0, LADE_BOOT_INFO,
	  "BpfLoader version 0x00029 processing" },
	{ "android_filters.o", "15", 44, PLATFORM, BOOT_LOAD, 0, LADE_BOOT_DEBUG,
	  "Platform BpfLoader loading critical for connectivity ELF object" },
	/* android_excluded.o: 2 to before 25 */
	{ "android_excluded.o", "12", 0, PLATFORM, BOOT_LOAD, 0, LADE_BOOT_INFO, "processing" },
	{ "android_excluded.o", "13", 24, PLATFORM, BOOT_LOAD, 0, LADE_BOOT_INFO, "processing" },
	{ "android_excluded.o", "13", 25, PLATFORM, BOOT_SKIP, 0, LADE_BOOT_INFO,
	  "BpfLoader version 0x00019 ignoring ELF object " PLATFORM "/android_excluded.o with max ver 0x00019" },
	/* android_required.o: fails before 99, since 0.24 */
	{ "android_required.o", "13", 23, PLATFORM, BOOT_LOAD, 0, LADE_BOOT_INFO, "processing" },
	{ "android_required.o", "14", 99, APEX, BOOT_LOAD, 0, LADE_BOOT_INFO, "processing" },
};

static void loader_windows_skip_whole_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(windows); i++) {
		const struct window *row = &windows[i];
		struct decided decided =
			decide_in(&(struct device){ row->android, row->loader }, row->directory, row->file);
		if (decided.decision.verdict != row->verdict)
			fail_msg("row %zu: %s", i, lade_error_message(decided.decision.error));
		assert_int_equal(decided.decision.android_value, row->value);
		assert_log(decided.decision.log, row->level, row->line);
		assert_int_equal(boot_note(&decided, "boot.android.skipped") != NULL, row->verdict == BOOT_SKIP);
		decided_clear(&decided);
	}
}

/* ---- what fails while it is read ---- */

struct unreadable {
	const char *file, *android;
	uint32_t loader;
	int value;
	const char *line;
};

static const struct unreadable unreadables[] = {
	{ "android_lie_license.o", "14", 38, -2, "Couldn't find license in " PLATFORM "/android_lie_license.o" },
	{ "android_required.o", "14", 38, -1,
	  "BpfLoader version 0x00026 failing due to ELF object " PLATFORM
	  "/android_required.o with required min ver 0x00063" },
	{ "android_lie_size.o", "12", 0, -1, "sizeof(bpf_map_def) of 16 is too small (< 32)" },
	{ "android_lie_truncated.o", "12", 0, -1,
	  "createMaps failed due to improper sized maps section, 68 % 48 != 0" },
	{ "android_lie_zero.o", "14", 38, BOOT_ANDROID_ABORT, NULL },
	{ "android_lie_undefined.o", "14", 38, -EINVAL, "Failed to load programs, loadCodeSections ret=-22" },
};

static void objects_that_cannot_be_read_have_androids_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(unreadables); i++) {
		const struct unreadable *row = &unreadables[i];
		struct boot_policy policy = { 0 };
		struct boot_log log = { 0 };
		struct lade_error *error = NULL;
		char path[128];
		make_policy(&(struct device){ row->android, row->loader }, &policy);
		const struct boot_location *location = must_location(&policy, PLATFORM);
		assert_null(open_named(row->file, NULL, location, &policy, &error));
		(void)snprintf(path, sizeof path, PLATFORM "/%s", row->file);
		assert_int_equal(lade_boot_android_value(location, path, error, &log), row->value);
		if (row->line)
			assert_log(&log, LADE_BOOT_ERROR, row->line);
		else
			assert_int_equal(log.lines.count, 0);
		lade_boot_log_clear(&log);
		lade_error_free(error);
		lade_boot_policy_clear(&policy);
	}
}

static void failures_of_loading_have_androids_value(void **state)
{
	static const struct {
		const char *code;
		int errnum, value;
		const char *line;
	} rows[] = {
		{ "verifier.rejected", EACCES, -1, "loadCodeSections ret=-1" },
		{ "program.load.refused", EINVAL, -1, "loadCodeSections ret=-1" },
		{ "map.create.refused", ENOSYS, -38, "Failed to create maps: (ret=-38) in /x.o" },
		{ "map.create.memory", ENOMEM, -12, "Failed to create maps: (ret=-12) in /x.o" },
		{ "kernel.bpf.absent", ENOSYS, -38, "Failed to create maps: (ret=-38) in /x.o" },
		{ "pin.map.differs", EEXIST, -76, "Failed to create maps: (ret=-76) in /x.o" },
		{ "pin.refused", ENOSPC, -28, NULL },
		{ "elf.open", ENOENT, -1, NULL },
		{ "elf.not-elf", EINVAL, -1, "Couldn't read all code sections in /x.o" },
	};
	const struct boot_location location = { .loader = 38 };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_error *error = NULL;
		struct boot_log log = { 0 };
		(void)lade_fail(&error, rows[i].errnum, rows[i].code, "x");
		assert_int_equal(lade_boot_android_value(&location, "/x.o", error, &log), rows[i].value);
		if (rows[i].line)
			assert_log(&log, LADE_BOOT_ERROR, rows[i].line);
		lade_boot_log_clear(&log);
		lade_error_free(error);
	}
}

/* ---- records and definitions ---- */

static void records_of_other_sizes_are_refused_where_the_loader_takes_one(void **state)
{
	static const struct {
		const char *android, *file;
		bool loads;
	} rows[] = {
		{ "10", "android_a.o", true },    { "10", "android_b.o", false },   { "11", "android_b.o", true },
		{ "11", "android_a.o", false },   { "11", "android_c48.o", false }, { "12", "android_a.o", false },
		{ "12", "android_b.o", true },    { "12", "android_c48.o", true },  { "12", "android_d120.o", true },
		{ "13", "android_c48.o", true },  { "15", "android_d120.o", true }, { "15", "android_d116.o", false },
		{ "15", "android_c48.o", false },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided = decide_in(&(struct device){ rows[i].android }, PLATFORM, rows[i].file);
		if (rows[i].loads)
			assert_loads(&decided);
		else
			assert_fails(&decided, -1, "boot.android.size", "improper sized");
		decided_clear(&decided);
	}
}

static void program_without_definition_fails_since_0_28(void **state)
{
	(void)state;
	struct decided decided = decide_in(&(struct device){ "13", 27 }, PLATFORM, "boot_undefined.o");
	assert_loads(&decided);
	assert_false(program_part(&decided, "unknown")->has_owner);
	assert_true(program_part(&decided, "known")->has_owner);
	assert_string_equal(program_part(&decided, "unknown")->pin, "/sys/fs/bpf/prog_boot_undefined_skfilter_unknown");
	decided_clear(&decided);
	decided = decide_in(&(struct device){ "13", 28 }, PLATFORM, "boot_undefined.o");
	assert_fails(&decided, -EINVAL, "boot.android.undefined",
		     "[1] 'skfilter/unknown' missing program definition! bad bpf.o build?");
	assert_log(decided.decision.log, LADE_BOOT_ERROR, "Failed to load programs, loadCodeSections ret=-22");
	assert_string_equal(lade_error_finding(decided.decision.error, 0)->program, "unknown");
	decided_clear(&decided);
}

static void objects_without_definitions_fail_since_0_42(void **state)
{
	static const struct {
		const char *android;
		uint32_t loader;
		const char *directory;
		bool loads;
	} rows[] = { { "12", 0, PLATFORM, true },
		     { "14", 38, APEX, true },
		     { "14", 46, APEX, false },
		     { "14", 46, PLATFORM, true },
		     { "15", 46, PLATFORM, false } };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided = decide_in(&(struct device){ rows[i].android, rows[i].loader },
						   rows[i].directory, "boot_no_progs.o");
		assert_log(decided.decision.log, LADE_BOOT_WARNING, "No progs section could be found in elf object");
		if (rows[i].loads)
			assert_loads(&decided);
		else
			assert_fails(&decided, -2, "boot.android.no-programs", "Couldn't read all code sections in ");
		decided_clear(&decided);
	}
}

static void owner_in_its_old_place_ends_loaders_since_0_28(void **state)
{
	(void)state;
	struct decided decided = decide_in(&(struct device){ "13", 27 }, PLATFORM, "boot_uid116.o");
	assert_loads(&decided);
	assert_int_equal(map_part(&decided, "ours")->uid, 1029);
	assert_int_equal(map_part(&decided, "roots")->uid, 0);
	decided_clear(&decided);
	decided = decide_in(&(struct device){ "13", 28 }, PLATFORM, "boot_uid116.o");
	assert_fails(&decided, BOOT_ANDROID_ABORT, "boot.android.zero", NULL);
	assert_string_equal(lade_error_finding(decided.decision.error, 0)->map, "ours");
	decided_clear(&decided);
	decided = decide_in(&(struct device){ "14", 38 }, PLATFORM, "android_d116.o"); /* all of root */
	assert_int_equal(map_part(&decided, "second")->uid, 0);
	decided_clear(&decided);
}

static void objects_of_other_dialects_are_refused(void **state)
{
	(void)state;
	struct decided decided = decide_in(&(struct device){ "13" }, PLATFORM, "android_f.bpf");
	assert_fails(&decided, -1, "boot.android.dialect", NULL);
	decided_clear(&decided);
}

/* ---- program types ---- */

static void types_that_a_location_does_not_allow_fail_the_object(void **state)
{
	static const struct {
		const char *android;
		uint32_t loader;
		const char *directory, *refused; /* NULL: it loads */
	} rows[] = {
		{ "12", 0, APEX, NULL },
		{ "12", 0, PLATFORM, NULL },
		{ "13", 0, PLATFORM, NULL },
		{ "13", 0, VENDOR, "tracepoint" },
		{ "13", 22, PLATFORM, "sched_cls" },
		{ "13", 22, APEX, "tracepoint" },
		{ "14", 38, PLATFORM, "sched_cls" },
		{ "14", 46, PLATFORM, NULL }, /* its loader knows no schedcls/ */
		{ "14", 46, APEX, NULL },
		{ "15", 46, VENDOR, "tracepoint" },
		{ "15", 46, PLATFORM "/uprobestats", "socket_filter" },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char line[96];
		struct decided decided = decide_in(&(struct device){ rows[i].android, rows[i].loader },
						   rows[i].directory, "boot_types.o");
		if (!rows[i].refused) {
			assert_loads(&decided);
		} else {
			(void)snprintf(line, sizeof line, "Program type %s not permitted here", rows[i].refused);
			assert_fails(&decided, -1, "boot.android.type", line);
			assert_log(decided.decision.log, LADE_BOOT_ERROR, "Couldn't read all code sections in ");
			assert_int_equal(lade_error_exit_code(decided.decision.error), 5);
		}
		decided_clear(&decided);
	}
}

static void sections_that_a_loader_does_not_know_are_ignored(void **state)
{
	static const struct {
		const char *android;
		uint32_t loader;
		const char *directory, *program;
		bool loaded;
	} rows[] = {
		{ "12", 0, PLATFORM, "p_skfilter", true },
		{ "12", 0, PLATFORM, "p_xdp", true },
		{ "12", 0, PLATFORM, "p_schedact", false },
		{ "12", 0, PLATFORM, "p_bind4", false },
		{ "12", 0, PLATFORM, "p_cgroupsockaddr", true }, /* begins with cgroupsock */
		{ "12", 0, PLATFORM, "p_kretprobe", false },
		{ "13", 0, APEX, "p_schedact", true },
		{ "13", 0, APEX, "p_bind4", true },
		{ "13", 0, APEX, "p_cgroupsockaddr", false },
		{ "13", 9, APEX, "p_cgroupsockaddr", true },
		{ "13", 0, APEX, "p_connect4", false },
		{ "14", 38, APEX, "p_connect4", true },
		{ "14", 38, APEX, "p_cgroupsockcreate", false },
		{ "14", 46, APEX, "p_cgroupsockcreate", true },
		{ "14", 46, APEX, "p_kprobe", false },
		{ "14", 46, APEX, "p_skfilter", true },
		{ "14", 46, APEX, "p_sysctl", true },
		{ "14", 46, PLATFORM, "p_kprobe", true },
		{ "14", 46, PLATFORM, "p_uretprobe", true },
		{ "14", 46, PLATFORM, "p_xdp", false },
		{ "14", 46, PLATFORM, "p_skfilter", true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct decided decided = { 0 };
		make_policy(&(struct device){ rows[i].android, rows[i].loader }, &decided.policy);
		struct boot_location location = *must_location(&decided.policy, rows[i].directory);
		location.types = UINT64_MAX; /* of the names alone */
		decided.object = open_named("android_prefixes.o", NULL, &location, &decided.policy, NULL);
		assert_non_null(decided.object);
		array_foreach(program, &decided.object->programs) /* of 28 bytes, which new loaders take as well */
			(*program)->policy->has_owner = true;
		assert_int_equal(lade_boot_decide(&decided.policy, &location, decided.object, &decided.decision), 0);
		assert_loads(&decided);
		const struct boot_part *part = program_part(&decided, rows[i].program);
		if ((part->skip == NULL) != rows[i].loaded)
			fail_msg("row %zu: %s", i, part->skip);
		assert_int_equal(part->pin != NULL, rows[i].loaded);
		if (!rows[i].loaded)
			assert_non_null(boot_note(&decided, "boot.android.section"));
		decided_clear(&decided);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(critical_and_optional_objects_are_announced),
		cmocka_unit_test(short_number_counts_as_its_default),
		cmocka_unit_test(critical_counts_since_11_and_always_since_16),
		cmocka_unit_test(loader_windows_skip_whole_objects),
		cmocka_unit_test(objects_that_cannot_be_read_have_androids_value),
		cmocka_unit_test(failures_of_loading_have_androids_value),
		cmocka_unit_test(records_of_other_sizes_are_refused_where_the_loader_takes_one),
		cmocka_unit_test(program_without_definition_fails_since_0_28),
		cmocka_unit_test(objects_without_definitions_fail_since_0_42),
		cmocka_unit_test(owner_in_its_old_place_ends_loaders_since_0_28),
		cmocka_unit_test(objects_of_other_dialects_are_refused),
		cmocka_unit_test(types_that_a_location_does_not_allow_fail_the_object),
		cmocka_unit_test(sections_that_a_loader_does_not_know_are_ignored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
