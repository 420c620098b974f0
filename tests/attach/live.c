/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching for real: every program counts what this process does, and stops when it is detached. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "attach/method.h"
#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/fault.h"

enum { TRACEPOINT, RAW_TRACEPOINT, PERF_EVENT, UPROBE, URETPROBE, SOCKET };

#define MARK 0x1ade /* first argument of the system call that the tracepoint program counts */

static bool is_live;

/* What the uprobe tests probe. Not inlined, not optimised away. */
__attribute__((noinline, noclone)) int probed_function(int number);
__attribute__((noinline, noclone)) int probed_function(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number + 1;
}

static int bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	int result = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
	(void)close(fd);
	return result;
}

static int enter(void **state)
{
	(void)state;
	is_live = live_enter() && unshare(CLONE_NEWNET) == 0 && bring_up_loopback() == 0;
	return 0;
}

/* ---- one loaded program ---- */

static void load(struct loaded *loaded, const char *program)
{
	if (!is_live)
		skip();
	*loaded = loaded_open(NULL, "attach_live.bpf.o");
	(void)load_only(loaded->object, program);
	loaded_load(loaded, NULL);
	uint32_t zero = 0;
	uint64_t pid = (uint64_t)getpid();
	assert_int_equal(lade_bpf_map_update(loaded->context->kernel,
					     lade_instance_map_fd(loaded->instance, "settings"), &zero, &pid, 0),
			 0);
}

static void attach(struct loaded *loaded, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded->instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static struct lade_link_info only_link(const struct loaded *loaded)
{
	struct lade_link_info link = { .size = sizeof link };
	assert_int_equal(lade_instance_link_count(loaded->instance), 1);
	assert_int_equal(lade_instance_link(loaded->instance, 0, &link), 0);
	return link;
}

static void make_marked_call(void)
{
	(void)syscall(SYS_getpgid, MARK);
}

/* The error's first finding; frees the error. */
static void assert_finding(struct lade_error *error, const char *code, int exit_code, const char *evidence)
{
	struct lade_finding_info info = { .size = sizeof info };
	bool has_evidence = !evidence;
	assert_non_null(error);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	assert_int_equal(lade_error_exit_code(error), exit_code);
	assert_non_null(info.cause);
	assert_non_null(info.fix);
	for (size_t i = 0; i < info.evidence_count; i++)
		has_evidence = has_evidence || strstr(info.evidence[i], evidence);
	if (!has_evidence)
		fail_msg("%s: no evidence \"%s\"", lade_error_message(error), evidence);
	lade_error_free(error);
}

static void expect_refusal(const char *program, const char *target, const char *code, int exit_code,
			   const char *evidence)
{
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	load(&loaded, program);
	assert_true(lade_instance_attach(loaded.instance, program, target, &error) < 0);
	assert_finding(error, code, exit_code, evidence);
	assert_int_equal(lade_instance_link_count(loaded.instance), 0);
	assert_leaves_nothing(&loaded); /* the context may have opened the kernel's types meanwhile */
}

/* ---- each method ---- */

static void tracepoint_program_runs_on_its_event(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	load(&loaded, "on_tracepoint");
	attach(&loaded, "on_tracepoint", NULL);
	make_marked_call();
	make_marked_call();
	assert_int_equal(loaded_count(&loaded, TRACEPOINT), 2);
	struct lade_link_info link = only_link(&loaded);
	assert_string_equal(link.method, "tracepoint");
	assert_string_equal(link.target, "raw_syscalls/sys_enter");
	assert_true(link.fd > 2);
	loaded_leave(&loaded);
}

/* FORM_PERF_LINK absent: as on a kernel before 5.15. */
static void tracepoint_without_links_is_attached_by_ioctl(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	load(&loaded, "on_tracepoint");
	lade_kernel_form_set_absent(loaded.context->kernel, FORM_PERF_LINK);
	attach(&loaded, "on_tracepoint", NULL);
	make_marked_call();
	assert_int_equal(loaded_count(&loaded, TRACEPOINT), 1);
	assert_false(only_link(&loaded).is_link);
	loaded_leave(&loaded);
}

/* Makes the next BPF_LINK_CREATE of the context's kernel fail. */
static void fail_link_create(struct loaded *loaded, int errnum)
{
	/* perf_event_open is the first counted call of an attachment, BPF_LINK_CREATE the second. */
	const struct fault fault = { .action = FAULT_ERRNO, .nth = 2, .errnum = errnum };
	struct kernel *live = NULL, *faulty = NULL;
	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, &fault, &faulty), 0);
	lade_context_set_kernel(loaded->context, faulty);
}

