/* SPDX-License-Identifier: BSD-2-Clause */
/* Probes in functions of the kernel, for real: every program counts the directories that this process makes and
 * removes. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/method.h"
#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/fault.h"
#include "kernel/files.h"
#include "kernel/functions.h"

#define SOURCE   "/sys/bus/event_source/devices/kprobe"
#define EVENTS   LIVE_TRACEFS "/kprobe_events"
#define OBJECT   "k_probes.bpf.o"
#define STRANGER "strangers/on_rmdir"

enum { KPROBE, KRETPROBE, PLAIN, KSYSCALL, KRETSYSCALL, MULTI, MULTI_RETURN, SESSION };

static bool is_live, has_kprobes, has_multi, has_session, is_old;

static int enter(void **state)
{
	struct kernel *kernel = NULL;
	char release[128];
	unsigned major = 0, minor = 0;
	(void)state;
	is_live = live_enter();
	has_kprobes = is_live && access(EVENTS, F_OK) == 0;
	if (is_live && !has_kprobes)
		(void)fprintf(stderr, "# this kernel has no kprobes\n");
	if (!is_live || lade_kernel_live(NULL, &kernel, NULL) < 0)
		return 0;
	has_multi = has_kprobes && kernel_has_symbol("register_fprobe_ips");
	/* Debian's kernels, which are not mixed of several versions. */
	(void)sscanf(lade_kernel_release(kernel, release, sizeof release), "%u.%u", &major, &minor);
	has_session = has_multi && (major > 6 || (major == 6 && minor >= 10));
	is_old = major * 100 + minor < 518;
	(void)lade_kernel_free(kernel);
	return 0;
}

/* ---- one program of the object ---- */

static struct loaded load_on(const char *program, const struct fault *fault)
{
	struct loaded loaded = loaded_open(NULL, OBJECT);
	if (fault)
		(void)use_faulty(loaded.context, fault);
	uint64_t pid = (uint64_t)getpid();
	uint32_t zero = 0;
	(void)load_only(loaded.object, program);
	loaded_load(&loaded, NULL);
	assert_int_equal(lade_bpf_map_update(loaded.context->kernel, lade_instance_map_fd(loaded.instance, "settings"),
					     &zero, &pid, 0),
			 0);
	return loaded;
}

static struct loaded load(const char *program)
{
	return load_on(program, NULL);
}

