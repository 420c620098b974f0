/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/large.h"

static void memory_is_cleared_and_all_there(void **state)
{
	static const size_t sizes[] = {
		1, LARGE_PAGE - 1, LARGE_PAGE, LARGE_PAGE + 1, 2 * LARGE_PAGE, 5 * LARGE_PAGE + 4097
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		/* What was there before must not shine through. */
		char *before = lade_large_alloc(sizes[i]), *memory;
		assert_non_null(before);
		memset(before, 'x', sizes[i]);
		free(before);
		memory = lade_large_calloc(sizes[i]);
		assert_non_null(memory);
		for (size_t at = 0; at < sizes[i]; at++)
			if (memory[at])
				fail_msg("byte %zu of %zu is not clear", at, sizes[i]);
		free(memory);
	}
}

static void whole_pages_are_aligned(void **state)
{
	void *memory = lade_large_alloc(LARGE_PAGE);

	(void)state;
	assert_non_null(memory);
	assert_int_equal((uintptr_t)memory % LARGE_PAGE, 0);
	free(memory);
}

static void more_than_there_is_is_refused(void **state)
{
	(void)state;
	assert_null(lade_large_alloc(SIZE_MAX / 2));
	assert_null(lade_large_calloc(SIZE_MAX / 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_cleared_and_all_there),
		cmocka_unit_test(whole_pages_are_aligned),
		cmocka_unit_test(more_than_there_is_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
