/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps that were there before the load: compared, used, and as they were when the load fails. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "base/error.h"
#include "harness/live.h"
#include "kernel/context.h"
#include "kernel/fault.h"

#define OBJECT TEST_OBJECTS "/load_all.bpf.o"

static struct lade_context *new_context(void)
{
	struct lade_context *context = NULL;

	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	return context;
}

static struct lade_object *open_object(struct lade_context *context)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;

	if (lade_object_open(context, OBJECT, NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static struct lade_instance *load(struct lade_object *object, const char *name)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = name };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_object_load(object, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

static void finding_of(const struct lade_error *error, struct lade_finding_info *info)
{
	*info = (struct lade_finding_info){ .size = sizeof *info };
	assert_true(lade_error_finding_count(error) > 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), info), 0);
}

static uint32_t program_in_slot(int map, uint32_t slot)
{
	uint32_t id = 0;

	(void)bpf_map_lookup_elem(map, &slot, &id);
	return id;
}

static void a_second_object_uses_the_shared_map_of_the_first_and_its_content(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *first, *second;
	uint32_t key = 5;
	uint64_t value = 42, seen = 0;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	first = load(object, "first");
	assert_int_equal(bpf_map_update_elem(lade_instance_map_fd(first, "load_all_shared"), &key, &value, BPF_ANY), 0);
	second = load(object, "second");
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(second, "load_all_shared"), &key, &seen), 0);
	assert_int_equal(seen, 42);
	for (size_t i = 0; i < lade_instance_map_count(second); i++) {
		struct lade_loaded_map_info info = { .size = sizeof info };
		assert_int_equal(lade_instance_map(second, i, &info), 0);
		assert_int_equal(info.reused, strcmp(info.name, "load_all_shared") == 0);
	}
	/* Unloading the maker leaves the map to the other. */
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	assert_int_equal(access(LIVE_BPFFS "/load_all_shared", F_OK), 0);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_int_not_equal(access(LIVE_BPFFS "/load_all_shared", F_OK), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void a_pinned_map_of_another_shape_is_refused_field_by_field_and_stays(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "second" };
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *first, *second = NULL;
	struct lade_error *error = NULL;
	struct lade_finding_info info;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	first = load(object, "first");
	assert_int_equal(lade_map_set_max_entries(lade_object_find_map(object, "load_all_shared"), 99), 0);
	assert_int_equal(lade_map_set_value_size(lade_object_find_map(object, "load_all_shared"), 16), 0);
	assert_int_equal(lade_object_load(object, &opts, &second, &error), -EEXIST);
	finding_of(error, &info);
	assert_string_equal(info.code, "pin.map.differs");
	assert_string_equal(info.map, "load_all_shared");
	assert_int_equal(info.evidence_count, 2);
	assert_string_equal(info.evidence[0], "value_size is 8 there, 16 in the object");
	assert_string_equal(info.evidence[1], "max_entries is 16 there, 99 in the object");
	assert_int_equal(lade_error_exit_code(error), 6);
	assert_int_equal(access(LIVE_BPFFS "/load_all_shared", F_OK), 0);
	(void)lade_error_free(error);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

/* Number of the call that commits, found by a load that fails nowhere. */
static unsigned find_call(const char *name)
{
	const struct fault none = { .action = FAULT_NONE };
	struct lade_context *context = new_context();
	struct kernel *live = NULL, *kernel = NULL;
	struct lade_object *object;
	struct lade_instance *instance;
	unsigned found = 0;

	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, &none, &kernel), 0);
	lade_context_set_kernel(context, kernel);
	object = open_object(context);
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(object, "calls"), "lade/first/maps/calls"), 0);
	instance = load(object, "probe");
	for (unsigned i = 1; i <= lade_kernel_fault_count(kernel); i++)
		if (strcmp(lade_kernel_fault_call(kernel, i), name) == 0)
			found = i;
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	return found;
}

static void load_that_fails_at(unsigned nth)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = EIO };
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "second" };
	struct lade_context *context = new_context();
	struct kernel *live = NULL, *kernel = NULL;
	struct lade_instance *instance = NULL;
	struct lade_object *object;

	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, &fault, &kernel), 0);
	lade_context_set_kernel(context, kernel);
	object = open_object(context);
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(object, "calls"), "lade/first/maps/calls"), 0);
	assert_int_equal(lade_object_load(object, &opts, &instance, NULL), -EIO);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void slots_of_a_reused_prog_array_come_back_when_a_later_step_fails(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *first;
	uint32_t before;
	unsigned commit;
	int calls;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	first = load(object, "first");
	calls = lade_instance_map_fd(first, "calls");
	commit = find_call("rename");
	assert_true(commit > 0);
	/* The probing load has put its own program there. */
	before = program_in_slot(calls, 1);
	assert_true(before != 0);
	load_that_fails_at(commit);
	assert_int_equal(program_in_slot(calls, 1), before);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void what_is_pinned_but_no_map_is_refused_and_stays(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "second" };
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *first, *second = NULL;
	struct lade_error *error = NULL;
	struct lade_finding_info info;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	first = load(object, "first");
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(object, "calls"), "lade/first/progs/tail"), 0);
	assert_true(lade_object_load(object, &opts, &second, &error) < 0);
	finding_of(error, &info);
	assert_string_equal(info.code, "pin.not-a-map");
	assert_string_equal(info.map, "calls");
	assert_int_equal(lade_error_exit_code(error), 6);
	(void)lade_error_free(error);
	assert_int_equal(access(LIVE_BPFFS "/lade/first/progs/tail", F_OK), 0);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void a_map_to_reuse_that_is_not_there_is_named(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_finding_info info;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(object, "calls"), "nothing/here"), 0);
	assert_int_equal(lade_object_load(object, &opts, &instance, &error), -ENOENT);
	finding_of(error, &info);
	assert_string_equal(info.code, "pin.map.missing");
	assert_non_null(strstr(info.message, LIVE_BPFFS "/nothing/here"));
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static struct lade_loaded_map_info loaded_map(const struct lade_instance *instance, const char *name)
{
	struct lade_loaded_map_info info = { .size = sizeof info };

	for (size_t i = 0; i < lade_instance_map_count(instance); i++) {
		assert_int_equal(lade_instance_map(instance, i, &info), 0);
		if (strcmp(info.name, name) == 0)
			return info;
	}
	fail_msg("no map %s", name);
	return info;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t bytes = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &bytes), 0);
	return info.id;
}

