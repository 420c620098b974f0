/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions on recorded kernels: pins are files of an ordinary directory. Needs no privilege. */
#include "fixture.h"

#include "kernel/recorded.h"

static struct lade_context *recorded_context(const char *directory, const char *profile, const struct fault *fault,
					     struct kernel **ret_kernel)
{
	struct lade_context *context = fixture_context(directory);
	struct kernel *recorded, *kernel;
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile(profile), NULL, 0, &recorded), 0);
	assert_int_equal(lade_kernel_fault(recorded, fault, &kernel), 0);
	lade_context_set_kernel(context, kernel);
	*ret_kernel = kernel;
	return context;
}

static void load_and_unload_leave_nothing_on_every_profile(void **state)
{
	(void)state;
	/* 4.9 cannot tell the id of a map (no BPF_OBJ_GET_INFO_BY_FD), so nothing shared there */
	static const char *const profiles[] = { "4.19", "5.4", "5.10", "6.18" };
	char directory[] = "/tmp/lade-recorded-XXXXXX";
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < ELEMENTS(profiles); i++) {
		struct live_before before = live_before(directory);
		struct kernel *kernel;
		const struct fault none = { FAULT_NONE };
		struct lade_context *context = recorded_context(directory, profiles[i], &none, &kernel);
		struct lade_error *error = NULL;
		assert_int_equal(fixture_load(context, "demo", &error), 0);
		assert_int_equal(fixture_load(context, "demo", NULL), -EEXIST);
		struct lade_state *read = NULL;
		struct lade_pin_info pin = { .size = sizeof pin };
		assert_int_equal(lade_state_read(context, "demo", &read, NULL), 0);
		assert_int_equal(lade_state_pin(read, 0, 1, &pin), 0);
		assert_string_equal(pin.name, "counts");
		assert_int_equal(pin.value_size, 8);
		lade_state_free(read);
		assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
		lade_context_free(context);
		assert_nothing_left(&before);
	}
	live_remove_tree(directory);
}

static void every_call_that_fails_leaves_nothing(void **state)
{
	(void)state;
	char directory[] = "/tmp/lade-recorded-XXXXXX";
	assert_non_null(mkdtemp(directory));
	bool reached = true;
	unsigned nth = 0;
	while (reached) {
		struct live_before before = live_before(directory);
		struct kernel *kernel;
		const struct fault fault = { FAULT_ERRNO, .nth = ++nth, .errnum = ENOSPC };
		struct lade_context *context = recorded_context(directory, "4.19", &fault, &kernel);
		int result = fixture_load(context, "demo", NULL);
		reached = lade_kernel_fault_count(kernel) >= nth;
		assert_int_equal(result, reached ? -ENOSPC : 0);
		lade_context_free(context);
		if (!reached) {
			context = recorded_context(directory, "4.19", &(const struct fault){ FAULT_NONE }, &kernel);
			assert_int_equal(lade_state_unload(context, "demo", NULL), 0);
			lade_context_free(context);
		}
		assert_nothing_left(&before);
	}
	assert_true(nth > 15);
	live_remove_tree(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_and_unload_leave_nothing_on_every_profile),
		cmocka_unit_test(every_call_that_fails_leaves_nothing),
	};
	return cmocka_run_group_tests_name("txn-recorded", tests, NULL, NULL);
}
