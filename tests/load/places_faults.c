/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects with places outside: whichever call of a load or of a replacement fails, and whichever is the last that the
 * process makes, nothing is left, or the old pins are what they were.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "base/array.h"
#include "harness/errnos.h"
#include "harness/loaded.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/kernel.h"

#define OBJECT "load_all.bpf.o"

static const struct part {
	const char *name, *path, *first;
	bool is_program;
} parts[] = {
	{ "outer", LIVE_BPFFS "/vendor/map_outer", LIVE_BPFFS "/other/tmp_outer" },
	{ "load_all_shared", LIVE_BPFFS "/vendor/map_shared", NULL },
	{ "calls", LIVE_BPFFS "/vendor/map_calls", NULL },
	{ "tail", LIVE_BPFFS "/vendor/prog_tail", LIVE_BPFFS "/other/tmp_tail", true },
	{ "on_exit", LIVE_BPFFS "/vendor/prog_exit", NULL, true },
};

static void place(struct lade_object *object)
{
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		const struct lade_pin_opts opts = { .size = sizeof opts,
						    .path = parts[i].path,
						    .first = parts[i].first,
						    .has_owner = true,
						    .uid = 1000,
						    .gid = 1001,
						    .has_mode = true,
						    .mode = 0440 };
		assert_int_equal(parts[i].is_program
					 ? lade_program_set_pin(lade_object_find_program(object, parts[i].name), &opts)
					 : lade_map_set_pin(lade_object_find_map(object, parts[i].name), &opts),
				 0);
	}
}

/* Forms that the kernel is told not to have. */
static unsigned absent_forms;

static int load(struct lade_context *context, bool replace, struct lade_error **error)
{
	const struct lade_map_choice recreate = { "load_all_shared", LADE_MAP_RECREATE };
	const struct lade_load_opts opts = { .size = sizeof opts,
					     .name = "placed",
					     .jobs = 1,
					     .replace = replace,
					     .map_choices = &recreate,
					     .map_choice_count = 1 };
	struct lade_object *object = open_object(context, OBJECT);
	struct lade_instance *instance = NULL;
	struct kernel *kernel;

	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	lade_kernel_form_set_absent(kernel, (enum kernel_form)absent_forms);
	place(object);
	if (replace) /* differs from the one that runs */
		assert_int_equal(lade_map_set_max_entries(lade_object_find_map(object, "load_all_shared"), 32), 0);
	int r = lade_object_load(object, &opts, &instance, error);
	(void)lade_object_free(object);
	(void)lade_instance_close(instance);
	return r;
}

static void load_old(void)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;

	if (load(context, false, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_context_free(context);
}

static void unload(const char *when)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;

	if (lade_state_unload(context, "placed", &error) < 0)
		fail_msg("%s: %s", when, lade_error_message(error));
	(void)lade_context_free(context);
}

