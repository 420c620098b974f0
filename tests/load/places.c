/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps and programs pinned outside, at places with owners and modes; what is pinned there already is used. */
#include "load/placed.h"
#include "kernel/fault.h"
#include "load/places.h"

/* ---- pinning ---- */

static void places_get_what_was_loaded_with_owner_and_mode_and_nothing_is_pinned_twice(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "placed");
	check_file(MAP_PIN, 0100640 & 07777, 1000, 3003);
	check_file(PROG_PIN, 0440, 1000, 3003);
	check_file(TAIL_PIN, 0440, 1000, 3003);
	check_file(DIR, 0755, 0, 0);
	check_file(DIR "/deep", 0755, 0, 0);
	assert_int_equal(pinned_program(PROG_PIN),
			 program_info(lade_instance_program_fd(loaded.instance, "on_exit")).id);
	assert_int_equal(pinned_map(MAP_PIN), map_info(lade_instance_map_fd(loaded.instance, "outer")).id);
	assert_string_equal(program_of(loaded.instance, "on_exit").pin, PROG_PIN);
	assert_string_equal(program_of(loaded.instance, "tail").pin, TAIL_PIN);
	assert_false(program_of(loaded.instance, "tail").reused);
	assert_false(exists(LIVE_BPFFS "/lade/placed/progs/tail"));
	assert_false(exists(LIVE_BPFFS "/lade/placed/maps/outer"));
	assert_true(exists(LIVE_BPFFS "/lade/placed/progs/on_exec"));
	assert_leaves_nothing(&loaded);
	assert_false(exists(DIR));
}

static void umask_takes_nothing_from_directories(void **state)
{
	struct loaded loaded;
	mode_t before;

	(void)state;
	if (!live_enter())
		skip();
	before = umask(077);
	loaded = open_placed();
	loaded_load(&loaded, "placed");
	(void)umask(before);
	check_file(DIR "/deep", 0755, 0, 0);
	assert_leaves_nothing(&loaded);
}

static void what_is_not_pinned_itself_still_has_its_places(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, NULL);
	check_file(PROG_PIN, 0440, 1000, 3003);
	check_file(MAP_PIN, 0640, 1000, 3003);
	assert_leaves_nothing(&loaded);
	assert_false(exists(DIR));
}

static void first_places_are_left_for_the_last(void **state)
{
	struct lade_pin_opts map = place(MAP_PIN), program = place(PROG_PIN);
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	map.first = LIVE_BPFFS "/other/tmp_map_all_outer";
	program.first = "other/tmp_prog_all_exit";
	assert_int_equal(lade_map_set_pin(lade_object_find_map(loaded.object, "outer"), &map), 0);
	assert_int_equal(lade_program_set_pin(lade_object_find_program(loaded.object, "on_exit"), &program), 0);
	loaded_load(&loaded, "placed");
	check_file(MAP_PIN, 0640, 1000, 3003);
	check_file(PROG_PIN, 0640, 1000, 3003);
	assert_false(exists(LIVE_BPFFS "/other/tmp_map_all_outer"));
	assert_false(exists(LIVE_BPFFS "/other/tmp_prog_all_exit"));
	assert_leaves_nothing(&loaded);
	assert_false(exists(LIVE_BPFFS "/other"));
}

/* ---- using ---- */

