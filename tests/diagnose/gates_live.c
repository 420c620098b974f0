/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every gate that can be shut here is shut for a child, which then creates a map or loads a program; the parent looks
 * at the finding that comes back. (Tokens, and machines that are not here: gates.c.)
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/live.h"
#include "harness/loaded.h"
#include "kernel/context.h"
#include "object/model.h"

#define OBJECT "gate_types.bpf.o" /* from where it lies: nobody may not enter a home, or what mktemp -d makes */

/* ---- gates to be shut ---- */

enum { NET_ADMIN = 12, SYS_ADMIN = 21, SYS_RESOURCE = 24, PERFMON = 38, BPF = 39 };

static bool filter(const struct sock_filter *code, size_t count)
{
	const struct sock_fprog program = { (unsigned short)count, (struct sock_filter *)code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

#define REFUSE(errnum) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (errnum))
#define ALLOW          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define CALL           BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define FIRST_ARGUMENT BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args))

static bool refuse_call(unsigned number, unsigned errnum)
{
	const struct sock_filter code[] = { CALL, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), REFUSE(errnum),
					    ALLOW };

	return filter(code, sizeof code / sizeof *code);
}

static bool shut_bpf(void)
{
	return refuse_call(SYS_bpf, EPERM);
}

static bool shut_bpf_with_eacces(void)
{
	return refuse_call(SYS_bpf, EACCES);
}

static bool shut_bpf_with_einval(void)
{
	return refuse_call(SYS_bpf, EINVAL);
}

static bool shut_bpf_with_enosys(void)
{
	return refuse_call(SYS_bpf, ENOSYS);
}

static bool shut_perf(void)
{
	return refuse_call(SYS_perf_event_open, EPERM);
}

static bool shut_perf_with_enosys(void)
{
	return refuse_call(SYS_perf_event_open, ENOSYS);
}

/* One command of bpf(2). */
static bool shut_maps(void)
{
	const struct sock_filter code[] = {
		CALL,           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 3),
		FIRST_ARGUMENT, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_MAP_CREATE, 0, 1),
		REFUSE(EPERM),  ALLOW,
	};

	return filter(code, sizeof code / sizeof *code);
}

static bool drop(uint64_t dropped, bool from_bounding)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	for (int i = 0; from_bounding && i < 64; i++)
		if ((dropped >> i & 1) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return false;
	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		data[i].effective &= ~(uint32_t)(dropped >> (32 * i));
		data[i].permitted &= ~(uint32_t)(dropped >> (32 * i));
		data[i].inheritable &= ~(uint32_t)(dropped >> (32 * i));
	}
	return syscall(SYS_capset, &header, data) == 0;
}

static bool drop_bpf(void)
{
	return drop(1ULL << BPF | 1ULL << SYS_ADMIN, false);
}

static bool drop_net_admin(void)
{
	return drop(1ULL << NET_ADMIN | 1ULL << SYS_ADMIN, false);
}

static bool drop_perfmon(void)
{
	return drop(1ULL << PERFMON | 1ULL << SYS_ADMIN, false);
}

static bool drop_sys_admin(void)
{
	return drop(1ULL << SYS_ADMIN, false);
}

static bool drop_bpf_for_ever(void)
{
	return drop(1ULL << BPF | 1ULL << SYS_ADMIN, true);
}

/* CAP_SYS_ADMIN stands for the three that are dropped. */
static bool drop_all_but_sys_admin(void)
{
	return drop(1ULL << BPF | 1ULL << PERFMON | 1ULL << NET_ADMIN, false);
}

static bool become_nobody(void)
{
	return syscall(SYS_setresgid, 65534, 65534, 65534) == 0 && syscall(SYS_setresuid, 65534, 65534, 65534) == 0;
}

static bool enter_user_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

/* A filter that has nothing against bpf(2), and then a missing capability. */
static bool filter_something_else(void)
{
	return refuse_call(SYS_swapon, EPERM) && drop_net_admin();
}