static void a_map_given_by_its_descriptor_is_used_and_survives_the_instance(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;
	uint32_t id;
	int own;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	own = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "own", 4, 4, 2, NULL);
	assert_true(own >= 0);
	id = map_id(own);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(object, "calls"), own), 0);
	instance = load(object, "given");
	assert_int_equal(map_id(lade_instance_map_fd(instance, "calls")), id);
	assert_true(loaded_map(instance, "calls").reused);
	assert_null(loaded_map(instance, "calls").pin);
	assert_int_not_equal(access(LIVE_BPFFS "/lade/given/maps/calls", F_OK), 0);
	assert_int_not_equal(program_in_slot(own, 1), 0);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	assert_int_equal(map_id(own), id);
	assert_int_equal(close(own), 0);
	(void)lade_context_free(context);
}

static void the_descriptor_of_a_given_map_is_duplicated(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *first, *second;
	uint32_t id;
	int own;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	own = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "own", 4, 4, 2, NULL);
	id = map_id(own);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(object, "calls"), own), 0);
	assert_int_equal(close(own), 0);
	first = load(object, NULL);
	second = load(object, NULL);
	assert_int_equal(map_id(lade_instance_map_fd(first, "calls")), id);
	assert_int_equal(map_id(lade_instance_map_fd(second, "calls")), id);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void a_given_map_of_another_shape_is_refused_field_by_field(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_finding_info info;
	int own;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	own = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "own", 4, 4, 5, NULL);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(object, "calls"), own), 0);
	assert_int_equal(lade_object_load(object, &opts, &instance, &error), -EEXIST);
	finding_of(error, &info);
	assert_string_equal(info.code, "map.given.differs");
	assert_string_equal(info.map, "calls");
	assert_int_equal(info.evidence_count, 1);
	assert_string_equal(info.evidence[0], "max_entries is 5 there, 2 in the object");
	assert_int_equal(lade_error_exit_code(error), 6);
	(void)lade_error_free(error);
	assert_int_equal(close(own), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void a_given_descriptor_that_is_no_map_is_refused(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts };
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_finding_info info;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(object, "calls"), -1), -EBADF);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(object, "calls"), STDERR_FILENO), 0);
	assert_true(lade_object_load(object, &opts, &instance, &error) < 0);
	finding_of(error, &info);
	assert_string_equal(info.code, "map.given.not-a-map");
	assert_string_equal(info.map, "calls");
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void an_object_loads_twice_with_other_values_each_time(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *first, *second;
	uint32_t key = 0, value = 0;

	(void)state;
	if (!live_enter())
		skip();
	context = new_context();
	object = open_object(context);
	first = load(object, NULL);
	assert_int_equal(lade_variable_set(lade_object_find_variable(object, "wanted"), "0x10", NULL), 0);
	second = load(object, NULL);
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(first, ".rodata"), &key, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(second, ".rodata"), &key, &value), 0);
	assert_int_equal(value, 16);
	assert_int_equal(lade_instance_unload(first, NULL), 0);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_object_uses_the_shared_map_of_the_first_and_its_content),
		cmocka_unit_test(a_pinned_map_of_another_shape_is_refused_field_by_field_and_stays),
		cmocka_unit_test(slots_of_a_reused_prog_array_come_back_when_a_later_step_fails),
		cmocka_unit_test(what_is_pinned_but_no_map_is_refused_and_stays),
		cmocka_unit_test(a_map_to_reuse_that_is_not_there_is_named),
		cmocka_unit_test(a_map_given_by_its_descriptor_is_used_and_survives_the_instance),
		cmocka_unit_test(the_descriptor_of_a_given_map_is_duplicated),
		cmocka_unit_test(a_given_map_of_another_shape_is_refused_field_by_field),
		cmocka_unit_test(a_given_descriptor_that_is_no_map_is_refused),
		cmocka_unit_test(an_object_loads_twice_with_other_values_each_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
