/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whichever call of a replacement fails, the old instance runs on unchanged; whichever is the last that the process
 * makes, old or new is attached, and what is left is listed, removed, and gives back what it had taken.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "harness/errnos.h"
#include "harness/cgroups.h"
#include "harness/hooks.h"
#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/fault.h"

static struct test_cgroup group;
static char cgroup_target[600];

/* Forms that the kernel is told not to have: 0, or links of cgroups and traffic control. */
static unsigned absent_forms;

static bool can_attach(void);

static bool enter(void)
{
	if (!live_enter() || !hooks_network() || !cgroup_make(&group))
		return false;
	(void)snprintf(cgroup_target, sizeof cgroup_target, "cgroup:%s", group.path);
	if (can_attach())
		return true;
	cgroup_remove(&group);
	return false;
}

/* ---- the old instance ---- */

static struct lade_context *plain_context(void)
{
	struct lade_context *context = new_context(NULL);
	struct kernel *kernel;

	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	lade_kernel_form_set_absent(kernel, (enum kernel_form)absent_forms);
	return context;
}

static int load(struct lade_context *context, const char *file, bool replace, struct lade_error **error)
{
	const struct lade_attach_request requests[] = { { "egress", cgroup_target },
							{ "classify", "dev:lo:ingress" },
							{ "enter", NULL } };
	const struct lade_map_choice migrate = { NULL, LADE_MAP_MIGRATE };
	const struct lade_load_opts opts = {
		.size = sizeof opts,
		.name = "rep",
		.replace = replace,
		.jobs = 1,
		.attach_requests = replace ? NULL : requests,
		.attach_request_count = replace ? 0 : ELEMENTS(requests),
		.map_choices = &migrate,
		.map_choice_count = 1,
	};
	struct lade_object *object = open_object(context, file);
	struct lade_instance *instance = NULL;
	int r = lade_object_load(object, &opts, &instance, error);

	(void)lade_object_free(object);
	(void)lade_instance_close(instance);
	return r;
}

/* Some kernels lack traffic control or the tracepoint of system calls. */
static bool can_attach(void)
{
	struct lade_context *context = plain_context();
	struct lade_error *error = NULL;
	int r = load(context, "rep_one.bpf.o", false, &error);

	if (r < 0)
		(void)fprintf(stderr, "# %s\n", lade_error_message(error));
	else
		assert_int_equal(lade_state_unload(context, "rep", NULL), 0);
	(void)lade_error_free(error);
	(void)lade_context_free(context);
	return r >= 0;
}

