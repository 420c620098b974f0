/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf_throw() ends in the function that the program names, though nothing calls it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "harness/live.h"

#define OBJECT TEST_OBJECTS "/exc_callback.bpf.o"

static bool can_run(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, "bpf_throw", BTF_KIND_FUNC) : -1;

	btf__free(btf);
	if (id <= 0)
		print_error("this kernel has no bpf_throw()\n");
	return id > 0 && live_enter();
}

static struct lade_object *open_object(struct lade_context **ret_context)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_context_new(NULL, ret_context, NULL), 0);
	if (lade_object_open(*ret_context, OBJECT, NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static uint32_t run(const struct lade_instance *instance, const char *program)
{
	char packet[64] = "";
	struct bpf_test_run_opts opts = { .sz = sizeof opts, .data_in = packet, .data_size_in = sizeof packet };

	assert_int_equal(bpf_prog_test_run_opts(lade_instance_program_fd(instance, program), &opts), 0);
	return opts.retval;
}

static void what_is_thrown_ends_in_the_callback(void **state)
{
	struct lade_context *context;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_object *object;

	(void)state;
	if (!can_run())
		skip();
	object = open_object(&context);
	if (lade_object_load(object, NULL, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(run(instance, "exc_throws"), 42);
	assert_int_equal(run(instance, "exc_plain"), 5);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

static void callback_that_is_not_there_is_named(void **state)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_context *context;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_object *object;

	(void)state;
	if (!can_run())
		skip();
	object = open_object(&context);
	assert_int_equal(lade_program_set_autoload(lade_object_find_program(object, "exc_lost"), true), 0);
	assert_int_equal(lade_object_load(object, NULL, &instance, &error), -EINVAL);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, "plan.exception.callback");
	assert_non_null(strstr(info.message, "exc_missing"));
	(void)lade_error_free(error);
	(void)lade_object_free(object);
	(void)lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_thrown_ends_in_the_callback),
		cmocka_unit_test(callback_that_is_not_there_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
