/* SPDX-License-Identifier: BSD-2-Clause */
/* User-space probes by their effect: this program and children of it are probed, and programs count what they see. */
#include "attach/user.h"

#include <elf.h>
#include <sched.h>
#include <sys/mount.h>

#include "symbols/maker.h"

#define TARGET TEST_OBJECTS "/../symbols/symbols-target"
#define PMU    "/sys/bus/event_source/devices/uprobe"

enum { ENTRY, RETURN, MANY, MANY_RETURNS };

/* ---- what is probed: not inlined, not optimised away ---- */

#define PROBED(name)                                                                                                   \
	__attribute__((noinline, noclone)) int name(int number);                                                       \
	__attribute__((noinline, noclone)) int name(int number)                                                        \
	{                                                                                                              \
		__asm__ volatile("" : "+r"(number));                                                                   \
		return number + 1;                                                                                     \
	}
PROBED(user_probed_one)
PROBED(user_probed_two)
PROBED(user_probed_three)
PROBED(user_other)

static void call_probed(void)
{
	assert_int_equal(user_probed_one(10), 11);
	assert_int_equal(user_probed_two(20), 21);
	assert_int_equal(user_probed_three(30), 31);
	assert_int_equal(user_other(40), 41);
}

extern volatile unsigned short user_counter;
volatile unsigned short user_counter __attribute__((section(".probes"), used)) = 0;

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

/* ---- single probes ---- */

static void probe_of_one_process_is_not_hit_by_another(void **state)
{
	(void)state;
	struct loaded loaded = load("user_probes.bpf.o", "on_entry", false);
	int go[2], done[2];
	char byte = 'x', target[128];
	assert_int_equal(pipe(go) | pipe(done), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)!read(go[0], &byte, 1);
		(void)user_probed_one(77);
		(void)!write(done[1], &byte, 1);
		_exit(0);
	}
	(void)snprintf(target, sizeof target, SELF ":user_probed_one,pid=%d", (int)child);
	attach(&loaded, "on_entry", target);
	assert_non_null(strstr(link_of(&loaded, 0).target, ",pid="));
	(void)user_probed_one(1);
	assert_int_equal(value_of(&loaded, "counts", ENTRY), 0);
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(read(done[0], &byte, 1), 1);
	assert_int_equal(value_of(&loaded, "counts", ENTRY), 1);
	assert_int_equal((int)value_of(&loaded, "values", ENTRY), 77);
	(void)waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++)
		(void)(close(go[i]) | close(done[i]));
	assert_leaves_nothing(&loaded);
}

static void probe_sees_every_process_and_its_arguments(void **state)
{
	(void)state;
	struct loaded loaded = load("user_probes.bpf.o", "on_entry", false);
	attach(&loaded, "on_entry", SELF ":user_probed_two");
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();
		if (child == 0)
			_exit(user_probed_two(100 + i) == 101 + i ? 0 : 1);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	assert_int_equal(value_of(&loaded, "counts", ENTRY), 3);
	assert_int_equal((int)value_of(&loaded, "values", ENTRY), 102);
	assert_leaves_nothing(&loaded);
}

/* In a file that only the other process sees: on a tmpfs of its own mount namespace, which hides ours. */
static pid_t start_elsewhere(const char *directory, int go, int ready)
{
	pid_t child = fork();
	if (child != 0)
		return child;
	char command[PATH_MAX * 2], path[PATH_MAX], byte = 'n';
	(void)snprintf(path, sizeof path, "%s/target", directory);
	(void)snprintf(command, sizeof command, "cp " TARGET " %s", path);
	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", directory, "tmpfs", 0, NULL) == 0 && system(command) == 0) /* NOLINT(cert-env33-c) */
		byte = 'y';
	(void)!write(ready, &byte, 1);
	(void)!read(go, &byte, 1);
	(void)execl(path, path, NULL);
	_exit(127);
}

static void file_in_the_mounts_of_another_process_is_probed(void **state)
{
	(void)state;
	if (access(TARGET, X_OK) < 0) {
		(void)fprintf(stderr, "# no %s\n", TARGET);
		skip();
	}
	struct loaded loaded = load("user_probes.bpf.o", "on_entry", false);
	char directory[] = "/tmp/lade-test-user-XXXXXX", target[128], byte = 'n';
	int go[2], ready[2], status;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(pipe(go) | pipe(ready), 0);
	pid_t child = start_elsewhere(directory, go[0], ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	(void)snprintf(target, sizeof target, "file:/proc/%d/root%s/target:target_exported", (int)child, directory);
	attach(&loaded, "on_entry", target);
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(value_of(&loaded, "counts", ENTRY), 1);
	assert_int_equal((int)value_of(&loaded, "values", ENTRY), 3);
	for (int i = 0; i < 2; i++)
		(void)(close(go[i]) | close(ready[i]));
	(void)rmdir(directory);
	assert_leaves_nothing(&loaded);
}

/* Where the variable lies in the file, as a user would find out with nm and readelf. */
static uint64_t file_offset_of(const volatile void *variable)
{
	char line[512];
	uint64_t found = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof line, maps)) {
		unsigned long long start, end, offset;
		if (sscanf(line, "%llx-%llx %*s %llx", &start, &end, &offset) == 3 && (uintptr_t)variable >= start &&
		    (uintptr_t)variable < end)
			found = (uintptr_t)variable - start + offset;
	}
	(void)fclose(maps);
	return found;
}

