/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching to what is not there yet. Who wakes us, measured:
 *  - inotify on tracefs tells of new events on 5.10 and 6.1; since 6.6 its files come into being when somebody looks,
 *    and nothing is told (6.18).
 *  - the kernel announces a module after its events are there, and devices, to whoever listens (uevents).
 *  - a timer, for the rest.
 */
#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <lade/attach.h>

#include "base/info.h"
#include "kernel/cgroups.h"
#include "load/loader.h"

enum { INTERVAL_MS = 1000 };

struct lade_attach_wait {
	struct lade_instance *instance;
	char *program, *target;                       /* NULL: as in lade_instance_attach() */
	int epoll, timer, inotify, uevents;           /* inotify, uevents: -1: not to be had */
	uint64_t started_ns, timeout_ns, interval_ns; /* timeout 0: none */
	struct lade_error *last;                      /* of the last attempt */
};

/* What means that it is not there yet. */
static const char *const not_yet[] = {
	"attach.tracepoint.missing", "attach.raw-tracepoint.missing", "attach.device.missing",
	"attach.cgroup.missing",     "attach.cgroup.unmounted",       "attach.function.missing",
	"attach.lirc.missing",       "attach.netns.missing",          "attach.map.missing",
	"attach.uprobe.file",        "environment.tracefs",
};

static uint64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- who wakes us ---- */

static int watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Once, from now. */
static void set_timer(const struct lade_attach_wait *wait)
{
	uint64_t delay = wait->interval_ns, passed = now_ns() - wait->started_ns;
	if (wait->timeout_ns && (passed >= wait->timeout_ns || wait->timeout_ns - passed < delay))
		delay = passed >= wait->timeout_ns ? 1 : wait->timeout_ns - passed;
	const struct itimerspec timer = { .it_value = { .tv_sec = (time_t)(delay / 1000000000),
							.tv_nsec = (long)(delay % 1000000000) } };
	(void)timerfd_settime(wait->timer, 0, &timer, NULL);
}

/* Everybody may listen, but not in every container: without them the timer is left. */
static void listen_for_uevents(struct lade_attach_wait *wait)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	CLEANUP(cleanup_fd)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && watch(wait->epoll, fd) == 0)
		wait->uevents = take_fd(&fd);
}

static void drain(const struct lade_attach_wait *wait)
{
	const int fds[] = { wait->timer, wait->inotify, wait->uevents };
	char buffer[4096];
	for (size_t i = 0; i < ELEMENTS(fds); i++)
		while (fds[i] >= 0 && read(fds[i], buffer, sizeof buffer) > 0)
			;
}

/* The nearest directory that is there. True: the path itself is not. */
static bool watch_path(const struct lade_attach_wait *wait, char *path)
{
	bool is_absent = access(path, F_OK) < 0 && errno == ENOENT;
	while (*path && access(path, F_OK) < 0) {
		char *slash = strrchr(path, '/');
		if (!slash)
			return is_absent;
		path[slash == path ? 1 : slash - path] = '\0';
		if (slash == path)
			break;
	}
	if (wait->inotify >= 0)
		(void)inotify_add_watch(wait->inotify, path, IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
	return is_absent;
}

static bool watch_event(const struct lade_attach_wait *wait, const char *event)
{
	char path[PATH_MAX];
	struct kernel *kernel;
	const char *tracefs;
	if (lade_context_kernel(wait->instance->context, &kernel, NULL) < 0 ||
	    lade_kernel_tracefs(kernel, false, &tracefs, NULL) < 0)
		return false;
	return (size_t)snprintf(path, sizeof path, "%s/events/%s/id", tracefs, event) < sizeof path &&
	       watch_path(wait, path);
}

static bool watch_cgroup(const struct lade_attach_wait *wait, const char *name)
{
	char path[PATH_MAX];
	CLEANUP(cleanup_free) char *mount = NULL;
	if (lade_cgroup_mount(&mount) == 0 && (size_t)snprintf(path, sizeof path, "%s/%s", mount, name) < sizeof path)
		(void)watch_path(wait, path);
	return false; /* it may be somewhere else */
}

/* The event that the section of the only program names; NULL: there is none, or several programs. */
static const char *event_of_section(const struct lade_instance *instance)
{
	const struct loaded_program *program = instance->programs.count == 1 ? &instance->programs.items[0] : NULL;
	return program && program->type == BPF_PROG_TYPE_TRACEPOINT ? program->attach_target : NULL;
}

/*
 * Watches where the target would come into being; again before each attempt, as directories come one by one. True: it
 * is not there for certain, so that an attempt would only look for names like it once more.
 */
static bool watch_target(const struct lade_attach_wait *wait)
{
	struct attach_target target = { .kind = TARGET_NONE };
	const char *event = wait->target ? NULL : event_of_section(wait->instance);
	bool is_absent = false;
	if (wait->target && lade_target_parse(wait->target, &target, NULL) < 0)
		return false;
	if (target.kind == TARGET_TRACEPOINT)
		event = target.name;
	if (event && strchr(event, '/') && !strstr(event, ".."))
		is_absent = watch_event(wait, event);
	if (target.kind == TARGET_CGROUP)
		is_absent = watch_cgroup(wait, target.name);
	lade_target_clear(&target);
	return is_absent;
}

/* ---- attempts ---- */

static bool is_not_yet(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };
	const struct lade_finding *finding = lade_error_finding(error, 0);
	if (!finding || lade_finding_describe(finding, &info) < 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(not_yet); i++)
		if (strcmp(info.code, not_yet[i]) == 0)
			return true;
	return false;
}