static void second_load_uses_what_is_pinned_and_verifies_nothing_of_it(void **state)
{
	const struct fault none = { .action = FAULT_NONE };
	struct loaded loaded;
	struct lade_instance *second;
	struct kernel *kernel;
	unsigned verified = 0;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "one");
	struct lade_context *context = new_context(NULL);
	kernel = use_faulty(context, &none);
	struct lade_object *object = open_object(context, OBJECT);
	place_all(object);
	place_program(object, "on_exec", DIR "/prog_all_exec");
	second = must_load(object, "two");
	for (unsigned i = 1; i <= lade_kernel_fault_count(kernel); i++)
		verified += strcmp(lade_kernel_fault_call(kernel, i), "BPF_PROG_LOAD") == 0;
	assert_int_equal(verified, 1); /* on_exec */
	assert_true(program_of(second, "tail").reused);
	assert_true(program_of(second, "on_exit").reused);
	assert_false(program_of(second, "on_exec").reused);
	assert_true(has_note(second, "program.reused"));
	assert_int_equal(program_info(lade_instance_program_fd(second, "tail")).id, pinned_program(TAIL_PIN));
	/* Who made them goes first: the other has them now. */
	loaded_unload(&loaded);
	check_file(PROG_PIN, 0440, 1000, 3003);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_false(exists(DIR));
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	assert_leaves_nothing(&loaded);
}

static void slots_take_programs_that_were_pinned_already(void **state)
{
	struct loaded loaded;
	struct lade_instance *second;
	uint32_t slot = 1, id = 0;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	place_program(loaded.object, "tail", TAIL_PIN);
	loaded_load(&loaded, "one");
	second = must_load(loaded.object, "two");
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(second, "calls"), &slot, &id), 0);
	assert_int_equal(id, pinned_program(TAIL_PIN));
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_leaves_nothing(&loaded);
}

static void reused_program_is_attached_at_once_and_later(void **state)
{
	struct loaded loaded;
	struct lade_instance *second = NULL;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	place_program(loaded.object, "tail", TAIL_PIN);
	place_program(loaded.object, "on_exec", DIR "/prog_all_exec");
	loaded_load(&loaded, "one");
	/* Not the tracepoint, whose link kernels before 5.15 cannot pin. */
	const struct lade_attach_request request = { "on_exec", NULL };
	const struct lade_load_opts opts = {
		.size = sizeof opts, .name = "two", .attach_requests = &request, .attach_request_count = 1
	};
	assert_int_equal(lade_object_load(loaded.object, &opts, &second, NULL), 0);
	(void)lade_instance_close(second);
	assert_int_equal(lade_instance_open(loaded.context, "two", &second, NULL), 0);
	assert_true(lade_instance_link_count(second) > 0);
	assert_true(program_of(second, "on_exec").reused);
	assert_string_equal(program_of(second, "on_exec").section, "raw_tracepoint/sched_process_exec");
	assert_int_equal(lade_instance_detach(second, "on_exec", NULL, NULL), 0);
	assert_int_equal(lade_instance_attach(second, "on_exec", NULL, NULL), 0);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_int_equal(lade_instance_attach(loaded.instance, "on_exec", NULL, NULL), 0);
	assert_leaves_nothing(&loaded);
}

static void state_lists_programs_outside(void **state)
{
	struct lade_state *listed = NULL;
	struct loaded loaded;
	unsigned found = 0;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "placed");
	assert_int_equal(lade_state_read(loaded.context, "placed", &listed, NULL), 0);
	for (size_t i = 0; i < lade_state_pin_count(listed, 0); i++) {
		struct lade_pin_info pin = { .size = sizeof pin };
		assert_int_equal(lade_state_pin(listed, 0, i, &pin), 0);
		if (strcmp(pin.path, PROG_PIN) != 0)
			continue;
		found++;
		assert_int_equal(pin.kind, LADE_PINNED_PROGRAM);
		assert_string_equal(pin.name, "on_exit");
		assert_string_equal(pin.type_name, "tracepoint");
		assert_true(pin.shared && pin.created && !pin.gone);
	}
	assert_int_equal(found, 1);
	(void)lade_state_free(listed);
	assert_leaves_nothing(&loaded);
}

