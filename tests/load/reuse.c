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
#include "harness/loaded.h"
#include "kernel/context.h"
#include "kernel/fault.h"

#define OBJECT TEST_OBJECTS "/load_all.bpf.o"

static uint32_t program_in_slot(int map, uint32_t slot)
{
	uint32_t id = 0;

	(void)bpf_map_lookup_elem(map, &slot, &id);
	return id;
}

static void a_second_object_uses_the_shared_map_of_the_first_and_its_content(void **state)
{
	struct loaded loaded;
	struct lade_instance *second;
	uint32_t key = 5;
	uint64_t value = 42, seen = 0;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	loaded_load(&loaded, "first");
	assert_int_equal(
		bpf_map_update_elem(lade_instance_map_fd(loaded.instance, "load_all_shared"), &key, &value, BPF_ANY),
		0);
	second = must_load(loaded.object, "second");
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(second, "load_all_shared"), &key, &seen), 0);
	assert_int_equal(seen, 42);
	for (size_t i = 0; i < lade_instance_map_count(second); i++) {
		struct lade_loaded_map_info info = { .size = sizeof info };
		assert_int_equal(lade_instance_map(second, i, &info), 0);
		assert_int_equal(info.reused, strcmp(info.name, "load_all_shared") == 0);
	}
	/* Unloading the maker leaves the map to the other. */
	loaded_unload(&loaded);
	assert_int_equal(access(LIVE_BPFFS "/load_all_shared", F_OK), 0);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	assert_int_not_equal(access(LIVE_BPFFS "/load_all_shared", F_OK), 0);
	loaded_leave(&loaded);
}

static void a_pinned_map_of_another_shape_is_refused_field_by_field_and_stays(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "second" };
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	loaded_load(&loaded, "first");
	assert_int_equal(lade_map_set_max_entries(lade_object_find_map(loaded.object, "load_all_shared"), 99), 0);
	assert_int_equal(lade_map_set_value_size(lade_object_find_map(loaded.object, "load_all_shared"), 16), 0);
	assert_int_equal(loaded_fail(&loaded, &opts), -EEXIST);
	assert_string_equal(loaded.info.code, "pin.map.differs");
	assert_string_equal(loaded.info.map, "load_all_shared");
	assert_int_equal(loaded.info.evidence_count, 2);
	assert_string_equal(loaded.info.evidence[0], "value_size is 8 there, 16 in the object");
	assert_string_equal(loaded.info.evidence[1], "max_entries is 16 there, 99 in the object");
	assert_int_equal(lade_error_exit_code(loaded.error), 6);
	assert_int_equal(access(LIVE_BPFFS "/load_all_shared", F_OK), 0);
	loaded_leave(&loaded);
}

/* The object is to put its program into the slots of the first one's map, on a kernel that fails as told. */
static struct loaded open_reusing(const struct fault *fault)
{
	struct loaded loaded = loaded_open(NULL, OBJECT);

	loaded.kernel = use_faulty(loaded.context, fault);
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(loaded.object, "calls"), "lade/first/maps/calls"), 0);
	return loaded;
}

/* Number of the call that commits, found by a load that fails nowhere. */
static unsigned find_call(const char *name)
{
	const struct fault none = { .action = FAULT_NONE };
	struct loaded loaded = open_reusing(&none);
	unsigned found = 0;

	loaded_load(&loaded, "probe");
	for (unsigned i = 1; i <= lade_kernel_fault_count(loaded.kernel); i++)
		if (strcmp(lade_kernel_fault_call(loaded.kernel, i), name) == 0)
			found = i;
	loaded_leave(&loaded);
	return found;
}

static void load_that_fails_at(unsigned nth)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = EIO };
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "second" };
	struct loaded loaded = open_reusing(&fault);

	assert_int_equal(loaded_fail(&loaded, &opts), -EIO);
	loaded_leave(&loaded);
}

static void slots_of_a_reused_prog_array_come_back_when_a_later_step_fails(void **state)
{
	struct loaded loaded;
	uint32_t before;
	unsigned commit;
	int calls;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	loaded_load(&loaded, "first");
	calls = lade_instance_map_fd(loaded.instance, "calls");
	commit = find_call("rename");
	assert_true(commit > 0);
	/* The probing load has put its own program there. */
	before = program_in_slot(calls, 1);
	assert_true(before != 0);
	load_that_fails_at(commit);
	assert_int_equal(program_in_slot(calls, 1), before);
	loaded_leave(&loaded);
}