/* What kernels before 5.11 gave everybody, and no way to raise it. */
static bool limit_memory(void)
{
	const struct rlimit limit = { 65536, 65536 };

	return setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && drop(1ULL << SYS_RESOURCE, false);
}

static bool leave_open(void)
{
	return true;
}

/* ---- what the child does ---- */

enum deed { MAP, LARGE_MAP, DEVICE_MAP, LRU_MAP, WRONG_MAP, OPEN_BY_ID, ATTACH_TRACEPOINT, ATTACH_PROBE, PROGRAMS };
static const char *const programs[] = { "everybody", "network", "tracing", "probe" };
#define PROGRAM(index) (PROGRAMS + (index))

static const struct map_definition definitions[] = {
	[MAP] = { .type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 },
	[LARGE_MAP] = { .type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 << 20 },
	[DEVICE_MAP] = { .type = BPF_MAP_TYPE_DEVMAP, .key_size = 4, .value_size = 4, .max_entries = 1 },
	[LRU_MAP] = { .type = BPF_MAP_TYPE_LRU_HASH, .key_size = 4, .value_size = 4, .max_entries = 1 },
	[WRONG_MAP] = { .type = BPF_MAP_TYPE_ARRAY, .key_size = 8, .value_size = 4, .max_entries = 1 },
};

static void load_map(struct lade_context *context, const struct map_definition *definition, struct lade_error **error)
{
	struct lade_object *object = lade_object_create(context, "gates.o", "gates");
	struct lade_instance *instance = NULL;
	struct lade_map *map = object ? lade_object_add_map(object, "guilty", "maps") : NULL;

	if (!map)
		return;
	object->dialect = strdup("samples");
	map->definition = *definition;
	(void)lade_object_load(object, NULL, &instance, error);
	(void)lade_instance_close(instance);
	(void)lade_object_free(object);
}

static void load_program(struct lade_context *context, const char *name, bool attach, struct lade_error **error)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .attach = attach };
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;

	if (lade_object_open(context, OBJECT, NULL, &object, error) < 0)
		return;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		(void)lade_program_set_autoload(lade_object_find_program(object, programs[i]),
						strcmp(programs[i], name) == 0);
	(void)lade_object_load(object, &opts, &instance, error);
	(void)lade_instance_close(instance);
	(void)lade_object_free(object);
}

/* Code, confidence, cause, evidence and fix, a line each; "fine" when nothing was refused. */
static void print(const struct lade_error *error, FILE *to)
{
	struct lade_finding_info info = { .size = sizeof info };

	if (!error || lade_finding_describe(lade_error_finding(error, 0), &info) < 0) {
		(void)fprintf(to, "fine\n");
		return;
	}
	(void)fprintf(to, "code %s\nconfidence %s\ncause %s\nexit %d\n", info.code,
		      lade_confidence_name(info.confidence), info.cause ? info.cause : "", lade_error_exit_code(error));
	for (size_t i = 0; i < info.evidence_count; i++)
		(void)fprintf(to, "evidence %s\n", info.evidence[i]);
	(void)fprintf(to, "fix %s\n", info.fix ? info.fix : "");
}

static void act(enum deed deed, FILE *to)
{
	struct lade_error *error = NULL;
	struct lade_context *context = NULL;
	struct lade_live_map *map = NULL;

	if (lade_context_new(NULL, &context, &error) < 0)
		_exit(3);
	if (deed == OPEN_BY_ID)
		(void)lade_map_open(context, "id:1", NULL, &map, &error);
	else if (deed == ATTACH_TRACEPOINT || deed == ATTACH_PROBE)
		load_program(context, deed == ATTACH_PROBE ? "probe" : "tracing", true, &error);
	else if (deed >= PROGRAMS)
		load_program(context, programs[deed - PROGRAMS], false, &error);
	else
		load_map(context, &definitions[deed], &error);
	print(error, to);
	(void)lade_map_close(map);
	(void)lade_error_free(error);
	(void)lade_context_free(context);
}

