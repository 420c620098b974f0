/* SPDX-License-Identifier: BSD-2-Clause */
/* Trampolines and iterators, for real. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "attach/method.h"
#include "harness/loaded.h"

#define OBJECT "k_traced.bpf.o"

enum { FENTRY, FENTRY_MULTI, FEXIT_MULTI, FSESSION_MULTI };
enum { PROGRAMS_MOST = 64 }; /* the kernel takes 36 to 40 on one function */

static bool is_live;

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

static void make_and_remove(void)
{
	char path[] = "/tmp/lade-traced-XXXXXX";
	assert_non_null(mkdtemp(path));
	assert_int_equal(rmdir(path), 0);
}

/* Some kernels have no trampolines, or a policy against them; why is on stderr. */
static void load_or_skip(struct loaded *loaded, const char *program, const char *name)
{
	if (!is_live)
		skip();
	*loaded = loaded_open(NULL, OBJECT);
	(void)load_only(loaded->object, program);
	const struct lade_load_opts opts = { .size = sizeof opts, .name = name };
	if (lade_object_load(loaded->object, &opts, &loaded->instance, &loaded->error) == 0)
		return;
	(void)fprintf(stderr, "# %s\n", lade_error_message(loaded->error));
	assert_true(lade_error_exit_code(loaded->error) == 3 || lade_error_exit_code(loaded->error) == 5);
	loaded_leave(loaded);
	skip();
}

static bool has_evidence(const struct lade_finding_info *info, const char *text)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], text))
			return true;
	return false;
}

static void attach_one(struct loaded *loaded, struct lade_error **error)
{
	(void)load_only(loaded->object, "on_fentry");
	if (!loaded->instance)
		loaded_load(loaded, NULL);
	(void)lade_instance_attach(loaded->instance, "on_fentry", NULL, error);
}

static void function_that_takes_no_more_names_those_that_are_there(void **state)
{
	(void)state;
	static struct loaded all[PROGRAMS_MOST];
	struct lade_error *error = NULL;
	size_t count_all = 1;
	load_or_skip(&all[0], "on_fentry", NULL);
	attach_one(&all[0], &error);
	assert_null(error);
	make_and_remove();
	assert_int_equal(loaded_count(&all[0], FENTRY), 1);
	for (; !error && count_all < PROGRAMS_MOST; count_all++) {
		all[count_all] = loaded_open(NULL, OBJECT);
		attach_one(&all[count_all], &error);
	}
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.code, "attach.full");
	/* Since 5.18 the kernel says what a program was verified against. */
	if (program_info(lade_instance_program_fd(all[0].instance, "on_fentry")).attach_btf_id)
		assert_true(has_evidence(&info, "(on_fentry)"));
	lade_error_free(error);
	while (count_all > 0)
		loaded_leave(&all[--count_all]);
}

/* Since 7.2. How often it runs when a directory is made and removed, which are two functions. */
static void assert_runs_at_all_functions(const char *program, uint32_t which, uint64_t times)
{
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	load_or_skip(&loaded, program, NULL);
	if (lade_instance_attach(loaded.instance, program, NULL, &error) < 0) {
		struct lade_finding_info info = finding_of(error);
		if (strcmp(info.code, "attach.absent-kind") != 0 || !has_evidence(&info, "7.2"))
			fail_msg("%s: %s", info.code, info.message);
		lade_error_free(error);
	} else {
		make_and_remove();
		assert_int_equal(loaded_count(&loaded, which), times);
		assert_int_equal(lade_instance_link_count(loaded.instance), 1);
	}
	assert_leaves_nothing(&loaded);
}

static void one_program_runs_at_all_functions_that_match_where_the_kernel_can(void **state)
{
	(void)state;
	assert_runs_at_all_functions("on_fentry_multi", FENTRY_MULTI, 2);
}

static void one_program_runs_at_the_return_of_all_functions_that_match(void **state)
{
	(void)state;
	assert_runs_at_all_functions("on_fexit_multi", FEXIT_MULTI, 2);
}

static void one_program_runs_at_entry_and_return_of_all_functions_that_match(void **state)
{
	(void)state;
	assert_runs_at_all_functions("on_fsession_multi", FSESSION_MULTI, 4);
}

