/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CO-RE objects and programs with a load target, in the kernel that runs: what a program reads of the task that runs
 * it must be what user space knows of itself.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "harness/live.h"
#include "harness/types.h"
#include "kernel/context.h"
#include "object/model.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
#define LIVE         TEST_OBJECTS "/core_live.bpf.o"
#define TARGETS      TEST_OBJECTS "/core_targets.bpf.o"
#define REPLACED     TEST_OBJECTS "/core_replaced.bpf.o"

/* As in core_live.bpf.c. */
struct seen {
	int tgid, leader, threads;
	unsigned reset_on_fork;
	long comm_bytes;
	char comm[16];
	long state_is_there, missing_field, missing_type, missing_value;
	long tgid_value, task_bytes;
	long local_id, target_id;
};

static bool may_run(void)
{
	bool has_types = access(KERNEL_TYPES, R_OK) == 0;

	if (!has_types)
		(void)fprintf(stderr, "# this kernel has no %s\n", KERNEL_TYPES);
	if (has_types && live_enter())
		return true;
	skip();
	return false;
}

static struct lade_context *new_context(const char *btf)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .btf = btf };
	struct lade_context *context = NULL;

	assert_int_equal(lade_context_new(&opts, &context, NULL), 0);
	return context;
}

/* Only the programs of these names are loaded; "": those of the object's choice. */
static struct lade_object *open_object(struct lade_context *context, const char *file, const char *program)
{
	struct lade_object *object = NULL;

	assert_int_equal(lade_object_open(context, file, NULL, &object, NULL), 0);
	for (size_t i = 0; *program && i < lade_object_program_count(object); i++)
		assert_int_equal(lade_program_set_autoload(lade_object_program(object, i), false), 0);
	if (*program)
		assert_int_equal(lade_program_set_autoload(lade_object_find_program(object, program), true), 0);
	return object;
}

/* All of it; the program that gets the task with its type only where the kernel has the helper (5.11). */
static struct lade_object *open_live(struct lade_context *context)
{
	struct lade_object *object = open_object(context, LIVE, "");

	if (!kernel_has_symbol("bpf_get_current_task_btf"))
		assert_int_equal(lade_program_set_autoload(lade_object_find_program(object, "look_directly"), false),
				 0);
	return object;
}

static struct lade_instance *must_load(struct lade_object *object, const char *name)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = name };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_object_load(object, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

static uint32_t run(const struct lade_instance *instance, const char *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int fd = lade_instance_program_fd(instance, program);

	assert_true(fd >= 0);
	assert_int_equal(bpf_prog_test_run_opts(fd, &opts), 0);
	return opts.retval;
}

static struct seen look(const struct lade_instance *instance)
{
	struct seen seen;
	uint32_t key = 0;

	(void)run(instance, "look");
	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(instance, ".bss"), &key, &seen), 0);
	return seen;
}

static void set_reset_on_fork(bool on)
{
	const struct sched_param zero = { 0 };

	assert_int_equal(sched_setscheduler(0, on ? SCHED_OTHER | SCHED_RESET_ON_FORK : SCHED_OTHER, &zero), 0);
}

