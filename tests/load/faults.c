/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load leaves nothing behind, whichever of its calls into the kernel fails or is the last the process
 * makes. One loop over all calls; the object has one of everything.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "base/error.h"
#include "harness/errnos.h"
#include "harness/live.h"
#include "kernel/context.h"
#include "kernel/fault.h"

/* One has one of everything, one is relocated and verified against the kernel's types, one has all kinds of externs. */
static const struct subject {
	const char *name, *file;
	const char *program, *target; /* only this one is loaded, against that; NULL: all */
} everything = { "load_all", TEST_OBJECTS "/load_all.bpf.o" },
  relocated = { "core_targets", TEST_OBJECTS "/core_targets.bpf.o" },
  outside = { "ext_all", TEST_OBJECTS "/ext_all.bpf.o" },
  replacing = { "core_targets", TEST_OBJECTS "/core_targets.bpf.o", "new_answer", "lade/core_replaced/progs/asks" };
static const struct subject *subject = &everything;

/* A context whose kernel fails as told. The fault kernel is the context's. */
static struct lade_context *faulty_context(const struct fault *fault, struct kernel **ret_kernel)
{
	struct lade_context *context = NULL;
	struct kernel *live = NULL;

	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, fault, ret_kernel), 0);
	lade_context_set_kernel(context, *ret_kernel);
	return context;
}

/* Kernels before 5.15 have no links of perf events, so tracepoints cannot outlive a pinned load there. */
static bool pinned_loads_attach = true;

static void choose(struct lade_object *object)
{
	for (size_t i = 0; subject->program && i < lade_object_program_count(object); i++)
		(void)lade_program_set_autoload(lade_object_program(object, i), false);
	if (subject->program) {
		struct lade_program *program = lade_object_find_program(object, subject->program);
		assert_int_equal(lade_program_set_autoload(program, true), 0);
		assert_int_equal(lade_program_set_target(program, subject->target), 0);
	}
}

static int load_with(struct lade_context *context, bool named, struct lade_instance **ret_instance,
		     struct lade_error **error)
{
	struct lade_object *object = NULL;
	struct lade_load_opts opts = { .size = sizeof opts,
				       .name = named ? subject->name : NULL,
				       .attach = !named || pinned_loads_attach,
				       .jobs = 1 };
	int r;

	assert_int_equal(lade_object_open(context, subject->file, NULL, &object, error), 0);
	choose(object);
	r = lade_object_load(object, &opts, ret_instance, error);
	(void)lade_object_free(object);
	return r;
}

static bool may_run(void)
{
	if (live_enter())
		return true;
	skip();
	return false;
}

/* Every finding says what it is about, and has a row in the catalogue. */
static void check_findings(struct lade_error *error, const char *call, int errnum)
{
	struct lade_finding_info info = { .size = sizeof info };

	if (lade_error_finding_count(error) == 0)
		fail_msg("%s failing with %d gave no finding", call, errnum);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	if (strcmp(info.code, "internal.unknown-code") == 0)
		fail_msg("%s failing with %d gave a finding without a catalogue row: %s", call, errnum, info.message);
	assert_non_null(info.message);
	assert_string_equal(info.object, subject->name);
	if (lade_error_exit_code(error) < 2 || lade_error_exit_code(error) > 6)
		fail_msg("%s failing with %d (%s) gave exit code %d", call, errnum, info.code,
			 lade_error_exit_code(error));
	assert_in_range(-lade_error_code(error), 1, 4095);
}

static unsigned count_calls(bool named)
{
	const struct fault none = { .action = FAULT_NONE };
	struct kernel *kernel;
	struct lade_context *context = faulty_context(&none, &kernel);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	unsigned count;

	if (load_with(context, named, &instance, &error) == -EOPNOTSUPP && named && pinned_loads_attach) {
		(void)lade_error_free(error);
		(void)lade_context_free(context);
		pinned_loads_attach = false;
		return count_calls(named);
	}
	if (!instance)
		fail_msg("%s", lade_error_message(error));
	count = lade_kernel_fault_count(kernel);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_context_free(context);
	return count;
}

