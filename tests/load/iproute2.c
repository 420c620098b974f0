/* SPDX-License-Identifier: BSD-2-Clause */
/* iproute2's objects in the kernel: pins where tc had them, shared as tc shared them, filled as tc filled them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "base/error.h"
#include "harness/live.h"

#define GLOBALS LIVE_BPFFS "/tc/globals/"

static struct lade_context *new_context(void)
{
	struct lade_context *context = NULL;
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	return context;
}

static struct lade_object *open_object(struct lade_context *context, const char *file)
{
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .dialect = NULL };
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	if (lade_object_open(context, path, &options, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static struct lade_instance *load(struct lade_object *object, const char *name)
{
	const struct lade_load_opts options = { .size = sizeof options, .name = name };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	if (lade_object_load(object, &options, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

static uint32_t id_in_slot(int map, uint32_t key)
{
	uint32_t id = 0;
	(void)bpf_map_lookup_elem(map, &key, &id);
	return id;
}

static uint32_t program_id(const struct lade_instance *instance, const char *name)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof info;
	assert_int_equal(bpf_obj_get_info_by_fd(lade_instance_program_fd(instance, name), &info, &size), 0);
	return info.id;
}

static uint32_t map_id(const struct lade_instance *instance, const char *name)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof info;
	assert_int_equal(bpf_obj_get_info_by_fd(lade_instance_map_fd(instance, name), &info, &size), 0);
	return info.id;
}

static void every_object_that_does_not_lie_loads_and_leaves_nothing(void **state)
{
	static const char *const files[] = {
		"tc_alias.o",          "tc_annotated.bpf.o", "tc_calico20.bpf.o", "tc_calico24.bpf.o",
		"tc_calico36.bpf.o",   "tc_calls_kern.o",    "tc_data_kern.o",    "tc_differs_kern.o",
		"tc_gives_way_kern.o", "tc_inner_kern.o",    "tc_lying_size.o",   "tc_maps64_kern.o",
		"tc_pins_kern.o",      "tc_size20_kern.o",   "tc_size24_kern.o",  "tc_size28_kern.o",
		"tc_size32_kern.o",    "tc_size36_kern.o",   "tc_tails_kern.o",   "tc_types_kern.o",
	};
	(void)state;
	if (!live_enter())
		skip();
	for (size_t i = 0; i < ELEMENTS(files); i++) { /* NOLINT: items are pointers */
		struct live_before before = live_before(LIVE_BPFFS);
		struct lade_context *context = new_context();
		struct lade_object *object = open_object(context, files[i]);
		struct lade_instance *instance = load(object, "tc");
		for (size_t j = 0; j < lade_instance_program_count(instance); j++) {
			struct lade_loaded_program_info info = { .size = sizeof info };
			assert_int_equal(lade_instance_program(instance, j, &info), 0);
			assert_true(info.fd >= 0);
		}
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
		lade_object_free(object);
		lade_context_free(context);
		assert_nothing_left(&before);
	}
}

static void tail_programs_sit_in_their_slots_while_nobody_holds_a_descriptor(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "tc_tails_kern.o");
	struct lade_instance *instance = load(object, "tc");
	uint32_t three = program_id(instance, "decimal_three"), eight = program_id(instance, "octal_eight");
	(void)lade_instance_close(instance);
	int decimal = bpf_obj_get(LIVE_BPFFS "/lade/tc/maps/decimal"),
	    octal = bpf_obj_get(LIVE_BPFFS "/lade/tc/maps/octal");
	assert_true(decimal >= 0 && octal >= 0);
	assert_int_equal(id_in_slot(decimal, 3), three);
	assert_int_equal(id_in_slot(decimal, 0), 0);
	assert_int_equal(id_in_slot(octal, 8), eight);
	(void)close(decimal);
	(void)close(octal);
	assert_int_equal(lade_state_unload(context, "tc", NULL), 0);
	lade_object_free(object);
	lade_context_free(context);
}

static void outer_maps_hold_their_inner_maps(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "tc_inner_kern.o");
	struct lade_instance *instance = load(object, "tc");
	int outer = lade_instance_map_fd(instance, "outer"), far = lade_instance_map_fd(instance, "far");
	assert_int_equal(id_in_slot(outer, 0), map_id(instance, "first"));
	assert_int_equal(id_in_slot(outer, 1), map_id(instance, "second"));
	assert_int_equal(id_in_slot(far, 4711), map_id(instance, "far_inner"));
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	lade_object_free(object);
	lade_context_free(context);
}