static void fields_are_read_where_this_kernel_has_them(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;
	struct seen seen;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	object = open_live(context);
	instance = must_load(object, NULL);
	assert_int_equal(prctl(PR_SET_NAME, "a core test"), 0);
	seen = look(instance);
	assert_int_equal(seen.tgid, getpid());
	assert_int_equal(seen.leader, getpid());
	assert_int_equal(seen.threads, 1);
	assert_int_equal(seen.comm_bytes, 16);
	assert_string_equal(seen.comm, "a core test");
	assert_int_equal(seen.reset_on_fork, 0);
	set_reset_on_fork(true);
	assert_int_equal(look(instance).reset_on_fork, 1);
	set_reset_on_fork(false);
	if (lade_instance_program_fd(instance, "look_directly") >= 0)
		assert_int_equal(run(instance, "look_directly"), 0);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void what_is_and_is_not_there_is_told_apart(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;
	struct seen seen;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	object = open_live(context);
	instance = must_load(object, NULL);
	seen = look(instance);
	assert_int_equal(seen.state_is_there, 1);
	assert_int_equal(seen.missing_field, 0);
	assert_int_equal(seen.missing_type, 0);
	assert_int_equal(seen.missing_value, 0);
	assert_int_equal(seen.tgid_value, 1);
	assert_true(seen.task_bytes > 1000);
	assert_true(seen.local_id > 0 && seen.target_id > 0);
	assert_int_equal(run(instance, "guarded"), 7);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void types_from_a_file_give_the_same_as_those_of_the_kernel(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;

	(void)state;
	if (!may_run())
		return;
	context = new_context(KERNEL_TYPES);
	object = open_live(context);
	instance = must_load(object, NULL);
	assert_int_equal(look(instance).tgid, getpid());
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void many_objects_of_one_context_share_the_kernels_types(void **state)
{
	struct lade_context *context;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	for (int i = 0; i < 5; i++) {
		struct lade_object *object = open_live(context);
		struct lade_instance *instance = must_load(object, NULL);
		assert_int_equal(look(instance).tgid, getpid());
		(void)lade_instance_close(instance);
		(void)lade_object_free(object);
	}
	(void)lade_context_free(context);
}

/* ---- what goes wrong ---- */

/* Loads, which fails, and describes the first finding; the error is the caller's. */
static struct lade_error *must_fail(struct lade_object *object, struct lade_finding_info *info)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	assert_true(lade_object_load(object, NULL, &instance, &error) < 0);
	*info = (struct lade_finding_info){ .size = sizeof *info };
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), info), 0);
	assert_string_not_equal(info->code, "internal.unknown-code");
	return error;
}

static bool has_evidence(const struct lade_finding_info *info, const char *text)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], text))
			return true;
	return false;
}

static void unguarded_missing_field_is_named_with_its_guard(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_error *error;
	struct lade_finding_info info;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	object = open_object(context, LIVE, "unguarded");
	error = must_fail(object, &info);
	assert_string_equal(info.code, "verifier.core.poisoned");
	assert_int_equal(lade_error_exit_code(error), 4);
	assert_non_null(strstr(info.message, "struct task_struct.never_there"));
	assert_non_null(strstr(info.fix, "bpf_core_field_exists("));
	assert_non_null(info.cause);
	assert_true(info.instruction >= 0);
	assert_true(info.source_line > 0);
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void programs_that_do_not_load_need_no_types(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;

	(void)state;
	if (!may_run())
		return;
	context = new_context("/nowhere/at/all");
	object = open_object(context, TARGETS, "bound"); /* asks nothing of the kernel's types */
	instance = must_load(object, NULL);
	(void)lade_instance_close(instance);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void file_of_types_that_is_not_there_is_named(void **state)
{
	struct lade_context *context;
	struct lade_object *object;
	struct lade_error *error;
	struct lade_finding_info info;

	(void)state;
	if (!may_run())
		return;
	context = new_context("/nowhere/at/all");
	object = open_live(context);
	error = must_fail(object, &info);
	assert_non_null(strstr(info.message, "/nowhere/at/all"));
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

/* ---- load targets ---- */

static void tracepoints_and_iterators_are_found_by_name(void **state)
{
	static const char *const programs[] = { "on_switch", "each_task" };
	struct lade_context *context;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct lade_object *object = open_object(context, TARGETS, programs[i]);
		struct lade_instance *instance = must_load(object, NULL);
		struct bpf_prog_info info = { 0 };
		uint32_t length = sizeof info;
		assert_int_equal(
			bpf_obj_get_info_by_fd(lade_instance_program_fd(instance, programs[i]), &info, &length), 0);
		assert_int_equal(info.type, BPF_PROG_TYPE_TRACING);
		if (length > offsetof(struct bpf_prog_info, attach_btf_id)) { /* since 5.17 */
			assert_true(info.attach_btf_id > 0);
			assert_true(info.attach_btf_obj_id > 0);
		}
		(void)lade_instance_close(instance);
		(void)lade_object_free(object);
	}
	(void)lade_context_free(context);
}

static void check_refused_target(struct lade_context *context, const char *program, const char *target,
				 const char *code, const char *evidence)
{
	struct lade_object *object = open_object(context, TARGETS, program);
	struct lade_error *error;
	struct lade_finding_info info;

	if (target)
		assert_int_equal(lade_program_set_target(lade_object_find_program(object, program), target), 0);
	error = must_fail(object, &info);
	assert_string_equal(info.code, code);
	assert_string_equal(info.program, program);
	assert_non_null(info.fix);
	if (evidence && !has_evidence(&info, evidence))
		fail_msg("%s: no evidence \"%s\"", program, evidence);
	(void)lade_error_free(error);
	(void)lade_object_free(object);
}

static void target_that_is_not_there_is_named(void **state)
{
	struct lade_context *context;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	check_refused_target(context, "misspelt", NULL, "plan.target.unknown", "sched_switch");
	check_refused_target(context, "nowhere", NULL, "plan.target.unknown", "no_such_function_anywhere");
	check_refused_target(context, "no_module", NULL, "plan.target.unknown", "no_such_module");
	check_refused_target(context, "anywhere", NULL, "plan.target.missing", NULL);
	check_refused_target(context, "anywhere", "no_such_function", "plan.target.unknown", "no_such_function");
	check_refused_target(context, "new_answer", NULL, "plan.target.missing", NULL);
	check_refused_target(context, "new_answer", "lade/nothing/there", "plan.target.program", NULL);
	check_refused_target(context, "new_answer", "4294967294", "plan.target.program", NULL);
	check_refused_target(context, "bound", "no_such_if", "plan.target.device", NULL);
	(void)lade_context_free(context);
}

/* What the kernel says of a map looks like what it says of a program. */
static void target_that_is_a_map_is_no_program(void **state)
{
	struct lade_context *context;
	int fd;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "a_map", 4, 4, 1, NULL);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_pin(fd, LIVE_BPFFS "/a_map"), 0);
	check_refused_target(context, "new_answer", LIVE_BPFFS "/a_map", "plan.target.program", NULL);
	assert_int_equal(unlink(LIVE_BPFFS "/a_map"), 0);
	assert_int_equal(close(fd), 0);
	(void)lade_context_free(context);
}