static void attach(struct loaded *loaded, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded->instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static void make_and_remove(void)
{
	char path[] = "/tmp/lade-kprobes-XXXXXX";
	assert_non_null(mkdtemp(path));
	assert_int_equal(rmdir(path), 0);
}

/* How often the program ran for one directory; once it is detached it must not run. */
static void assert_runs(const char *program, const char *target, uint32_t which, uint64_t times)
{
	struct loaded loaded = load(program);
	attach(&loaded, program, target);
	make_and_remove();
	make_and_remove();
	assert_int_equal(loaded_count(&loaded, which), 2 * times);
	assert_leaves_nothing(&loaded);
}

static bool mentions(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	char line[512];
	bool does = false;
	if (!file)
		return false;
	while (!does && fgets(line, sizeof line, file))
		does = strstr(line, word);
	(void)fclose(file);
	return does;
}

static void need(bool has)
{
	if (!has)
		skip();
}

/* ---- by the event source ---- */

static void probes_run_at_the_function_and_at_its_return(void **state)
{
	(void)state;
	need(has_kprobes);
	assert_runs("on_kprobe", NULL, KPROBE, 1);
	assert_runs("on_kretprobe", NULL, KRETPROBE, 1);
}

static void function_may_be_given_as_a_target(void **state)
{
	(void)state;
	need(has_kprobes);
	assert_runs("on_plain", "function:security_inode_rmdir", PLAIN, 1);
	assert_runs("on_kprobe", "function:security_inode_mkdir", KPROBE, 1);
}

/* Where an instruction begins depends on the compiler; one of these does. */
static void offset_in_a_function_is_taken(void **state)
{
	(void)state;
	need(has_kprobes);
	static const char *const targets[] = { "function:security_inode_rmdir+0x4", "function:security_inode_rmdir+0x5",
					       "function:security_inode_rmdir+9", "function:security_inode_rmdir+0x8" };
	struct loaded loaded = load("on_plain");
	bool is_attached = false;
	for (size_t i = 0; i < ELEMENTS(targets) && !is_attached; i++) {
		struct lade_error *error = NULL;
		is_attached = lade_instance_attach(loaded.instance, "on_plain", targets[i], &error) >= 0;
		lade_error_free(error);
	}
	assert_true(is_attached);
	make_and_remove();
	assert_int_equal(loaded_count(&loaded, PLAIN), 1);
	assert_leaves_nothing(&loaded);
}

static void system_call_is_found_by_its_name(void **state)
{
	(void)state;
	need(has_kprobes);
	assert_runs("on_ksyscall", NULL, KSYSCALL, 1);
	assert_runs("on_kretsyscall", NULL, KRETSYSCALL, 1);
}

/* Its program counts everybody. */
static void samples_say_sys_and_mean_what_the_kernel_calls_it(void **state)
{
	(void)state;
	need(has_kprobes);
	struct loaded loaded = loaded_open(NULL, "k_sample_kern.o");
	loaded_load(&loaded, NULL);
	attach(&loaded, "on_rmdir", NULL);
	make_and_remove();
	assert_true(loaded_count(&loaded, 0) >= 1);
	assert_leaves_nothing(&loaded);
}

static void links_that_the_kernel_lacks_are_not_needed(void **state)
{
	(void)state;
	need(has_kprobes);
	struct loaded loaded = load("on_kprobe");
	lade_kernel_form_set_absent(loaded.context->kernel, FORM_PERF_LINK);
	attach(&loaded, "on_kprobe", NULL);
	make_and_remove();
	assert_int_equal(loaded_count(&loaded, KPROBE), 1);
	assert_leaves_nothing(&loaded);
}

/* ---- by tracing events ---- */

static void write_events(const char *line)
{
	assert_int_equal(lade_file_append(EVENTS, line), 0);
}

/* As before 4.17: no event source. What lies there comes back. */
static void hide_source(void)
{
	assert_int_equal(mount("none", SOURCE, "tmpfs", 0, NULL), 0);
}

static void show_source(void)
{
	assert_int_equal(umount(SOURCE), 0);
}

static void without_an_event_source_tracing_events_are_used(void **state)
{
	(void)state;
	need(has_kprobes);
	static const struct {
		const char *program, *target;
		uint32_t which;
	} rows[] = {
		{ "on_kprobe", NULL, KPROBE },
		{ "on_kretprobe", NULL, KRETPROBE },
		{ "on_plain", "function:security_inode_rmdir", PLAIN },
		{ "on_ksyscall", NULL, KSYSCALL },
	};
	hide_source();
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct loaded loaded = load(rows[i].program);
		attach(&loaded, rows[i].program, rows[i].target);
		assert_true(mentions(EVENTS, ":lade/"));
		make_and_remove();
		assert_int_equal(loaded_count(&loaded, rows[i].which), 1);
		assert_leaves_nothing(&loaded);
		assert_false(mentions(EVENTS, ":lade/"));
	}
	show_source();
}

static void events_of_others_stay(void **state)
{
	(void)state;
	need(has_kprobes);
	write_events("p:" STRANGER " security_inode_rmdir\n");
	hide_source();
	struct loaded loaded = load("on_kprobe");
	attach(&loaded, "on_kprobe", NULL);
	assert_leaves_nothing(&loaded);
	show_source();
	assert_true(mentions(EVENTS, STRANGER));
	write_events("-:" STRANGER "\n");
}