static void pin_that_somebody_removed_does_not_keep_the_instance_from_being_opened(void **state)
{
	struct lade_instance *again = NULL;
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	loaded_load(&loaded, "placed");
	assert_int_equal(unlink(PROG_PIN), 0);
	assert_int_equal(lade_instance_open(loaded.context, "placed", &again, NULL), 0);
	assert_int_equal(lade_instance_program_fd(again, "on_exit"), -ENOENT);
	assert_true(lade_instance_program_fd(again, "tail") >= 0);
	(void)lade_instance_close(again);
	assert_leaves_nothing(&loaded);
}

/* ---- is it loaded? ---- */

static char *missing; /* what asked() found to be missing */

static enum lade_object_loaded asked(const struct loaded *loaded)
{
	const struct lade_object_loaded_opts opts = { .name = "placed" };
	enum lade_object_loaded answer = OBJECT_NOT_LOADED;

	free(missing);
	missing = NULL;
	assert_int_equal(lade_object_is_loaded(loaded->object, &opts, &answer, &missing, NULL), 0);
	return answer;
}

static void loaded_is_what_has_its_instance_and_all_its_pins(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = open_placed();
	assert_int_equal(asked(&loaded), OBJECT_NOT_LOADED);
	loaded_load(&loaded, "placed");
	assert_int_equal(asked(&loaded), OBJECT_LOADED);
	(void)lade_instance_close(must_load(loaded.object, "other"));
	assert_int_equal(asked(&loaded), OBJECT_LOADED);
	assert_null(missing);
	assert_int_equal(rename(PROG_PIN, DIR "/elsewhere"), 0);
	assert_int_equal(asked(&loaded), OBJECT_PARTLY_LOADED);
	assert_string_equal(missing, PROG_PIN);
	assert_int_equal(rename(TAIL_PIN, PROG_PIN), 0); /* something is there, but not that */
	assert_int_equal(asked(&loaded), OBJECT_PARTLY_LOADED);
	assert_int_equal(rename(PROG_PIN, TAIL_PIN), 0);
	assert_int_equal(rename(DIR "/elsewhere", PROG_PIN), 0);
	assert_int_equal(chown(PROG_PIN, 4711, 4711), 0);
	assert_int_equal(asked(&loaded), OBJECT_LOADED);
	assert_int_equal(chown(PROG_PIN, 1000, 3003), 0);
	assert_int_equal(rename(LIVE_BPFFS "/lade/placed/progs/on_exec", LIVE_BPFFS "/on_exec"), 0);
	assert_int_equal(asked(&loaded), OBJECT_PARTLY_LOADED);
	assert_string_equal(missing, LIVE_BPFFS "/lade/placed/progs/on_exec");
	assert_int_equal(rename(LIVE_BPFFS "/on_exec", LIVE_BPFFS "/lade/placed/progs/on_exec"), 0);
	assert_int_equal(unlink(PROG_PIN), 0);
	assert_int_equal(asked(&loaded), OBJECT_PARTLY_LOADED);
	loaded_unload(&loaded);
	assert_int_equal(asked(&loaded), OBJECT_PARTLY_LOADED); /* the other's are there */
	assert_int_equal(lade_state_unload(loaded.context, "other", NULL), 0);
	assert_int_equal(asked(&loaded), OBJECT_NOT_LOADED);
	assert_null(missing);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_get_what_was_loaded_with_owner_and_mode_and_nothing_is_pinned_twice),
		cmocka_unit_test(umask_takes_nothing_from_directories),
		cmocka_unit_test(what_is_not_pinned_itself_still_has_its_places),
		cmocka_unit_test(first_places_are_left_for_the_last),
		cmocka_unit_test(second_load_uses_what_is_pinned_and_verifies_nothing_of_it),
		cmocka_unit_test(slots_take_programs_that_were_pinned_already),
		cmocka_unit_test(reused_program_is_attached_at_once_and_later),
		cmocka_unit_test(state_lists_programs_outside),
		cmocka_unit_test(pin_that_somebody_removed_does_not_keep_the_instance_from_being_opened),
		cmocka_unit_test(loaded_is_what_has_its_instance_and_all_its_pins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