static void links_count_as_absent_only_after_the_old_way_worked(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	load(&loaded, "on_tracepoint");
	fail_link_create(&loaded, EINVAL);
	attach(&loaded, "on_tracepoint", NULL);
	make_marked_call();
	assert_int_equal(loaded_count(&loaded, TRACEPOINT), 1);
	assert_true(lade_kernel_form_absent(loaded.context->kernel, FORM_PERF_LINK));
	loaded_leave(&loaded);
}

static void links_do_not_count_as_absent_for_lack_of_privilege(void **state)
{
	(void)state;
	static const int errors[] = { EPERM, ENOMEM, EAGAIN };
	for (size_t i = 0; i < ELEMENTS(errors); i++) {
		struct loaded loaded = { 0 };
		struct lade_error *error = NULL;
		load(&loaded, "on_tracepoint");
		fail_link_create(&loaded, errors[i]);
		assert_int_equal(lade_instance_attach(loaded.instance, "on_tracepoint", NULL, &error), -errors[i]);
		assert_false(lade_kernel_form_absent(loaded.context->kernel, FORM_PERF_LINK));
		lade_error_free(error);
		loaded_leave(&loaded);
	}
}

static void raw_tracepoint_program_runs_on_its_event(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	load(&loaded, "on_raw_tracepoint");
	attach(&loaded, "on_raw_tracepoint", NULL);
	make_marked_call();
	assert_true(loaded_count(&loaded, RAW_TRACEPOINT) >= 1);
	assert_string_equal(only_link(&loaded).method, "raw_tracepoint");
	loaded_leave(&loaded);
}

static void perf_event_program_samples_every_cpu(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	load(&loaded, "on_perf_event");
	attach(&loaded, "on_perf_event", NULL);
	assert_int_equal(lade_instance_link_count(loaded.instance), lade_kernel_online_cpus(loaded.context->kernel));
	for (time_t end = time(NULL) + 60; loaded_count(&loaded, PERF_EVENT) == 0 && time(NULL) < end;)
		(void)probed_function(1);
	assert_true(loaded_count(&loaded, PERF_EVENT) > 0);
	loaded_leave(&loaded);
}

static void perf_event_program_samples_one_process(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	char target[32];
	(void)snprintf(target, sizeof target, "pid:%d", (int)getpid());
	load(&loaded, "on_perf_event");
	attach(&loaded, "on_perf_event", target);
	for (time_t end = time(NULL) + 60; loaded_count(&loaded, PERF_EVENT) == 0 && time(NULL) < end;)
		(void)probed_function(1);
	assert_true(loaded_count(&loaded, PERF_EVENT) > 0);
	assert_string_equal(only_link(&loaded).method, "perf_event");
	loaded_leave(&loaded);
}

static void uprobe_runs_at_the_function_and_its_return(void **state)
{
	(void)state;
	static const struct {
		const char *program;
		uint32_t which;
	} table[] = { { "on_uprobe", UPROBE }, { "on_uretprobe", URETPROBE } };
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct loaded loaded = { 0 };
		load(&loaded, table[i].program);
		attach(&loaded, table[i].program, "file:/proc/self/exe:probed_function");
		assert_int_equal(probed_function(1), 2);
		assert_int_equal(probed_function(2), 3);
		assert_int_equal(loaded_count(&loaded, table[i].which), 2);
		loaded_leave(&loaded);
		assert_int_equal(probed_function(3), 4);
	}
}