static void load_old(void)
{
	struct lade_context *context = plain_context();
	struct lade_error *error = NULL;

	if (load(context, "rep_one.bpf.o", false, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_context_free(context);
}

static void unload(void)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;

	if (lade_state_unload(context, "rep", &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_context_free(context);
}

/* Version whose programs run: asked of the program, by what it counts. */
static uint32_t running_version(struct lade_context *context)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	uint32_t key = 0, version = 0;

	if (lade_instance_open(context, "rep", &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(
		lade_bpf_map_lookup(context->kernel, lade_instance_map_fd(instance, ".rodata"), &key, &version), 0);
	(void)lade_instance_close(instance);
	return version;
}

/* Each of the three is attached with the program of this instance, and what is pinned is what runs. */
static void check_attached(struct lade_context *context, const char *when)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	unsigned attached = 0;

	if (lade_instance_open(context, "rep", &instance, &error) < 0)
		fail_msg("%s: %s", when, lade_error_message(error));
	for (size_t i = 0; i < lade_instance_link_count(instance); i++) {
		struct lade_link_info link = { .size = sizeof link };
		struct bpf_link_info info;
		assert_int_equal(lade_instance_link(instance, i, &link), 0);
		attached += strcmp(link.method, "clsact") != 0;
		if (!link.is_link)
			continue;
		assert_int_equal(lade_bpf_link_info(context->kernel, link.fd, &info), 0);
		if (info.prog_id != program_info(lade_instance_program_fd(instance, link.program)).id)
			fail_msg("%s: %s runs program %u", when, link.program, info.prog_id);
	}
	if (attached < 3)
		fail_msg("%s: %u attached", when, attached);
	(void)lade_instance_close(instance);
}

/* Effects that are gone are shown so. */
static void check_state(struct lade_context *context, const char *when)
{
	struct lade_state *state = NULL;

	assert_int_equal(lade_state_read(context, "rep", &state, NULL), 0);
	if (lade_state_count(state) != 1)
		fail_msg("%s: %zu instances", when, lade_state_count(state));
	for (size_t i = 0; i < lade_state_pin_count(state, 0); i++) {
		struct lade_pin_info pin = { .size = sizeof pin };
		assert_int_equal(lade_state_pin(state, 0, i, &pin), 0);
		if (pin.gone)
			fail_msg("%s: %s is gone", when, pin.detail);
	}
	(void)lade_state_free(state);
}

static char *pins_but_journal(void)
{
	char *tree = pin_tree(LIVE_BPFFS), *result = calloc(1, strlen(tree) + 1);
	char *rest = tree;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (!strstr(line, "/journal/") && *line) {
			strcat(result, line);
			strcat(result, "\n");
		}
	free(tree);
	return result;
}

/* ---- a call that fails ---- */

static unsigned count_calls(void)
{
	const struct fault none = { .action = FAULT_NONE };
	struct lade_context *context = new_context(NULL);
	struct kernel *kernel = use_faulty(context, &none);
	struct lade_error *error = NULL;
	unsigned count;

	lade_kernel_form_set_absent(kernel, (enum kernel_form)absent_forms);
	load_old();
	if (load(context, "rep_three.bpf.o", true, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	count = lade_kernel_fault_count(kernel);
	(void)lade_context_free(context);
	unload();
	return count;
}

static void check_finding(const struct lade_error *error, const char *when)
{
	struct lade_finding_info info = { .size = sizeof info };

	if (lade_error_finding_count(error) == 0)
		fail_msg("%s: no finding", when);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	if (strcmp(info.code, "internal.unknown-code") == 0)
		fail_msg("%s: %s", when, info.message);
	if (lade_error_exit_code(error) < 2 || lade_error_exit_code(error) > 6)
		fail_msg("%s: %s gave exit code %d", when, info.code, lade_error_exit_code(error));
}

/* True: the old instance is still there. */
static bool fail_once(unsigned nth, int errnum)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = errnum };
	struct lade_context *context = new_context(NULL), *looking;
	struct kernel *kernel = use_faulty(context, &fault);
	struct lade_error *error = NULL;
	size_t fds = fd_count();
	char *before = pin_tree(LIVE_BPFFS), *after;
	char when[96];

	lade_kernel_form_set_absent(kernel, (enum kernel_form)absent_forms);
	int r = load(context, "rep_three.bpf.o", true, &error);
	const char *call = lade_kernel_fault_call(kernel, nth);
	(void)snprintf(when, sizeof when, "call %u (%s) failing with %s", nth, call ? call : "past the last",
		       strerrorname_np(errnum));
	if (fd_count() != fds)
		fail_msg("%s: %zu descriptors before, %zu after", when, fds, fd_count());
	looking = plain_context();
	assert_int_equal(lade_context_kernel(looking, &kernel, NULL), 0);
	if (r < 0)
		check_finding(error, when);
	else
		assert_int_equal(lade_state_orphans(looking, true, NULL, NULL, NULL), 0);
	after = pin_tree(LIVE_BPFFS);
	if (r < 0 && strcmp(before, after) != 0)
		fail_msg("%s: it was\n%sand is\n%s", when, before, after);
	check_attached(looking, when);
	check_state(looking, when);
	assert_int_equal(running_version(looking), r < 0 ? 1 : 3);
	(void)lade_error_free(error);
	(void)lade_context_free(looking);
	(void)lade_context_free(context);
	free(before);
	free(after);
	return r < 0;
}

static void fail_every_call(void)
{
	unsigned count = count_calls();

	assert_true(count > 30);
	load_old();
	for (unsigned nth = 1; nth <= count; nth++)
		for (size_t i = 0; i < errnos_each(5); i++)
			if (!fail_once(nth, errno_of_call(nth, i))) {
				unload();
				load_old();
			}
	unload();
}

static void every_call_of_a_replacement_may_fail_and_the_old_instance_runs_on(void **state)
{
	(void)state;
	absent_forms = 0;
	if (!enter())
		skip();
	fail_every_call();
	cgroup_remove(&group);
}

static void every_call_of_a_replacement_without_links_may_fail_and_the_old_instance_runs_on(void **state)
{
	(void)state;
	absent_forms = FORM_CGROUP_LINK | FORM_TCX_LINK;
	if (!enter())
		skip();
	fail_every_call();
	absent_forms = 0;
	cgroup_remove(&group);
}

/* ---- kill -9 ---- */

static void die_at(enum fault_action action, unsigned nth)
{
	const struct fault fault = { .action = action, .nth = nth };
	struct lade_context *context = new_context(NULL);
	struct kernel *kernel = use_faulty(context, &fault);

	lade_kernel_form_set_absent(kernel, (enum kernel_form)absent_forms);
	_exit(load(context, "rep_three.bpf.o", true, NULL) < 0);
}

/* False: it made fewer calls than that, and came to its end. */
static bool kill_once(enum fault_action action, unsigned nth)
{
	struct lade_context *context;
	struct lade_error *error = NULL;
	char when[64];
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		die_at(action, nth);
	assert_int_equal(waitpid(child, &status, 0), child);
	bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	assert_true(is_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
	(void)snprintf(when, sizeof when, "killed %s call %u", action == FAULT_KILL_BEFORE ? "before" : "after", nth);
	context = plain_context();
	if (lade_state_orphans(context, true, NULL, NULL, &error) < 0)
		fail_msg("%s: %s", when, lade_error_message(error));
	check_attached(context, when);
	check_state(context, when);
	assert_true(running_version(context) == 3 || (is_killed && running_version(context) == 1));
	(void)lade_context_free(context);
	return is_killed;
}

/* All of it, unfinished or not, goes with one unload. */
static void unload_once(enum fault_action action, unsigned nth, const char *fresh)
{
	char *tree;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		die_at(action, nth);
	assert_int_equal(waitpid(child, &status, 0), child);
	unload();
	tree = pins_but_journal();
	if (strcmp(tree, fresh) != 0)
		fail_msg("killed at call %u: unload leaves\n%s", nth, tree);
	free(tree);
}

static void kill_at_every_call(void)
{
	char *fresh = pins_but_journal();
	unsigned count = count_calls(), spared = 0;

	load_old();
	assert_true(kill_once(FAULT_KILL_BEFORE, 1)); /* before any other is after the one before it */
	unload();
	for (unsigned nth = 1; nth <= count; nth++) {
		load_old();
		spared += !kill_once(FAULT_KILL_AFTER, nth);
		unload();
		if (nth % 3)
			continue;
		load_old();
		unload_once(FAULT_KILL_AFTER, nth, fresh);
	}
	free(fresh);
	/* A busy machine's kernel asks for a call once more (EAGAIN), and may have done so when they were counted. */
	assert_true(spared <= 5);
}

static void death_at_any_call_of_a_replacement_leaves_old_or_new_attached(void **state)
{
	(void)state;
	absent_forms = 0;
	if (!enter())
		skip();
	kill_at_every_call();
	cgroup_remove(&group);
}

static void death_at_any_call_of_a_replacement_in_two_renames_leaves_old_or_new_attached(void **state)
{
	(void)state;
	absent_forms = FORM_RENAME_EXCHANGE;
	if (!enter())
		skip();
	kill_at_every_call();
	absent_forms = 0;
	cgroup_remove(&group);
}

static void death_at_any_call_of_a_replacement_without_links_leaves_old_or_new_attached(void **state)
{
	(void)state;
	absent_forms = FORM_CGROUP_LINK | FORM_TCX_LINK;
	if (!enter())
		skip();
	kill_at_every_call();
	absent_forms = 0;
	cgroup_remove(&group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_of_a_replacement_may_fail_and_the_old_instance_runs_on),
		cmocka_unit_test(every_call_of_a_replacement_without_links_may_fail_and_the_old_instance_runs_on),
		cmocka_unit_test(death_at_any_call_of_a_replacement_leaves_old_or_new_attached),
		cmocka_unit_test(death_at_any_call_of_a_replacement_in_two_renames_leaves_old_or_new_attached),
		cmocka_unit_test(death_at_any_call_of_a_replacement_without_links_leaves_old_or_new_attached),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