static unsigned count_calls(bool replace)
{
	const struct fault none = { .action = FAULT_NONE };
	struct lade_context *context = new_context(NULL);
	struct kernel *kernel = use_faulty(context, &none);
	struct lade_error *error = NULL;

	if (load(context, replace, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	unsigned count = lade_kernel_fault_count(kernel);
	(void)lade_context_free(context);
	unload("counting");
	return count;
}

static uint32_t id_at(const struct part *part, const char *when)
{
	int fd = bpf_obj_get(part->path);

	if (fd < 0)
		fail_msg("%s: %s: %s", when, part->path, strerror(errno));
	uint32_t id = part->is_program ? program_info(fd).id : map_info(fd).id;
	(void)close(fd);
	return id;
}

static void ids_of_all(uint32_t ids[ELEMENTS(parts)], const char *when)
{
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		struct stat status;
		ids[i] = id_at(&parts[i], when);
		assert_int_equal(lstat(parts[i].path, &status), 0);
		if (status.st_uid != 1000 || status.st_gid != 1001 || (status.st_mode & 07777) != 0440)
			fail_msg("%s: %s is %u:%u %04o", when, parts[i].path, status.st_uid, status.st_gid,
				 status.st_mode & 07777);
	}
}

/* Without the directory of all instances, which may stay empty. */
static char *tree(void)
{
	char *text = pin_tree(LIVE_BPFFS), *own = strstr(text, "lade/\n");

	if (own && strncmp(own + 6, "lade/", 5) != 0)
		memmove(own, own + 6, strlen(own + 6) + 1);
	return text;
}

static void check_finding(const struct lade_error *error, const char *when)
{
	const struct lade_finding_info info = finding_of(error);

	if (strcmp(info.code, "internal.unknown-code") == 0)
		fail_msg("%s: %s", when, info.message);
	if (lade_error_exit_code(error) < 2 || lade_error_exit_code(error) > 6)
		fail_msg("%s: %s gave exit code %d", when, info.code, lade_error_exit_code(error));
}

/* True: it failed, and all is as before. */
static bool fail_once(bool replace, unsigned nth, int errnum, bool reading)
{
	const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = errnum, .reading = reading };
	struct lade_context *context = new_context(NULL);
	struct kernel *kernel = use_faulty(context, &fault);
	struct lade_error *error = NULL;
	size_t fds = fd_count();
	char *before = tree(), *after, when[128];
	uint32_t old[ELEMENTS(parts)], now[ELEMENTS(parts)];

	if (replace)
		ids_of_all(old, "before");
	int r = load(context, replace, &error);
	const char *call = lade_kernel_fault_call(kernel, nth);
	(void)snprintf(when, sizeof when, "call %u (%s) failing with %s", nth, call ? call : "past the last",
		       strerrorname_np(errnum));
	if (fd_count() != fds)
		fail_msg("%s: %zu descriptors before, %zu after", when, fds, fd_count());
	after = tree();
	if (r < 0) {
		check_finding(error, when);
		if (strcmp(before, after) != 0)
			fail_msg("%s: it was\n%sand is\n%s", when, before, after);
	}
	if (r == 0 || replace)
		ids_of_all(now, when);
	if (r < 0 && replace)
		assert_memory_equal(old, now, sizeof old);
	(void)lade_error_free(error);
	(void)lade_context_free(context);
	free(before);
	free(after);
	return r < 0;
}

static void fail_all(bool replace, size_t errors_each, bool reading)
{
	unsigned count = replace ? (load_old(), count_calls(true)) : count_calls(false);

	assert_true(count > 30);
	if (reading) /* there are more of them */
		count *= 3;
	if (replace)
		load_old();
	for (unsigned nth = 1; nth <= count; nth++)
		for (size_t i = 0; i < errnos_each(errors_each); i++) {
			if (fail_once(replace, nth, errno_of_call(nth, i), reading))
				continue;
			unload("after a load that made good");
			if (replace)
				load_old();
		}
	if (replace)
		unload("at the end");
}

static void every_call_of_a_load_with_places_may_fail_and_nothing_is_left(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	fail_all(false, ALL_ERRNOS, false);
}

static void every_call_that_looks_may_fail_too(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	fail_all(false, 4, true);
}

static void every_call_may_fail_where_rename_has_no_flags(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	absent_forms = FORM_RENAME_FLAGS;
	fail_all(false, 5, false);
	absent_forms = 0;
}

static void every_call_of_a_replacement_may_fail_and_the_old_pins_are_there(void **state)
{
	(void)state;
	if (!live_enter())
		skip();
	fail_all(true, 5, false);
}

/* ---- kill -9 ---- */

static void die_at(bool replace, enum fault_action action, unsigned nth)
{
	const struct fault fault = { .action = action, .nth = nth };
	struct lade_context *context = new_context(NULL);

	(void)use_faulty(context, &fault);
	(void)load(context, replace, NULL);
	_exit(0);
}

