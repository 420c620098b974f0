/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that others pinned, attached for as long as a service runs, to targets that may come later. A tracepoint is
 * absent while an empty directory is mounted over it in the test's own mounts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/attach.h>

#include "harness/cgroups.h"
#include "harness/loaded.h"

#define EVENT   "raw_syscalls/sys_enter"
#define HIDDEN  LIVE_TRACEFS "/events/raw_syscalls"
#define TARGET  "tracepoint:" EVENT
#define PROGRAM "lade/owner/progs/on_tracepoint"

enum { TRACEPOINT = 0, MARK = 0x1ade };

static bool is_live;

static int setup(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

static void need_live(void)
{
	if (!is_live)
		skip();
}

/* Somebody else's load, whose programs nobody has attached. */
static struct loaded load_owner(void)
{
	struct loaded loaded = loaded_open(NULL, "attach_live.bpf.o");
	loaded_load(&loaded, "owner");
	uint32_t key = 0;
	uint64_t pid = (uint64_t)getpid();
	assert_int_equal(bpf_map_update_elem(lade_instance_map_fd(loaded.instance, "settings"), &key, &pid, 0), 0);
	return loaded;
}

static uint64_t hits(const struct loaded *loaded)
{
	return loaded_count(loaded, TRACEPOINT);
}

static void make_event(void)
{
	(void)syscall(SYS_close, MARK);
}

static void hide(void)
{
	assert_int_equal(mount("none", HIDDEN, "tmpfs", 0, NULL), 0);
}

/* Who waits may be looking into it at this moment: that makes it busy, and a plain umount fails. */
static void show(void)
{
	assert_int_equal(umount2(HIDDEN, MNT_DETACH), 0);
}

static struct lade_instance *adopt(struct loaded *loaded)
{
	const struct lade_adopt_opts opts = { .size = sizeof opts, .transient = true, .attach_later = true };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	if (lade_instance_adopt(loaded->context, PROGRAM, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

/* ---- as long as the service runs ---- */

static void transient_attachment_ends_with_its_instance_and_pins_nothing(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	const struct lade_adopt_opts opts = { .size = sizeof opts, .transient = true, .target = TARGET };
	struct lade_instance *instance = NULL;
	char *before = pin_tree(LIVE_BPFFS), *after;
	make_event();
	assert_int_equal(hits(&loaded), 0);
	assert_int_equal(lade_instance_adopt(loaded.context, PROGRAM, &opts, &instance, NULL), 0);
	make_event();
	make_event();
	assert_int_equal(hits(&loaded), 2);
	assert_null(lade_instance_directory(instance));
	after = pin_tree(LIVE_BPFFS);
	assert_string_equal(after, before);
	free(after);
	lade_instance_close(instance);
	make_event();
	assert_int_equal(hits(&loaded), 2);
	after = pin_tree(LIVE_BPFFS);
	assert_string_equal(after, before);
	free(after);
	free(before);
	assert_leaves_nothing(&loaded);
}

static void program_is_attached_and_detached_later(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	assert_int_equal(lade_instance_link_count(instance), 0);
	assert_int_equal(lade_instance_attach(instance, NULL, TARGET, NULL), 0);
	make_event();
	assert_int_equal(hits(&loaded), 1);
	assert_int_equal(lade_instance_detach(instance, NULL, TARGET, NULL), 0);
	make_event();
	assert_int_equal(hits(&loaded), 1);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

static void target_of_what_is_attached_later_is_refused(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	const struct lade_adopt_opts opts = { .size = sizeof opts, .attach_later = true, .target = TARGET };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	assert_int_equal(lade_instance_adopt(loaded.context, PROGRAM, &opts, &instance, &error), -EINVAL);
	lade_error_free(error);
	assert_leaves_nothing(&loaded);
}

/* ---- until it is there ---- */

static struct lade_error *wait_and_fail(struct lade_instance *instance, const char *target, unsigned timeout_ms,
					int cancel_fd, int wanted)
{
	const struct lade_attach_wait_opts opts = { .size = sizeof opts, .timeout_ms = timeout_ms, .interval_ms = 20 };
	struct lade_error *error = NULL;
	assert_int_equal(lade_attach_wait(instance, NULL, target, &opts, cancel_fd, &error), wanted);
	assert_int_equal(lade_error_finding_count(error), 1);
	return error;
}

static void wait_for_what_is_there_attaches_at_once(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	const struct lade_attach_wait_opts opts = { .size = sizeof opts, .timeout_ms = 1, .interval_ms = 3600000 };
	assert_int_equal(lade_attach_wait(instance, NULL, TARGET, &opts, -1, NULL), 0);
	make_event();
	assert_int_equal(hits(&loaded), 1);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

static void *show_later(void *data)
{
	const struct timespec delay = { .tv_nsec = 100000000 };
	(void)data;
	(void)nanosleep(&delay, NULL);
	show();
	return NULL;
}

static void wait_ends_when_the_tracepoint_appears(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	const struct lade_attach_wait_opts opts = { .size = sizeof opts, .timeout_ms = 60000, .interval_ms = 20 };
	struct lade_error *error = NULL;
	pthread_t thread;
	hide();
	assert_int_equal(lade_instance_attach(instance, NULL, TARGET, &error), -ENOENT);
	lade_error_free(error);
	assert_int_equal(pthread_create(&thread, NULL, show_later, NULL), 0);
	assert_int_equal(lade_attach_wait(instance, NULL, TARGET, &opts, -1, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	make_event();
	assert_int_equal(hits(&loaded), 1);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

static void timeout_says_what_was_missing(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	hide();
	struct lade_error *error = wait_and_fail(instance, TARGET, 100, -1, -ETIMEDOUT);
	show();
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.code, "attach.timeout");
	assert_string_equal(info.message, "waited 100 ms for " TARGET);
	assert_non_null(strstr(info.cause, "has no tracepoint " EVENT));
	assert_true(info.evidence_count > 0);
	assert_non_null(strstr(info.evidence[0], HIDDEN "/sys_enter/id does not exist"));
	lade_error_free(error);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

static void wait_is_cancelled_by_a_descriptor(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	hide();
	struct lade_error *error = wait_and_fail(instance, TARGET, 0, ends[0], -ECANCELED);
	show();
	assert_string_equal(finding_of(error).code, "attach.cancelled");
	lade_error_free(error);
	(void)close(ends[0]);
	(void)close(ends[1]);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

static void what_will_never_work_is_not_waited_for(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	static const char *const targets[] = { "tracepoint:", "tracepoint:alone", "tracepoint:../../escape", "dev:lo",
					       "nonsense" };
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		struct lade_error *error = NULL;
		int result = lade_attach_wait(instance, NULL, targets[i], NULL, -1, &error);
		if (result >= 0 || result == -ETIMEDOUT)
			fail_msg("%s: %d", targets[i], result);
		assert_int_equal(lade_error_finding_count(error), 1);
		lade_error_free(error);
	}
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

static void loop_of_ones_own_is_woken_and_told_why(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = load_owner();
	struct lade_instance *instance = adopt(&loaded);
	const struct lade_attach_wait_opts opts = { .size = sizeof opts, .interval_ms = 10 };
	struct lade_attach_wait *wait = NULL;
	hide();
	assert_int_equal(lade_attach_wait_open(instance, NULL, TARGET, &opts, &wait, NULL), 0);
	assert_null(lade_attach_wait_why(wait));
	for (int tries = 0; tries < 3; tries++) {
		struct pollfd ready = { .fd = lade_attach_wait_fd(wait), .events = POLLIN };
		assert_int_equal(lade_attach_wait_try(wait, NULL), 0);
		assert_string_equal(finding_of(lade_attach_wait_why(wait)).code, "attach.tracepoint.missing");
		assert_int_equal(poll(&ready, 1, 60000), 1);
	}
	show();
	assert_int_equal(lade_attach_wait_try(wait, NULL), 1);
	assert_null(lade_attach_wait_why(wait));
	lade_attach_wait_close(wait);
	make_event();
	assert_int_equal(hits(&loaded), 1);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

/* inotify reports bpffs, cgroupfs and, before 6.6, tracefs: here the interval is an hour, so that only it wakes. */
static void cgroup_that_is_made_wakes_the_wait(void **state)
{
	(void)state;
	need_live();
	struct test_cgroup parent;
	if (!cgroup_make(&parent))
		skip();
	struct loaded loaded = loaded_open(NULL, "hook_cgroup.bpf.o");
	loaded_load(&loaded, "owner");
	const struct lade_adopt_opts adopted = { .size = sizeof adopted, .transient = true, .attach_later = true };
	const struct lade_attach_wait_opts opts = { .size = sizeof opts, .interval_ms = 3600000 };
	struct lade_instance *instance = NULL;
	struct lade_attach_wait *wait = NULL;
	struct test_cgroup inner;
	char target[128];
	(void)snprintf(target, sizeof target, "cgroup:%s/later,egress", parent.name);
	assert_int_equal(lade_instance_adopt(loaded.context, "lade/owner/progs/egress", &adopted, &instance, NULL), 0);
	assert_int_equal(lade_attach_wait_open(instance, NULL, target, &opts, &wait, NULL), 0);
	assert_int_equal(lade_attach_wait_try(wait, NULL), 0);
	cgroup_make_below(&parent, "later", &inner);
	struct pollfd ready = { .fd = lade_attach_wait_fd(wait), .events = POLLIN };
	assert_int_equal(poll(&ready, 1, 60000), 1);
	assert_int_equal(lade_attach_wait_try(wait, NULL), 1);
	lade_attach_wait_close(wait);
	lade_instance_close(instance);
	cgroup_remove(&inner);
	cgroup_remove(&parent);
	assert_leaves_nothing(&loaded);
}

/* The kernel announces devices to whoever listens. */
static void device_that_is_made_wakes_the_wait(void **state)
{
	(void)state;
	need_live();
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	if (system("ip link add probe type veth peer name other") != 0 || /* NOLINT(cert-env33-c) */
	    system("ip link del probe") != 0 /* NOLINT(cert-env33-c) */) {
		print_error("no veth devices can be made here\n");
		skip();
	}
	struct loaded loaded = loaded_open(NULL, "attach_live.bpf.o");
	loaded_load(&loaded, "owner");
	const struct lade_adopt_opts adopted = { .size = sizeof adopted, .transient = true, .attach_later = true };
	const struct lade_attach_wait_opts opts = { .size = sizeof opts, .interval_ms = 3600000 };
	struct lade_instance *instance = NULL;
	struct lade_attach_wait *wait = NULL;
	int result = 0;
	assert_int_equal(lade_instance_adopt(loaded.context, "lade/owner/progs/on_socket", &adopted, &instance, NULL),
			 0);
	assert_int_equal(lade_attach_wait_open(instance, NULL, "dev:later", &opts, &wait, NULL), 0);
	assert_int_equal(lade_attach_wait_try(wait, NULL), 0);
	assert_string_equal(finding_of(lade_attach_wait_why(wait)).code, "attach.device.missing");
	assert_int_equal(system("ip link add later type veth peer name other"), 0);
	for (int tries = 0; result == 0 && tries < 20;
	     tries++) { /* several announcements, perhaps of the other end first */
		struct pollfd ready = { .fd = lade_attach_wait_fd(wait), .events = POLLIN };
		assert_int_equal(poll(&ready, 1, 60000), 1);
		result = lade_attach_wait_try(wait, NULL);
	}
	assert_int_equal(result, 1);
	lade_attach_wait_close(wait);
	lade_instance_close(instance);
	assert_leaves_nothing(&loaded);
}

/* ---- who is on a cgroup ---- */

static void pinned_program_on_a_cgroup_is_attached_verified_and_detached(void **state)
{
	(void)state;
	need_live();
	struct test_cgroup cgroup;
	if (!cgroup_make(&cgroup))
		skip();
	struct loaded loaded = loaded_open(NULL, "hook_cgroup.bpf.o");
	loaded_load(&loaded, "owner");
	const struct lade_adopt_opts opts = { .size = sizeof opts, .transient = true, .attach_later = true };
	struct lade_instance *instance = NULL;
	struct lade_loaded_program_info program = { .size = sizeof program };
	struct lade_error *error = NULL;
	char target[128];
	uint32_t ids[2] = { 0 };
	(void)snprintf(target, sizeof target, "cgroup:%s,egress", cgroup.name);
	assert_int_equal(lade_instance_adopt(loaded.context, "lade/owner/progs/egress", &opts, &instance, NULL), 0);
	assert_int_equal(lade_instance_program(instance, 0, &program), 0);
	assert_int_equal(lade_cgroup_has(loaded.context, cgroup.path, "egress", program.fd, NULL), 0);
	assert_int_equal(lade_cgroup_programs(loaded.context, cgroup.path, "egress", ids, 2, NULL), 0);
	assert_int_equal(lade_instance_attach(instance, NULL, target, NULL), 0);
	assert_int_equal(lade_cgroup_has(loaded.context, cgroup.name, "egress", program.fd, NULL), 1);
	assert_int_equal(lade_cgroup_has(loaded.context, cgroup.name, "ingress", program.fd, NULL), 0);
	assert_int_equal(lade_cgroup_programs(loaded.context, cgroup.path, "egress", ids, 2, NULL), 1);
	assert_int_equal(ids[0], program_info(program.fd).id);
	assert_int_equal(ids[1], 0);
	assert_int_equal(lade_cgroup_programs(loaded.context, cgroup.path, "egress", NULL, 0, NULL), 1);
	assert_int_equal(lade_instance_detach(instance, NULL, target, NULL), 0);
	assert_int_equal(lade_cgroup_has(loaded.context, cgroup.path, "egress", program.fd, NULL), 0);
	assert_true(lade_cgroup_programs(loaded.context, cgroup.path, "nonsense", ids, 2, &error) < 0);
	assert_string_equal(finding_of(error).code, "attach.hook.unknown");
	lade_error_free(error);
	error = NULL;
	assert_true(lade_cgroup_programs(loaded.context, cgroup.path, "stream_parser", ids, 2, NULL) < 0);
	assert_true(lade_cgroup_programs(loaded.context, "/no/such/cgroup", "egress", ids, 2, &error) < 0);
	assert_string_equal(finding_of(error).code, "attach.cgroup.missing");
	lade_error_free(error);
	error = NULL;
	assert_int_equal(lade_cgroup_has(loaded.context, cgroup.path, "egress", 0, &error), -EINVAL);
	lade_error_free(error);
	lade_instance_close(instance);
	cgroup_remove(&cgroup);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transient_attachment_ends_with_its_instance_and_pins_nothing),
		cmocka_unit_test(program_is_attached_and_detached_later),
		cmocka_unit_test(target_of_what_is_attached_later_is_refused),
		cmocka_unit_test(wait_for_what_is_there_attaches_at_once),
		cmocka_unit_test(wait_ends_when_the_tracepoint_appears),
		cmocka_unit_test(timeout_says_what_was_missing),
		cmocka_unit_test(wait_is_cancelled_by_a_descriptor),
		cmocka_unit_test(what_will_never_work_is_not_waited_for),
		cmocka_unit_test(loop_of_ones_own_is_woken_and_told_why),
		cmocka_unit_test(cgroup_that_is_made_wakes_the_wait),
		cmocka_unit_test(device_that_is_made_wakes_the_wait),
		cmocka_unit_test(pinned_program_on_a_cgroup_is_attached_verified_and_detached),
	};
	return cmocka_run_group_tests_name("load/waiting", tests, setup, NULL);
}
