/* SPDX-License-Identifier: BSD-2-Clause */
/* What an Android object leaves out, or makes differently, for a loader, a build type, a kernel, a machine. */
#include <errno.h>

#include "dialect/judged.h"
#include "plan/plan.h"

/* ---- windows that are judged while reading ---- */

struct left_out {
	uint32_t loader;
	const char *build, *part;
	bool is_map, skipped;
};

static void loader_windows_and_build_types_leave_out(void **state)
{
	static const struct left_out rows[] = {
		{ 46, NULL, "plain", true, false },           { 46, NULL, "new_loader", true, true },
		{ 50, NULL, "new_loader", true, false },      { 49, NULL, "new_loader", true, true },
		{ 46, NULL, "old_loader", true, true },       { 45, NULL, "old_loader", true, false },
		{ 46, NULL, "new_kernel", true, false },      { 46, "user", "not_user", true, true },
		{ 46, "userdebug", "not_user", true, false }, { 46, NULL, "not_user", true, false },
		{ 31, "user", "not_user", true, false },      { 32, "user", "not_user", true, true },
		{ 46, NULL, "for_new_loader", false, true },  { 50, NULL, "for_new_loader", false, false },
		{ 46, NULL, "for_old_loader", false, true },  { 45, NULL, "for_old_loader", false, false },
		{ 32, "user", "for_no_user", false, false },  { 33, "user", "for_no_user", false, true },
		{ 46, NULL, "in_fuse", false, true },         { 46, NULL, "always", false, false },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_judged("android_filters.o", rows[i].loader, rows[i].build);
		const char *skip = rows[i].is_map ? must_map(object, rows[i].part)->skip
						  : must_program(object, rows[i].part)->skip;
		if (!skip == rows[i].skipped)
			fail_msg("%s as %u: %s", rows[i].part, rows[i].loader, skip ? skip : "not left out");
		lade_object_free(object);
	}
}

static void object_outside_its_window_is_left_out_as_a_whole(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_excluded.o");
	assert_non_null(must_map(object, "plain")->skip);
	assert_non_null(must_program(object, "pick")->skip);
	assert_non_null(find_note(object, "dialect.android.skipped"));
	lade_object_free(object);
	object = open_judged("android_excluded.o", 24, NULL);
	assert_null(must_program(object, "pick")->skip);
	assert_null(find_note(object, "dialect.android.skipped"));
	lade_object_free(object);
}

static void network_loaders_have_a_minimum_of_their_own(void **state)
{
	static const struct {
		uint32_t loader;
		bool skipped;
	} rows[] = { { 41, false }, { 42, true }, { 44, true }, { 45, false } };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_judged("android_filters.o", rows[i].loader, NULL);
		assert_int_equal(find_note(object, "dialect.android.skipped") != NULL, rows[i].skipped);
		lade_object_free(object);
	}
}

static void required_loader_is_an_error_not_a_skip(void **state)
{
	(void)state;
	assert_refused("android_required.o", "dialect.android.required", "99");
	lade_object_free(open_judged("android_required.o", 99, NULL));
}

static void words_of_the_object_as_a_whole_are_kept(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_filters.o");
	struct lade_object_policy_info info = { .size = sizeof info };
	assert_int_equal(lade_object_policy(object, &info), 0);
	assert_string_equal(info.critical, "connectivity");
	assert_int_equal(info.min_loader, 19);
	assert_int_equal(info.max_loader, 0x10000);
	assert_int_equal(info.required_loader, 24);
	assert_int_equal(info.network_loader, 45);
	assert_int_equal(info.btf_loader, 39);
	assert_int_equal(info.btf_user_loader, UINT32_MAX);
	assert_int_equal(info.btf_kernel, KVER(5, 10, 0));
	assert_int_equal(info.judged_loader, 46);
	lade_object_free(object);
}

/* ---- windows that are judged against a kernel ---- */

