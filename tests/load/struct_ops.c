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

#include "harness/live.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "load/loader.h"
#include "plan/plan.h"

#define PLAIN TEST_OBJECTS "/ops_plain.bpf.o"
#define LINK  TEST_OBJECTS "/ops_link.bpf.o"
#define WRONG TEST_OBJECTS "/ops_wrong.bpf.o"

static bool kernel_has_struct(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) : -1;

	btf__free(btf);
	return id > 0;
}

static bool can_run(void)
{
	bool has_table = kernel_has_struct("bpf_struct_ops_tcp_congestion_ops");

	if (!has_table)
		print_error("this kernel has no struct_ops tcp_congestion_ops\n");
	return has_table && live_enter();
}

/* Before 6.4 a table in .struct_ops.link is created without its flag, and no pin holds its registration. */
static bool has_links(void)
{
	return kernel_has_struct("bpf_struct_ops_link");
}

static struct lade_context *new_context(void)
{
	struct lade_context *context = NULL;

	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	return context;
}

static struct lade_object *open_object(struct lade_context *context, const char *file)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;

	if (lade_object_open(context, file, NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static struct lade_instance *load(struct lade_object *object, const char *name, bool attach)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = name, .attach = attach };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_object_load(object, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
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
	struct lade_context *context;
	struct lade_instance *instance;
	struct lade_object *object;

	(void)state;
	if (!can_run())
		skip();
	context = new_context();
	object = open_object(context, LINK);
	instance = load(object, NULL, false);
	for (size_t i = 0; i < ELEMENTS(programs); i++)
		assert_int_equal(lade_instance_program_fd(instance, programs[i].name) >= 0, programs[i].loaded);
	assert_non_null(map_of(instance, "ops_first"));
	assert_null(map_of(instance, "ops_asleep"));
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void table_that_is_asked_for_is_created_with_its_programs(void **state)
{
	struct lade_context *context;
	struct lade_instance *instance;
	struct lade_object *object;

	(void)state;
	if (!can_run())
		skip();
	context = new_context();
	object = open_object(context, LINK);
	assert_int_equal(lade_map_set_autocreate(lade_object_find_map(object, "ops_asleep"), true), 0);
	assert_int_equal(lade_map_set_autocreate(lade_object_find_map(object, "ops_second"), false), 0);
	instance = load(object, NULL, false);
	assert_true(lade_instance_program_fd(instance, "ops_asleep_ssthresh") >= 0);
	assert_int_equal(lade_instance_program_fd(instance, "ops_undo_later"), -ENOENT);
	assert_non_null(map_of(instance, "ops_asleep"));
	assert_null(map_of(instance, "ops_second"));
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
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
	struct lade_context *context;
	struct lade_instance *instance;
	struct lade_object *object;
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
	context = new_context();
	object = open_object(context, PLAIN);
	instance = load(object, NULL, false);
	assert_int_equal(map_of(instance, "ops_plain")->definition.value_size, sizeof ours);
	assert_int_equal(lade_instance_attach(instance, "ops_plain", NULL, NULL), 0);
	assert_true(is_registered("lade_plain"));
	read_value(map_of(instance, "ops_plain")->fd, ours, sizeof ours);
	/* What stands behind the pointers are ids of programs, which differ: the rest is equal. */
	array_foreach(place, &map_of(instance, "ops_plain")->ops->places) {
		memset(ours + place->offset, 0, 8);
		memset(theirs + place->offset, 0, 8);
	}
	assert_memory_equal(ours + 64, theirs + 64, sizeof ours - 64);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	assert_false(stays_registered("lade_plain"));
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

/* ---- attaching ---- */

static void links_of_tables_are_pinned_and_unloading_unregisters(void **state)
{
	struct live_before before;
	struct lade_context *context;
	struct lade_instance *instance;
	struct lade_object *object;

	(void)state;
	if (!can_run())
		skip();
	if (!has_links()) {
		print_error("this kernel has no links of tables\n");
		skip();
	}
	before = live_before(LIVE_BPFFS);
	context = new_context();
	object = open_object(context, LINK);
	instance = load(object, "ops", true);
	assert_true(is_registered("lade_first"));
	assert_true(is_registered("lade_second"));
	assert_int_equal(lade_instance_link_count(instance), 2);
	(void)lade_instance_close(instance);
	assert_true(is_registered("lade_first"));
	assert_int_equal(lade_state_unload(context, "ops", NULL), 0);
	assert_false(stays_registered("lade_first"));
	assert_false(stays_registered("lade_second"));
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

static void cannot_be_pinned(const char *file, const char *registered)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "ops", .attach = true };
	struct lade_finding_info info = { .size = sizeof info };
	struct live_before before = live_before(LIVE_BPFFS);
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, file);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_object_load(object, &opts, &instance, &error), -EOPNOTSUPP);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, "attach.struct-ops.no-link");
	assert_false(stays_registered(registered));
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

