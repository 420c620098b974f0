/* SPDX-License-Identifier: BSD-2-Clause */
/* From what was read of a machine to the gate: of machines that are not here. (For real: gates_live.c, tests/vm.) */
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/error.h"
#include "diagnose/gate_facts.h"
#include "kernel/recorded.h"

#define V(major, minor)  ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)
#define ALL_CAPABILITIES UINT64_C(0x1ffffffffff)

/* Rows begin with ROOT and say where they differ. */
#pragma GCC diagnostic ignored "-Woverride-init"

/* Root of a machine where nothing refuses anything. */
#define ROOT                                                                                                           \
	.version = V(6, 12), .effective = ALL_CAPABILITIES, .bounding = ALL_CAPABILITIES, .knows_capabilities = true,  \
	.has_finer = true, .canary = E2BIG, .unprivileged = 2, .paranoid = 2, .lockdown = "none",                      \
	.has_securityfs = true, .modules = "lockdown,capability,yama", .enforcing = -1, .memlock = UINT64_MAX,         \
	.smaller = 1
#define WITHOUT(capabilities) (ALL_CAPABILITIES & ~(uint64_t)(capabilities))

enum { LRU = BPF_MAP_TYPE_LRU_HASH, XDP = BPF_PROG_TYPE_XDP, FILTER = BPF_PROG_TYPE_SOCKET_FILTER };
enum what { A_MAP, A_PROGRAM, A_PROBE, A_TRACEPOINT, A_ROUTE, AN_EVENTS_FILE, AN_ATTACHMENT };

struct judgement {
	struct gate_facts facts;
	enum what what;
	uint32_t type;
	const char *code; /* NULL: that of the operation stays */
	enum lade_confidence confidence;
	const char *cause, *evidence, *fix; /* parts; NULL: whatever */
};

static struct denied_call call_of(const struct judgement *row)
{
	static const char *const names[] = { "BPF_MAP_CREATE",  "BPF_PROG_LOAD", "perf_event_open",
					     "perf_event_open", "rtnetlink",     "the file of tracing events",
					     "BPF_LINK_CREATE" };
	struct denied_call call = lade_denied_call(names[row->what], EPERM);

	if (row->what == A_MAP)
		lade_denied_map(&call, row->type, 0);
	if (row->what == A_PROGRAM)
		lade_denied_program(&call, row->type, 0);
	if (row->what == A_PROBE)
		call.lockdown = "confidentiality";
	return call;
}

static bool has_evidence(const struct lade_finding_info *info, const char *part)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], part))
			return true;
	return false;
}

static void check(const struct judgement *row, size_t index)
{
	const struct denied_call call = call_of(row);
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_error *error = NULL;
	struct lade_finding *finding = lade_error_add(&error, EPERM, "map.create.permission", "test");

	lade_denied_judge(&row->facts, &call, finding);
	assert_int_equal(lade_finding_describe(finding, &info), 0);
	if (strcmp(info.code, row->code ? row->code : "map.create.permission") != 0)
		fail_msg("row %zu: code is %s (%s)", index, info.code, info.cause);
	if (info.confidence != row->confidence)
		fail_msg("row %zu: it is %s", index, lade_confidence_name(info.confidence));
	if (row->cause && !strstr(info.cause, row->cause))
		fail_msg("row %zu: cause is %s", index, info.cause);
	if (row->fix && !strstr(info.fix, row->fix))
		fail_msg("row %zu: fix is %s", index, info.fix);
	if (row->evidence && !has_evidence(&info, row->evidence))
		fail_msg("row %zu: no evidence says %s", index, row->evidence);
	assert_int_equal(lade_error_exit_code(error), 5);
	assert_int_equal(info.phase, LADE_PHASE_MAP); /* that of the operation */
	(void)lade_error_free(error);
}

#define CHECK(rows)                                                                                                    \
	for (size_t i_ = 0; i_ < ELEMENTS(rows); i_++)                                                                 \
	check(&(rows)[i_], i_)

static void nobody_is_named_where_every_gate_is_open(void **state)
{
	static const struct judgement rows[] = {
		{ { ROOT }, A_MAP, LRU, NULL, LADE_POSSIBLE, "could not be found", "excluded: seccomp", "audit log" },
		{ { ROOT, .modules = "" },
		  A_PROGRAM,
		  XDP,
		  NULL,
		  LADE_POSSIBLE,
		  "could not be found",
		  "not known: LSM" },
		{ { ROOT, .modules = "capability,bpf" },
		  A_PROGRAM,
		  XDP,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "the LSM bpf is active" },
		{ { ROOT, .lockdown = "", .has_securityfs = false },
		  A_MAP,
		  LRU,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "not known: lockdown" },
		{ { ROOT, .lockdown = "confidentiality" }, A_MAP, LRU, NULL, LADE_POSSIBLE, NULL, "lets this pass" },
		{ { ROOT, .seccomp = 2 },
		  A_MAP,
		  LRU,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "excluded: seccomp: the kernel itself" },
		{ { ROOT, .unprivileged = 0, .effective = 0 },
		  A_MAP,
		  BPF_MAP_TYPE_HASH,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "unprivileged_bpf_disabled is 0" },
	};

	(void)state;
	CHECK(rows);
}

