/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for a boot or for pins, between real processes. What happens in which order is measured, never how long it
 * takes. */
#include "boot/ready_scratch.h"

#define PATIENCE_MS 30000 /* long: a wait that is not woken fails by it */

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

#define INSTANCES_MAX 1024

/* All inotify instances that this user may have. */
struct instances {
	int held[INSTANCES_MAX];
	size_t count;
};

static bool take_all(struct instances *instances)
{
	while (instances->count < INSTANCES_MAX && (instances->held[instances->count] = inotify_init1(IN_CLOEXEC)) >= 0)
		instances->count++;
	return instances->count < INSTANCES_MAX;
}

/* Other processes of the user may give one back between taking all and the waiter's try: then it is tried again. */
static bool wait_without(struct instances *instances, const struct lade_wait_opts *opts,
			 struct lade_waiter **ret_waiter)
{
	while (take_all(instances)) {
		assert_int_equal(lade_waiter_new(opts, ret_waiter, NULL), 0);
		if ((*ret_waiter)->watched.inotify < 0)
			return true;
		assert_null(lade_waiter_free(*ret_waiter));
	}
	return false;
}

static void without_inotify_it_looks_often(void **state)
{
	struct lade_wait_opts opts = { .size = sizeof opts, .run = run };
	struct instances instances = { 0 };
	struct lade_waiter *waiter = NULL;
	(void)state;
	bool is_without = wait_without(&instances, &opts, &waiter);
	while (instances.count)
		(void)close(instances.held[--instances.count]);
	if (!is_without) {
		(void)fprintf(stderr, "this user may have more than %d inotify instances\n", INSTANCES_MAX);
		skip();
	}
	assert_true(waiter->watched.timer >= 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
