/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The published error cases, met by Lade itself: on the kernel that runs (also in machines with others: tests/vm/run),
 * under a filter, without a privilege, with something mounted in the way, or on the recorded 4.19, which no machine
 * has.
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
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "harness/live.h"
#include "harness/loaded.h"
#include "kernel/recorded.h"

#define LOADS      "loads" /* in the place of a code */
#define CODE_BYTES 64

enum { FIRST_WITH_TURNING_LOG = 6 << 16 | 4 << 8 };
enum { LARGE = 900000 };
enum { FIRST_WITHOUT_LIMIT = 5 << 16 | 11 << 8 }; /* maps of 4 GiB are no longer refused, but tried */

struct met {
	const char *id, *object;
	const char *program;                        /* alone; NULL: all */
	const char *codes[4];                       /* any of them: kernels differ */
	const char *part;                           /* of cause, fix, message or evidence; NULL: any */
	const char *recorded;                       /* profile; NULL: the running kernel */
	const struct recorded_rejection *rejection; /* of the recorded one */
	bool (*prepare)(void);                      /* in the process that loads; false: it cannot be done here */
	bool attach, no_mount;
	uint32_t entries; /* of the object's map; 0: as it says */
	bool long_log;    /* and slow: not where a processor is emulated, or before 6.4 */
	uint32_t before;  /* only on kernels before this; 0: all */
};

/* ---- what stands in the way ---- */

static bool hide_types(void)
{
	return access("/sys/kernel/btf", F_OK) == 0 && mount("none", "/sys/kernel/btf", "tmpfs", 0, NULL) == 0;
}

static bool unmount(void)
{
	while (umount2(LIVE_BPFFS, MNT_DETACH) == 0)
		;
	return true;
}

/* CAP_BPF and nothing else; what needs more is done before. */
static bool keep_only_bpf(void)
{
	enum { BPF = 39 };
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	(void)setrlimit(RLIMIT_MEMLOCK, &all);
	data[BPF / 32].effective = data[BPF / 32].permitted = 1U << BPF % 32;
	return syscall(SYS_capset, &header, data) == 0;
}

/* bpf(2) answers ENOSYS, as on a kernel that was built without it. */
static bool filter_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = ELEMENTS(code), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* What a kernel before 5.3 says of a loop (and every kernel to those without privilege). */
static const struct recorded_rejection back_edge = { "many_rounds", EINVAL, "back-edge from insn 9 to 3\n" };

