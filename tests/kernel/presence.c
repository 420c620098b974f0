/* SPDX-License-Identifier: BSD-2-Clause */
/* No bpf(2), or something that pretends so: what was seen decides. (Seen for real: tests/cli/absent.py,
 * tests/vm/no_bpf.py.) */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "kernel/presence.h"
#include "kernel/recorded.h"

static const struct {
	struct bpf_presence seen;
	const char *code; /* NULL: it is there */
	enum lade_confidence confidence;
} cases[] = {
	{ { .asked = 9, .absent = 0, .filesystem = -1, .directory = -1, .config = -1 }, NULL, LADE_CERTAIN },
	/* a kernel without it, looked at in every way that machines allow */
	{ { .asked = 9, .absent = 9, .config = 0 }, "kernel.bpf.absent", LADE_CERTAIN },
	{ { .asked = 9, .absent = 9, .config = -1 }, "kernel.bpf.absent", LADE_CERTAIN },
	{ { .asked = 9, .absent = 9, .directory = -1, .config = -1 }, "kernel.bpf.absent", LADE_CERTAIN },
	{ { .asked = 9, .absent = 9, .seccomp = 2, .config = -1 }, "kernel.bpf.absent", LADE_CERTAIN },
	{ { .asked = 9, .absent = 9, .filesystem = -1, .directory = -1, .config = -1 },
	  "kernel.bpf.absent",
	  LADE_LIKELY },
	/* a configuration lying about is another kernel's, where the kernel's own lists have no bpf */
	{ { .asked = 9, .absent = 9, .config = 1 }, "kernel.bpf.absent", LADE_CERTAIN },
	/* a filter */
	{ { .asked = 9, .absent = 9, .filesystem = 1, .directory = 1, .seccomp = 2, .config = 1 },
	  "kernel.bpf.filtered",
	  LADE_CERTAIN },
	{ { .asked = 9, .absent = 9, .filesystem = 1, .directory = -1, .seccomp = 2, .config = -1 },
	  "kernel.bpf.filtered",
	  LADE_CERTAIN },
	{ { .asked = 9,
	    .absent = 1,
	    .filesystem = 1,
	    .directory = 1,
	    .seccomp = 2,
	    .config = -1,
	    .answered = "BPF_OBJ_GET" },
	  "kernel.bpf.filtered",
	  LADE_CERTAIN },
	{ { .asked = 9, .absent = 9, .filesystem = -1, .directory = -1, .seccomp = 2, .config = -1 },
	  "kernel.bpf.filtered",
	  LADE_LIKELY },
	/* something else than seccomp */
	{ { .asked = 9, .absent = 9, .filesystem = 1, .directory = 1, .config = -1 },
	  "kernel.bpf.filtered",
	  LADE_LIKELY },
};

static void what_was_seen_tells_a_filter_from_a_kernel_without_the_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct lade_error *error = NULL;
		const char *code = lade_presence_code(&cases[i].seen);
		if ((code == NULL) != (cases[i].code == NULL) || (code && strcmp(code, cases[i].code) != 0))
			fail_msg("case %zu is %s", i, code ? code : "there");
		if (!code)
			continue;
		struct lade_finding *finding = lade_error_add(&error, ENOSYS, code, "test");
		struct lade_finding_info info = { .size = sizeof info };
		lade_presence_explain(&cases[i].seen, finding);
		assert_int_equal(lade_finding_describe(finding, &info), 0);
		if (info.confidence != cases[i].confidence)
			fail_msg("case %zu is %s", i, lade_confidence_name(info.confidence));
		assert_true(info.evidence_count >= 2);
		assert_non_null(info.cause);
		assert_non_null(info.fix);
		assert_non_null(info.see); /* what the other one would look like */
		assert_int_equal(lade_error_exit_code(error), strcmp(code, "kernel.bpf.absent") == 0 ? 3 : 5);
		lade_error_free(error);
	}
}

static void a_recorded_kernel_is_not_asked(void **state)
{
	struct kernel *kernel = NULL;
	struct bpf_presence presence;

	(void)state;
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile("4.19"), NULL, 0, &kernel), 0);
	lade_kernel_presence(kernel, &presence);
	assert_null(lade_presence_code(&presence));
	assert_int_equal(lade_recorded_call_count(kernel), 0);
	lade_kernel_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_tells_a_filter_from_a_kernel_without_the_call),
		cmocka_unit_test(a_recorded_kernel_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