static void counter_of_a_probe_is_up_while_it_is_attached(void **state)
{
	(void)state;
	struct loaded loaded = load("user_probes.bpf.o", "on_entry", true);
	char target[128];
	(void)snprintf(target, sizeof target, SELF ":user_probed_one,ref_ctr=%llu",
		       (unsigned long long)file_offset_of(&user_counter));
	attach(&loaded, "on_entry", target);
	assert_int_equal(user_counter, 1);
	loaded_unload(&loaded);
	assert_int_equal(user_counter, 0);
	assert_leaves_nothing(&loaded);
}

static void cookie_of_a_target_reaches_the_program(void **state)
{
	(void)state;
	if (!kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = load("user_cookie.bpf.o", "with_cookie", true);
	attach(&loaded, "with_cookie", SELF ":user_probed_one,cookie=0x1000");
	(void)user_probed_one(1);
	(void)user_probed_one(1);
	assert_int_equal(value_of(&loaded, "values", 0), 0x2000);
	assert_leaves_nothing(&loaded);
}

static void cookie_without_links_is_refused(void **state)
{
	(void)state;
	if (!kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = load("user_cookie.bpf.o", "with_cookie", true);
	lade_kernel_form_set_absent(loaded.context->kernel, FORM_PERF_LINK);
	assert_int_equal(
		lade_instance_attach(loaded.instance, "with_cookie", SELF ":user_probed_one,cookie=7", &loaded.error),
		-EOPNOTSUPP);
	assert_string_equal(finding_of(loaded.error).code, "attach.cookie");
	assert_leaves_nothing(&loaded);
}

/* Of the program that runs: tests beside this have events, too. */
static bool own_event_is_left(void)
{
	FILE *events = fopen(LIVE_TRACEFS "/uprobe_events", "re");
	char line[512], self[256];
	bool is_left = false;
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	assert_true(events && length > 0);
	self[length] = '\0';
	while (fgets(line, sizeof line, events))
		is_left = is_left || (strstr(line, "lade/") && strstr(line, self));
	(void)fclose(events);
	return is_left;
}

static void need_uprobe_events(void)
{
	if (!is_live)
		skip();
	if (access(LIVE_TRACEFS "/uprobe_events", F_OK) == 0)
		return;
	(void)fprintf(stderr, "# no uprobe_events\n");
	skip();
}

/* As before 4.17: what sysfs says of the event source is hidden, and comes back however the test ends. */
static int hide_source(void **state)
{
	(void)state;
	return is_live ? mount("none", PMU, "tmpfs", 0, NULL) : 0;
}

static int show_source(void **state)
{
	(void)state;
	return is_live ? umount2(PMU, MNT_DETACH) : 0;
}

static void probe_without_event_source_is_a_tracing_event(void **state)
{
	(void)state;
	need_uprobe_events();
	struct loaded loaded = load("user_probes.bpf.o", "on_entry", true);
	attach(&loaded, "on_entry", SELF ":user_probed_three");
	call_probed();
	assert_int_equal(value_of(&loaded, "counts", ENTRY), 1);
	assert_int_equal((int)value_of(&loaded, "values", ENTRY), 30);
	assert_leaves_nothing(&loaded);
	assert_false(own_event_is_left());
}

/* ---- an event that another takes away before it is used: who hunts leftovers on another bpffs ---- */

static struct {
	struct kernel_calls calls; /* of the kernel, but for append */
	const struct kernel_calls *inner;
	unsigned appended, taken;
} robber;

static int append_and_rob(struct kernel *kernel, const char *path, const char *text)
{
	char line[256];
	int result = robber.inner->append(kernel, path, text);
	if (result < 0 || *text == '-')
		return result;
	if (robber.appended++ >= robber.taken)
		return result;
	(void)snprintf(line, sizeof line, "-:%.*s\n", (int)strcspn(text + 2, " "), text + 2);
	result = robber.inner->append(kernel, path, line);
	assert_true(result == 0 || result == -ENOENT); /* a test beside this that hunts leftovers was faster */
	return 0;
}

static int attach_robbed(unsigned times)
{
	struct loaded loaded = load("user_probes.bpf.o", "on_entry", true);
	struct kernel *kernel = loaded.context->kernel;
	robber.inner = kernel->calls;
	robber.calls = *kernel->calls;
	robber.calls.append = append_and_rob;
	robber.appended = 0;
	robber.taken = times;
	kernel->calls = &robber.calls;
	int result = lade_instance_attach(loaded.instance, "on_entry", SELF ":user_probed_three", &loaded.error);
	kernel->calls = robber.inner;
	if (result == 0) {
		call_probed();
		assert_int_equal(value_of(&loaded, "counts", ENTRY), 1);
	}
	assert_leaves_nothing(&loaded);
	assert_false(own_event_is_left());
	return result;
}

static void event_that_another_took_away_is_made_again(void **state)
{
	(void)state;
	need_uprobe_events();
	assert_int_equal(attach_robbed(2), 0);
	assert_in_range(robber.appended, 3, 20); /* more where a test beside this took one, too */
	assert_int_equal(attach_robbed(UINT_MAX), -ENOENT);
	assert_in_range(robber.appended, 2, 20);
}

/* ---- Go ---- */

enum { TEXT, INFO };

/* A file that says it was built by this version of Go; nobody runs it. */
static struct made go_program(const char *version)
{
	static const uint8_t code[64];
	uint8_t info[96] = "\xff Go buildinf:";
	info[14] = 8;
	info[15] = 2;
	info[32] = (uint8_t)strlen(version);
	memcpy(info + 33, version, strlen(version));
	const struct made_section sections[] = {
		[TEXT] = { ".text", SHT_PROGBITS, code, sizeof code, 0 },
		[INFO] = { ".go.buildinfo", SHT_PROGBITS, info, sizeof info, 0 },
	};
	struct made made = make_binary(
#ifdef __x86_64__
		EM_X86_64,
#else
		EM_AARCH64,
#endif
		sections, 2);
	made.fd = (close(made.fd), -1); /* open for writing it cannot be probed */
	return made;
}

static size_t notes_of(const struct loaded *loaded, const char *code)
{
	size_t found = 0;
	for (size_t i = 0; i < lade_instance_note_count(loaded->instance); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_instance_note(loaded->instance, i), &info), 0);
		found += strcmp(info.code, code) == 0;
	}
	return found;
}

