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

#include <cmocka.h>

#include "base/array.h"
#include "harness/loaded.h"
#include "harness/types.h"
#include "kernel/context.h"
#include "object/model.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
#define LIVE         "core_live.bpf.o"
#define TARGETS      "core_targets.bpf.o"
#define REPLACED     "core_replaced.bpf.o"

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

/* Only this program is loaded; NULL: those of the object's choice. */
static struct loaded begin(const char *btf, const char *file, const char *program)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .btf = btf };
	struct loaded loaded = loaded_open(&opts, file);

	if (program)
		(void)load_only(loaded.object, program);
	return loaded;
}

/* All of it; the program that gets the task with its type only where the kernel has the helper (5.11). */
static struct loaded begin_live(const char *btf)
{
	struct loaded loaded = begin(btf, LIVE, NULL);

	if (!kernel_has_symbol("bpf_get_current_task_btf"))
		assert_int_equal(
			lade_program_set_autoload(lade_object_find_program(loaded.object, "look_directly"), false), 0);
	return loaded;
}

static struct seen look(const struct lade_instance *instance)
{
	struct seen seen;
	uint32_t key = 0;

	(void)must_run(instance, "look");
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
	struct loaded loaded;
	struct seen seen;

	(void)state;
	if (!may_run())
		return;
	loaded = begin_live(NULL);
	loaded_load(&loaded, NULL);
	assert_int_equal(prctl(PR_SET_NAME, "a core test"), 0);
	seen = look(loaded.instance);
	assert_int_equal(seen.tgid, getpid());
	assert_int_equal(seen.leader, getpid());
	assert_int_equal(seen.threads, 1);
	assert_int_equal(seen.comm_bytes, 16);
	assert_string_equal(seen.comm, "a core test");
	assert_int_equal(seen.reset_on_fork, 0);
	set_reset_on_fork(true);
	assert_int_equal(look(loaded.instance).reset_on_fork, 1);
	set_reset_on_fork(false);
	if (lade_instance_program_fd(loaded.instance, "look_directly") >= 0)
		assert_int_equal(must_run(loaded.instance, "look_directly"), 0);
	loaded_leave(&loaded);
}

static void what_is_and_is_not_there_is_told_apart(void **state)
{
	struct loaded loaded;
	struct seen seen;

	(void)state;
	if (!may_run())
		return;
	loaded = begin_live(NULL);
	loaded_load(&loaded, NULL);
	seen = look(loaded.instance);
	assert_int_equal(seen.state_is_there, 1);
	assert_int_equal(seen.missing_field, 0);
	assert_int_equal(seen.missing_type, 0);
	assert_int_equal(seen.missing_value, 0);
	assert_int_equal(seen.tgid_value, 1);
	assert_true(seen.task_bytes > 1000);
	assert_true(seen.local_id > 0 && seen.target_id > 0);
	assert_int_equal(must_run(loaded.instance, "guarded"), 7);
	loaded_leave(&loaded);
}

static void types_from_a_file_give_the_same_as_those_of_the_kernel(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin_live(KERNEL_TYPES);
	loaded_load(&loaded, NULL);
	assert_int_equal(look(loaded.instance).tgid, getpid());
	loaded_leave(&loaded);
}

static void many_objects_of_one_context_share_the_kernels_types(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin_live(NULL);
	loaded_load(&loaded, NULL);
	for (int i = 0; i < 4; i++) {
		struct lade_object *object = open_object(loaded.context, LIVE);
		(void)load_only(object, "look");
		struct lade_instance *instance = must_load(object, NULL);
		assert_int_equal(look(instance).tgid, getpid());
		(void)lade_instance_close(instance);
		(void)lade_object_free(object);
	}
	assert_int_equal(look(loaded.instance).tgid, getpid());
	loaded_leave(&loaded);
}

/* ---- what goes wrong ---- */

static bool has_evidence(const struct lade_finding_info *info, const char *text)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], text))
			return true;
	return false;
}