static void a_filter_is_shut_only_if_the_kernel_was_not_reached(void **state)
{
	static const struct judgement rows[] = {
		{ { ROOT, .seccomp = 2, .canary = EPERM },
		  A_MAP,
		  LRU,
		  "environment.seccomp",
		  LADE_CERTAIN,
		  "seccomp filter" },
		/* before 5.19 the sysctl refuses all commands before anything else: this proves nothing */
		{ { ROOT, .seccomp = 2, .canary = EPERM, .version = V(5, 10), .effective = 0 },
		  A_MAP,
		  LRU,
		  "environment.unprivileged",
		  LADE_CERTAIN },
		{ { ROOT, .seccomp = 2, .canary = EPERM, .version = V(5, 10) },
		  A_MAP,
		  LRU,
		  "environment.seccomp",
		  LADE_CERTAIN },
		/* something that is no filter stands in front of the kernel */
		{ { ROOT, .seccomp = -1, .canary = EPERM }, A_MAP, LRU, "environment.seccomp", LADE_LIKELY },
		/* netlink cannot be tried */
		{ { ROOT, .seccomp = 2, .canary = 0 }, A_ROUTE, 0, NULL, LADE_POSSIBLE, NULL, "cannot be tried" },
	};

	(void)state;
	CHECK(rows);
}

static void capabilities_are_those_of_the_kernels_age(void **state)
{
	static const struct judgement rows[] = {
		/* before 5.8 there is CAP_SYS_ADMIN only */
		{ { ROOT, .version = V(4, 19), .has_finer = false, .effective = WITHOUT(GATE_BIT(GATE_SYS_ADMIN)) },
		  A_PROGRAM,
		  BPF_PROG_TYPE_KPROBE,
		  "environment.unprivileged",
		  LADE_CERTAIN,
		  "CAP_SYS_ADMIN",
		  NULL,
		  "CAP_SYS_ADMIN" },
		{ { ROOT, .version = V(4, 19), .has_finer = false, .unprivileged = 0,
		    .effective = WITHOUT(GATE_BIT(GATE_SYS_ADMIN)) },
		  A_PROGRAM,
		  BPF_PROG_TYPE_KPROBE,
		  "environment.capability",
		  LADE_CERTAIN,
		  "lacks CAP_SYS_ADMIN" },
		/* the sysctl is open, and this type is for nobody without a capability */
		{ { ROOT, .unprivileged = 0, .effective = 0 },
		  A_PROGRAM,
		  XDP,
		  "environment.capability",
		  LADE_CERTAIN,
		  "CAP_BPF and CAP_NET_ADMIN" },
		{ { ROOT, .unprivileged = 0, .effective = 0 },
		  A_MAP,
		  LRU,
		  "environment.capability",
		  LADE_CERTAIN,
		  "lacks CAP_BPF" },
		{ { ROOT, .unprivileged = 0, .effective = 0 }, A_PROGRAM, FILTER, NULL, LADE_POSSIBLE },
		/* 1 cannot be taken back */
		{ { ROOT, .unprivileged = 1, .effective = 0 },
		  A_PROGRAM,
		  FILTER,
		  "environment.unprivileged",
		  LADE_CERTAIN,
		  NULL,
		  "until the next boot" },
		{ { ROOT, .unprivileged = 2, .effective = 0, .uid = 1000 },
		  A_PROGRAM,
		  FILTER,
		  "environment.unprivileged",
		  LADE_CERTAIN,
		  NULL,
		  NULL,
		  "sysctl kernel.unprivileged_bpf_disabled=0" },
		/* CAP_SYS_ADMIN does not stand for the one that rtnetlink wants */
		{ { ROOT, .effective = GATE_BIT(GATE_SYS_ADMIN) },
		  A_ROUTE,
		  0,
		  "environment.capability",
		  LADE_CERTAIN,
		  "CAP_NET_ADMIN, which rtnetlink needs" },
		{ { ROOT, .effective = GATE_BIT(GATE_SYS_ADMIN) }, A_PROGRAM, XDP, NULL, LADE_POSSIBLE },
		{ { ROOT, .canary = EINVAL, .effective = 0 },
		  A_TRACEPOINT,
		  0,
		  "environment.capability",
		  LADE_CERTAIN,
		  "CAP_PERFMON",
		  "perf_event_paranoid is 2" },
		/* what only some kernels ask for is not certain */
		{ { ROOT, .effective = 0 }, AN_ATTACHMENT, 0, "environment.capability", LADE_LIKELY, "CAP_NET_ADMIN" },
	};

	(void)state;
	CHECK(rows);
}