/* NULL: the child could not shut the gate. */
static char *in_child(bool (*shut)(void), enum deed deed)
{
	static char answer[8192];
	size_t length = 0;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		FILE *to = fdopen(ends[1], "w");
		(void)close(ends[0]);
		if (!to || chdir(TEST_OBJECTS) < 0 || !shut())
			_exit(2);
		act(deed, to);
		_exit(fclose(to) == 0 ? 0 : 3);
	}
	(void)close(ends[1]);
	for (ssize_t got; (got = read(ends[0], answer + length, sizeof answer - 1 - length)) > 0;)
		length += (size_t)got;
	answer[length] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return NULL;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the child ended with %d: %s", status, answer);
	return answer;
}

static bool is_live;

/* Once: a kernel that is locked down mounts tracefs in one place only. */
static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

struct gate_test {
	bool (*shut)(void);
	enum deed deed;
	const char *code, *confidence;
	const char *parts[4]; /* that the answer has */
	const char *absent;   /* and this it has not; NULL: nothing */
};

static void run(const struct gate_test *tests, size_t count)
{
	if (!is_live)
		skip();
	for (size_t i = 0; i < count; i++) {
		char line[128];
		const char *answer = in_child(tests[i].shut, tests[i].deed);
		if (!answer) {
			(void)fprintf(stderr, "# gate %zu cannot be shut here\n", i);
			continue;
		}
		(void)snprintf(line, sizeof line, "code %s\nconfidence %s\n", tests[i].code, tests[i].confidence);
		if (strncmp(answer, line, strlen(line)) != 0)
			fail_msg("%zu: not %s, but\n%s", i, line, answer);
		for (size_t j = 0; j < 4 && tests[i].parts[j]; j++)
			if (!strstr(answer, tests[i].parts[j]))
				fail_msg("%zu: \"%s\" is not in\n%s", i, tests[i].parts[j], answer);
		if (tests[i].absent && strstr(answer, tests[i].absent))
			fail_msg("%zu: \"%s\" is in\n%s", i, tests[i].absent, answer);
	}
}

#define RUN(tests) run(tests, sizeof(tests) / sizeof *(tests))

static void a_seccomp_filter_is_told_from_the_kernel(void **state)
{
	static const struct gate_test tests[] = {
		{ shut_bpf,
		  MAP,
		  "environment.seccomp",
		  "certain",
		  { "a filter", "E2BIG", "SystemCallFilter", "exit 5" } },
		{ shut_bpf_with_eacces, MAP, "environment.seccomp", "certain", { "answered with EACCES" } },
		/* Which otherwise is what a kernel without the type says. */
		{ shut_bpf_with_einval, MAP, "environment.seccomp", "certain", { "answered with EINVAL", "exit 5" } },
		{ shut_bpf_with_einval, PROGRAM(0), "environment.seccomp", "certain", { "answered with EINVAL" } },
		{ shut_bpf_with_eacces, PROGRAM(0), "environment.seccomp", "certain", { "answered with EACCES" } },
		{ shut_maps, MAP, "environment.seccomp", "certain", { "BPF_MAP_CREATE that the kernel" } },
		{ shut_bpf, PROGRAM(0), "environment.seccomp", "certain", { "bpf(2)" } },
		{ shut_bpf, OPEN_BY_ID, "environment.seccomp", "certain", { "BPF_MAP_GET_FD_BY_ID" } },
		{ shut_bpf_with_enosys, MAP, "kernel.bpf.filtered", "certain", { "seccomp" } },
		{ shut_bpf_with_enosys, PROGRAM(0), "kernel.bpf.filtered", "certain", { "seccomp" } },
	};

	(void)state;
	RUN(tests);
}

static bool is_locked_down(void)
{
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "";

	if (file && !fgets(line, sizeof line, file))
		line[0] = '\0';
	if (file)
		(void)fclose(file);
	return strstr(line, "[confidentiality]");
}