/* A program that is there to be replaced; the caller closes it. */
static struct lade_instance *load_replaced(struct lade_context *context)
{
	struct lade_object *object = open_object(context, REPLACED, "");
	struct lade_instance *instance = must_load(object, "core_replaced");

	(void)lade_object_free(object);
	return instance;
}

static uint32_t ask(int fd)
{
	uint8_t packet[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof packet);

	assert_int_equal(bpf_prog_test_run_opts(fd, &opts), 0);
	return opts.retval;
}

/* Attached, it answers, or has seen the question; afterwards all is as before. */
static void check_answer(struct lade_instance *instance, const char *program, int asks, uint32_t answer)
{
	uint32_t key = 0, seen = 0;

	assert_int_equal(lade_instance_attach(instance, program, NULL, NULL), 0);
	assert_int_equal(ask(asks), answer);
	if (strcmp(program, "before_answer") == 0) {
		assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(instance, ".bss"), &key, &seen), 0);
		assert_int_equal(seen, 45);
	}
	(void)lade_instance_close(instance);
	assert_int_equal(ask(asks), 42);
}

/* Where a policy refuses such programs altogether, the finding says so; that is all there is to see. */
static void check_replaces(struct lade_context *context, const char *program, const char *target, int asks,
			   uint32_t answer)
{
	struct lade_object *object = open_object(context, TARGETS, program);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_finding_info info = { .size = sizeof info };

	assert_int_equal(lade_program_set_target(lade_object_find_program(object, program), target), 0);
	if (lade_object_load(object, NULL, &instance, &error) == 0) {
		check_answer(instance, program, asks, answer);
	} else {
		if (lade_error_code(error) != -EPERM)
			fail_msg("%s", lade_error_message(error));
		assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
		assert_string_equal(info.code, "program.load.permission");
		assert_true(has_evidence(&info, "is verified against type id"));
		(void)fprintf(stderr, "# %s: this machine refuses such programs with EPERM\n", program);
	}
	(void)lade_error_free(error);
	(void)lade_object_free(object);
}