static void lockdown_is_named_where_it_refuses(void **state)
{
	static const struct judgement rows[] = {
		{ { ROOT, .canary = EINVAL, .lockdown = "confidentiality" },
		  A_PROBE,
		  0,
		  "environment.lockdown",
		  LADE_CERTAIN,
		  "confidentiality",
		  NULL,
		  "lockdown=confidentiality" },
		{ { ROOT, .canary = EINVAL, .lockdown = "integrity" }, A_PROBE, 0, NULL, LADE_POSSIBLE },
		{ { ROOT, .canary = EINVAL, .lockdown = "confidentiality" }, A_TRACEPOINT, 0, NULL, LADE_POSSIBLE },
		{ { ROOT, .lockdown = "confidentiality" }, AN_EVENTS_FILE, 0, "environment.lockdown", LADE_CERTAIN },
		/* distributors' kernels before mainline had it */
		{ { ROOT, .version = V(4, 18), .lockdown = "integrity" },
		  A_MAP,
		  LRU,
		  "environment.lockdown",
		  LADE_LIKELY },
		/* a capability that is missing comes first */
		{ { ROOT, .canary = EINVAL, .lockdown = "confidentiality", .effective = 0 },
		  A_PROBE,
		  0,
		  "environment.capability",
		  LADE_CERTAIN },
	};

	(void)state;
	CHECK(rows);
}

static void modules_are_likely_and_never_certain(void **state)
{
	static const struct judgement rows[] = {
		{ { ROOT, .enforcing = 1, .label = "system_u:system_r:container_t:s0" },
		  A_MAP,
		  LRU,
		  "environment.lsm",
		  LADE_LIKELY,
		  "container_t",
		  "excluded: user namespace",
		  "ausearch" },
		{ { ROOT, .enforcing = 0, .label = "system_u:system_r:container_t:s0" },
		  A_MAP,
		  LRU,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "permissive" },
		{ { ROOT, .label = "docker-default (enforce)" },
		  A_MAP,
		  LRU,
		  "environment.lsm",
		  LADE_LIKELY,
		  "docker-default" },
		{ { ROOT, .label = "docker-default (complain)" }, A_MAP, LRU, NULL, LADE_POSSIBLE },
		{ { ROOT, .label = "unconfined" }, A_MAP, LRU, NULL, LADE_POSSIBLE, NULL, "unconfined" },
		/* what is shut for certain goes before a suspicion */
		{ { ROOT, .label = "docker-default (enforce)", .user_namespace = 1 },
		  A_MAP,
		  LRU,
		  "environment.user-namespace",
		  LADE_CERTAIN },
	};

	(void)state;
	CHECK(rows);
}

static void locked_memory_is_judged_by_what_less_of_it_does(void **state)
{
	static const struct judgement rows[] = {
		{ { ROOT, .version = V(5, 10), .memlock = 65536, .smaller = 0 },
		  A_MAP,
		  LRU,
		  "environment.memlock",
		  LADE_CERTAIN,
		  "65536 bytes",
		  "with less to be charged is accepted",
		  "ulimit -l unlimited" },
		{ { ROOT, .version = V(5, 10), .memlock = 65536, .smaller = -EPERM },
		  A_MAP,
		  LRU,
		  "environment.memlock",
		  LADE_LIKELY },
		{ { ROOT, .version = V(5, 10) }, A_MAP, LRU, NULL, LADE_POSSIBLE, NULL, "it is unlimited" },
		{ { ROOT, .version = V(5, 11), .memlock = 65536 },
		  A_MAP,
		  LRU,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "since 5.11" },
		{ { ROOT, .version = V(5, 10), .memlock = 65536, .effective = WITHOUT(GATE_BIT(GATE_SYS_RESOURCE)),
		    .smaller = 0 },
		  A_MAP,
		  LRU,
		  "environment.memlock",
		  LADE_CERTAIN,
		  NULL,
		  NULL,
		  "CAP_SYS_RESOURCE" },
	};

	(void)state;
	CHECK(rows);
}

#define TOKEN .user_namespace = 1, .token = 7, .knows_delegation = true