/* The empty directory of all instances may stay: it is Lade's own and says nothing. */
static char *pins_below_bpffs(void)
{
	char *tree = pin_tree(LIVE_BPFFS), *own = strstr(tree, "lade/\n");

	if (own && strncmp(own + 6, "lade/", 5) != 0)
		memmove(own, own + 6, strlen(own + 6) + 1);
	return tree;
}

static void compare(size_t fds, char *pins_before, const char *call, unsigned nth, int errnum)
{
	char *pins = pins_below_bpffs();

	if (fd_count() != fds)
		fail_msg("call %u (%s) failing with %d: %zu descriptors before, %zu after", nth, call, errnum, fds,
			 fd_count());
	if (strcmp(pins, pins_before) != 0)
		fail_msg("call %u (%s) failing with %d leaves pins:\n%s", nth, call, errnum, pins);
	free(pins);
	free(pins_before);
}

static void fail_once(bool named, unsigned nth, int errnum)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = errnum, .reading = subject->target };
	size_t fds = fd_count();
	char *pins = pins_below_bpffs();
	struct kernel *kernel;
	struct lade_context *context = faulty_context(&fault, &kernel);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	char call[64] = "past the last";

	if (load_with(context, named, &instance, &error) < 0) {
		(void)snprintf(call, sizeof call, "%s", lade_kernel_fault_call(kernel, nth));
		check_findings(error, call, errnum);
		assert_null(instance);
		(void)lade_error_free(error);
	} else { /* a step back or a retry made good for it */
		assert_null(error);
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
	}
	(void)lade_context_free(context);
	compare(fds, pins, call, nth, errnum);
}

static void fail_every_call(bool named)
{
	unsigned count = count_calls(named);

	assert_true(count > 10);
	for (unsigned nth = 1; nth <= count; nth++)
		for (size_t i = 0; i < errnos_each(ALL_ERRNOS); i++)
			fail_once(named, nth, errno_of_call(nth, i));
}

static void every_call_of_a_pinned_load_may_fail_with_every_errno_and_nothing_is_left(void **state)
{
	(void)state;
	if (may_run())
		fail_every_call(true);
}

static void every_call_of_an_unpinned_load_may_fail_with_every_errno_and_nothing_is_left(void **state)
{
	(void)state;
	if (may_run())
		fail_every_call(false);
}

static void every_call_of_a_load_against_the_kernels_types_may_fail_and_nothing_is_left(void **state)
{
	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		(void)fprintf(stderr, "# this kernel has no BTF\n");
		skip();
	}
	if (!may_run())
		return;
	subject = &relocated;
	fail_every_call(true);
	subject = &everything;
}

static void every_call_of_a_load_that_asks_the_kernel_may_fail_and_nothing_is_left(void **state)
{
	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		(void)fprintf(stderr, "# this kernel has no BTF\n");
		skip();
	}
	if (!kernel_has_symbol("bpf_rcu_read_lock")) /* since 6.2 */
		skip();
	if (!may_run())
		return;
	subject = &outside;
	fail_every_call(false);
	subject = &everything;
}

static unsigned last_load(const struct kernel *kernel)
{
	unsigned count = lade_kernel_fault_count(kernel);

	while (count && strcmp(lade_kernel_fault_call(kernel, count), "BPF_PROG_LOAD") != 0)
		count--;
	return count;
}

/* Some machines refuse such programs: then all up to that, for what follows takes everything back. */
static unsigned count_all_calls(void)
{
	const struct fault none = { .action = FAULT_NONE, .reading = true };
	struct kernel *kernel;
	struct lade_context *context = faulty_context(&none, &kernel);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	unsigned count;

	(void)load_with(context, true, &instance, &error);
	count = instance ? lade_kernel_fault_count(kernel) : last_load(kernel);
	if (instance)
		assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_error_free(error);
	(void)lade_context_free(context);
	return count;
}

/* The program that is replaced; it stays loaded. */
static struct lade_instance *load_target(struct lade_context *context)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "core_replaced" };
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;

	assert_int_equal(lade_object_open(context, TEST_OBJECTS "/core_replaced.bpf.o", NULL, &object, NULL), 0);
	assert_int_equal(lade_object_load(object, &opts, &instance, NULL), 0);
	(void)lade_object_free(object);
	return instance;
}

