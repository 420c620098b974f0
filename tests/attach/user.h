/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of user-space probes share: one program of an object, attached and asked what it saw. */
#ifndef TESTS_ATTACH_USER_H
#define TESTS_ATTACH_USER_H

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "attach/method.h"
#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/fault.h"

#define SELF "file:/proc/self/exe"

static bool is_live; /* set by the group's setup */

static inline struct loaded load(const char *object, const char *program, bool only_this_process)
{
	uint32_t zero = 0;
	uint64_t pid = (uint64_t)getpid();
	if (!is_live)
		skip();
	struct loaded loaded = loaded_open(NULL, object);
	load_only(loaded.object, program);
	loaded_load(&loaded, NULL);
	if (only_this_process && lade_instance_map_fd(loaded.instance, "settings") >= 0)
		assert_int_equal(lade_bpf_map_update(loaded.context->kernel,
						     lade_instance_map_fd(loaded.instance, "settings"), &zero, &pid, 0),
				 0);
	return loaded;
}

static inline void attach(struct loaded *loaded, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded->instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static inline int64_t value_of(const struct loaded *loaded, const char *map, uint32_t which)
{
	int64_t value = 0;
	assert_int_equal(lade_bpf_map_lookup(loaded->context->kernel, lade_instance_map_fd(loaded->instance, map),
					     &which, &value),
			 0);
	return value;
}

static inline struct lade_link_info link_of(const struct loaded *loaded, size_t index)
{
	struct lade_link_info link = { .size = sizeof link };
	assert_int_equal(lade_instance_link(loaded->instance, index, &link), 0);
	return link;
}

static inline void expect_refusal(const char *object, const char *program, const char *target, const char *code,
				  int exit_code, const char *evidence)
{
	struct loaded loaded = load(object, program, true);
	assert_true(lade_instance_attach(loaded.instance, program, target, &loaded.error) < 0);
	struct lade_finding_info info = finding_of(loaded.error);
	bool has_evidence = !evidence || strstr(info.message, evidence);
	assert_string_equal(info.code, code);
	assert_int_equal(lade_error_exit_code(loaded.error), exit_code);
	assert_non_null(info.cause);
	for (size_t i = 0; i < info.evidence_count; i++)
		has_evidence = has_evidence || strstr(info.evidence[i], evidence);
	if (!has_evidence)
		fail_msg("%s: no evidence \"%s\"", lade_error_message(loaded.error), evidence);
	assert_int_equal(lade_instance_link_count(loaded.instance), 0);
	assert_leaves_nothing(&loaded);
}

static inline bool kernel_is_at_least(unsigned major, unsigned minor)
{
	struct kernel *kernel = NULL;
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	uint32_t version = lade_kernel_version(kernel);
	lade_kernel_free(kernel);
	if (version >= (major << 16 | minor << 8))
		return true;
	(void)fprintf(stderr, "# needs Linux %u.%u\n", major, minor);
	return false;
}

#endif