static int refuse_timeout(const struct lade_attach_wait *wait, struct lade_error **error)
{
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_finding *finding = lade_error_add(error, ETIMEDOUT, "attach.timeout", "waited %llu ms for %s",
						      (unsigned long long)(wait->timeout_ns / 1000000),
						      wait->target ? wait->target : "what the section names");
	if (wait->last && lade_finding_describe(lade_error_finding(wait->last, 0), &info) == 0) {
		finding_program(finding, info.program);
		finding_cause(finding, "%s", info.message);
		for (size_t i = 0; i < info.evidence_count; i++)
			finding_evidence(finding, "%s", info.evidence[i]);
	}
	return -ETIMEDOUT;
}

/* 1: it is attached; 0: not yet, and `last` says why. */
static int attempt(struct lade_attach_wait *wait, struct lade_error **error)
{
	bool is_absent = watch_target(wait); /* before the attempt: what comes after it wakes us */
	if (is_absent && wait->last)
		return 0;
	wait->last = lade_error_free(wait->last);
	int result = lade_instance_attach(wait->instance, wait->program, wait->target, &wait->last);
	if (result == 0)
		return 1;
	if (is_not_yet(wait->last))
		return 0;
	lade_error_merge(error, &wait->last);
	return result;
}

LADE_API int lade_attach_wait_try(struct lade_attach_wait *wait, struct lade_error **error)
{
	drain(wait);
	int result = attempt(wait, error);
	if (result != 0)
		return result;
	if (wait->timeout_ns && now_ns() - wait->started_ns >= wait->timeout_ns)
		return refuse_timeout(wait, error);
	set_timer(wait);
	return 0;
}

LADE_API int lade_attach_wait_fd(const struct lade_attach_wait *wait)
{
	return wait->epoll;
}

LADE_API const struct lade_error *lade_attach_wait_why(const struct lade_attach_wait *wait)
{
	return wait->last;
}

LADE_API struct lade_attach_wait *lade_attach_wait_close(struct lade_attach_wait *wait)
{
	if (!wait)
		return NULL;
	(void)fd_close(wait->timer);
	(void)fd_close(wait->inotify);
	(void)fd_close(wait->uevents);
	(void)fd_close(wait->epoll);
	(void)lade_error_free(wait->last);
	free(wait->program);
	free(wait->target);
	free(wait);
	return NULL;
}

DEFINE_CLEANUP(struct lade_attach_wait, attach_wait, lade_attach_wait_close)

static int open_descriptors(struct lade_attach_wait *wait)
{
	wait->epoll = epoll_create1(EPOLL_CLOEXEC);
	wait->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (wait->epoll < 0 || wait->timer < 0)
		return -errno;
	int result = watch(wait->epoll, wait->timer);
	wait->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (result == 0 && wait->inotify >= 0)
		result = watch(wait->epoll, wait->inotify);
	if (result == 0)
		listen_for_uevents(wait);
	return result;
}

static int fill(struct lade_attach_wait *wait, const char *program, const char *target,
		const struct lade_attach_wait_opts *opts)
{
	wait->started_ns = now_ns();
	wait->timeout_ns = (uint64_t)opts->timeout_ms * 1000000;
	wait->interval_ns = (uint64_t)(opts->interval_ms ? opts->interval_ms : INTERVAL_MS) * 1000000;
	wait->program = program ? strdup(program) : NULL;
	wait->target = target ? strdup(target) : NULL;
	if (!wait->program != !program || !wait->target != !target)
		return -ENOMEM;
	return open_descriptors(wait);
}

LADE_API int lade_attach_wait_open(struct lade_instance *instance, const char *program, const char *target,
				   const struct lade_attach_wait_opts *opts, struct lade_attach_wait **ret_wait,
				   struct lade_error **error)
{
	CLEANUP(cleanup_attach_wait) struct lade_attach_wait *wait = calloc(1, sizeof *wait);
	struct lade_attach_wait_opts known;
	int result = opts_read(&known, sizeof known, opts);
	if (result < 0)
		return lade_fail(error, -result, "internal.options", "struct lade_attach_wait_opts: %s",
				 strerror(-result));
	if (!wait)
		return lade_fail_memory(error);
	wait->instance = instance;
	wait->epoll = wait->timer = wait->inotify = wait->uevents = -1;
	result = fill(wait, program, target, &known);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0)
		return lade_fail(error, -result, "attach.descriptors", "waiting for %s: %s",
				 target ? target : "a target", strerror(-result));
	*ret_wait = TAKE(wait);
	return 0;
}

/* ---- all in one ---- */

static int sleep_until_woken(const struct lade_attach_wait *wait, int cancel_fd, struct lade_error **error)
{
	struct pollfd fds[] = { { .fd = cancel_fd, .events = POLLIN }, { .fd = wait->epoll, .events = POLLIN } };
	const char *what = wait->target ? wait->target : "what the section names";
	if (poll(fds, ELEMENTS(fds), -1) < 0)
		return lade_fail(error, errno, "attach.cancelled", "waiting for %s: %s", what, strerror(errno));
	if (fds[0].revents)
		return lade_fail(error, ECANCELED, "attach.cancelled", "waiting for %s was ended", what);
	return 0;
}

LADE_API int lade_attach_wait(struct lade_instance *instance, const char *program, const char *target,
			      const struct lade_attach_wait_opts *opts, int cancel_fd, struct lade_error **error)
{
	CLEANUP(cleanup_attach_wait) struct lade_attach_wait *wait = NULL;
	int result = lade_attach_wait_open(instance, program, target, opts, &wait, error);
	if (result < 0)
		return result;
	for (;;) {
		result = lade_attach_wait_try(wait, error);
		if (result != 0)
			return result < 0 ? result : 0;
		result = sleep_until_woken(wait, cancel_fd, error);
		if (result < 0)
			return result;
	}
}
