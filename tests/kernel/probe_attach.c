/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds of attaching, links and features: every one of the tables is asked, and nothing but an answer counts as one. */
#include <dirent.h>
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

#include "kernel/attr.h"
#include "kernel/bpf.h"
#include "kernel/probe.h"

#define ATTACH_TYPES 62 /* of data/attach_types.csv */

static const struct probe_targets everything = { 1, 1, 1, 1, 1, 1, 1, 1 };

/* ---- a kernel that answers what it was told to ---- */

static int loading, other; /* results of BPF_PROG_LOAD, and of everything else */

static int told_bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	(void)kernel;
	(void)attr;
	(void)size;
	return command == BPF_PROG_LOAD ? loading : other;
}

static struct kernel told(int load, int rest)
{
	static const struct kernel_calls calls = { .bpf = told_bpf };

	loading = load;
	other = rest;
	return (struct kernel){ .calls = &calls, .recorded_version = 6 << 16, .token = -1 };
}

/* Descriptors that are given out are closed: none may be one of ours. */
#define DESCRIPTOR 1000000

static void assert_all(struct kernel *kernel, enum probe_answer answer)
{
	for (uint32_t type = 0; type < ATTACH_TYPES; type++)
		if (lade_probe_attach(kernel, &everything, type) != answer)
			fail_msg("attach type %u: %d", type, lade_probe_attach(kernel, &everything, type));
	for (uint32_t type = 1; lade_probe_link_name(type); type++)
		if (lade_probe_link(kernel, &everything, type) != answer)
			fail_msg("link %s: %d", lade_probe_link_name(type), lade_probe_link(kernel, &everything, type));
	for (size_t i = 0; i < lade_probe_feature_count(); i++)
		if (strcmp(lade_probe_feature_name(i), "kfuncs") != 0 && lade_probe_feature(kernel, i) != answer)
			fail_msg("feature %s: %d", lade_probe_feature_name(i), lade_probe_feature(kernel, i));
}

static void without_privilege_everything_is_unknown(void **state)
{
	struct kernel kernel = told(-EPERM, -EPERM);

	(void)state;
	assert_all(&kernel, PROBE_UNKNOWN);
	kernel = told(-ENOMEM, -ENOMEM);
	assert_all(&kernel, PROBE_UNKNOWN);
	kernel = told(-ENOSYS, -ENOSYS);
	assert_all(&kernel, PROBE_UNKNOWN);
}

static void kernel_that_refuses_every_kind_has_none(void **state)
{
	struct kernel kernel = told(-EINVAL, -EINVAL);

	(void)state;
	for (uint32_t type = 0; type < ATTACH_TYPES; type++)
		assert_int_equal(lade_probe_attach(&kernel, &everything, type), PROBE_NO);
	for (uint32_t type = 1; lade_probe_link_name(type); type++)
		assert_int_equal(lade_probe_link(&kernel, &everything, type), PROBE_NO);
}

static void answer_about_the_target_means_that_the_kind_is_known(void **state)
{
	struct kernel kernel = told(DESCRIPTOR, -EBADF);

	(void)state;
	for (uint32_t type = 0; type < 16; type++)
		assert_int_equal(lade_probe_attach(&kernel, &everything, type), PROBE_YES);
	kernel = told(DESCRIPTOR, -EFAULT);
	assert_int_equal(lade_probe_link(&kernel, &everything, 8 /* kprobe_multi */), PROBE_YES);
	kernel = told(DESCRIPTOR, -EOPNOTSUPP); /* built without */
	assert_int_equal(lade_probe_link(&kernel, &everything, 8), PROBE_NO);
	assert_int_equal(lade_probe_link(&kernel, &everything, 6 /* xdp: the loopback's answer */), PROBE_YES);
}

static void what_has_no_target_in_the_kernels_types_is_unknown(void **state)
{
	static const struct probe_targets nothing;
	struct kernel kernel = told(-EINVAL, -EINVAL);

	(void)state;
	assert_int_equal(lade_probe_attach(&kernel, &nothing, 24 /* trace_fentry */), PROBE_UNKNOWN);
	assert_int_equal(lade_probe_attach(&kernel, &everything, 10000), PROBE_UNKNOWN);
	assert_int_equal(lade_probe_link(&kernel, &everything, 10000), PROBE_UNKNOWN);
	assert_null(lade_probe_link_name(0));
	assert_null(lade_probe_feature_name(lade_probe_feature_count()));
	assert_int_equal(lade_probe_feature(&kernel, SIZE_MAX), PROBE_UNKNOWN);
}

/* ---- the tables ---- */

static void links_are_called_as_in_the_table(void **state)
{
	static const char prefix[] = "BPF_LINK_TYPE_";
	FILE *file = fopen(TEST_SOURCE_ROOT "/data/link_types.csv", "re");
	char line[512];
	uint32_t last = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		char *name = strstr(line, prefix);
		uint32_t number = (uint32_t)strtoul(line, NULL, 10);
		if (!name || !number)
			continue;
		name += strlen(prefix);
		name[strcspn(name, ",")] = '\0';
		assert_non_null(lade_probe_link_name(number));
		assert_int_equal(strcasecmp(lade_probe_link_name(number), name), 0);
		last = number;
	}
	(void)fclose(file);
	assert_int_not_equal(last, 0);
	assert_null(lade_probe_link_name(last + 1));
}

/* ---- the running kernel ---- */

static int open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count;
}

static void running_kernel_has_what_it_has_and_keeps_nothing(void **state)
{
	struct kernel *kernel = NULL;

	(void)state;
	if (!getenv("LADE_ISOLATED")) {
		(void)fputs("needs root and bpf(2)\n", stderr);
		skip();
	}
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	/* A link lives as long as its descriptor. (The kernel's list of links is not ours alone.) */
	int had = open_descriptors();
	assert_int_equal(lade_probe_attach(kernel, &everything, 0 /* cgroup_inet_ingress */), PROBE_YES);
	assert_int_equal(lade_probe_attach(kernel, &everything, 37 /* xdp, since 5.9 */), PROBE_YES);
	assert_int_equal(lade_probe_link(kernel, &everything, 3 /* cgroup, since 5.7 */), PROBE_YES);
	for (uint32_t type = 0; type < ATTACH_TYPES; type++)
		(void)lade_probe_attach(kernel, &everything, type);
	for (size_t i = 0; i < lade_probe_feature_count(); i++)
		if (strcmp(lade_probe_feature_name(i), "global_data") == 0)
			assert_int_equal(lade_probe_feature(kernel, i), PROBE_YES);
	assert_int_equal(open_descriptors(), had);
	lade_kernel_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_privilege_everything_is_unknown),
		cmocka_unit_test(kernel_that_refuses_every_kind_has_none),
		cmocka_unit_test(answer_about_the_target_means_that_the_kind_is_known),
		cmocka_unit_test(what_has_no_target_in_the_kernels_types_is_unknown),
		cmocka_unit_test(links_are_called_as_in_the_table),
		cmocka_unit_test(running_kernel_has_what_it_has_and_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
