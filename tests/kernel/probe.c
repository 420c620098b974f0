/* SPDX-License-Identifier: BSD-2-Clause */
/* Probes: what the verifier says of every version is understood, and the running kernel has what every kernel has. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#include "kernel/attr.h"
#include "kernel/probe.h"

/* ---- a kernel that answers what it was told to ---- */

static const char *words; /* of its verifier */
static int answer;

static int told_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	struct attr_prog_load load = { 0 };

	(void)kernel;
	memcpy(&load, attr, size < sizeof load ? size : sizeof load);
	if (command == BPF_PROG_LOAD && load.log_buf)
		(void)snprintf((char *)(uintptr_t)load.log_buf, load.log_size, "%s", words);
	return answer;
}

static enum probe_answer told(int result, const char *log, enum probe_answer (*probe)(struct kernel *))
{
	static const struct kernel_calls calls = { .bpf = told_bpf };
	struct kernel kernel = { .calls = &calls, .recorded_version = 6 << 16, .token = -1 };

	answer = result;
	words = log;
	return probe(&kernel);
}

static enum probe_answer helper(struct kernel *kernel)
{
	return lade_probe_helper(kernel, BPF_PROG_TYPE_XDP, BPF_FUNC_bind);
}

static enum probe_answer program(struct kernel *kernel)
{
	return lade_probe_program(kernel, BPF_PROG_TYPE_XDP);
}

static enum probe_answer map(struct kernel *kernel)
{
	return lade_probe_map(kernel, BPF_MAP_TYPE_HASH);
}

static void helper_is_refused_in_the_words_of_every_version(void **state)
{
	(void)state;
	assert_int_equal(told(-EINVAL, "0: (85) call bpf_bind#64\nunknown func bpf_bind#64\n", helper), PROBE_NO);
	assert_int_equal(told(-EINVAL, "program of this type cannot use helper bpf_bind#64\n", helper), PROBE_NO);
	assert_int_equal(told(-EINVAL, "invalid func unknown#999\n", helper), PROBE_NO);
}

static void helper_whose_arguments_are_refused_is_there(void **state)
{
	(void)state;
	assert_int_equal(told(-EACCES, "R2 !read_ok\n", helper), PROBE_YES);
	assert_int_equal(told(-EINVAL, "R1 type=ctx expected=fp\n", helper), PROBE_YES);
}

static void refusal_that_says_nothing_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(told(-EPERM, "", helper), PROBE_UNKNOWN);
	assert_int_equal(told(-EINVAL, "", helper), PROBE_UNKNOWN);
	assert_int_equal(told(-ENOMEM, "R2 !read_ok\n", helper), PROBE_UNKNOWN);
	assert_int_equal(told(-EPERM, "", program), PROBE_UNKNOWN);
	assert_int_equal(told(-EPERM, "", map), PROBE_UNKNOWN);
}

static void type_is_there_when_the_verifier_spoke(void **state)
{
	(void)state;
	assert_int_equal(told(-EINVAL, "", program), PROBE_NO);
	assert_int_equal(told(-EINVAL, "At program exit the register R0 has value 0\n", program), PROBE_YES);
	assert_int_equal(told(-EINVAL, "", map), PROBE_NO);
}

static void what_cannot_be_asked_is_unknown(void **state)
{
	const struct kernel_calls calls = { .bpf = told_bpf };
	struct kernel kernel = { .calls = &calls, .recorded_version = 6 << 16, .token = -1 };

	(void)state;
	assert_int_equal(lade_probe_map(&kernel, 0), PROBE_UNKNOWN);
	assert_int_equal(lade_probe_map(&kernel, UINT32_MAX), PROBE_UNKNOWN);
	assert_int_equal(lade_probe_btf_kind(&kernel, UINT32_MAX), PROBE_UNKNOWN);
	assert_int_equal(lade_probe_helper(&kernel, 26 /* tracing */, 1), PROBE_UNKNOWN);
}

/* ---- the running one ---- */

static struct kernel *running(void)
{
	struct kernel *kernel = NULL;

	if (!getenv("LADE_ISOLATED")) {
		(void)fprintf(stderr, "needs root and bpf(2)\n");
		skip();
	}
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	return kernel;
}

static void running_kernel_has_what_all_have(void **state)
{
	struct kernel *kernel = running();

	(void)state;
	assert_int_equal(lade_probe_program(kernel, BPF_PROG_TYPE_SOCKET_FILTER), PROBE_YES);
	assert_int_equal(lade_probe_program(kernel, 200), PROBE_NO);
	assert_int_equal(lade_probe_map(kernel, BPF_MAP_TYPE_HASH), PROBE_YES);
	assert_int_equal(lade_probe_map(kernel, BPF_MAP_TYPE_ARRAY_OF_MAPS), PROBE_YES);
	for (uint32_t kind = BTF_KIND_INT; kind <= BTF_KIND_DATASEC; kind++)
		assert_int_equal(lade_probe_btf_kind(kernel, kind), PROBE_YES);
	lade_kernel_free(kernel);
}

static void running_kernel_tells_helpers_by_program_type(void **state)
{
	struct kernel *kernel = running();

	(void)state;
	assert_int_equal(lade_probe_helper(kernel, BPF_PROG_TYPE_XDP, BPF_FUNC_map_lookup_elem), PROBE_YES);
	assert_int_equal(lade_probe_helper(kernel, BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_adjust_head), PROBE_YES);
	assert_int_equal(lade_probe_helper(kernel, BPF_PROG_TYPE_SOCKET_FILTER, BPF_FUNC_xdp_adjust_head), PROBE_NO);
	assert_int_equal(lade_probe_helper(kernel, BPF_PROG_TYPE_XDP, 100000), PROBE_NO);
	assert_true(lade_probe_helper_exists(kernel, BPF_FUNC_xdp_adjust_head));
	assert_false(lade_probe_helper_exists(kernel, 100000));
	lade_kernel_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helper_is_refused_in_the_words_of_every_version),
		cmocka_unit_test(helper_whose_arguments_are_refused_is_there),
		cmocka_unit_test(refusal_that_says_nothing_is_unknown),
		cmocka_unit_test(type_is_there_when_the_verifier_spoke),
		cmocka_unit_test(what_cannot_be_asked_is_unknown),
		cmocka_unit_test(running_kernel_has_what_all_have),
		cmocka_unit_test(running_kernel_tells_helpers_by_program_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
