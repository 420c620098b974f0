/* SPDX-License-Identifier: BSD-2-Clause */
/* Readiness between real processes. What happens in which order is measured, never how long it takes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <lade/ready.h>

#include "base/error.h"
#include "boot/kept_file.h"
#include "boot/ready_token.h"
#include "boot/waiter.h"

#define PATIENCE_MS 30000 /* long: a wait that is not woken fails by it */

static char top[64], run[96]; /* a scratch directory, and RUN in it, which is not there yet */

static int make_scratch(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(top, sizeof top, "%.40s/ready-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(top))
		return -1;
	(void)snprintf(run, sizeof run, "%s/a/run", top);
	return 0;
}

static int drop_scratch(void **state)
{
	char command[128];
	(void)state;
	(void)snprintf(command, sizeof command, "rm -rf '%s'", top);
	return system(command); /* NOLINT(cert-env33-c): our own name */
}

static char *in_top(char buffer[160], const char *name)
{
	(void)snprintf(buffer, 160, "%s/%s", top, name);
	return buffer;
}

static void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static struct lade_ready_info get(void)
{
	struct lade_ready_info info = { .size = sizeof info };
	assert_int_equal(lade_ready_get(run, &info), 0);
	return info;
}

static bool has_property(void)
{
	char path[160], line[64] = "";
	FILE *file = fopen(in_top(path, "a/run/properties"), "re");
	if (!file)
		return false;
	bool got = fgets(line, sizeof line, file) != NULL;
	(void)fclose(file);
	return got && strcmp(line, "bpf.progs_loaded=1\n") == 0;
}

static const char *code_of(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	return lade_finding_describe(lade_error_finding(error, 0), &info) == 0 ? info.code : "";
}

/* ---- the token ---- */

static void what_is_said_is_what_is_read(void **state)
{
	static const enum lade_ready_state all[] = { LADE_READY_BOOTING, LADE_READY_FAILED, LADE_READY_YES,
						     LADE_READY_OFF };
	char id[40];
	(void)state;
	lade_boot_id(id);
	assert_int_equal(get().state, LADE_READY_NONE);
	for (size_t i = 0; i < ELEMENTS(all); i++) {
		assert_int_equal(lade_ready_set(run, all[i], "why\nnot", NULL), 0);
		struct lade_ready_info info = get();
		assert_int_equal(info.state, all[i]);
		assert_string_equal(info.text, "why not");
		assert_string_equal(info.boot_id, id);
		assert_int_equal(info.pid, getpid());
		assert_false(info.is_earlier || info.is_dead);
		assert_int_equal(has_property(), all[i] == LADE_READY_YES);
	}
}

static void files_are_for_everybody_to_read_and_for_the_owner_to_write(void **state)
{
	struct stat status;
	char path[160];
	(void)state;
	mode_t before = umask(077);
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	(void)umask(before);
	assert_int_equal(stat(in_top(path, "a/run/readiness"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(stat(in_top(path, "a/run/properties"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(stat(run, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0755);
}

static void a_second_boot_leaves_what_is_ready(void **state)
{
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_YES);
	assert_int_equal(lade_ready_set(run, LADE_READY_FAILED, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_FAILED);
	assert_false(has_property());
}

static void a_token_of_an_earlier_boot_does_not_count(void **state)
{
	char path[160];
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	put_text(in_top(path, "a/run/readiness"),
		 "STATE=ready\nBOOT_ID=00000000-0000-0000-0000-000000000000\nPID=1\nTIME=1\nTEXT=old\n");
	struct lade_ready_info info = get();
	assert_int_equal(info.state, LADE_READY_NONE);
	assert_true(info.is_earlier);
	/* And a boot that begins now is a first one. */
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_BOOTING);
	assert_false(has_property());
}

static void what_is_no_token_says_nothing(void **state)
{
	static const char *const bad[] = { "",
					   "\n\n",
					   "ready",
					   "STATE=\nBOOT_ID=x\n",
					   "STATE=ready\n",
					   "BOOT_ID=x\n",
					   "STATE=ready or so\nBOOT_ID=x\n",
					   "xSTATE=ready\nBOOT_ID=x\n" };
	char path[160], long_text[6000];
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	(void)in_top(path, "a/run/readiness");
	for (size_t i = 0; i < ELEMENTS(bad); i++) {
		put_text(path, bad[i]);
		assert_int_equal(get().state, LADE_READY_NONE);
	}
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	put_text(path, long_text);
	assert_int_equal(get().state, LADE_READY_NONE);
	/* A FIFO or a link must not make us wait or lead us elsewhere. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(get().state, LADE_READY_NONE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(get().state, LADE_READY_NONE);
}

static void what_others_may_write_is_not_believed(void **state)
{
	char path[160];
	struct lade_error *error = NULL;
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(chmod(in_top(path, "a/run/readiness"), 0666), 0);
	assert_int_equal(get().state, LADE_READY_NONE);
	assert_int_equal(chmod(run, 0777), 0);
	assert_true(lade_ready_set(run, LADE_READY_YES, NULL, &error) < 0);
	assert_string_equal(code_of(error), "ready.write");
	assert_int_equal(lade_error_exit_code(error), 5);
	(void)lade_error_free(error);
}

static void nothing_is_not_said(void **state)
{
	struct lade_ready_info info = { .size = 0 };
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_NONE, NULL, NULL), -EINVAL);
	assert_int_equal(lade_ready_set(run, (enum lade_ready_state)99, NULL, NULL), -EINVAL);
	assert_int_equal(lade_ready_get(run, &info), -EINVAL);
}

static void a_long_text_is_cut_between_characters(void **state)
{
	char text[600];
	(void)state;
	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "…", 4);
	assert_int_equal(lade_ready_set(run, LADE_READY_FAILED, text, NULL), 0);
	struct lade_ready_info info = get();
	assert_int_equal(info.state, LADE_READY_FAILED);
	assert_true(strlen(info.text) > 200 && strlen(info.text) % 3 == 0);
}

/* ---- processes ---- */

static pid_t begin_booting(void)
{
	int done[2];
	char byte;
	assert_int_equal(pipe(done), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		bool good = lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL) == 0;
		(void)!write(done[1], "x", good);
		(void)close(done[1]);
		(void)pause();
		_exit(0);
	}
	(void)close(done[1]);
	assert_int_equal(read(done[0], &byte, 1), 1);
	(void)close(done[0]);
	return child;
}

static void end(pid_t child)
{
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* A wait in another thread; `begun` is closed as soon as it has looked once: poll() says so. */
struct waiting {
	struct lade_wait_opts opts;
	struct lade_error *error;
	int code;
	pthread_t thread;
};

static void *wait_in_thread(void *data)
{
	struct waiting *waiting = data;
	waiting->code = lade_wait(&waiting->opts, &waiting->error);
	return NULL;
}

static void start(struct waiting *waiting, const char *const *pins, size_t count, bool boot)
{
	*waiting = (struct waiting){ .opts = { .size = sizeof waiting->opts,
					       .run = run,
					       .pins = pins,
					       .pin_count = count,
					       .boot = boot,
					       .timeout_ms = PATIENCE_MS } };
	assert_int_equal(pthread_create(&waiting->thread, NULL, wait_in_thread, waiting), 0);
}

/* Until the thread sleeps in its wait: what comes then must wake it. */
static void let_it_sleep(void)
{
	struct timespec moment = { .tv_nsec = 100000000 };
	(void)nanosleep(&moment, NULL);
}

static int finish(struct waiting *waiting)
{
	assert_int_equal(pthread_join(waiting->thread, NULL), 0);
	return waiting->code;
}

static void what_is_ready_needs_no_wait(void **state)
{
	struct lade_wait_opts opts = { .size = sizeof opts, .run = run };
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(lade_wait(&opts, NULL), 0);
}

static void a_token_wakes_although_its_directory_comes_later(void **state)
{
	struct waiting two[2];
	(void)state;
	start(&two[0], NULL, 0, false);
	start(&two[1], NULL, 0, false);
	let_it_sleep();
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	let_it_sleep();
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(finish(&two[0]), 0);
	assert_int_equal(finish(&two[1]), 0);
}

static void a_failing_boot_wakes_too(void **state)
{
	struct waiting waiting;
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	start(&waiting, NULL, 0, false);
	let_it_sleep();
	assert_int_equal(lade_ready_set(run, LADE_READY_FAILED, "netd.o: no bpf", NULL), 0);
	assert_int_equal(finish(&waiting), -ECANCELED);
	assert_string_equal(code_of(waiting.error), "ready.failed");
	assert_int_equal(lade_error_exit_code(waiting.error), 8);
	assert_non_null(strstr(lade_error_message(waiting.error), "netd.o: no bpf"));
	(void)lade_error_free(waiting.error);
}

static void a_killed_boot_has_failed(void **state)
{
	struct waiting waiting;
	(void)state;
	pid_t child = begin_booting();
	assert_int_equal(get().state, LADE_READY_BOOTING);
	start(&waiting, NULL, 0, false);
	let_it_sleep();
	end(child);
	assert_int_equal(finish(&waiting), -ECANCELED);
	assert_string_equal(code_of(waiting.error), "ready.died");
	assert_int_equal(lade_error_exit_code(waiting.error), 8);
	(void)lade_error_free(waiting.error);
	assert_true(get().is_dead);
	/* The next one goes on. */
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	assert_int_equal(get().state, LADE_READY_BOOTING);
}

static void another_process_of_the_same_number_is_not_the_one(void **state)
{
	char path[160], text[512], id[40];
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	lade_boot_id(id);
	(void)snprintf(text, sizeof text, "STATE=booting\nBOOT_ID=%s\nPID=%d\nSTARTED=1\nNAMESPACE=%llu\n", id,
		       getpid(), (unsigned long long)lade_pid_namespace());
	put_text(in_top(path, "a/run/readiness"), text);
	assert_int_equal(get().state, LADE_READY_FAILED);
	/* Of another PID namespace nothing is known. */
	(void)snprintf(text, sizeof text, "STATE=booting\nBOOT_ID=%s\nPID=%d\nSTARTED=1\nNAMESPACE=1\n", id, getpid());
	put_text(path, text);
	assert_int_equal(get().state, LADE_READY_BOOTING);
	assert_int_equal(get().pid, 0);
}

static void a_wait_has_an_end(void **state)
{
	const char *const pins[] = { "/nowhere/at/all" };
	struct lade_wait_opts opts = {
		.size = sizeof opts, .run = run, .pins = pins, .pin_count = 1, .timeout_ms = 20
	};
	struct lade_error *error = NULL;
	(void)state;
	assert_int_equal(lade_wait(&opts, &error), -ETIMEDOUT);
	assert_string_equal(code_of(error), "ready.timeout");
	assert_int_equal(lade_error_exit_code(error), 124);
	(void)lade_error_free(error);
}

/* ---- pins ---- */

static void pins_wake_although_their_directories_come_later(void **state)
{
	char first[160], second[160], path[160];
	const char *const pins[] = { in_top(first, "fs/one/map"), in_top(second, "fs/two/prog") };
	struct waiting waiting;
	(void)state;
	start(&waiting, pins, 2, false);
	let_it_sleep();
	assert_int_equal(mkdir(in_top(path, "fs"), 0755), 0);
	assert_int_equal(mkdir(in_top(path, "fs/one"), 0755), 0);
	put_text(first, "");
	/* As a commit does it: a whole directory gets its name. */
	assert_int_equal(mkdir(in_top(path, "fs/two~1"), 0755), 0);
	put_text(in_top(path, "fs/two~1/prog"), "");
	let_it_sleep();
	char from[160], to[160];
	assert_int_equal(rename(in_top(from, "fs/two~1"), in_top(to, "fs/two")), 0);
	assert_int_equal(finish(&waiting), 0);
}

static void pins_that_are_there_need_no_boot_unless_it_is_asked_for(void **state)
{
	char pin[160];
	const char *const pins[] = { in_top(pin, "pin") };
	struct lade_wait_opts opts = { .size = sizeof opts, .run = run, .pins = pins, .pin_count = 1, .timeout_ms = 1 };
	(void)state;
	put_text(pin, "");
	assert_int_equal(lade_wait(&opts, NULL), 0);
	assert_int_equal(lade_ready_set(run, LADE_READY_FAILED, NULL, NULL), 0);
	assert_int_equal(lade_wait(&opts, NULL), 0);
	opts.boot = true;
	assert_int_equal(lade_wait(&opts, NULL), -ECANCELED);
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(lade_wait(&opts, NULL), 0);
}

static void a_pin_that_is_missing_after_a_failed_boot_is_not_waited_for(void **state)
{
	const char *const pins[] = { "/nowhere/at/all" };
	struct lade_wait_opts opts = {
		.size = sizeof opts, .run = run, .pins = pins, .pin_count = 1, .timeout_ms = PATIENCE_MS
	};
	(void)state;
	assert_int_equal(lade_ready_set(run, LADE_READY_OFF, NULL, NULL), 0);
	struct lade_error *error = NULL;
	assert_int_equal(lade_wait(&opts, &error), -ECANCELED);
	assert_string_equal(code_of(error), "ready.off");
	(void)lade_error_free(error);
}

/* bpffs reports to inotify, and may be mounted while somebody waits. */
static void a_pin_in_a_bpffs_that_is_mounted_later_wakes(void **state)
{
	char fs[160], pin[200];
	const char *const pins[] = { "late/pin" };
	(void)state;
	if (!getenv("LADE_ISOLATED")) {
		(void)fprintf(stderr, "needs a mount namespace of its own\n");
		skip();
	}
	assert_int_equal(mkdir(in_top(fs, "fs"), 0755), 0);
	struct waiting late = { .opts = { .size = sizeof late.opts,
					  .run = run,
					  .bpffs = fs,
					  .pins = pins,
					  .pin_count = 1,
					  .timeout_ms = PATIENCE_MS } };
	assert_int_equal(pthread_create(&late.thread, NULL, wait_in_thread, &late), 0);
	let_it_sleep();
	assert_int_equal(mount("bpf", fs, "bpf", 0, NULL), 0);
	let_it_sleep();
	(void)snprintf(pin, sizeof pin, "%s/late", fs);
	assert_int_equal(mkdir(pin, 0755), 0);
	(void)snprintf(pin, sizeof pin, "%s/late/pin", fs);
	assert_int_equal(symlink(".", pin), 0); /* a pin needs a kernel object; to inotify they are alike */
	assert_int_equal(finish(&late), 0);
	assert_int_equal(umount2(fs, MNT_DETACH), 0);
}

static void who_has_a_loop_polls(void **state)
{
	struct lade_wait_opts opts = { .size = sizeof opts, .run = run };
	struct lade_waiter *waiter = NULL;
	(void)state;
	assert_int_equal(lade_waiter_new(&opts, &waiter, NULL), 0);
	struct pollfd wake = { .fd = lade_waiter_fd(waiter), .events = POLLIN };
	assert_int_equal(lade_waiter_look(waiter, NULL), 0);
	assert_int_equal(poll(&wake, 1, 0), 0);
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	int r = 0;
	while (r == 0) {
		assert_int_equal(poll(&wake, 1, PATIENCE_MS), 1);
		r = lade_waiter_look(waiter, NULL);
	}
	assert_int_equal(r, 1);
	assert_null(lade_waiter_free(waiter));
}

static void without_inotify_it_looks_often(void **state)
{
	struct lade_wait_opts opts = { .size = sizeof opts, .run = run };
	struct lade_waiter *waiter = NULL;
	int held[1024];
	size_t count = 0;
	(void)state;
	/* Each user has only so many. */
	while (count < ELEMENTS(held) && (held[count] = inotify_init1(IN_CLOEXEC)) >= 0)
		count++;
	bool exhausted = count < ELEMENTS(held);
	assert_int_equal(lade_waiter_new(&opts, &waiter, NULL), 0);
	while (count)
		(void)close(held[--count]);
	if (!exhausted) {
		(void)lade_waiter_free(waiter);
		(void)fprintf(stderr, "this user may have more than 1024 inotify instances\n");
		skip();
	}
	assert_true(waiter->watched.inotify < 0 && waiter->watched.timer >= 0);
	assert_int_equal(lade_waiter_look(waiter, NULL), 0);
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	struct pollfd wake = { .fd = lade_waiter_fd(waiter), .events = POLLIN };
	assert_int_equal(poll(&wake, 1, PATIENCE_MS), 1);
	assert_int_equal(lade_waiter_look(waiter, NULL), 1);
	(void)lade_waiter_free(waiter);
}

static void options_of_another_library_are_refused(void **state)
{
	const char *const pins[] = { "" };
	struct lade_wait_opts opts = { .size = sizeof opts, .run = run, .pins = pins, .pin_count = 1 };
	struct lade_waiter *waiter = NULL;
	(void)state;
	assert_int_equal(lade_waiter_new(&opts, &waiter, NULL), -EINVAL);
	opts.pins = NULL;
	assert_int_equal(lade_waiter_new(&opts, &waiter, NULL), -EINVAL);
	opts.size = 1;
	assert_int_equal(lade_waiter_new(&opts, &waiter, NULL), -EINVAL);
	assert_null(waiter);
}

static void warnings_come_as_android_has_them(void **state)
{
	static const unsigned wanted[] = { 5, 10, 20, 40, 60, 60, 60 };
	char line[128];
	struct lade_waiter waiter = { .boot = true };
	(void)state;
	for (unsigned i = 0; i < ELEMENTS(wanted); i++)
		assert_int_equal(lade_wait_lap_s(i), wanted[i]);
	assert_int_equal(lade_wait_lap_s(UINT32_MAX), 60);
	lade_wait_line(&waiter, 20, line, sizeof line);
	assert_string_equal(line, "Waited 20s for bpf.progs_loaded, still waiting...");
	waiter.boot = false;
	assert_int_equal(lade_strings_add(&waiter.missing, "/sys/fs/bpf/m"), 0);
	lade_wait_line(&waiter, 5, line, sizeof line);
	assert_string_equal(line, "Waited 5s for /sys/fs/bpf/m, still waiting...");
	lade_strings_clear(&waiter.missing);
}

/* ---- files ---- */

static void a_full_file_system_leaves_the_old_file(void **state)
{
	char fs[160], path[200];
	struct lade_error *error = NULL;
	(void)state;
	if (!getenv("LADE_ISOLATED")) {
		(void)fprintf(stderr, "needs a mount namespace of its own\n");
		skip();
	}
	assert_int_equal(mkdir(in_top(fs, "small"), 0755), 0);
	assert_int_equal(mount("none", fs, "tmpfs", 0, "size=64k,mode=755"), 0);
	assert_int_equal(lade_boot_report_save(fs, "{\"a\":1}", 7, NULL), 0);
	char *big = calloc(1, 200000);
	assert_non_null(big);
	assert_int_equal(lade_boot_report_save(fs, big, 200000, &error), -ENOSPC);
	assert_string_equal(code_of(error), "report.write");
	error = lade_error_free(error);
	free(big);
	char *text = NULL;
	size_t length = 0;
	assert_int_equal(lade_boot_report_read(fs, &text, &length, NULL), 0);
	assert_string_equal(text, "{\"a\":1}");
	free(text);
	/* Nothing half is left. */
	(void)snprintf(path, sizeof path, "ls -A '%s' | grep -qvx boot.json", fs);
	assert_int_not_equal(system(path), 0); /* NOLINT(cert-env33-c) */
	assert_int_equal(mount(NULL, fs, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(lade_boot_report_save(fs, "{}", 2, &error), -EROFS);
	error = lade_error_free(error);
	assert_int_equal(lade_ready_set(fs, LADE_READY_YES, NULL, &error), -EROFS);
	assert_string_equal(code_of(error), "ready.write");
	(void)lade_error_free(error);
	assert_int_equal(umount2(fs, MNT_DETACH), 0);
}

static void a_report_has_a_bound(void **state)
{
	char *big = calloc(1, LADE_REPORT_MAX + 1), path[160], *text = NULL;
	size_t length;
	(void)state;
	assert_non_null(big);
	assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), -ENOENT);
	assert_int_equal(lade_boot_report_save(run, big, LADE_REPORT_MAX + 1, NULL), -EFBIG);
	assert_int_equal(lade_boot_report_save(run, big, LADE_REPORT_MAX, NULL), 0);
	assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), 0);
	assert_int_equal(length, LADE_REPORT_MAX);
	free(text);
	free(big);
	assert_int_equal(truncate(in_top(path, "a/run/boot.json"), LADE_REPORT_MAX + 1), 0);
	assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), -EFBIG);
}

/* Who is killed while he writes leaves a temporary file; the next one removes it. */
static void left_overs_of_the_killed_go(void **state)
{
	char path[160], other[160];
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(lade_ready_set(run, LADE_READY_BOOTING, NULL, NULL), 0);
	(void)snprintf(path, sizeof path, "%s/.readiness.%d", run, child);
	put_text(path, "STATE=rea");
	(void)snprintf(other, sizeof other, "%s/.readiness.1", run); /* lives */
	put_text(other, "");
	assert_int_equal(lade_ready_set(run, LADE_READY_YES, NULL, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0);
}

static void who_reads_sees_whole_files_while_two_write(void **state)
{
	pid_t writers[2];
	(void)state;
	assert_int_equal(lade_boot_report_save(run, "{\"writer\":0}", 12, NULL), 0);
	for (int w = 0; w < 2; w++) {
		writers[w] = fork();
		if (writers[w] == 0) {
			char text[20000];
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			memset(text, '0' + w, sizeof text);
			for (;;)
				(void)lade_boot_report_save(run, text, sizeof text, NULL);
		}
	}
	for (unsigned i = 0; i < 300; i++) {
		char *text = NULL;
		size_t length = 0;
		assert_int_equal(lade_boot_report_read(run, &text, &length, NULL), 0);
		assert_true(length == 12 || length == 20000);
		for (size_t j = 1; length == 20000 && j < length; j++)
			assert_int_equal(text[j], text[0]);
		free(text);
	}
	for (int w = 0; w < 2; w++)
		end(writers[w]);
}

/* ---- rescue ---- */

static void the_kernels_command_line_can_rescue(void **state)
{
	static const struct {
		const char *line;
		enum lade_rescue rescue;
		const char *code; /* NULL: nothing to say */
	} lines[] = {
		{ "root=/dev/sda quiet", LADE_RESCUE_NONE, NULL },
		{ "", LADE_RESCUE_NONE, NULL },
		{ "root=/dev/sda lade.boot=off quiet\n", LADE_RESCUE_OFF, "rescue.off" },
		{ "lade.boot=critical-only", LADE_RESCUE_CRITICAL_ONLY, "rescue.critical-only" },
		{ "lade.boot=off lade.boot=critical-only", LADE_RESCUE_CRITICAL_ONLY, "rescue.critical-only" },
		{ "lade.boot=\"off\"", LADE_RESCUE_OFF, "rescue.off" },
		{ "\"lade.boot=off\"", LADE_RESCUE_OFF, "rescue.off" },
		{ "x=\"a lade.boot=off b\"", LADE_RESCUE_NONE, NULL },
		{ "x=\"a lade.boot=off", LADE_RESCUE_NONE, NULL },
		{ "xlade.boot=off", LADE_RESCUE_NONE, NULL },
		{ "lade.boot", LADE_RESCUE_NONE, NULL },
		{ "lade.boot=", LADE_RESCUE_NONE, "rescue.unknown" },
		{ "lade.boot=of", LADE_RESCUE_NONE, "rescue.unknown" },
		{ "lade.boot=off lade.boot=0", LADE_RESCUE_NONE, "rescue.unknown" },
	};
	char path[160];
	(void)state;
	(void)in_top(path, "cmdline");
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		struct lade_error *notes = NULL;
		put_text(path, lines[i].line);
		assert_int_equal(lade_rescue_read(path, &notes), lines[i].rescue);
		assert_int_equal(notes != NULL, lines[i].code != NULL);
		if (notes)
			assert_string_equal(code_of(notes), lines[i].code);
		(void)lade_error_free(notes);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(lade_rescue_read(path, NULL), LADE_RESCUE_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, drop_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_is_what_is_read),
		TEST(files_are_for_everybody_to_read_and_for_the_owner_to_write),
		TEST(a_second_boot_leaves_what_is_ready),
		TEST(a_token_of_an_earlier_boot_does_not_count),
		TEST(what_is_no_token_says_nothing),
		TEST(what_others_may_write_is_not_believed),
		TEST(nothing_is_not_said),
		TEST(a_long_text_is_cut_between_characters),
		TEST(what_is_ready_needs_no_wait),
		TEST(a_token_wakes_although_its_directory_comes_later),
		TEST(a_failing_boot_wakes_too),
		TEST(a_killed_boot_has_failed),
		TEST(another_process_of_the_same_number_is_not_the_one),
		TEST(a_wait_has_an_end),
		TEST(pins_wake_although_their_directories_come_later),
		TEST(pins_that_are_there_need_no_boot_unless_it_is_asked_for),
		TEST(a_pin_that_is_missing_after_a_failed_boot_is_not_waited_for),
		TEST(a_pin_in_a_bpffs_that_is_mounted_later_wakes),
		TEST(who_has_a_loop_polls),
		TEST(without_inotify_it_looks_often),
		TEST(options_of_another_library_are_refused),
		TEST(warnings_come_as_android_has_them),
		TEST(a_full_file_system_leaves_the_old_file),
		TEST(a_report_has_a_bound),
		TEST(left_overs_of_the_killed_go),
		TEST(who_reads_sees_whole_files_while_two_write),
		TEST(the_kernels_command_line_can_rescue),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