static void function_that_is_not_there_leads_to_its_system_call(void **state)
{
	(void)state;
	if (!is_live || !kernel_has_types() || kernel_has_symbol("do_execve"))
		skip();
	struct loaded loaded = loaded_open(NULL, OBJECT);
	(void)load_only(loaded.object, "on_execve");
	assert_true(loaded_fail(&loaded, NULL) < 0);
	assert_string_equal(loaded.info.code, "plan.target.unknown");
	assert_true(has_evidence(&loaded.info, "_sys_execve"));
	assert_leaves_nothing(&loaded);
}

/* ---- iterators ---- */

static size_t read_iterator(const struct loaded *loaded, char mark)
{
	struct lade_link_info link = { .size = sizeof link };
	char text[256];
	size_t found = 0;
	assert_int_equal(lade_instance_link(loaded->instance, 0, &link), 0);
	int fd = bpf_iter_create(link.fd);
	assert_true(fd >= 0);
	for (ssize_t length; (length = read(fd, text, sizeof text)) > 0;)
		for (ssize_t i = 0; i < length; i++)
			found += text[i] == mark;
	(void)close(fd);
	return found;
}

static void iterator_goes_over_the_elements_of_a_map(void **state)
{
	(void)state;
	static const char *const targets[] = { "map:elements", "map:lade/k_traced/maps/elements" };
	for (size_t i = 0; i < ELEMENTS(targets); i++) {
		struct loaded loaded = { 0 };
		struct lade_error *error = NULL;
		load_or_skip(&loaded, "each_element", "k_traced");
		if (lade_instance_attach(loaded.instance, "each_element", targets[i], &error) < 0)
			fail_msg("%s", lade_error_message(error));
		assert_int_equal(read_iterator(&loaded, 'x'), 3);
		assert_int_equal(lade_instance_unload(loaded.instance, NULL), 0);
		loaded.instance = NULL;
		assert_leaves_nothing(&loaded);
	}
}

static void iterator_over_a_map_that_is_not_there_is_refused(void **state)
{
	(void)state;
	static const char *const targets[] = { "map:/no/such/map", "map:lade/k_traced/progs/each_element" };
	for (size_t i = 0; i < ELEMENTS(targets); i++) {
		struct loaded loaded = { 0 };
		struct lade_error *error = NULL;
		load_or_skip(&loaded, "each_element", "k_traced");
		assert_true(lade_instance_attach(loaded.instance, "each_element", targets[i], &error) < 0);
		assert_string_equal(finding_of(error).code, "attach.map.missing");
		lade_error_free(error);
		assert_int_equal(lade_instance_unload(loaded.instance, NULL), 0);
		loaded.instance = NULL;
		assert_leaves_nothing(&loaded);
	}
}

/* Since 6.1. */
static void iterator_goes_over_the_threads_of_a_process(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	char target[32];
	(void)snprintf(target, sizeof target, "pid:%d", (int)getpid());
	load_or_skip(&loaded, "each_task", NULL);
	if (lade_instance_attach(loaded.instance, "each_task", target, &error) < 0) {
		(void)fprintf(stderr, "# %s\n", lade_error_message(error));
		assert_string_equal(finding_of(error).code, "attach.absent");
		lade_error_free(error);
		assert_leaves_nothing(&loaded);
		skip();
	}
	size_t tasks = read_iterator(&loaded, 't');
	assert_leaves_nothing(&loaded);
	assert_int_equal(tasks, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_that_takes_no_more_names_those_that_are_there),
		cmocka_unit_test(one_program_runs_at_all_functions_that_match_where_the_kernel_can),
		cmocka_unit_test(one_program_runs_at_the_return_of_all_functions_that_match),
		cmocka_unit_test(one_program_runs_at_entry_and_return_of_all_functions_that_match),
		cmocka_unit_test(function_that_is_not_there_leads_to_its_system_call),
		cmocka_unit_test(iterator_goes_over_the_elements_of_a_map),
		cmocka_unit_test(iterator_over_a_map_that_is_not_there_is_refused),
		cmocka_unit_test(iterator_goes_over_the_threads_of_a_process),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