static void event_of_a_killed_process_goes_with_its_instance(void **state)
{
	(void)state;
	need(has_kprobes);
	struct lade_error *error = NULL;
	hide_source();
	pid_t child = fork();
	if (child == 0) {
		struct loaded loaded = load("on_kprobe");
		attach(&loaded, "on_kprobe", NULL);
		(void)kill(getpid(), SIGKILL);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	show_source();
	assert_true(mentions(EVENTS, ":lade/"));
	struct lade_context *context = new_context(NULL);
	if (lade_state_unload(context, "k_probes", &error) < 0)
		fail_msg("%s", lade_error_message(error));
	lade_context_free(context);
	assert_false(mentions(EVENTS, ":lade/"));
	char *left = pin_tree(LIVE_BPFFS);
	assert_string_equal(left, "");
	free(left);
}

/* Calls that loading alone makes. */
static unsigned calls_of_load(void)
{
	const struct fault nothing = { .action = FAULT_NONE };
	struct loaded loaded = load_on("on_kprobe", &nothing);
	unsigned calls = lade_kernel_fault_count(loaded.context->kernel);
	assert_leaves_nothing(&loaded);
	return calls;
}

/* Attaches by a tracing event on a kernel that fails so; was the call made that fails? */
static bool attach_faulty(const struct fault *fault, bool *ret_attached)
{
	struct loaded loaded = load_on("on_kprobe", fault);
	struct lade_error *error = NULL;
	*ret_attached = lade_instance_attach(loaded.instance, "on_kprobe", NULL, &error) >= 0;
	bool was_made = lade_kernel_fault_count(loaded.context->kernel) >= fault->nth;
	lade_error_free(error);
	assert_leaves_nothing(&loaded);
	return was_made;
}

static void event_goes_whichever_call_fails(void **state)
{
	(void)state;
	need(has_kprobes);
	bool is_attached = false;
	unsigned first = calls_of_load() + 1;
	hide_source();
	for (unsigned nth = first; !is_attached; nth++) {
		const struct fault fault = { .action = FAULT_ERRNO, .nth = nth, .errnum = ENOMEM };
		assert_true(attach_faulty(&fault, &is_attached) || is_attached);
		assert_false(mentions(EVENTS, ":lade/"));
		assert_true(nth < first + 100);
	}
	show_source();
}

static void unload_all(void)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;
	int result = lade_state_unload(context, "k_probes", &error);
	if (result < 0 && result != -ENOENT)
		fail_msg("%s", lade_error_message(error));
	lade_error_free(error);
	lade_context_free(context);
}

static void event_goes_with_its_instance_whenever_the_process_was_killed(void **state)
{
	(void)state;
	need(has_kprobes);
	bool was_killed = true;
	unsigned first = calls_of_load() + 1;
	hide_source();
	for (unsigned nth = 1; was_killed; nth++) {
		const struct fault fault = { .action = nth % 2 ? FAULT_KILL_BEFORE : FAULT_KILL_AFTER,
					     .nth = first + (nth - 1) / 2 };
		pid_t child = fork();
		if (child == 0) {
			bool is_attached = false;
			(void)attach_faulty(&fault, &is_attached);
			_exit(0);
		}
		int status = 0;
		assert_int_equal(waitpid(child, &status, 0), child);
		was_killed = WIFSIGNALED(status);
		unload_all();
		assert_false(mentions(EVENTS, ":lade/"));
		assert_true(nth < 200);
	}
	show_source();
	char *left = pin_tree(LIVE_BPFFS);
	assert_string_equal(left, "");
	free(left);
}

/* ---- many functions with one link ---- */

static void one_link_takes_all_functions_that_match(void **state)
{
	(void)state;
	need(has_multi);
	assert_runs("on_multi", NULL, MULTI, 2);
	assert_runs("on_multi", "function:security_inode_rmdir", MULTI, 1);
	assert_runs("on_multi_return", NULL, MULTI_RETURN, 1);
}

static void session_runs_at_entry_and_return(void **state)
{
	(void)state;
	need(has_session);
	assert_runs("on_session", NULL, SESSION, 2);
}

/* ---- refusals ---- */

static struct lade_error *refusal(const char *program, const char *target)
{
	struct loaded loaded = load(program);
	struct lade_error *error = NULL;
	assert_true(lade_instance_attach(loaded.instance, program, target, &error) < 0);
	assert_non_null(error);
	assert_leaves_nothing(&loaded);
	return error;
}

static bool has_evidence(const struct lade_finding_info *info, const char *text)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], text))
			return true;
	return false;
}

static void assert_refused(const char *program, const char *target, const char *code, int exit_code,
			   const char *evidence, const char *fix)
{
	struct lade_error *error = refusal(program, target);
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.code, code);
	assert_int_equal(lade_error_exit_code(error), exit_code);
	if (evidence && !has_evidence(&info, evidence))
		fail_msg("%s: no evidence \"%s\"", info.message, evidence);
	if (fix && !strstr(info.fix, fix))
		fail_msg("fix \"%s\" does not say \"%s\"", info.fix, fix);
	lade_error_free(error);
}