static void program_for_go_is_told_of_registers_and_moving_stacks(void **state)
{
	(void)state;
	static const struct {
		const char *program, *version;
		size_t registers, returns;
	} cases[] = {
		{ "reads_stack", "go1.21.4", 1, 0 }, { "reads_stack", "go1.16.1", 0, 0 },
		{ "on_entry", "go1.21.4", 0, 0 },    { "on_return", "go1.21.4", 0, 1 },
		{ "on_return", "go1.10", 0, 1 },
	};
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		struct loaded loaded = load("user_probes.bpf.o", cases[i].program, true);
		struct made made = go_program(cases[i].version);
		char target[128];
		(void)snprintf(target, sizeof target, "file:%s:%#x", made.path, MADE_CONTENT);
		attach(&loaded, cases[i].program, target);
		assert_int_equal(notes_of(&loaded, "attach.uprobe.go-registers"), cases[i].registers);
		assert_int_equal(notes_of(&loaded, "attach.uprobe.go-return"), cases[i].returns);
		made_remove(&made);
		assert_leaves_nothing(&loaded);
	}
}

/* ---- many places ---- */

static void pattern_attaches_every_function_that_fits(void **state)
{
	(void)state;
	struct loaded loaded = load("user_probes.bpf.o", "on_many", true);
	attach(&loaded, "on_many", SELF ":user_probed_*");
	call_probed();
	assert_int_equal(value_of(&loaded, "counts", MANY), 3);
	if (kernel_is_at_least(6, 6)) {
		assert_int_equal(lade_instance_link_count(loaded.instance), 1);
		assert_string_equal(link_of(&loaded, 0).method, "uprobe.multi");
		assert_true(link_of(&loaded, 0).is_link);
	} else {
		assert_int_equal(lade_instance_link_count(loaded.instance), 3);
	}
	loaded_unload(&loaded);
	call_probed();
	assert_leaves_nothing(&loaded);
}

static void returns_of_many_functions_are_seen(void **state)
{
	(void)state;
	struct loaded loaded = load("user_probes.bpf.o", "on_many_returns", true);
	attach(&loaded, "on_many_returns", SELF ":user_probed_t*");
	call_probed();
	assert_int_equal(value_of(&loaded, "counts", MANY_RETURNS), 2);
	assert_int_equal((int)value_of(&loaded, "values", MANY_RETURNS), 31);
	assert_leaves_nothing(&loaded);
}