static void die(bool replace, enum fault_action action, unsigned nth)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		die_at(replace, action, nth);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void remove_orphans(const char *when)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;

	if (lade_state_orphans(context, true, NULL, NULL, &error) < 0)
		fail_msg("%s: %s", when, lade_error_message(error));
	(void)lade_context_free(context);
}

static void death_at_any_call_leaves_only_what_orphans_removes(void **state)
{
	char when[64];

	(void)state;
	if (!live_enter())
		skip();
	char *fresh = tree();
	unsigned count = count_calls(false);
	for (unsigned nth = 1; nth <= count; nth++) {
		die(false, FAULT_KILL_AFTER, nth);
		(void)snprintf(when, sizeof when, "killed after call %u of %u", nth, count);
		remove_orphans(when);
		char *left = tree();
		if (strcmp(left, fresh) != 0) {
			if (!strstr(left, "lade/placed/")) /* it had come to its end */
				fail_msg("%s: left\n%s", when, left);
			unload(when);
		}
		free(left);
	}
	free(fresh);
}

/* A pin that has or had another name for a moment; what the journal says of it does not count. */
static bool has_beside(char *text)
{
	for (char *line; (line = strsep(&text, "\n"));)
		if (!strstr(line, "/journal/") && (strchr(line, '~') || strstr(line, "other/tmp")))
			return true;
	return false;
}

static void unload_all(const char *when, const char *fresh)
{
	unload(when);
	char *left = tree();
	if (strcmp(left, fresh) != 0)
		fail_msg("%s: unload left\n%s", when, left);
	free(left);
}

static void death_at_any_call_of_a_replacement_leaves_old_or_new_pins(void **state)
{
	uint32_t old[ELEMENTS(parts)], now[ELEMENTS(parts)];
	char when[64];

	(void)state;
	if (!live_enter())
		skip();
	char *fresh = tree();
	load_old();
	unsigned count = count_calls(true);
	for (unsigned nth = 1; nth <= count; nth++) {
		load_old();
		ids_of_all(old, "before");
		die(true, FAULT_KILL_AFTER, nth);
		(void)snprintf(when, sizeof when, "killed after call %u of %u", nth, count);
		for (size_t i = 0; i < ELEMENTS(parts); i++)
			(void)id_at(&parts[i], when); /* never missing */
		remove_orphans(when);
		ids_of_all(now, when);
		/* All old or all new, but for what goes on. */
		bool replaced = now[4] != old[4];
		assert_int_equal(now[3] != old[3], replaced);
		assert_int_equal(now[1] != old[1], replaced);
		assert_int_equal(now[0], old[0]);
		char *left = tree();
		if (has_beside(left))
			fail_msg("%s: something is left aside", when);
		free(left);
		unload_all(when, fresh);
	}
	free(fresh);
}

static void death_in_a_replacement_is_cleaned_up_by_unload_alone(void **state)
{
	char when[64];

	(void)state;
	if (!live_enter())
		skip();
	char *fresh = tree();
	load_old();
	unsigned count = count_calls(true);
	for (unsigned nth = 3; nth <= count; nth += 3) {
		load_old();
		die(true, FAULT_KILL_BEFORE, nth);
		(void)snprintf(when, sizeof when, "killed before call %u of %u", nth, count);
		unload_all(when, fresh);
	}
	free(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_of_a_load_with_places_may_fail_and_nothing_is_left),
		cmocka_unit_test(every_call_that_looks_may_fail_too),
		cmocka_unit_test(every_call_may_fail_where_rename_has_no_flags),
		cmocka_unit_test(every_call_of_a_replacement_may_fail_and_the_old_pins_are_there),
		cmocka_unit_test(death_at_any_call_leaves_only_what_orphans_removes),
		cmocka_unit_test(death_at_any_call_of_a_replacement_leaves_old_or_new_pins),
		cmocka_unit_test(death_in_a_replacement_is_cleaned_up_by_unload_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