static const struct met cases[] = {
	{ .id = "S2.1",
	  .object = "pub_refused.bpf.o",
	  .program = "below_stack",
	  .codes = { "verifier.stack.bounds" },
	  .part = "512" },
	{ .id = "S2.1",
	  .object = "pub_refused.bpf.o",
	  .program = "deep_stack",
	  .codes = { "verifier.stack.depth" },
	  .part = "per-CPU" },
	{ .id = "S2.2",
	  .object = "pub_attach.bpf.o",
	  .program = "on_do_execve",
	  .codes = { "attach.function.missing", "attach.probe.absent" },
	  .attach = true },
	{ .id = "S2.3a", .object = "pub_bits.bpf.o", .codes = { LOADS }, .recorded = "4.19" },
	{ .id = "S2.3b",
	  .object = "core_live.bpf.o",
	  .codes = { "btf.kernel.absent" },
	  .part = "CONFIG_DEBUG_INFO_BTF",
	  .prepare = hide_types },
	{ .id = "S2.5a",
	  .object = "pub_refused.bpf.o",
	  .program = "many_rounds",
	  .codes = { "verifier.loop" },
	  .recorded = "4.19",
	  .rejection = &back_edge,
	  .part = "5.3" },
	{ .id = "S2.5b",
	  .object = "pub_refused.bpf.o",
	  .program = "endless_loop",
	  .codes = { "verifier.too-complex", "verifier.loop" },
	  .long_log = true },
	{ .id = "S2.7",
	  .object = "pub_globals.bpf.o",
	  .codes = { "map.create.global-data" },
	  .recorded = "4.19",
	  .part = "5.2" },
	{ .id = "S2.8",
	  .object = "pub_refused.bpf.o",
	  .program = "padded_key",
	  .codes = { "verifier.stack.uninitialised", LOADS /* 6.18 to 7.2 */ },
	  .part = "memset",
	  .prepare = keep_only_bpf },
	{ .id = "S2.9",
	  .object = "pub_refused.bpf.o",
	  .program = "follow_argument",
	  .codes = { "verifier.deref" },
	  .part = "number" },
	{ .id = "S2.11",
	  .object = "pub_refused.bpf.o",
	  .program = "add_length",
	  .codes = { "verifier.bounds.unbounded" },
	  .part = "MAX" },
	{ .id = "S2.12", .object = "pub_globals.bpf.o", .codes = { "map.create.global-data" }, .recorded = "4.19" },
	{ .id = "S2.12", .object = "pub_license.bpf.o", .codes = { "verifier.gpl" }, .part = "Proprietary" },
	{ .id = "S2.16",
	  .object = "pub_refused.bpf.o",
	  .program = "many_rounds",
	  .codes = { "verifier.too-complex" },
	  .long_log = true },
	{ .id = "S2.17",
	  .object = "pub_iterator.bpf.o",
	  .codes = { LOADS, "verifier.deref.maybe-null", "map.create.type", "map.create.refused" } },
	{ .id = "S2.18", .object = "pub_void.bpf.o", .codes = { "verifier.global-function" }, .part = "static" },
	{ .id = "S2.19", .object = "pub_context.bpf.o", .codes = { "verifier.global-function" }, .part = "static" },
	{ .id = "S2.20",
	  .object = "pub_large_map.bpf.o",
	  .codes = { "map.create.too-large" },
	  .part = "4 GiB",
	  .entries = LARGE,
	  .recorded = "4.19" },
	{ .id = "S2.20",
	  .object = "pub_large_map.bpf.o",
	  .codes = { "map.create.too-large" },
	  .part = "4 GiB",
	  .entries = LARGE,
	  .before = FIRST_WITHOUT_LIMIT },
	{ .id = "S2.22",
	  .object = "pub_refused.bpf.o",
	  .program = "path_of_file",
	  .codes = { "verifier.helper-not-allowed" } },
	{ .id = "S0.1",
	  .object = "pub_license.bpf.o",
	  .codes = { "kernel.bpf.filtered" },
	  .part = "seccomp",
	  .prepare = filter_calls },
	{ .id = "S0.2",
	  .object = "pub_bits.bpf.o",
	  .codes = { "pin.bpffs-missing" },
	  .part = "mount -t bpf",
	  .prepare = unmount,
	  .no_mount = true },
	{ .id = "S1.3", .object = "pub_license.bpf.o", .codes = { "verifier.gpl" } },
	{ .id = "S3.1", .object = "dia_size32tail_kern.o", .codes = { "dialect.samples.tail" } },
	{ .id = "S3.2", .object = "compat_kprobe_kern.o", .codes = { LOADS }, .recorded = "4.19" },
	{ .id = "S3.3",
	  .object = "pub_attach.bpf.o",
	  .program = "on_exce",
	  .codes = { "attach.tracepoint.missing" },
	  .part = "sched_process_exec",
	  .attach = true },
	{ .id = "S4.2", .object = "dia_iproute2_kern.o", .codes = { LOADS } },
};

/* ---- one case, in a process of its own ---- */

static bool says(const struct lade_finding_info *info, const char *part)
{
	if (!part || strstr(info->message, part) || (info->cause && strstr(info->cause, part)) ||
	    (info->fix && strstr(info->fix, part)))
		return true;
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], part))
			return true;
	return false;
}

/* Its code, and "" behind it when the part is missing. */
static void write_code(int fd, const struct lade_error *error, const struct met *met)
{
	struct lade_finding_info info = { .size = sizeof info };
	char code[CODE_BYTES];

	if (lade_finding_describe(lade_error_finding(error, 0), &info) < 0)
		_exit(3);
	(void)snprintf(code, sizeof code, "%s%s", info.code, says(&info, met->part) ? "" : " without its part");
	(void)fprintf(stderr, "# %s: %s\n", met->id, lade_error_message(error));
	if (!says(&info, met->part))
		(void)fprintf(stderr, "# cause: %s; fix: %s\n", info.cause, info.fix);
	(void)!write(fd, code, strlen(code));
	_exit(0);
}

static void choose(struct lade_object *object, const char *program)
{
	for (size_t i = 0; program && i < lade_object_program_count(object); i++)
		(void)lade_program_set_autoload(lade_object_program(object, i), false);
	if (program)
		(void)lade_program_set_autoload(lade_object_find_program(object, program), true);
}