static void function_that_is_not_there_is_named_with_near_ones(void **state)
{
	(void)state;
	need(is_live);
	assert_refused("misspelt", NULL, "attach.function.missing", 3, "function vfs_rmdir exists", "vfs_rmdir");
}

static void do_execve_leads_to_what_became_of_it(void **state)
{
	(void)state;
	need(is_live);
	if (kernel_has_symbol("do_execve"))
		skip();
	assert_refused("on_execve", NULL, "attach.function.missing", 3, "do_execveat_common", "ksyscall/execve");
}

static void links_of_many_functions_that_the_kernel_lacks_are_named_with_their_version(void **state)
{
	(void)state;
	need(has_kprobes);
	if (!has_multi && is_old)
		assert_refused("on_multi", NULL, "attach.absent-kind", 3, "5.18", "kprobe");
	else if (!has_multi)
		assert_refused("on_multi", NULL, "attach.absent", 3, NULL, "CONFIG_FPROBE");
	if (!has_session)
		assert_refused("on_session", NULL, "attach.absent-kind", 3, "6.10", "kprobe");
}

static void pattern_that_matches_nothing_is_refused(void **state)
{
	(void)state;
	need(is_live);
	assert_refused("on_nothing", NULL, "attach.function.no-match", 3, NULL, NULL);
}

static void probe_at_the_return_takes_no_offset(void **state)
{
	(void)state;
	need(is_live);
	assert_refused("on_return_offset", NULL, "attach.function.return-offset", 6, NULL, NULL);
	assert_refused("on_kretprobe", "function:security_inode_rmdir+4", "attach.function.return-offset", 6, NULL,
		       NULL);
}

static void kernel_without_kprobes_is_named(void **state)
{
	(void)state;
	need(is_live);
	if (has_kprobes)
		skip();
	assert_refused("on_kprobe", NULL, "attach.probe.absent", 3, "kprobe_events", "CONFIG_KPROBE_EVENTS");
}

static void function_that_must_not_be_probed_is_refused(void **state)
{
	(void)state;
	need(has_kprobes);
	struct lade_error *error = refusal("on_plain", "function:native_irq_return_iret");
	struct lade_finding_info info = finding_of(error);
	if (strcmp(info.code, "attach.function.blacklisted") != 0)
		assert_string_equal(info.code, "attach.function.untraceable");
	lade_error_free(error);
}

static void section_without_function_says_what_to_give(void **state)
{
	(void)state;
	need(is_live);
	assert_refused("on_plain", NULL, "attach.no-target", 6, NULL, "function:NAME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_run_at_the_function_and_at_its_return),
		cmocka_unit_test(function_may_be_given_as_a_target),
		cmocka_unit_test(offset_in_a_function_is_taken),
		cmocka_unit_test(system_call_is_found_by_its_name),
		cmocka_unit_test(samples_say_sys_and_mean_what_the_kernel_calls_it),
		cmocka_unit_test(links_that_the_kernel_lacks_are_not_needed),
		cmocka_unit_test(without_an_event_source_tracing_events_are_used),
		cmocka_unit_test(events_of_others_stay),
		cmocka_unit_test(event_of_a_killed_process_goes_with_its_instance),
		cmocka_unit_test(event_goes_whichever_call_fails),
		cmocka_unit_test(event_goes_with_its_instance_whenever_the_process_was_killed),
		cmocka_unit_test(one_link_takes_all_functions_that_match),
		cmocka_unit_test(session_runs_at_entry_and_return),
		cmocka_unit_test(function_that_is_not_there_is_named_with_near_ones),
		cmocka_unit_test(do_execve_leads_to_what_became_of_it),
		cmocka_unit_test(links_of_many_functions_that_the_kernel_lacks_are_named_with_their_version),
		cmocka_unit_test(pattern_that_matches_nothing_is_refused),
		cmocka_unit_test(probe_at_the_return_takes_no_offset),
		cmocka_unit_test(kernel_without_kprobes_is_named),
		cmocka_unit_test(function_that_must_not_be_probed_is_refused),
		cmocka_unit_test(section_without_function_says_what_to_give),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