static void send_packet(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(9),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	(void)sendto(fd, "x", 1, 0, (void *)&address, sizeof address);
	(void)close(fd);
}

static void socket_filter_sees_the_packets_of_its_interface(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	load(&loaded, "on_socket");
	attach(&loaded, "on_socket", "dev:lo");
	send_packet();
	for (time_t end = time(NULL) + 60; loaded_count(&loaded, SOCKET) == 0 && time(NULL) < end;)
		send_packet();
	assert_true(loaded_count(&loaded, SOCKET) > 0);
	struct lade_link_info link = only_link(&loaded);
	assert_string_equal(link.method, "socket");
	assert_string_equal(link.target, "lo");
	assert_false(link.is_link);
	loaded_leave(&loaded);
}

/* ---- refusals ---- */

static void misspelt_tracepoint_names_the_near_ones(void **state)
{
	(void)state;
	expect_refusal("misspelt_tracepoint", NULL, "attach.tracepoint.missing", 3, "raw_syscalls/sys_enter");
}

static void misspelt_raw_tracepoint_names_the_near_ones(void **state)
{
	(void)state;
	expect_refusal("misspelt_raw_tracepoint", NULL, "attach.raw-tracepoint.missing", 3, "sys_enter");
}

static void program_that_reads_past_the_record_is_refused_with_that_reason(void **state)
{
	(void)state;
	expect_refusal("reads_too_far", NULL, "attach.tracepoint.record", 6, "EACCES");
}

static void the_same_program_twice_on_one_tracepoint_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	load(&loaded, "on_tracepoint");
	attach(&loaded, "on_tracepoint", NULL);
	assert_int_equal(lade_instance_attach(loaded.instance, "on_tracepoint", NULL, &error), -EEXIST);
	assert_finding(error, "attach.twice", 6, NULL);
	assert_int_equal(lade_instance_link_count(loaded.instance), 1);
	loaded_leave(&loaded);
}

static void socket_filter_without_target_says_which(void **state)
{
	(void)state;
	expect_refusal("on_socket", NULL, "attach.no-target", 6, NULL);
}

static void interface_that_is_not_there_names_those_that_are(void **state)
{
	(void)state;
	expect_refusal("on_socket", "dev:lo1", "attach.device.missing", 6, "lo");
}

static void socket_filter_takes_no_direction(void **state)
{
	(void)state;
	expect_refusal("on_socket", "dev:lo:ingress", "attach.target.option", 1, NULL);
}

static void wrong_kind_of_target_is_refused(void **state)
{
	(void)state;
	expect_refusal("on_tracepoint", "dev:lo", "attach.target-kind", 6, NULL);
}

static void kprobe_of_a_function_that_is_not_there_is_refused_before_the_kernel_is_asked(void **state)
{
	(void)state;
	expect_refusal("on_kprobe", NULL, "attach.function.missing", 3, "kallsyms");
}

static void process_that_is_not_there_is_refused(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	(void)waitpid(child, NULL, 0);
	char target[32];
	(void)snprintf(target, sizeof target, "pid:%d", (int)child);
	expect_refusal("on_perf_event", target, "attach.process.missing", 6, NULL);
}

static void uprobe_of_a_missing_function_or_file_is_refused(void **state)
{
	(void)state;
	expect_refusal("on_uprobe", "file:/proc/self/exe:probed_functoin", "attach.uprobe.symbol", 6,
		       "probed_function");
	expect_refusal("on_uprobe", "file:/no/such/file:main", "attach.uprobe.file", 6, NULL);
	expect_refusal("names_a_missing_file", NULL, "attach.uprobe.file", 6, NULL);
	expect_refusal("on_uprobe", "file:/proc/self/exe", "attach.uprobe.no-symbol", 6, NULL);
	expect_refusal("on_uretprobe", "file:/proc/self/exe:probed_function+4", "attach.uprobe.return-offset", 6, NULL);
	expect_refusal("on_uprobe", "file:/proc/self/exe:0x7fffffffff", "attach.uprobe.offset", 6, NULL);
}