static void unguarded_missing_field_is_named_with_its_guard(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin(NULL, LIVE, "unguarded");
	assert_true(loaded_fail(&loaded, NULL) < 0);
	assert_string_equal(loaded.info.code, "verifier.core.poisoned");
	assert_int_equal(lade_error_exit_code(loaded.error), 4);
	assert_non_null(strstr(loaded.info.message, "struct task_struct.never_there"));
	assert_non_null(strstr(loaded.info.fix, "bpf_core_field_exists("));
	assert_non_null(loaded.info.cause);
	assert_true(loaded.info.instruction >= 0);
	assert_true(loaded.info.source_line > 0);
	loaded_leave(&loaded);
}

static void programs_that_do_not_load_need_no_types(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin("/nowhere/at/all", TARGETS, "bound"); /* asks nothing of the kernel's types */
	loaded_load(&loaded, NULL);
	loaded_leave(&loaded);
}

static void file_of_types_that_is_not_there_is_named(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin_live("/nowhere/at/all");
	assert_true(loaded_fail(&loaded, NULL) < 0);
	assert_non_null(strstr(loaded.info.message, "/nowhere/at/all"));
	loaded_leave(&loaded);
}

/* ---- load targets ---- */

static void tracepoints_and_iterators_are_found_by_name(void **state)
{
	static const char *const programs[] = { "on_switch", "each_task" };

	(void)state;
	if (!may_run())
		return;
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct loaded loaded = begin(NULL, TARGETS, programs[i]);
		struct bpf_prog_info info = { 0 };
		uint32_t length = sizeof info;
		loaded_load(&loaded, NULL);
		assert_int_equal(
			bpf_obj_get_info_by_fd(lade_instance_program_fd(loaded.instance, programs[i]), &info, &length),
			0);
		assert_int_equal(info.type, BPF_PROG_TYPE_TRACING);
		if (length > offsetof(struct bpf_prog_info, attach_btf_id)) { /* since 5.17 */
			assert_true(info.attach_btf_id > 0);
			assert_true(info.attach_btf_obj_id > 0);
		}
		loaded_leave(&loaded);
	}
}

static void check_refused_target(const char *program, const char *target, const char *code, const char *evidence)
{
	struct loaded loaded = begin(NULL, TARGETS, program);

	if (target)
		assert_int_equal(lade_program_set_target(lade_object_find_program(loaded.object, program), target), 0);
	assert_true(loaded_fail(&loaded, NULL) < 0);
	assert_string_equal(loaded.info.code, code);
	assert_string_equal(loaded.info.program, program);
	assert_non_null(loaded.info.fix);
	if (evidence && !has_evidence(&loaded.info, evidence))
		fail_msg("%s: no evidence \"%s\"", program, evidence);
	loaded_leave(&loaded);
}

static void target_that_is_not_there_is_named(void **state)
{
	(void)state;
	if (!may_run())
		return;
	check_refused_target("misspelt", NULL, "plan.target.unknown", "sched_switch");
	check_refused_target("nowhere", NULL, "plan.target.unknown", "no_such_function_anywhere");
	check_refused_target("no_module", NULL, "plan.target.unknown", "no_such_module");
	check_refused_target("anywhere", NULL, "plan.target.missing", NULL);
	check_refused_target("anywhere", "no_such_function", "plan.target.unknown", "no_such_function");
	check_refused_target("new_answer", NULL, "plan.target.missing", NULL);
	check_refused_target("new_answer", "lade/nothing/there", "plan.target.program", NULL);
	check_refused_target("new_answer", "4294967294", "plan.target.program", NULL);
	check_refused_target("bound", "no_such_if", "plan.target.device", NULL);
}

/* What the kernel says of a map looks like what it says of a program. */
static void target_that_is_a_map_is_no_program(void **state)
{
	int fd;

	(void)state;
	if (!may_run())
		return;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "a_map", 4, 4, 1, NULL);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_pin(fd, LIVE_BPFFS "/a_map"), 0);
	check_refused_target("new_answer", LIVE_BPFFS "/a_map", "plan.target.program", NULL);
	assert_int_equal(unlink(LIVE_BPFFS "/a_map"), 0);
	assert_int_equal(close(fd), 0);
}

