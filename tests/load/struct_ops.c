/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of kernel operations: a congestion control as the kernel of this machine knows it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "harness/loaded.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "load/loader.h"
#include "plan/plan.h"

#define PLAIN TEST_OBJECTS "/ops_plain.bpf.o"
#define LINK  TEST_OBJECTS "/ops_link.bpf.o"
#define WRONG TEST_OBJECTS "/ops_wrong.bpf.o"

static bool can_run(void)
{
	bool has_table = kernel_has_type("bpf_struct_ops_tcp_congestion_ops", BTF_KIND_STRUCT);

	if (!has_table)
		print_error("this kernel has no struct_ops tcp_congestion_ops\n");
	return has_table && live_enter();
}

/* Before 6.4 a table in .struct_ops.link is created without its flag, and no pin holds its registration. */
static bool has_links(void)
{
	return kernel_has_type("bpf_struct_ops_link", BTF_KIND_STRUCT);
}

static bool is_registered(const char *name)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_available_congestion_control", "re");

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	assert_int_equal(fclose(file), 0);
	return strstr(line, name);
}

/* What was pinned goes when the kernel gets round to it. */
static bool stays_registered(const char *name)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (unsigned i = 0; i < 20000 && is_registered(name); i++)
		(void)nanosleep(&pause, NULL);
	return is_registered(name);
}

static const struct loaded_map *map_of(const struct lade_instance *instance, const char *name)
{
	array_foreach(map, &instance->maps)
		if (strcmp(map->name, name) == 0)
			return map;
	return NULL;
}

/* ---- what is loaded ---- */

static void programs_are_loaded_if_a_created_table_holds_them(void **state)
{
	static const struct {
		const char *name;
		bool loaded;
	} programs[] = {
		{ "ops_ssthresh", true },   { "ops_undo_cwnd", true },        { "ops_undo_later", true },
		{ "ops_cong_avoid", true }, { "ops_asleep_ssthresh", false }, { "ops_unused", false },
	};
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, LINK);
	loaded_load(&loaded, NULL);
	for (size_t i = 0; i < ELEMENTS(programs); i++)
		assert_int_equal(lade_instance_program_fd(loaded.instance, programs[i].name) >= 0, programs[i].loaded);
	assert_non_null(map_of(loaded.instance, "ops_first"));
	assert_null(map_of(loaded.instance, "ops_asleep"));
	loaded_leave(&loaded);
}

static void table_that_is_asked_for_is_created_with_its_programs(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, LINK);
	assert_int_equal(lade_map_set_autocreate(lade_object_find_map(loaded.object, "ops_asleep"), true), 0);
	assert_int_equal(lade_map_set_autocreate(lade_object_find_map(loaded.object, "ops_second"), false), 0);
	loaded_load(&loaded, NULL);
	assert_true(lade_instance_program_fd(loaded.instance, "ops_asleep_ssthresh") >= 0);
	assert_int_equal(lade_instance_program_fd(loaded.instance, "ops_undo_later"), -ENOENT);
	assert_non_null(map_of(loaded.instance, "ops_asleep"));
	assert_null(map_of(loaded.instance, "ops_second"));
	loaded_leave(&loaded);
}

/* libbpf registers the same bytes: its map shows them to us after the update. */
static void read_value(int fd, uint8_t *value, size_t size)
{
	uint32_t key = 0;

	memset(value, 0, size);
	assert_int_equal(bpf_map_lookup_elem(fd, &key, value), 0);
}