/* A perf_event program that fails on the second CPU must not stay on the first. */
static void half_an_attachment_is_taken_back(void **state)
{
	(void)state;
	struct loaded loaded = { 0 };
	struct lade_error *error = NULL;
	load(&loaded, "on_perf_event");
	if (lade_kernel_online_cpus(loaded.context->kernel) < 2) {
		(void)fprintf(stderr, "# one CPU is not enough\n");
		loaded_leave(&loaded);
		skip();
	}
	const struct fault fault = { .action = FAULT_ERRNO, .nth = 4, .errnum = EMFILE };
	struct kernel *live = NULL, *faulty = NULL;
	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, &fault, &faulty), 0);
	lade_context_set_kernel(loaded.context, faulty);
	size_t descriptors = fd_count();
	assert_int_equal(lade_instance_attach(loaded.instance, "on_perf_event", NULL, &error), -EMFILE);
	assert_finding(error, "attach.descriptors", 5, NULL);
	assert_int_equal(fd_count(), descriptors);
	assert_int_equal(lade_instance_link_count(loaded.instance), 0);
	loaded_leave(&loaded);
}

static void unloading_detaches_and_leaves_no_descriptor(void **state)
{
	(void)state;
	if (!is_live)
		skip();
	size_t descriptors = fd_count();
	static const char *const programs[][2] = {
		{ "on_tracepoint", NULL }, { "on_raw_tracepoint", NULL },
		{ "on_perf_event", NULL }, { "on_uprobe", "file:/proc/self/exe:probed_function" },
		{ "on_socket", "dev:lo" },
	};
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		struct loaded loaded = { 0 };
		load(&loaded, programs[i][0]);
		attach(&loaded, programs[i][0], programs[i][1]);
		loaded_leave(&loaded);
		assert_int_equal(fd_count(), descriptors);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracepoint_program_runs_on_its_event),
		cmocka_unit_test(tracepoint_without_links_is_attached_by_ioctl),
		cmocka_unit_test(links_count_as_absent_only_after_the_old_way_worked),
		cmocka_unit_test(links_do_not_count_as_absent_for_lack_of_privilege),
		cmocka_unit_test(raw_tracepoint_program_runs_on_its_event),
		cmocka_unit_test(perf_event_program_samples_every_cpu),
		cmocka_unit_test(perf_event_program_samples_one_process),
		cmocka_unit_test(uprobe_runs_at_the_function_and_its_return),
		cmocka_unit_test(socket_filter_sees_the_packets_of_its_interface),
		cmocka_unit_test(misspelt_tracepoint_names_the_near_ones),
		cmocka_unit_test(misspelt_raw_tracepoint_names_the_near_ones),
		cmocka_unit_test(program_that_reads_past_the_record_is_refused_with_that_reason),
		cmocka_unit_test(the_same_program_twice_on_one_tracepoint_is_refused),
		cmocka_unit_test(socket_filter_without_target_says_which),
		cmocka_unit_test(interface_that_is_not_there_names_those_that_are),
		cmocka_unit_test(socket_filter_takes_no_direction),
		cmocka_unit_test(wrong_kind_of_target_is_refused),
		cmocka_unit_test(kprobe_of_a_function_that_is_not_there_is_refused_before_the_kernel_is_asked),
		cmocka_unit_test(process_that_is_not_there_is_refused),
		cmocka_unit_test(uprobe_of_a_missing_function_or_file_is_refused),
		cmocka_unit_test(half_an_attachment_is_taken_back),
		cmocka_unit_test(unloading_detaches_and_leaves_no_descriptor),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
