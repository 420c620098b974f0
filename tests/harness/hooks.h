/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of hook_sockets.bpf.o share: one of its programs, what it counts, and how it is refused. */
#ifndef LADE_TESTS_HOOKS_H
#define LADE_TESTS_HOOKS_H

#include "harness/cgroups.h"
#include "harness/loaded.h"

enum { PARSED, JUDGED, SENT, DISSECTED, CALLED }; /* places in the map counts */

#define STEERED_PORT 7007

/* A network namespace of the test's own, whose loopback interface is up. */
bool hooks_network(void);
bool hooks_loopback_up(void);

/* Setup of a group in such a namespace; also with a cgroup of its own, which the teardown removes. */
int hooks_enter(void **state);
int hooks_enter_cgroup(void **state);
int hooks_leave_cgroup(void **state);
extern struct test_cgroup hooks_cgroup;
/* Skips the test where the setup found no privilege. */
void hooks_skip_unless_live(void);

/* Of hook_sockets.bpf.o, or of another object. */
struct loaded hooks_load(const char *program, const char *name);
struct loaded hooks_load_of(const char *file, const char *program, const char *name);
/* Of hook_cgroup.bpf.o; skips unless live. */
struct loaded hooks_load_cgroup(const char *program);
/* "cgroup:NAME", "cgroup:NAME,word"; good until the next call. */
const char *hooks_cgroup_target(const struct test_cgroup *where, const char *word);
void hooks_attach(struct loaded *loaded, const char *program, const char *target);
void hooks_refuse(const struct loaded *loaded, const char *program, const char *target, const char *code,
		  const char *evidence);
struct lade_link_info hooks_only_link(const struct loaded *loaded);
void hooks_put_socket(const struct loaded *loaded, const char *map, uint32_t key, int fd);

/*
 * In a process of its own, which is killed afterwards: loads the program under the name "held" without links of these
 * forms, and attaches it.
 */
void hooks_attach_and_die(const char *program, const char *target, unsigned absent_forms);
void hooks_unload_held(void);

#endif