static void table_without_a_link_is_not_attached_to_what_outlives_the_process(void **state)
{
	(void)state;
	if (!can_run())
		skip();
	cannot_be_pinned(PLAIN, "lade_plain");
	if (!has_links())
		cannot_be_pinned(LINK, "lade_first");
}

static void table_for_a_link_is_registered_with_or_without_one(void **state)
{
	struct live_before before;
	struct lade_context *context;
	struct lade_instance *instance;
	struct lade_object *object;
	bool stepped_back;

	(void)state;
	if (!can_run())
		skip();
	before = live_before(LIVE_BPFFS);
	context = new_context();
	object = open_object(context, LINK);
	instance = load(object, NULL, true);
	assert_true(is_registered("lade_first"));
	assert_true(is_registered("lade_second"));
	stepped_back = !(map_of(instance, "ops_second")->definition.flags & MAP_FLAG_LINK);
	assert_int_equal(stepped_back, !has_links());
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	assert_false(stays_registered("lade_first"));
	assert_false(stays_registered("lade_second"));
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

static void members_that_are_set_go_into_the_kernel(void **state)
{
	struct lade_context *context;
	struct lade_instance *instance;
	struct lade_object *object;

	(void)state;
	if (!can_run())
		skip();
	context = new_context();
	object = open_object(context, PLAIN);
	assert_int_equal(lade_variable_set(lade_object_find_variable(object, "ops_plain.name"), "lade_renamed", NULL),
			 0);
	instance = load(object, NULL, true);
	assert_true(is_registered("lade_renamed"));
	assert_false(is_registered("lade_plain"));
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	assert_false(stays_registered("lade_renamed"));
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void table_that_the_subsystem_refuses_is_named(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .attach = true };
	struct lade_finding_info info = { .size = sizeof info };
	struct live_before before;
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	(void)state;
	if (!can_run())
		skip();
	before = live_before(LIVE_BPFFS);
	context = new_context();
	object = open_object(context, PLAIN);
	assert_int_equal(lade_variable_set(lade_object_find_variable(object, "ops_plain.undo_cwnd"), "0", NULL), 0);
	assert_int_equal(lade_object_load(object, &opts, &instance, &error), -EINVAL);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, "attach.struct-ops.refused");
	assert_string_equal(info.map, "ops_plain");
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

/* ---- what this kernel cannot have ---- */

static void refused(struct lade_context *context, const char *table, const char *code, const char *text)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_object *object = open_object(context, WRONG);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_map_set_autocreate(lade_object_find_map(object, table), true), 0);
	assert_true(lade_object_load(object, NULL, &instance, &error) < 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	assert_non_null(strstr(info.message, table));
	assert_non_null(strstr(info.message, text));
	(void)lade_error_free(error);
	(void)lade_object_free(object);
}

static void tables_that_do_not_fit_the_kernel_are_refused_before_it_is_entered(void **state)
{
	struct live_before before;
	struct lade_context *context;

	(void)state;
	if (!can_run())
		skip();
	before = live_before(LIVE_BPFFS);
	context = new_context();
	refused(context, "ops_kernel", "plan.struct-ops.kernel", "lade_no_such_ops");
	refused(context, "ops_missing", "plan.struct-ops.member", "lade_unknown");
	refused(context, "ops_program", "plan.struct-ops.member", "lade_unknown");
	refused(context, "ops_size", "plan.struct-ops.type", "name");
	refused(context, "ops_kind", "plan.struct-ops.type", "ssthresh");
	refused(context, "ops_pointer", "plan.struct-ops.pointer", "owner");
	refused(context, "ops_bits", "plan.struct-ops.type", "flags");
	refused(context, "ops_reuse", "plan.struct-ops.reuse", "ops_ssthresh");
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

/* ---- failures ---- */

/* False: the call that is to fail was never made. */
static bool fail_call(unsigned nth)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = ENOMEM };
	const struct lade_load_opts opts = { .size = sizeof opts, .name = has_links() ? "ops" : NULL, .attach = true };
	struct lade_context *context = new_context();
	struct lade_object *object = open_object(context, LINK);
	struct kernel *live = NULL, *faulty = NULL;
	struct lade_instance *instance = NULL;
	bool was_made;

	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, &fault, &faulty), 0);
	lade_context_set_kernel(context, faulty);
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
		context = new_context();
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
		cmocka_unit_test(table_without_a_link_is_not_attached_to_what_outlives_the_process),
		cmocka_unit_test(table_for_a_link_is_registered_with_or_without_one),
		cmocka_unit_test(members_that_are_set_go_into_the_kernel),
		cmocka_unit_test(table_that_the_subsystem_refuses_is_named),
		cmocka_unit_test(tables_that_do_not_fit_the_kernel_are_refused_before_it_is_entered),
		cmocka_unit_test(call_that_fails_leaves_nothing_registered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