static struct lade_plan *plan_for(struct lade_object *object, uint32_t kernel, uint32_t machine)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	const struct plan_target target = {
		.possible_cpus = 2, .page_bytes = 16384, .kernel_version = kernel, .machine = machine
	};
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;
	if (lade_plan_build(object, &target, &opts, &plan, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return plan;
}

static bool plan_has_map(const struct lade_plan *plan, const char *map)
{
	return plan->map_slots[lade_map_index(must_map(plan->object, map))] != NO_SLOT;
}

static bool plan_has_program(const struct lade_plan *plan, const char *program)
{
	return plan->program_slots[lade_program_index(must_program(plan->object, program))] != NO_SLOT;
}

static void kernel_windows_are_judged_by_the_plan(void **state)
{
	static const struct {
		uint32_t kernel;
		bool has_new, has_old;
	} rows[] = {
		{ KVER(4, 13, 999), false, true },        { KVER(4, 14, 0), false, false },
		{ KVER(98, 255, 300), false, false },     { KVER(99, 0, 0), true, false },
		{ 0 /* nothing is known */, true, true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_object("android_filters.o");
		struct lade_plan *plan CLEANUP(cleanup_lade_plan) = plan_for(object, rows[i].kernel, 0);
		assert_int_equal(plan_has_map(plan, "new_kernel"), rows[i].has_new);
		assert_int_equal(plan_has_map(plan, "old_kernel"), rows[i].has_old);
		assert_int_equal(plan_has_program(plan, "for_new_kernel"), rows[i].has_new);
		assert_int_equal(plan_has_program(plan, "for_old_kernel"), rows[i].has_old);
		assert_int_equal(plan_has_program(plan, "optional_new_map"), rows[i].has_new);
		assert_true(plan_has_map(plan, "plain"));
		plan = lade_plan_free(plan);
		lade_object_free(object);
	}
}

static void architectures_are_judged_by_loaders_since_0_38(void **state)
{
	static const struct {
		uint32_t loader, machine;
		bool loaded;
	} rows[] = {
		{ 46, LADE_IGNORE_X86_64, false }, { 46, LADE_IGNORE_AARCH64, false }, { 46, 0, true },
		{ 38, LADE_IGNORE_ARM32, false },  { 37, LADE_IGNORE_ARM32, true },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_judged("android_filters.o", rows[i].loader, NULL);
		struct lade_plan *plan CLEANUP(cleanup_lade_plan) = plan_for(object, KVER(6, 1, 0), rows[i].machine);
		assert_int_equal(plan_has_program(plan, "for_no_machine"), rows[i].loaded);
		plan = lade_plan_free(plan);
		lade_object_free(object);
	}
}

static void program_that_needs_a_map_left_out_is_refused(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	const struct plan_target target = { .kernel_version = KVER(6, 1, 0) };
	struct lade_plan *plan = NULL;
	struct lade_error *error = NULL;
	(void)state;
	struct lade_object *object = open_object("android_needed.o");
	assert_int_equal(lade_plan_build(object, &target, &opts, &plan, &error), -ENOEXEC);
	assert_string_equal(lade_error_finding(error, 0)->code, "plan.policy.map");
	assert_string_equal(lade_error_finding(error, 0)->map, "later");
	lade_error_free(error);
	lade_object_free(object);
}

static const struct map_definition *planned_map(const struct lade_plan *plan, const char *map)
{
	uint32_t index = lade_map_index(must_map(plan->object, map));
	array_foreach(operation, &plan->operations)
		if (operation->kind == OPERATION_MAP_CREATE && operation->map == index)
			return &operation->map_create.definition;
	fail_msg("map %s is not created", map);
	return NULL;
}

static void older_kernels_get_older_types(void **state)
{
	static const struct {
		uint32_t kernel, loader, devices, named_devices, mapped;
	} rows[] = {
		{ KVER(4, 9, 0), 47, BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, 0 },
		{ KVER(4, 14, 0), 46, BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_HASH, 1 << 10 },
		{ KVER(5, 4, 0), 47, BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_DEVMAP_HASH, 0 },
		{ KVER(5, 10, 0), 47, BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_DEVMAP_HASH, 1 << 10 },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_object *object = open_judged("android_old_types.o", rows[i].loader, NULL);
		struct lade_plan *plan CLEANUP(cleanup_lade_plan) = plan_for(object, rows[i].kernel, 0);
		assert_int_equal(planned_map(plan, "devices")->type, rows[i].devices);
		assert_int_equal(planned_map(plan, "named_devices")->type, rows[i].named_devices);
		assert_int_equal(planned_map(plan, "mapped")->flags, rows[i].mapped);
		plan = lade_plan_free(plan);
		lade_object_free(object);
	}
}

static void small_ring_gets_a_page(void **state)
{
	(void)state;
	struct lade_object *object = open_object("android_filters.o");
	struct lade_plan *plan CLEANUP(cleanup_lade_plan) = plan_for(object, KVER(6, 1, 0), 0);
	assert_int_equal(planned_map(plan, "ring")->max_entries, 16384);
	plan = lade_plan_free(plan);
	lade_object_free(object);
}

static void kernel_releases_are_read_as_android_reads_them(void **state)
{
	static const struct {
		const char *release;
		uint32_t version;
	} rows[] = {
		{ "6.1.128-android14", KVER(6, 1, 128) },
		{ "6.1.128android14", KVER(6, 1, 128) },
		{ "6.1", KVER(6, 1, 0) },
		{ "6", KVER(6, 0, 0) },
		{ "android14", 0 },
		{ "", 0 },
		{ "4.9.337", KVER(4, 9, 337) },
		{ "5.18-rc1", KVER(5, 18, 0) },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		assert_int_equal(lade_policy_kernel(rows[i].release), rows[i].version);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loader_windows_and_build_types_leave_out),
		cmocka_unit_test(object_outside_its_window_is_left_out_as_a_whole),
		cmocka_unit_test(network_loaders_have_a_minimum_of_their_own),
		cmocka_unit_test(required_loader_is_an_error_not_a_skip),
		cmocka_unit_test(words_of_the_object_as_a_whole_are_kept),
		cmocka_unit_test(kernel_windows_are_judged_by_the_plan),
		cmocka_unit_test(architectures_are_judged_by_loaders_since_0_38),
		cmocka_unit_test(program_that_needs_a_map_left_out_is_refused),
		cmocka_unit_test(older_kernels_get_older_types),
		cmocka_unit_test(small_ring_gets_a_page),
		cmocka_unit_test(kernel_releases_are_read_as_android_reads_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
