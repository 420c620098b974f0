/* SPDX-License-Identifier: BSD-2-Clause */
/* What a load makes of an Android object's policy: parts left out, optional programs, variants, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "harness/live.h"

struct world {
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;
	struct lade_error *error;
	struct live_before before;
};

static void open_world(struct world *world, const char *file)
{
	char path[512];
	if (!live_enter())
		skip();
	*world = (struct world){ .before = live_before(LIVE_BPFFS) };
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	assert_int_equal(lade_context_new(NULL, &world->context, NULL), 0);
	assert_int_equal(lade_object_open(world->context, path, NULL, &world->object, NULL), 0);
}

static void load(struct world *world, const char *name)
{
	struct lade_load_opts opts = { .size = sizeof opts, .name = name };
	if (lade_object_load(world->object, &opts, &world->instance, &world->error) < 0)
		fail_msg("%s", lade_error_message(world->error));
}

static void close_world(struct world *world)
{
	if (world->instance)
		assert_int_equal(lade_instance_unload(world->instance, NULL), 0);
	lade_error_free(world->error);
	lade_object_free(world->object);
	lade_context_free(world->context);
	assert_nothing_left(&world->before);
}

static struct lade_loaded_program_info program_of(const struct world *world, const char *name)
{
	struct lade_loaded_program_info info = { .size = sizeof info };
	for (size_t i = 0; i < lade_instance_program_count(world->instance); i++)
		if (lade_instance_program(world->instance, i, &info) == 0 && strcmp(info.name, name) == 0)
			return info;
	fail_msg("no program %s", name);
	return info;
}

static const struct lade_finding *note_of(const struct world *world, const char *code)
{
	for (size_t i = 0; i < lade_instance_note_count(world->instance); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (lade_finding_describe(lade_instance_note(world->instance, i), &info) == 0 &&
		    strcmp(info.code, code) == 0)
			return lade_instance_note(world->instance, i);
	}
	return NULL;
}

static void every_layout_loads(void **state)
{
	static const char *const files[] = { "android_a.o",      "android_b8.o",    "android_b16.o",  "android_b.o",
					     "android_c40.o",    "android_c48.o",   "android_d116.o", "android_d120.o",
					     "android_d120.g.o", "android_d120.s.o" };
	(void)state;
	for (size_t i = 0; i < ELEMENTS(files); i++) {
		struct world world;
		open_world(&world, files[i]);
		load(&world, "layout");
		assert_true(program_of(&world, "pick").fd >= 0);
		assert_true(program_of(&world, "on_switch").fd >= 0);
		assert_true(lade_instance_map_fd(world.instance, "counts") >= 0);
		assert_true(lade_instance_map_fd(world.instance, "second") >= 0);
		close_world(&world);
	}
}

/* The kernel gets the types of keys and values with the map. */
static void types_of_a_map_reach_the_kernel(void **state)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof info;
	struct world world;
	(void)state;
	open_world(&world, "android_btf.g.o");
	load(&world, "typed");
	assert_int_equal(bpf_obj_get_info_by_fd(lade_instance_map_fd(world.instance, "counts"), &info, &length), 0);
	assert_true(info.btf_id);
	assert_true(info.btf_value_type_id);
	close_world(&world);
}

static void layout_e_loads(void **state)
{
	struct world world;
	(void)state;
	open_world(&world, "android_e.o");
	load(&world, "e");
	assert_true(program_of(&world, "bind4_guard_35").fd >= 0);
	assert_int_equal(program_of(&world, "skfilter_later_38").fd, -1);
	assert_true(lade_instance_map_fd(world.instance, "future") < 0);
	close_world(&world);
}