static void a_filter_of_perf_event_open_is_told_from_a_kernel_without_it(void **state)
{
	static const struct gate_test tests[] = {
		{ shut_perf,
		  ATTACH_TRACEPOINT,
		  "environment.seccomp",
		  "certain",
		  { "perf_event_open", "SystemCallFilter" } },
		{ shut_perf_with_enosys, ATTACH_TRACEPOINT, "environment.seccomp", "certain", { "perf_event_open" } },
	};

	(void)state;
	if (is_locked_down()) {
		(void)fprintf(stderr, "# this kernel is locked down\n");
		skip();
	}
	RUN(tests);
}

static void a_filter_that_has_nothing_against_it_is_excluded(void **state)
{
	static const struct gate_test tests[] = {
		{ filter_something_else,
		  PROGRAM(1),
		  "environment.capability",
		  "certain",
		  { "lacks CAP_NET_ADMIN", "excluded: seccomp: the kernel itself answers", "programs of type xdp" } },
	};

	(void)state;
	RUN(tests);
}

static void the_missing_capability_is_that_of_this_very_type(void **state)
{
	static const struct gate_test tests[] = {
		{ drop_net_admin,
		  DEVICE_MAP,
		  "environment.capability",
		  "certain",
		  { "lacks CAP_NET_ADMIN", "maps of type devmap", "excluded: seccomp", "exit 5" },
		  "CAP_PERFMON" },
		{ drop_net_admin,
		  PROGRAM(1),
		  "environment.capability",
		  "certain",
		  { "lacks CAP_NET_ADMIN, which programs of type xdp need" },
		  "CAP_PERFMON" },
		{ drop_perfmon,
		  PROGRAM(2),
		  "environment.capability",
		  "certain",
		  { "lacks CAP_PERFMON, which programs of type tracepoint need" },
		  "CAP_NET_ADMIN" },
		{ drop_sys_admin,
		  OPEN_BY_ID,
		  "environment.capability",
		  "certain",
		  { "lacks CAP_SYS_ADMIN, which BPF_MAP_GET_FD_BY_ID needs" } },
	};

	(void)state;
	RUN(tests);
}

static void who_has_the_capability_is_let_in(void **state)
{
	static const struct {
		bool (*shut)(void);
		enum deed deed;
	} tests[] = {
		{ drop_net_admin, MAP },
		{ drop_net_admin, PROGRAM(2) },
		{ drop_perfmon, PROGRAM(1) },
		{ drop_sys_admin, LRU_MAP },
		{ drop_all_but_sys_admin, PROGRAM(1) },
		{ drop_all_but_sys_admin, PROGRAM(2) },
	};

	(void)state;
	if (!is_live)
		skip();
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		const char *answer = in_child(tests[i].shut, tests[i].deed);
		if (answer && strcmp(answer, "fine\n") != 0)
			fail_msg("%zu: %s", i, answer);
	}
}

static int sysctl(void)
{
	FILE *file = fopen("/proc/sys/kernel/unprivileged_bpf_disabled", "re");
	int value = -1;

	if (file && fscanf(file, "%d", &value) != 1)
		value = -1;
	if (file)
		(void)fclose(file);
	return value;
}

static void the_sysctl_is_named_with_what_it_asks_for(void **state)
{
	static const struct gate_test tests[] = {
		{ become_nobody,
		  MAP,
		  "environment.unprivileged",
		  "certain",
		  { "kernel.unprivileged_bpf_disabled is", "CAP_BPF", "excluded: seccomp", "run as root" } },
		{ become_nobody, PROGRAM(0), "environment.unprivileged", "certain", { "CAP_BPF" } },
		{ become_nobody,
		  PROGRAM(1),
		  "environment.unprivileged",
		  "certain",
		  { "CAP_BPF and CAP_NET_ADMIN", "even if it were 0" } },
		{ drop_bpf, MAP, "environment.unprivileged", "certain", { "without CAP_BPF", "give it CAP_BPF" } },
		{ drop_bpf_for_ever,
		  MAP,
		  "environment.unprivileged",
		  "certain",
		  { "start the container or service with CAP_BPF" } },
	};

	(void)state;
	if (sysctl() < 1) {
		(void)fprintf(stderr, "# kernel.unprivileged_bpf_disabled is 0 here\n");
		skip();
	}
	RUN(tests);
}