static void value_is_the_one_that_libbpf_registers(void **state)
{
	uint8_t ours[256], theirs[256];
	struct loaded loaded;
	struct bpf_object *referee;
	struct bpf_link *link;
	struct bpf_map *map;

	(void)state;
	if (!can_run())
		skip();
	referee = bpf_object__open_file(PLAIN, NULL);
	assert_non_null(referee);
	assert_int_equal(bpf_object__load(referee), 0);
	map = bpf_object__find_map_by_name(referee, "ops_plain");
	link = bpf_map__attach_struct_ops(map);
	assert_non_null(link);
	read_value(bpf_map__fd(map), theirs, sizeof theirs);
	assert_int_equal(bpf_link__destroy(link), 0);
	bpf_object__close(referee);
	loaded = loaded_open(NULL, PLAIN);
	loaded_load(&loaded, NULL);
	assert_int_equal(map_of(loaded.instance, "ops_plain")->definition.value_size, sizeof ours);
	assert_int_equal(lade_instance_attach(loaded.instance, "ops_plain", NULL, NULL), 0);
	assert_true(is_registered("lade_plain"));
	read_value(map_of(loaded.instance, "ops_plain")->fd, ours, sizeof ours);
	/* What stands behind the pointers are ids of programs, which differ: the rest is equal. */
	array_foreach(place, &map_of(loaded.instance, "ops_plain")->ops->places) {
		memset(ours + place->offset, 0, 8);
		memset(theirs + place->offset, 0, 8);
	}
	assert_memory_equal(ours + 64, theirs + 64, sizeof ours - 64);
	loaded_unload(&loaded);
	assert_false(stays_registered("lade_plain"));
	loaded_leave(&loaded);
}

/* ---- attaching ---- */

static void links_of_tables_are_pinned_and_unloading_unregisters(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	if (!has_links()) {
		print_error("this kernel has no links of tables\n");
		skip();
	}
	loaded = loaded_open(NULL, LINK);
	loaded.instance = must_load_attached(loaded.object, "ops");
	assert_true(is_registered("lade_first"));
	assert_true(is_registered("lade_second"));
	assert_int_equal(lade_instance_link_count(loaded.instance), 2);
	loaded.instance = lade_instance_close(loaded.instance);
	assert_true(is_registered("lade_first"));
	assert_int_equal(lade_state_unload(loaded.context, "ops", NULL), 0);
	assert_false(stays_registered("lade_first"));
	assert_false(stays_registered("lade_second"));
	assert_leaves_nothing(&loaded);
}

/* No pin holds the registration: its journal entry is what takes it back. */
static void outlives_its_handle(const char *file, const char *registered)
{
	struct loaded loaded = loaded_open(NULL, file);

	loaded.instance = must_load_attached(loaded.object, "ops");
	assert_true(is_registered(registered));
	loaded.instance = lade_instance_close(loaded.instance);
	assert_true(is_registered(registered));
	assert_int_equal(lade_state_unload(loaded.context, "ops", NULL), 0);
	assert_false(stays_registered(registered));
	assert_leaves_nothing(&loaded);
}

static void table_without_a_link_stays_registered_until_it_is_unloaded(void **state)
{
	(void)state;
	if (!can_run())
		skip();
	outlives_its_handle(PLAIN, "lade_plain");
	if (!has_links())
		outlives_its_handle(LINK, "lade_first");
}

static void table_for_a_link_is_registered_with_or_without_one(void **state)
{
	struct loaded loaded;
	bool stepped_back;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, LINK);
	loaded.instance = must_load_attached(loaded.object, NULL);
	assert_true(is_registered("lade_first"));
	assert_true(is_registered("lade_second"));
	stepped_back = !(map_of(loaded.instance, "ops_second")->definition.flags & MAP_FLAG_LINK);
	assert_int_equal(stepped_back, !has_links());
	loaded_unload(&loaded);
	assert_false(stays_registered("lade_first"));
	assert_false(stays_registered("lade_second"));
	assert_leaves_nothing(&loaded);
}

static void members_that_are_set_go_into_the_kernel(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, PLAIN);
	assert_int_equal(
		lade_variable_set(lade_object_find_variable(loaded.object, "ops_plain.name"), "lade_renamed", NULL), 0);
	loaded.instance = must_load_attached(loaded.object, NULL);
	assert_true(is_registered("lade_renamed"));
	assert_false(is_registered("lade_plain"));
	loaded_unload(&loaded);
	assert_false(stays_registered("lade_renamed"));
	loaded_leave(&loaded);
}

static void table_that_the_subsystem_refuses_is_named(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .attach = true };
	struct loaded loaded;

	(void)state;
	if (!can_run())
		skip();
	loaded = loaded_open(NULL, PLAIN);
	assert_int_equal(lade_variable_set(lade_object_find_variable(loaded.object, "ops_plain.undo_cwnd"), "0", NULL),
			 0);
	assert_int_equal(loaded_fail(&loaded, &opts), -EINVAL);
	assert_string_equal(loaded.info.code, "attach.struct-ops.refused");
	assert_string_equal(loaded.info.map, "ops_plain");
	assert_leaves_nothing(&loaded);
}