static void what_is_pinned_but_no_map_is_refused_and_stays(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "second" };
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	loaded_load(&loaded, "first");
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(loaded.object, "calls"), "lade/first/progs/tail"), 0);
	(void)loaded_fail(&loaded, &opts);
	assert_string_equal(loaded.info.code, "pin.not-a-map");
	assert_string_equal(loaded.info.map, "calls");
	assert_int_equal(lade_error_exit_code(loaded.error), 6);
	assert_int_equal(access(LIVE_BPFFS "/lade/first/progs/tail", F_OK), 0);
	loaded_leave(&loaded);
}

static void a_map_to_reuse_that_is_not_there_is_named(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	assert_int_equal(lade_map_set_reuse(lade_object_find_map(loaded.object, "calls"), "nothing/here"), 0);
	assert_int_equal(loaded_fail(&loaded, NULL), -ENOENT);
	assert_string_equal(loaded.info.code, "pin.map.missing");
	assert_non_null(strstr(loaded.info.message, LIVE_BPFFS "/nothing/here"));
	loaded_leave(&loaded);
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

static void a_map_given_by_its_descriptor_is_used_and_survives_the_instance(void **state)
{
	struct loaded loaded;
	uint32_t id;
	int own;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	own = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "own", 4, 4, 2, NULL);
	assert_true(own >= 0);
	id = map_info(own).id;
	assert_int_equal(lade_map_set_fd(lade_object_find_map(loaded.object, "calls"), own), 0);
	loaded_load(&loaded, "given");
	assert_int_equal(map_info(lade_instance_map_fd(loaded.instance, "calls")).id, id);
	assert_true(loaded_map(loaded.instance, "calls").reused);
	assert_null(loaded_map(loaded.instance, "calls").pin);
	assert_int_not_equal(access(LIVE_BPFFS "/lade/given/maps/calls", F_OK), 0);
	assert_int_not_equal(program_in_slot(own, 1), 0);
	loaded_unload(&loaded);
	loaded.object = lade_object_free(loaded.object);
	assert_int_equal(map_info(own).id, id);
	assert_int_equal(close(own), 0);
	loaded_leave(&loaded);
}

static void the_descriptor_of_a_given_map_is_duplicated(void **state)
{
	struct loaded loaded;
	struct lade_instance *second;
	uint32_t id;
	int own;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	own = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "own", 4, 4, 2, NULL);
	id = map_info(own).id;
	assert_int_equal(lade_map_set_fd(lade_object_find_map(loaded.object, "calls"), own), 0);
	assert_int_equal(close(own), 0);
	loaded_load(&loaded, NULL);
	second = must_load(loaded.object, NULL);
	assert_int_equal(map_info(lade_instance_map_fd(loaded.instance, "calls")).id, id);
	assert_int_equal(map_info(lade_instance_map_fd(second, "calls")).id, id);
	loaded_unload(&loaded);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	loaded_leave(&loaded);
}

static void a_given_map_of_another_shape_is_refused_field_by_field(void **state)
{
	struct loaded loaded;
	int own;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	own = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "own", 4, 4, 5, NULL);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(loaded.object, "calls"), own), 0);
	assert_int_equal(loaded_fail(&loaded, NULL), -EEXIST);
	assert_string_equal(loaded.info.code, "map.given.differs");
	assert_string_equal(loaded.info.map, "calls");
	assert_int_equal(loaded.info.evidence_count, 1);
	assert_string_equal(loaded.info.evidence[0], "max_entries is 5 there, 2 in the object");
	assert_int_equal(lade_error_exit_code(loaded.error), 6);
	assert_int_equal(close(own), 0);
	loaded_leave(&loaded);
}

static void a_given_descriptor_that_is_no_map_is_refused(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(loaded.object, "calls"), -1), -EBADF);
	assert_int_equal(lade_map_set_fd(lade_object_find_map(loaded.object, "calls"), STDERR_FILENO), 0);
	(void)loaded_fail(&loaded, NULL);
	assert_string_equal(loaded.info.code, "map.given.not-a-map");
	assert_string_equal(loaded.info.map, "calls");
	loaded_leave(&loaded);
}

static void an_object_loads_twice_with_other_values_each_time(void **state)
{
	struct loaded loaded;
	struct lade_instance *second;
	uint32_t key = 0, value = 0;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, OBJECT);
	loaded_load(&loaded, NULL);
	assert_int_equal(lade_variable_set(lade_object_find_variable(loaded.object, "wanted"), "0x10", NULL), 0);
	second = must_load(loaded.object, NULL);
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(loaded.instance, ".rodata"), &key, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(second, ".rodata"), &key, &value), 0);
	assert_int_equal(value, 16);
	loaded_unload(&loaded);
	assert_int_equal(lade_instance_unload(second, NULL), 0);
	loaded_leave(&loaded);
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