/* tc loaded the same file once for each section: its pinned maps were one. */
static void two_loads_of_one_file_share_what_it_pins_and_the_last_one_out_removes_it(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "tc_pins_kern.o");
	struct lade_instance *first = load(object, "first"), *second = load(object, "second");
	assert_int_equal(map_id(first, "global_ns"), map_id(second, "global_ns"));
	assert_int_equal(map_id(first, "object_ns"), map_id(second, "object_ns"));
	assert_int_not_equal(map_id(first, "own"), map_id(second, "own"));
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	assert_int_equal(access(GLOBALS "global_ns", F_OK), 0);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_int_not_equal(access(LIVE_BPFFS "/tc", F_OK), 0);
	lade_object_free(object);
	lade_context_free(context);
}

static void pin_that_somebody_else_made_is_used_and_stays(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "tc_size36_kern.o");
	assert_int_equal(mkdir(LIVE_BPFFS "/tc", 0700) | mkdir(LIVE_BPFFS "/tc/globals", 0700), 0);
	int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NULL, 4, 4, 3, NULL);
	assert_int_equal(bpf_obj_pin(map, GLOBALS "calls"), 0);
	struct lade_instance *instance = load(object, "tc");
	assert_int_equal(id_in_slot(map, 2), program_id(instance, "tail"));
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	assert_int_equal(access(GLOBALS "calls", F_OK), 0);
	(void)close(map);
	lade_object_free(object);
	lade_context_free(context);
}

static void pin_that_differs_is_refused_naming_every_field_and_stays(void **state)
{
	static const char *const wanted[] = {
		"type is 1 there, 9 in the object",        "key_size is 4 there, 8 in the object",
		"value_size is 4 there, 16 in the object", "max_entries is 8 there, 9 in the object",
		"map_flags is 0 there, 2 in the object",
	};
	const struct lade_load_opts options = { .size = sizeof options, .name = "second" };
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "tc_pins_kern.o");
	struct lade_object *other = open_object(context, "tc_differs_kern.o");
	struct lade_instance *first = load(object, "first"), *second = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_object_load(other, &options, &second, &error), -EEXIST);
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_string_equal(finding->code, "pin.map.differs");
	assert_int_equal(finding->evidence.count, ELEMENTS(wanted)); /* NOLINT: items are pointers */
	for (size_t i = 0; i < finding->evidence.count; i++)
		assert_string_equal(finding->evidence.items[i], wanted[i]);
	assert_int_equal(lade_error_exit_code(error), 6);
	assert_int_equal(access(GLOBALS "global_ns", F_OK), 0);
	lade_error_free(error);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	lade_object_free(other);
	lade_object_free(object);
	lade_context_free(context);
}

static void pinned_prog_array_of_another_program_type_is_refused_before_a_program_loads(void **state)
{
	const struct lade_load_opts options = { .size = sizeof options, .name = "second" };
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, "tc_size36_kern.o");
	struct lade_instance *first = load(object, "first"), *second = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_program_set_type(lade_object_find_program(object, "enter"), "xdp"), 0);
	assert_int_equal(lade_object_load(object, &options, &second, &error), -EEXIST);
	assert_string_equal(lade_error_finding(error, 0)->code, "pin.map.owner");
	assert_string_equal(lade_error_finding(error, 0)->map, "calls");
	lade_error_free(error);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	lade_object_free(object);
	lade_context_free(context);
}

static void assumed_type_that_the_verifier_refuses_is_named_with_the_one_it_takes(void **state)
{
	const struct lade_load_opts options = { .size = sizeof options };
	const struct lade_open_opts as_tc = { .size = sizeof as_tc, .dialect = "iproute2" };
	(void)state;
	if (!live_enter())
		skip();
	struct lade_context *context = new_context();
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_object_open(context, TEST_OBJECTS "/tc_xdp_kern.o", &as_tc, &object, NULL), 0);
	assert_true(lade_object_load(object, &options, &instance, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->fix, "--type drop_short=xdp");
	assert_int_equal(lade_error_exit_code(error), 4);
	lade_error_free(error);
	assert_int_equal(lade_program_set_type(lade_object_find_program(object, "drop_short"), "xdp"), 0);
	assert_int_equal(lade_object_load(object, &options, &instance, NULL), 0);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	lade_object_free(object);
	lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_that_does_not_lie_loads_and_leaves_nothing),
		cmocka_unit_test(tail_programs_sit_in_their_slots_while_nobody_holds_a_descriptor),
		cmocka_unit_test(outer_maps_hold_their_inner_maps),
		cmocka_unit_test(two_loads_of_one_file_share_what_it_pins_and_the_last_one_out_removes_it),
		cmocka_unit_test(pin_that_somebody_else_made_is_used_and_stays),
		cmocka_unit_test(pinned_prog_array_of_another_program_type_is_refused_before_a_program_loads),
		cmocka_unit_test(assumed_type_that_the_verifier_refuses_is_named_with_the_one_it_takes),
		cmocka_unit_test(pin_that_differs_is_refused_naming_every_field_and_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
