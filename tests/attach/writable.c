/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw tracepoints whose programs may write. bpf_test_finish is one: it changes what BPF_PROG_TEST_RUN answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "harness/loaded.h"
#include "kernel/bpf.h"

#define ANSWER 42 /* k_writable.bpf.c */
#define VALUE  7

static bool is_live;

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

static void load(struct loaded *loaded)
{
	uint32_t zero = 0;
	uint64_t pid = (uint64_t)getpid();

	if (!is_live)
		skip();
	*loaded = loaded_open(NULL, "k_writable.bpf.o");
	loaded_load(loaded, NULL);
	assert_int_equal(bpf_map_update_elem(lade_instance_map_fd(loaded->instance, "settings"), &zero, &pid, 0), 0);
}

/* 0 with what the program returned, or the kernel's negative errno. */
static int ask(const struct loaded *loaded, uint32_t *ret_value)
{
	uint8_t packet[64] = { 0 };
	struct bpf_test_run_opts opts = { .sz = sizeof opts, .data_in = packet, .data_size_in = sizeof packet };
	int result = bpf_prog_test_run_opts(lade_instance_program_fd(loaded->instance, "asked"), &opts);

	*ret_value = opts.retval;
	return result < 0 ? -errno : result;
}

static void program_writes_what_the_tracepoint_lends(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	uint32_t value;

	load(&loaded);
	assert_int_equal(ask(&loaded, &value), 0);
	assert_int_equal(value, VALUE);
	if (lade_instance_attach(loaded.instance, "answers", NULL, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(ask(&loaded, &value), -ANSWER);
	loaded_unload(&loaded);
	loaded_load(&loaded, NULL);
	assert_int_equal(ask(&loaded, &value), 0);
	assert_leaves_nothing(&loaded);
}

static void assert_refused(const char *program, const char *code, const char *in_fix)
{
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	uint32_t value;

	load(&loaded);
	assert_true(lade_instance_attach(loaded.instance, program, NULL, &error) < 0);
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.code, code);
	assert_non_null(strstr(info.cause, "writes more"));
	assert_non_null(strstr(info.fix, in_fix));
	lade_error_free(error);
	assert_int_equal(lade_instance_link_count(loaded.instance), 0);
	assert_int_equal(ask(&loaded, &value), 0);
	assert_leaves_nothing(&loaded);
}

static void program_that_writes_more_than_is_lent_is_refused(void **state)
{
	(void)state;
	assert_refused("writes_too_much", "attach.raw-tracepoint.program", "raw_tracepoint/bpf_test_finish");
}

static void tracepoint_that_lends_nothing_is_named(void **state)
{
	(void)state;
	assert_refused("writes_what_is_not_lent", "attach.raw-tracepoint.program", "raw_tracepoint/sched_process_exit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_writes_what_the_tracepoint_lends),
		cmocka_unit_test(program_that_writes_more_than_is_lent_is_refused),
		cmocka_unit_test(tracepoint_that_lends_nothing_is_named),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