static void functions_of_programs_are_found_by_pin_and_id_and_replaced(void **state)
{
	struct lade_context *context;
	struct lade_instance *replaced;
	struct live_before before;
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof info;
	char id[16];
	int asks;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	replaced = load_replaced(context);
	asks = lade_instance_program_fd(replaced, "asks");
	assert_int_equal(bpf_obj_get_info_by_fd(asks, &info, &length), 0);
	assert_int_equal(ask(asks), 42);
	(void)snprintf(id, sizeof id, "%u", info.id);
	check_replaces(context, "new_answer", "lade/core_replaced/progs/asks", asks, 43);
	before = live_before(LIVE_BPFFS);
	check_replaces(context, "new_answer", LIVE_BPFFS "/lade/core_replaced/progs/asks", asks, 43);
	check_replaces(context, "answer", id, asks, 44);
	check_replaces(context, "before_answer", id, asks, 42);
	assert_nothing_left(&before);
	assert_int_equal(lade_instance_unload(replaced, NULL), 0);
	(void)lade_context_free(context);
}

/* What the policy of a machine may refuse is refused with the whole truth. */
static void refused_functions_and_hooks_say_what_was_tried(void **state)
{
	static const char *const programs[] = { "on_unlink", "on_open" };
	struct lade_context *context;

	(void)state;
	if (!may_run())
		return;
	context = new_context(NULL);
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct lade_object *object = open_object(context, TARGETS, programs[i]);
		struct lade_instance *instance = NULL;
		struct lade_error *error = NULL;
		if (lade_object_load(object, NULL, &instance, &error) < 0) {
			struct lade_finding_info info = { .size = sizeof info };
			assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
			if (lade_error_code(error) == -EPERM)
				assert_true(has_evidence(&info, "bpf(2) itself is allowed"));
			else if (lade_error_code(error) != -ESRCH) /* CONFIG_BPF_LSM may be missing */
				fail_msg("%s", lade_error_message(error));
		}
		(void)lade_error_free(error);
		(void)lade_instance_close(instance);
		(void)lade_object_free(object);
	}
	(void)lade_context_free(context);
}

/* The module is gone when its types are to be opened: nothing of the load is left. */
static void module_that_is_gone_ends_the_load(void **state)
{
	struct live_before before;
	struct lade_context *context;
	struct lade_object *object;
	struct lade_error *error;
	struct lade_finding_info info;

	(void)state;
	if (!may_run())
		return;
	before = live_before(LIVE_BPFFS);
	context = new_context(NULL);
	object = open_object(context, TEST_OBJECTS "/core_calls.bpf.o", "of_module");
	context->types = made_types(object->btf, "some_module", "some_function");
	error = must_fail(object, &info);
	assert_string_equal(info.code, "btf.module.open");
	assert_int_equal(lade_error_code(error), -ENOENT);
	assert_non_null(strstr(info.message, "some_module"));
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read_where_this_kernel_has_them),
		cmocka_unit_test(what_is_and_is_not_there_is_told_apart),
		cmocka_unit_test(types_from_a_file_give_the_same_as_those_of_the_kernel),
		cmocka_unit_test(many_objects_of_one_context_share_the_kernels_types),
		cmocka_unit_test(unguarded_missing_field_is_named_with_its_guard),
		cmocka_unit_test(programs_that_do_not_load_need_no_types),
		cmocka_unit_test(file_of_types_that_is_not_there_is_named),
		cmocka_unit_test(tracepoints_and_iterators_are_found_by_name),
		cmocka_unit_test(target_that_is_not_there_is_named),
		cmocka_unit_test(target_that_is_a_map_is_no_program),
		cmocka_unit_test(functions_of_programs_are_found_by_pin_and_id_and_replaced),
		cmocka_unit_test(module_that_is_gone_ends_the_load),
		cmocka_unit_test(refused_functions_and_hooks_say_what_was_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