static void a_user_namespace_is_named_whatever_it_calls_its_capabilities(void **state)
{
	static const struct gate_test tests[] = {
		{ enter_user_namespace,
		  MAP,
		  "environment.user-namespace",
		  "certain",
		  { "rootless container", "--token", "excluded: seccomp" } },
		{ enter_user_namespace, PROGRAM(1), "environment.user-namespace", "certain", { "CAP_NET_ADMIN" } },
		{ enter_user_namespace,
		  OPEN_BY_ID,
		  "environment.user-namespace",
		  "certain",
		  { "CAP_SYS_ADMIN" },
		  "--token" },
	};

	(void)state;
	RUN(tests);
}

static bool is_before(unsigned major, unsigned minor)
{
	unsigned found[2] = { 0 };
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &found[0], &found[1]), 2);
	return found[0] < major || (found[0] == major && found[1] < minor);
}

static void locked_memory_is_named_where_kernels_count_it(void **state)
{
	static const struct gate_test old[] = {
		{ limit_memory,
		  LARGE_MAP,
		  "environment.memlock",
		  "certain",
		  { "65536 bytes", "with less to be charged is accepted", "ulimit -l unlimited", "CAP_SYS_RESOURCE" } },
	};

	(void)state;
	if (is_before(5, 11)) {
		RUN(old);
		return;
	}
	if (!is_live)
		skip();
	const char *answer = in_child(limit_memory, LARGE_MAP);
	if (answer && strcmp(answer, "fine\n") != 0)
		fail_msg("%s", answer);
}

/* tests/vm/exec 6.1 --words lockdown=confidentiality … */
static void lockdown_is_named_where_it_refuses_a_probe(void **state)
{
	static const struct gate_test tests[] = {
		{ leave_open,
		  ATTACH_PROBE,
		  "environment.lockdown",
		  "certain",
		  { "locked down (confidentiality)", "perf_event_open", "excluded: capabilities", "lockdown=" } },
		{ leave_open,
		  ATTACH_TRACEPOINT,
		  "environment.lockdown",
		  "certain",
		  { "locked down (confidentiality)", "there are no events at all" } },
	};

	(void)state;
	if (!is_locked_down()) {
		(void)fprintf(stderr, "# this kernel is not locked down, or does not show it\n");
		skip();
	}
	RUN(tests);
}

static void with_the_gates_open_the_map_itself_is_at_fault(void **state)
{
	static const struct gate_test tests[] = {
		{ leave_open, WRONG_MAP, "map.create.definition", "certain", { "4-byte index", "exit 2" } },
		{ filter_something_else, WRONG_MAP, "map.create.definition", "certain", { "4-byte index" } },
	};

	(void)state;
	RUN(tests);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seccomp_filter_is_told_from_the_kernel),
		cmocka_unit_test(a_filter_of_perf_event_open_is_told_from_a_kernel_without_it),
		cmocka_unit_test(a_filter_that_has_nothing_against_it_is_excluded),
		cmocka_unit_test(the_missing_capability_is_that_of_this_very_type),
		cmocka_unit_test(who_has_the_capability_is_let_in),
		cmocka_unit_test(the_sysctl_is_named_with_what_it_asks_for),
		cmocka_unit_test(a_user_namespace_is_named_whatever_it_calls_its_capabilities),
		cmocka_unit_test(locked_memory_is_named_where_kernels_count_it),
		cmocka_unit_test(lockdown_is_named_where_it_refuses_a_probe),
		cmocka_unit_test(with_the_gates_open_the_map_itself_is_at_fault),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
