/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are called (syscall), and those that most machines have no device for (lirc). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "harness/hooks.h"
#include "kernel/context.h"

/* NULL: the kernel takes such programs; else why not. Frees what it made. */
static bool kernel_takes(const char *file, const char *program)
{
	hooks_skip_unless_live();
	struct lade_context *context = new_context(NULL);
	struct lade_object *object = open_object(context, file);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	(void)load_only(object, program);
	int result = lade_object_load(object, NULL, &instance, &error);
	if (result < 0)
		(void)fprintf(stderr, "# %s\n", lade_error_message(error));
	lade_error_free(error);
	lade_instance_close(instance);
	lade_object_free(object);
	lade_context_free(context);
	return result >= 0;
}

static void attaching_a_program_of_type_syscall_runs_it_once(void **state)
{
	(void)state;
	if (!kernel_takes("hook_sockets.bpf.o", "call"))
		skip();
	struct loaded loaded = hooks_load("call", NULL);
	hooks_attach(&loaded, "call", NULL);
	assert_int_equal(loaded_count(&loaded, CALLED), 1);
	assert_string_equal(hooks_only_link(&loaded).method, "syscall");
	assert_string_equal(hooks_only_link(&loaded).target, "once, returned 42");
	loaded_unload(&loaded);
	loaded.instance = must_load_attached(loaded.object, "called");
	assert_int_equal(loaded_count(&loaded, CALLED), 1);
	assert_leaves_nothing(&loaded);
}

static void program_that_reads_its_context_is_told_where_to_go(void **state)
{
	(void)state;
	if (!kernel_takes("hook_sockets.bpf.o", "call_with"))
		skip();
	struct loaded loaded = hooks_load("call_with", NULL);
	hooks_refuse(&loaded, "call_with", NULL, "attach.syscall.context", NULL);
	assert_leaves_nothing(&loaded);
}

static void lirc_goes_as_far_as_the_kernel(void **state)
{
	(void)state;
	if (!kernel_takes("hook_lirc.bpf.o", "decode")) {
		(void)fprintf(stderr, "# this kernel has no programs for infrared receivers (CONFIG_BPF_LIRC_MODE2)\n");
		skip();
	}
	struct loaded loaded = loaded_open(NULL, "hook_lirc.bpf.o");
	loaded_load(&loaded, NULL);
	hooks_refuse(&loaded, "decode", "lirc:/dev/lirc99", "attach.lirc.missing", NULL);
	hooks_refuse(&loaded, "decode", "lirc:/dev/null", "attach.lirc.device", "BPF_PROG_ATTACH: errno 22");
	hooks_refuse(&loaded, "decode", NULL, "attach.no-target", NULL);
	if (access("/dev/lirc0", F_OK) < 0) {
		(void)fprintf(stderr, "# no receiver here: what a program on one does is not seen\n");
	} else {
		struct lade_error *error = NULL;
		if (lade_instance_attach(loaded.instance, "decode", "lirc:lirc0", &error) < 0)
			fail_msg("%s", lade_error_message(error));
		assert_string_equal(hooks_only_link(&loaded).method, "lirc");
	}
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attaching_a_program_of_type_syscall_runs_it_once),
		cmocka_unit_test(program_that_reads_its_context_is_told_where_to_go),
		cmocka_unit_test(lirc_goes_as_far_as_the_kernel),
	};
	return cmocka_run_group_tests(tests, hooks_enter, NULL);
}