static void what_a_token_delegates_is_looked_at_bit_by_bit(void **state)
{
	static const struct judgement rows[] = {
		{ { ROOT, .user_namespace = 1 },
		  A_MAP,
		  LRU,
		  "environment.user-namespace",
		  LADE_CERTAIN,
		  "rootless",
		  NULL,
		  "--token" },
		{ { ROOT, TOKEN, .delegation = { ~UINT64_C(1), UINT64_MAX, UINT64_MAX, UINT64_MAX } },
		  A_MAP,
		  LRU,
		  "environment.delegation",
		  LADE_CERTAIN,
		  "BPF_MAP_CREATE is not among",
		  NULL,
		  "delegate_cmds=" },
		{ { ROOT, TOKEN, .delegation = { UINT64_MAX, 1 << BPF_MAP_TYPE_ARRAY, UINT64_MAX, UINT64_MAX } },
		  A_MAP,
		  LRU,
		  "environment.delegation",
		  LADE_CERTAIN,
		  "lru_hash is not among",
		  NULL,
		  "delegate_maps=lru_hash" },
		{ { ROOT, TOKEN, .delegation = { UINT64_MAX, UINT64_MAX, 1 << FILTER, UINT64_MAX } },
		  A_PROGRAM,
		  XDP,
		  "environment.delegation",
		  LADE_CERTAIN,
		  "xdp is not among",
		  NULL,
		  "delegate_progs=xdp" },
		{ { ROOT, TOKEN, .delegation = { UINT64_MAX, UINT64_MAX, UINT64_MAX, 2 } },
		  A_PROGRAM,
		  XDP,
		  "environment.delegation",
		  LADE_CERTAIN,
		  NULL,
		  NULL,
		  "delegate_attachs=" },
		/* all of it is delegated, and the namespace itself does not have the capability */
		{ { ROOT, TOKEN, .effective = GATE_BIT(GATE_BPF),
		    .delegation = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } },
		  A_PROGRAM,
		  XDP,
		  "environment.capability",
		  LADE_CERTAIN,
		  "CAP_NET_ADMIN" },
		{ { ROOT, TOKEN, .delegation = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } },
		  A_PROGRAM,
		  XDP,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "excluded: BPF token" },
		{ { ROOT, .user_namespace = 1, .token = 7 },
		  A_PROGRAM,
		  XDP,
		  NULL,
		  LADE_POSSIBLE,
		  NULL,
		  "not known: BPF token" },
	};

	(void)state;
	CHECK(rows);
}

static void texts_of_the_kernel_are_read(void **state)
{
	static const char fdinfo[] = "pos:\t0\nflags:\t02000002\nallowed_cmds:\tany\nallowed_maps:\t0x6\n"
				     "allowed_progs:\t0x0\nallowed_attachs:\tany\n";
	struct gate_delegation delegation = { 0 };
	char mode[24];

	(void)state;
	assert_true(lade_gate_delegation(fdinfo, &delegation));
	assert_true(delegation.commands == UINT64_MAX && delegation.maps == 6 && delegation.programs == 0);
	assert_false(lade_gate_delegation("pos:\t0\n", &delegation));
	lade_gate_lockdown("none [integrity] confidentiality", mode, sizeof mode);
	assert_string_equal(mode, "integrity");
	lade_gate_lockdown("[none] integrity", mode, sizeof mode);
	assert_string_equal(mode, "none");
	lade_gate_lockdown("nothing", mode, sizeof mode);
	assert_string_equal(mode, "");
	lade_gate_lockdown("[a word that is much too long for it]", mode, sizeof mode);
	assert_string_equal(mode, "");
}

static void a_recorded_kernel_is_not_asked(void **state)
{
	struct kernel *kernel = NULL;
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_error *error = NULL;
	struct lade_finding *finding = lade_error_add(&error, EPERM, "map.create.permission", "test");

	(void)state;
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile("4.19"), NULL, 0, &kernel), 0);
	lade_diagnose_denied_name(kernel, "BPF_MAP_CREATE", EPERM, finding);
	assert_int_equal(lade_recorded_call_count(kernel), 0);
	assert_int_equal(lade_finding_describe(finding, &info), 0);
	assert_int_equal(info.evidence_count, 0);
	lade_diagnose_denied_name(kernel, "BPF_MAP_CREATE", EPERM, NULL);
	(void)lade_error_free(error);
	lade_kernel_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_named_where_every_gate_is_open),
		cmocka_unit_test(a_filter_is_shut_only_if_the_kernel_was_not_reached),
		cmocka_unit_test(capabilities_are_those_of_the_kernels_age),
		cmocka_unit_test(lockdown_is_named_where_it_refuses),
		cmocka_unit_test(modules_are_likely_and_never_certain),
		cmocka_unit_test(locked_memory_is_judged_by_what_less_of_it_does),
		cmocka_unit_test(what_a_token_delegates_is_looked_at_bit_by_bit),
		cmocka_unit_test(texts_of_the_kernel_are_read),
		cmocka_unit_test(a_recorded_kernel_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
