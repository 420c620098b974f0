/* SPDX-License-Identifier: BSD-2-Clause */
/* Cgroups of a test's own, and what a process in one may do. */
#ifndef LADE_TESTS_CGROUPS_H
#define LADE_TESTS_CGROUPS_H

#include <stdbool.h>

struct test_cgroup {
	char name[64];  /* below the mount: "lade-test-12-1" or "…/inner" */
	char path[512]; /* absolute */
};

/* False, after saying why on stderr, where there is no cgroup v2 or it may not be written. */
bool cgroup_make(struct test_cgroup *cgroup);
void cgroup_make_below(const struct test_cgroup *parent, const char *name, struct test_cgroup *cgroup);
void cgroup_remove(const struct test_cgroup *cgroup);

/* Does action(data) in a child that is in the cgroup: what it returns (0 to 255); fails the test if it does not end. */
int in_cgroup(const struct test_cgroup *cgroup, int (*action)(void *data), void *data);

#endif