static void meet(const struct met *met, int fd)
{
	const struct lade_context_opts context_opts = { .size = sizeof context_opts,
							.no_mount = met->no_mount,
							.raise_memlock = true };
	const struct lade_load_opts opts = { .size = sizeof opts,
					     .name = met->recorded ? NULL : "published",
					     .attach = met->attach };
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	char path[512];

	(void)snprintf(path, sizeof path, "%s/%s", TEST_OBJECTS, met->object);
	if (lade_context_new(&context_opts, &context, NULL) < 0)
		_exit(3);
	if (met->recorded)
		use_recorded(context, met->recorded, met->rejection, met->rejection ? 1 : 0);
	if (met->prepare && !met->prepare())
		_exit(2);
	if (lade_object_open(context, path, NULL, &object, &error) < 0)
		write_code(fd, error, met);
	choose(object, met->program);
	if (met->entries)
		(void)lade_map_set_max_entries(lade_object_map(object, 0), met->entries);
	if (lade_object_load(object, &opts, &instance, &error) < 0)
		write_code(fd, error, met);
	(void)lade_instance_unload(instance, NULL);
	(void)!write(fd, LOADS, strlen(LOADS));
	_exit(0);
}

/* The code that came of it; "": it cannot be done here. */
static void run(const struct met *met, char *code)
{
	int ends[2], status = 0;

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0)
			_exit(2);
		meet(met, ends[1]);
	}
	(void)close(ends[1]);
	ssize_t length = read(ends[0], code, CODE_BYTES - 1);
	code[length > 0 ? length : 0] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 2))
		fail_msg("%s: the loading process ended with status %d", met->id, status);
}

static bool is_wanted(const struct met *met, const char *code)
{
	for (size_t i = 0; i < ELEMENTS(met->codes) && met->codes[i]; i++)
		if (strcmp(met->codes[i], code) == 0)
			return true;
	return false;
}

static uint32_t running_version(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2); /* NOLINT(cert-err34-c) */
	return major << 16 | minor << 8;
}

static bool is_for_this_machine(const struct met *met)
{
	bool slow = getenv("LADE_EMULATED") || running_version() < FIRST_WITH_TURNING_LOG;

	return !(met->before && running_version() >= met->before) && !(met->long_log && slow);
}

static void every_published_case_that_can_be_met_here_gets_its_cause(void **state)
{
	char code[CODE_BYTES];
	size_t wrong = 0, met = 0;

	(void)state;
	if (!live_enter())
		skip();
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		if (!is_for_this_machine(&cases[i]))
			continue;
		run(&cases[i], code);
		if (!*code) {
			(void)fprintf(stderr, "# %s cannot be met here\n", cases[i].id);
			continue;
		}
		met++;
		if (is_wanted(&cases[i], code))
			continue;
		(void)fprintf(stderr, "# %s: %s instead of %s\n", cases[i].id, code, cases[i].codes[0]);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_true(met >= ELEMENTS(cases) / 2);
}

/* S2.16 before 6.4: the beginning of the log is kept, which holds lines of other matters, and not its last line. */
static void log_that_does_not_fit_is_not_searched_for_a_verdict(void **state)
{
	enum { BYTES = 17 << 20 };
	static const char line[] = "func#0 @0\narg#0 reference type('UNKNOWN ') size cannot be determined: -22\n";
	char *log = malloc(BYTES + 1);

	(void)state;
	assert_non_null(log);
	for (size_t i = 0; i < BYTES; i++)
		log[i] = line[i % (sizeof line - 1)];
	log[BYTES] = '\0';
	const struct recorded_rejection rejection = { "many_rounds", E2BIG, log };
	struct loaded loaded = loaded_recorded("4.19", &rejection, 1);
	loaded.object = open_object(loaded.context, "pub_refused.bpf.o");
	(void)load_only(loaded.object, "many_rounds");
	assert_int_equal(loaded_fail(&loaded, NULL), -E2BIG);
	assert_string_equal(loaded.info.code, "verifier.too-complex");
	assert_int_equal(loaded.info.confidence, LADE_LIKELY);
	loaded_leave(&loaded);
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_published_case_that_can_be_met_here_gets_its_cause),
		cmocka_unit_test(log_that_does_not_fit_is_not_searched_for_a_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
