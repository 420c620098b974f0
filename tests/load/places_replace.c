/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that share a place, and what is replaced at one. */
#include "load/placed.h"

#include "base/array.h"

/* ---- variants ---- */

static const char *const stats[] = { "stats_broken_first", "stats_good", "stats_broken_last" };

static struct loaded open_variants(void)
{
	struct loaded loaded = loaded_open(NULL, "android_variants.o");

	for (size_t i = 0; i < ELEMENTS(stats); i++)
		place_program(loaded.object, stats[i], DIR "/prog_stats");
	return loaded;
}

static void check_variants(const struct lade_instance *instance)
{
	assert_true(program_of(instance, "stats_good").fd >= 0);
	assert_string_equal(program_of(instance, "stats_good").pin, DIR "/prog_stats");
	assert_non_null(program_of(instance, "stats_broken_first").skip);
	assert_string_equal(program_of(instance, "stats_broken_last").skip, "variant stats_good is loaded");
}

static void first_variant_that_loads_gets_the_place(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_variants();
	loaded_load(&loaded, "variants");
	check_variants(loaded.instance);
	assert_true(has_note(loaded.instance, "program.optional"));
	assert_true(has_note(loaded.instance, "program.variant"));
	assert_int_equal(pinned_program(DIR "/prog_stats"),
			 program_info(program_of(loaded.instance, "stats_good").fd).id);
	assert_leaves_nothing(&loaded);
}

static void variants_are_there_when_one_is(void **state)
{
	struct lade_instance *second;
	struct loaded loaded;
	unsigned reused = 0;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_variants();
	loaded_load(&loaded, "variants");
	second = must_load(loaded.object, "second");
	for (size_t i = 0; i < ELEMENTS(stats); i++)
		reused += program_of(second, stats[i]).reused;
	assert_int_equal(reused, 1);
	assert_true(has_note(second, "program.variant"));
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_leaves_nothing(&loaded);
}

/* ---- replacing ---- */

static int replace(struct loaded *loaded, struct lade_instance **ret_instance, struct lade_error **error)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "placed", .replace = true };

	return lade_object_load(loaded->object, &opts, ret_instance, error);
}

static void must_replace(struct loaded *loaded)
{
	struct lade_instance *next = NULL;
	struct lade_error *error = NULL;

	if (replace(loaded, &next, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_instance_close(loaded->instance);
	loaded->instance = next;
}

static void replacement_takes_the_places_and_maps_go_on(void **state)
{
	struct loaded loaded;
	uint32_t map, program, calls;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "placed");
	map = pinned_map(MAP_PIN);
	calls = pinned_map(CALLS);
	program = pinned_program(PROG_PIN);
	must_replace(&loaded);
	assert_int_equal(pinned_map(MAP_PIN), map);
	assert_int_not_equal(pinned_map(CALLS), calls); /* it holds the object's own programs */
	assert_int_not_equal(pinned_program(PROG_PIN), program);
	check_file(MAP_PIN, 0640, 1000, 3003);
	check_file(PROG_PIN, 0440, 1000, 3003);
	assert_int_equal(pinned_program(PROG_PIN),
			 program_info(lade_instance_program_fd(loaded.instance, "on_exit")).id);
	must_replace(&loaded);
	assert_int_equal(pinned_map(MAP_PIN), map);
	assert_leaves_nothing(&loaded);
}

static void replacement_is_refused_where_somebody_else_has_pinned(void **state)
{
	struct lade_instance *next = NULL;
	struct lade_error *error = NULL;
	struct loaded loaded;
	uint32_t program;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	place_program(loaded.object, "on_exit", PROG_PIN);
	loaded_load(&loaded, "stranger");
	program = pinned_program(PROG_PIN);
	assert_int_equal(replace(&loaded, &next, &error), -EEXIST);
	assert_string_equal(finding_of(error).code, "replace.pin.foreign");
	assert_int_equal(lade_error_exit_code(error), 6);
	error = lade_error_free(error);
	/* Also when the instance itself uses what another has made. */
	(void)lade_instance_close(must_load(loaded.object, "placed"));
	assert_int_equal(replace(&loaded, &next, &error), -EEXIST);
	assert_string_equal(finding_of(error).code, "replace.pin.foreign");
	(void)lade_error_free(error);
	assert_int_equal(pinned_program(PROG_PIN), program);
	assert_int_equal(lade_state_unload(loaded.context, "placed", NULL), 0);
	assert_leaves_nothing(&loaded);
}

static void replacement_pins_anew_what_somebody_removed(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "placed");
	assert_int_equal(unlink(PROG_PIN), 0);
	assert_int_equal(unlink(MAP_PIN), 0);
	must_replace(&loaded);
	check_file(PROG_PIN, 0440, 1000, 3003);
	check_file(MAP_PIN, 0640, 1000, 3003);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_variant_that_loads_gets_the_place),
		cmocka_unit_test(variants_are_there_when_one_is),
		cmocka_unit_test(replacement_takes_the_places_and_maps_go_on),
		cmocka_unit_test(replacement_is_refused_where_somebody_else_has_pinned),
		cmocka_unit_test(replacement_pins_anew_what_somebody_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