/* Attached, it answers, or has seen the question; afterwards all is as before. */
static void check_answer(struct lade_instance *instance, const char *program, int asks, uint32_t answer)
{
	uint32_t key = 0, seen = 0;

	assert_int_equal(lade_instance_attach(instance, program, NULL, NULL), 0);
	assert_int_equal(must_run_packet(asks), answer);
	if (strcmp(program, "before_answer") == 0) {
		assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(instance, ".bss"), &key, &seen), 0);
		assert_int_equal(seen, 45);
	}
	(void)lade_instance_close(instance);
	assert_int_equal(must_run_packet(asks), 42);
}

/* Where a policy refuses such programs altogether, the finding says so; that is all there is to see. */
static void check_replaces(struct lade_context *context, const char *program, const char *target, int asks,
			   uint32_t answer)
{
	struct lade_object *object = open_object(context, TARGETS);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_program_set_target(load_only(object, program), target), 0);
	if (lade_object_load(object, NULL, &instance, &error) == 0) {
		check_answer(instance, program, asks, answer);
	} else {
		struct lade_finding_info info = finding_of(error);
		if (lade_error_code(error) != -EPERM)
			fail_msg("%s", lade_error_message(error));
		assert_string_equal(info.code, "program.load.permission");
		assert_true(has_evidence(&info, "is verified against type id"));
		(void)fprintf(stderr, "# %s: this machine refuses such programs with EPERM\n", program);
	}
	(void)lade_error_free(error);
	(void)lade_object_free(object);
}

static void functions_of_programs_are_found_by_pin_and_id_and_replaced(void **state)
{
	struct loaded replaced;
	struct live_before before;
	char id[16];
	int asks;

	(void)state;
	if (!may_run())
		return;
	replaced = begin(NULL, REPLACED, NULL);
	loaded_load(&replaced, "core_replaced");
	asks = lade_instance_program_fd(replaced.instance, "asks");
	assert_int_equal(must_run_packet(asks), 42);
	(void)snprintf(id, sizeof id, "%u", program_info(asks).id);
	check_replaces(replaced.context, "new_answer", "lade/core_replaced/progs/asks", asks, 43);
	before = live_before(LIVE_BPFFS);
	check_replaces(replaced.context, "new_answer", LIVE_BPFFS "/lade/core_replaced/progs/asks", asks, 43);
	check_replaces(replaced.context, "answer", id, asks, 44);
	check_replaces(replaced.context, "before_answer", id, asks, 42);
	assert_nothing_left(&before);
	loaded_leave(&replaced);
}

/* What the policy of a machine may refuse is refused with the whole truth. */
static void refused_functions_and_hooks_say_what_was_tried(void **state)
{
	static const char *const programs[] = { "on_unlink", "on_open" };

	(void)state;
	if (!may_run())
		return;
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct loaded loaded = begin(NULL, TARGETS, programs[i]);
		if (lade_object_load(loaded.object, NULL, &loaded.instance, &loaded.error) < 0) {
			struct lade_finding_info info = finding_of(loaded.error);
			if (lade_error_code(loaded.error) == -EPERM)
				assert_true(has_evidence(&info, "bpf(2) itself is allowed"));
			else if (lade_error_code(loaded.error) != -ESRCH) /* CONFIG_BPF_LSM may be missing */
				fail_msg("%s", lade_error_message(loaded.error));
		}
		loaded_leave(&loaded);
	}
}

/* The module is gone when its types are to be opened: nothing of the load is left. */
static void module_that_is_gone_ends_the_load(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!may_run())
		return;
	loaded = begin(NULL, "core_calls.bpf.o", "of_module");
	loaded.context->types = made_types(loaded.object->btf, "some_module", "some_function");
	assert_int_equal(loaded_fail(&loaded, NULL), -ENOENT);
	assert_string_equal(loaded.info.code, "btf.module.open");
	assert_non_null(strstr(loaded.info.message, "some_module"));
	assert_leaves_nothing(&loaded);
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
