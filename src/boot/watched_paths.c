/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/watched_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"

#define EVENTS  (IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define LOOK_NS 250000000L

static int wake_by(struct watched_paths *watched, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	return epoll_ctl(watched->wake, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* The step back where something cannot be watched. */
static void look_often(struct watched_paths *watched)
{
	const struct itimerspec often = { .it_interval = { .tv_nsec = LOOK_NS }, .it_value = { .tv_nsec = LOOK_NS } };
	if (watched->timer >= 0)
		return;
	watched->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watched->timer >= 0 &&
	    (timerfd_settime(watched->timer, 0, &often, NULL) < 0 || wake_by(watched, watched->timer, EPOLLIN) < 0))
		watched->timer = fd_close(watched->timer);
}

int lade_watched_paths_open(struct watched_paths *watched)
{
	*watched = (struct watched_paths){ .wake = -1, .inotify = -1, .mounts = -1, .process = -1, .timer = -1 };
	watched->wake = epoll_create1(EPOLL_CLOEXEC);
	if (watched->wake < 0)
		return -errno;
	watched->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watched->inotify >= 0 && wake_by(watched, watched->inotify, EPOLLIN) < 0)
		watched->inotify = fd_close(watched->inotify);
	watched->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (watched->mounts >= 0 && wake_by(watched, watched->mounts, EPOLLPRI | EPOLLERR) < 0)
		watched->mounts = fd_close(watched->mounts);
	if (watched->inotify >= 0 && watched->mounts >= 0)
		return 0;
	look_often(watched);
	return watched->timer < 0 ? -EMFILE : 0;
}

void lade_watched_paths_clear(struct watched_paths *watched)
{
	int *const all[] = { &watched->inotify, &watched->mounts, &watched->process, &watched->timer, &watched->wake };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		*all[i] = fd_close(*all[i]);
}

static void drain(int fd)
{
	char buffer[4096];
	while (fd >= 0 && read(fd, buffer, sizeof buffer) > 0)
		;
}

void lade_watched_paths_drain(struct watched_paths *watched)
{
	struct epoll_event event;
	drain(watched->inotify);
	drain(watched->timer);
	/* Mounts: the kernel forgets a change once it was reported. */
	while (epoll_wait(watched->wake, &event, 1, 0) > 0 && event.data.fd == watched->mounts)
		;
}

/* ---- paths ---- */

/* Directory of a path that may be its own scratch: "/run/lade/x" → "/run/lade" → "/run" → "/". False above "/". */
static bool to_parent(char *path)
{
	char *slash = strrchr(path, '/');
	if (!slash || !path[1])
		return false;
	while (slash > path && slash[-1] == '/')
		slash--;
	slash[slash == path] = '\0';
	return true;
}

/* Watches what lies nearest above; *ret_depth: how many characters of the path that is. */
static int watch_nearest(const struct watched_paths *watched, const char *path, size_t *ret_depth)
{
	char scratch[PATH_MAX];
	int r = -ENOENT;
	if (strlen(path) >= sizeof scratch)
		return -ENAMETOOLONG;
	strcpy(scratch, path); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy): it fits */
	while (r < 0 && to_parent(scratch)) {
		r = inotify_add_watch(watched->inotify, scratch, EVENTS) < 0 ? -errno : 0;
		if (r < 0 && r != -ENOENT && r != -ENOTDIR)
			return r;
	}
	*ret_depth = strlen(scratch);
	return r;
}

void lade_watch_path(struct watched_paths *watched, const char *path)
{
	size_t depth = 0, before = SIZE_MAX;
	/* A directory may come between the try to watch it and the watch of the one above: once more, until it stands.
	 */
	for (unsigned tries = 0; watched->inotify >= 0 && depth != before && tries < PATH_MAX; tries++) {
		before = depth;
		if (watch_nearest(watched, path, &depth) < 0) {
			look_often(watched);
			return;
		}
	}
}

/* ---- the process ---- */

void lade_watch_process(struct watched_paths *watched, int pid)
{
	if (pid == watched->pid)
		return;
	watched->process = fd_close(watched->process);
	watched->pid = pid;
	if (pid <= 0)
		return;
	watched->process = (int)syscall(SYS_pidfd_open, pid, 0); /* since 5.3 */
	if (watched->process < 0 && errno == ESRCH)
		return;
	/* Once: the descriptor stays readable. */
	if (watched->process < 0 || wake_by(watched, watched->process, EPOLLIN | EPOLLONESHOT) < 0) {
		watched->process = fd_close(watched->process);
		look_often(watched);
	}
}
