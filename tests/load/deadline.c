/* SPDX-License-Identifier: BSD-2-Clause */
/* A load that may take only so long. */
#include "load/placed.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "harness/sanitized.h"

#define SHARED "a process that shares this one's memory, as deadlines need, dies of it"

static void load_is_given_up_while_the_verifier_is_at_work(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "slow", .timeout_ms = 100, .jobs = 2 };
	struct loaded loaded;

	(void)state;
	if (!live_enter() || thread_sanitizer_forbids(SHARED))
		skip();
	loaded = loaded_open(NULL, "place_slow.bpf.o");
	assert_int_equal(loaded_fail(&loaded, &opts), -ETIMEDOUT);
	assert_string_equal(loaded.info.code, "load.timeout");
	if (loaded.info.evidence_count < 3) { /* an emulated machine is not that far after this time */
		assert_leaves_nothing(&loaded);
		(void)fprintf(stderr, "# the time was up before the verifier was at work\n");
		skip();
	}
	assert_string_equal(loaded.info.evidence[0], "0 of 3 programs were verified");
	assert_string_equal(loaded.info.evidence[1], "not verified: slow_one");
	assert_string_equal(loaded.info.evidence[2], "not verified: slow_two");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_leaves_nothing(&loaded);
}

static void load_that_is_quick_enough_is_as_any_other(void **state)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "placed", .timeout_ms = 600000 };
	struct loaded loaded;

	(void)state;
	if (!live_enter() || thread_sanitizer_forbids(SHARED))
		skip();
	loaded = open_placed();
	assert_int_equal(lade_object_load(loaded.object, &opts, &loaded.instance, NULL), 0);
	assert_int_equal(pinned_program(PROG_PIN),
			 program_info(lade_instance_program_fd(loaded.instance, "on_exit")).id);
	assert_true(fcntl(lade_instance_program_fd(loaded.instance, "on_exit"), F_GETFD) & FD_CLOEXEC);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_is_given_up_while_the_verifier_is_at_work),
		cmocka_unit_test(load_that_is_quick_enough_is_as_any_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