/* FORM_UPROBE_MULTI absent: as on a kernel before 6.6. */
static void kernel_without_links_to_many_gets_one_event_each(void **state)
{
	(void)state;
	struct loaded loaded = load("user_probes.bpf.o", "on_many", true);
	lade_kernel_form_set_absent(loaded.context->kernel, FORM_UPROBE_MULTI);
	attach(&loaded, "on_many", SELF ":user_probed_*");
	assert_int_equal(lade_instance_link_count(loaded.instance), 3);
	call_probed();
	assert_int_equal(value_of(&loaded, "counts", MANY), 3);
	assert_leaves_nothing(&loaded);
}

static void links_to_many_count_as_absent_only_after_single_ones_worked(void **state)
{
	(void)state;
	if (!kernel_is_at_least(6, 6))
		skip();
	struct loaded loaded = load("user_probes.bpf.o", "on_many", true);
	struct kernel *kernel =
		use_faulty(loaded.context, &(struct fault){ .action = FAULT_ERRNO, .nth = 1, .errnum = EPERM });
	assert_int_equal(lade_instance_attach(loaded.instance, "on_many", SELF ":user_probed_*", &loaded.error),
			 -EPERM);
	assert_false(lade_kernel_form_absent(kernel, FORM_UPROBE_MULTI));
	lade_error_free(loaded.error);
	loaded.error = NULL;
	kernel = use_faulty(loaded.context, &(struct fault){ .action = FAULT_ERRNO, .nth = 1, .errnum = EINVAL });
	attach(&loaded, "on_many", SELF ":user_probed_*");
	assert_true(lade_kernel_form_absent(kernel, FORM_UPROBE_MULTI));
	call_probed();
	assert_int_equal(value_of(&loaded, "counts", MANY), 3);
	assert_leaves_nothing(&loaded);
}

static void cookie_of_many_reaches_the_program(void **state)
{
	(void)state;
	if (!kernel_is_at_least(6, 6))
		skip();
	struct loaded loaded = load("user_cookie.bpf.o", "multi_with_cookie", true);
	attach(&loaded, "multi_with_cookie", SELF ":user_probed_*,cookie=100");
	call_probed();
	assert_int_equal(value_of(&loaded, "values", 1), 300);
	assert_leaves_nothing(&loaded);
}

static void session_runs_at_entry_and_return(void **state)
{
	(void)state;
	if (!kernel_is_at_least(6, 13))
		skip();
	struct loaded loaded = load("user_cookie.bpf.o", "in_session", true);
	attach(&loaded, "in_session", SELF ":user_probed_*");
	call_probed();
	assert_int_equal(value_of(&loaded, "values", 2), 6);
	assert_int_equal(lade_instance_link_count(loaded.instance), 1);
	assert_leaves_nothing(&loaded);
}

static void pattern_that_fits_nothing_is_refused(void **state)
{
	(void)state;
	expect_refusal("user_probes.bpf.o", "on_many", SELF ":no_such_*", "attach.uprobe.symbol", 6, "fits no_such_*");
}

static void process_that_is_not_there_is_refused(void **state)
{
	(void)state;
	pid_t child = fork();
	char target[128];
	if (child == 0)
		_exit(0);
	(void)waitpid(child, NULL, 0);
	(void)snprintf(target, sizeof target, SELF ":user_probed_one,pid=%d", (int)child);
	expect_refusal("user_probes.bpf.o", "on_entry", target, "attach.process.missing", 6, NULL);
	expect_refusal("user_probes.bpf.o", "on_many", target, "attach.process.missing", 6, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_of_one_process_is_not_hit_by_another),
		cmocka_unit_test(probe_sees_every_process_and_its_arguments),
		cmocka_unit_test(file_in_the_mounts_of_another_process_is_probed),
		cmocka_unit_test(counter_of_a_probe_is_up_while_it_is_attached),
		cmocka_unit_test(cookie_of_a_target_reaches_the_program),
		cmocka_unit_test(cookie_without_links_is_refused),
		cmocka_unit_test_setup_teardown(probe_without_event_source_is_a_tracing_event, hide_source,
						show_source),
		cmocka_unit_test_setup_teardown(event_that_another_took_away_is_made_again, hide_source, show_source),
		cmocka_unit_test(program_for_go_is_told_of_registers_and_moving_stacks),
		cmocka_unit_test(pattern_attaches_every_function_that_fits),
		cmocka_unit_test(returns_of_many_functions_are_seen),
		cmocka_unit_test(kernel_without_links_to_many_gets_one_event_each),
		cmocka_unit_test(links_to_many_count_as_absent_only_after_single_ones_worked),
		cmocka_unit_test(cookie_of_many_reaches_the_program),
		cmocka_unit_test(session_runs_at_entry_and_return),
		cmocka_unit_test(pattern_that_fits_nothing_is_refused),
		cmocka_unit_test(process_that_is_not_there_is_refused),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