static void what_is_left_out_says_why(void **state)
{
	static const struct {
		const char *program, *why; /* NULL: loaded */
	} rows[] = {
		{ "always", NULL },
		{ "for_new_loader", "bpfloader version 50" },
		{ "for_old_loader", "before 46" },
		{ "for_new_kernel", "kernel 99.0.0" },
		{ "for_old_kernel", "before 4.14.0" },
		{ "for_no_user", NULL },
		{ "for_no_machine", "not for" },
		{ "optional_new_map", "map new_kernel" },
		{ "optional_broken", "the kernel refused it" },
		{ "in_fuse", "fuse" },
	};
	struct world world;
	(void)state;
	open_world(&world, "android_filters.o");
	load(&world, "filters");
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_loaded_program_info info = program_of(&world, rows[i].program);
		assert_int_equal(info.fd >= 0, !rows[i].why);
		if (!rows[i].why)
			assert_null(info.skip);
		else if (!info.skip || !strstr(info.skip, rows[i].why))
			fail_msg("%s: %s", rows[i].program, info.skip ? info.skip : "nothing said");
		assert_int_equal(info.pin != NULL, !rows[i].why);
	}
	assert_true(lade_instance_map_fd(world.instance, "plain") >= 0);
	assert_true(lade_instance_map_fd(world.instance, "new_kernel") < 0);
	assert_non_null(note_of(&world, "map.left-out"));
	close_world(&world);
}

static void optional_program_that_fails_is_a_note_with_the_kernels_verdict(void **state)
{
	struct world world;
	struct lade_finding_info info = { .size = sizeof info };
	(void)state;
	open_world(&world, "android_filters.o");
	load(&world, "filters");
	const struct lade_finding *note = note_of(&world, "program.optional");
	assert_non_null(note);
	assert_int_equal(lade_finding_describe(note, &info), 0);
	assert_string_equal(info.program, "optional_broken");
	close_world(&world);
}

static void later_variant_that_fails_does_not_matter(void **state)
{
	struct world world;
	(void)state;
	open_world(&world, "android_variants.o");
	load(&world, "variants");
	assert_true(program_of(&world, "stats_good").fd >= 0);
	assert_int_equal(program_of(&world, "stats_broken_first").fd, -1);
	assert_non_null(strstr(program_of(&world, "stats_broken_last").skip, "stats_good"));
	assert_non_null(note_of(&world, "program.variant"));
	close_world(&world);
}

/* Without a variant before it the same program is mandatory. */
static void mandatory_program_that_fails_is_a_failure(void **state)
{
	struct world world;
	(void)state;
	open_world(&world, "android_variants.o");
	(void)lade_program_set_autoload(lade_object_find_program(world.object, "stats_good"), false);
	assert_true(lade_object_load(world.object, NULL, &world.instance, &world.error) < 0);
	assert_null(world.instance);
	close_world(&world);
}

static void names_with_a_dollar_load(void **state)
{
	static const char *const names[][2] = { { "pick_new", "skfilter_pick" },
						{ "picke_new", "skfilter_picke" },
						{ "picked_new", "skfilter_picked" } };
	struct world world;
	(void)state;
	open_world(&world, "android_variants.o");
	load(&world, NULL);
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct bpf_prog_info info = { 0 };
		uint32_t length = sizeof info;
		assert_int_equal(bpf_obj_get_info_by_fd(program_of(&world, names[i][0]).fd, &info, &length), 0);
		assert_string_equal(info.name, names[i][1]);
	}
	close_world(&world);
}

static void object_outside_its_window_loads_nothing_and_succeeds(void **state)
{
	struct world world;
	(void)state;
	open_world(&world, "android_excluded.o");
	load(&world, "excluded");
	assert_int_equal(lade_instance_map_count(world.instance), 0);
	assert_non_null(strstr(program_of(&world, "pick").skip, "before 25"));
	close_world(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_loads),
		cmocka_unit_test(types_of_a_map_reach_the_kernel),
		cmocka_unit_test(layout_e_loads),
		cmocka_unit_test(what_is_left_out_says_why),
		cmocka_unit_test(optional_program_that_fails_is_a_note_with_the_kernels_verdict),
		cmocka_unit_test(later_variant_that_fails_does_not_matter),
		cmocka_unit_test(mandatory_program_that_fails_is_a_failure),
		cmocka_unit_test(names_with_a_dollar_load),
		cmocka_unit_test(object_outside_its_window_loads_nothing_and_succeeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