static void every_call_about_a_load_target_may_fail_and_nothing_is_left(void **state)
{
	struct lade_context *context = NULL;
	struct lade_instance *instance;
	unsigned count;

	(void)state;
	if (!may_run())
		return;
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	instance = load_target(context);
	subject = &replacing;
	count = count_all_calls();
	assert_true(count > 10);
	for (unsigned nth = 1; nth <= count; nth++)
		for (size_t i = 0; i < errnos_each(ALL_ERRNOS); i++)
			fail_once(true, nth, errno_of_call(nth, i));
	subject = &everything;
	(void)lade_instance_close(instance);
	(void)lade_context_free(context);
}

/* ---- kill -9 ---- */

static void die_at(enum fault_action action, unsigned nth, bool named)
{
	const struct fault fault = { .action = action, .nth = nth };
	struct kernel *kernel;
	struct lade_context *context = faulty_context(&fault, &kernel);
	struct lade_instance *instance = NULL;

	(void)load_with(context, named, &instance, NULL);
	_exit(0); /* the fault lies beyond the last call */
}

/* What list shows unload removes; afterwards nothing of it is left but the directory of all instances. */
static void clean_up_after_death(struct lade_context *context, const char *fresh)
{
	struct lade_state *state = NULL;
	char *tree;

	assert_int_equal(lade_state_read(context, NULL, &state, NULL), 0);
	for (size_t i = 0; i < lade_state_count(state); i++) {
		struct lade_state_entry entry = { .size = sizeof entry };
		assert_int_equal(lade_state_entry(state, i, &entry), 0);
		assert_false(entry.busy);
		assert_int_equal(lade_state_unload(context, entry.directory, NULL), 0);
	}
	(void)lade_state_free(state);
	tree = pins_below_bpffs();
	if (strcmp(tree, fresh) != 0)
		fail_msg("left behind: %s", tree);
	free(tree);
}

static void kill_once(enum fault_action action, unsigned nth, bool named, const char *fresh)
{
	struct lade_context *context = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		die_at(action, nth, named);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	if (action == FAULT_KILL_BEFORE) /* the next load works, whatever lies around */
		if (load_with(context, true, &instance, &error) < 0 && lade_error_code(error) != -EEXIST)
			fail_msg("after death at call %u: %s", nth, lade_error_message(error));
	(void)lade_error_free(error);
	(void)lade_instance_close(instance);
	clean_up_after_death(context, fresh);
	(void)lade_context_free(context);
}

static void death_at_any_call_leaves_only_what_unload_removes(void **state)
{
	unsigned count;
	char *fresh;

	(void)state;
	if (!may_run())
		return;
	fresh = pins_below_bpffs();
	count = count_calls(true);
	for (unsigned nth = 1; nth <= count; nth++) {
		kill_once(FAULT_KILL_BEFORE, nth, true, fresh);
		kill_once(FAULT_KILL_AFTER, nth, true, fresh);
	}
	free(fresh);
}

static void death_of_an_unpinned_load_leaves_only_what_unload_removes(void **state)
{
	unsigned count;
	char *fresh;

	(void)state;
	if (!may_run())
		return;
	fresh = pins_below_bpffs();
	count = count_calls(false);
	for (unsigned nth = 1; nth <= count; nth++)
		kill_once(FAULT_KILL_AFTER, nth, false, fresh);
	free(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_of_a_pinned_load_may_fail_with_every_errno_and_nothing_is_left),
		cmocka_unit_test(every_call_of_an_unpinned_load_may_fail_with_every_errno_and_nothing_is_left),
		cmocka_unit_test(every_call_of_a_load_against_the_kernels_types_may_fail_and_nothing_is_left),
		cmocka_unit_test(every_call_of_a_load_that_asks_the_kernel_may_fail_and_nothing_is_left),
		cmocka_unit_test(every_call_about_a_load_target_may_fail_and_nothing_is_left),
		cmocka_unit_test(death_at_any_call_leaves_only_what_unload_removes),
		cmocka_unit_test(death_of_an_unpinned_load_leaves_only_what_unload_removes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