/* ---- what this kernel cannot have ---- */

static void tables_that_do_not_fit_the_kernel_are_refused_before_it_is_entered(void **state)
{
	static const struct {
		const char *table, *code, *text;
	} rows[] = {
		{ "ops_kernel", "plan.struct-ops.kernel", "lade_no_such_ops" },
		{ "ops_missing", "plan.struct-ops.member", "lade_unknown" },
		{ "ops_program", "plan.struct-ops.member", "lade_unknown" },
		{ "ops_size", "plan.struct-ops.type", "name" },
		{ "ops_kind", "plan.struct-ops.type", "ssthresh" },
		{ "ops_pointer", "plan.struct-ops.pointer", "owner" },
		{ "ops_bits", "plan.struct-ops.type", "flags" },
		{ "ops_reuse", "plan.struct-ops.reuse", "ops_ssthresh" },
	};

	(void)state;
	if (!can_run())
		skip();
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct loaded loaded = loaded_open(NULL, WRONG);
		struct lade_map *table = lade_object_find_map(loaded.object, rows[i].table);
		assert_int_equal(lade_map_set_autocreate(table, true), 0);
		(void)loaded_fail(&loaded, NULL);
		if (strcmp(loaded.info.code, rows[i].code) != 0 || !strstr(loaded.info.message, rows[i].table) ||
		    !strstr(loaded.info.message, rows[i].text))
			fail_msg("%s: %s: %s", rows[i].table, loaded.info.code, loaded.info.message);
		assert_leaves_nothing(&loaded);
	}
}

/* ---- failures ---- */

/* False: the call that is to fail was never made. */
static bool fail_call(unsigned nth)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = ENOMEM };
	const struct lade_load_opts opts = { .size = sizeof opts, .name = has_links() ? "ops" : NULL, .attach = true };
	struct lade_context *context = new_context(NULL);
	struct lade_object *object = open_object(context, LINK);
	struct kernel *faulty = use_faulty(context, &fault);
	struct lade_instance *instance = NULL;
	bool was_made;

	(void)lade_object_load(object, &opts, &instance, NULL);
	(void)lade_object_free(object);
	was_made = lade_kernel_fault_count(faulty) >= nth;
	if (!was_made) /* it must not fail the unloading instead */
		(void)faulty->calls->rmdir(faulty, "/nonexistent");
	if (instance && !opts.name) {
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
	} else if (instance) {
		(void)lade_instance_close(instance);
		(void)lade_context_free(context);
		context = new_context(NULL);
		assert_int_equal(lade_state_unload(context, "ops", NULL), 0);
	}
	assert_false(stays_registered("lade_first"));
	assert_false(stays_registered("lade_second"));
	(void)lade_context_free(context);
	return was_made;
}

static void call_that_fails_leaves_nothing_registered(void **state)
{
	unsigned nth = 1;

	(void)state;
	if (!can_run())
		skip();
	(void)fail_call(UINT32_MAX); /* makes what stays: the directory of all instances */
	for (bool was_made = true; was_made; nth++) {
		struct live_before before = live_before(LIVE_BPFFS);
		was_made = fail_call(nth);
		assert_nothing_left(&before);
	}
	assert_true(nth > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_loaded_if_a_created_table_holds_them),
		cmocka_unit_test(table_that_is_asked_for_is_created_with_its_programs),
		cmocka_unit_test(value_is_the_one_that_libbpf_registers),
		cmocka_unit_test(links_of_tables_are_pinned_and_unloading_unregisters),
		cmocka_unit_test(table_without_a_link_stays_registered_until_it_is_unloaded),
		cmocka_unit_test(table_for_a_link_is_registered_with_or_without_one),
		cmocka_unit_test(members_that_are_set_go_into_the_kernel),
		cmocka_unit_test(table_that_the_subsystem_refuses_is_named),
		cmocka_unit_test(tables_that_do_not_fit_the_kernel_are_refused_before_it_is_entered),
		cmocka_unit_test(call_that_fails_leaves_nothing_registered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
