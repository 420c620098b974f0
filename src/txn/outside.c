/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths outside that must not lead elsewhere. What a policy or an object names is walked component by component, each
 * opened below the one before and never through a symbolic link; what is done there is done relative to what was
 * opened, by /proc/thread-self/fd, which every kernel takes for pins as well (BPF_F_PATH_FD only since 6.5).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "txn/internal.h"

#define OPEN_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define MADE_MODE  0755

struct walk {
	const char *bpffs;
	struct kernel *kernel;
	struct txn *maker; /* NULL: makes nothing */
	const char *path;
	int directory; /* so far */
	struct lade_error **error;
};

void lade_outside_self(int fd, char ret_at[OUTSIDE_PATH_BYTES])
{
	(void)snprintf(ret_at, OUTSIDE_PATH_BYTES, "/proc/thread-self/fd/%d", fd);
}

void lade_outside_at(int directory, const char *path, char ret_at[OUTSIDE_PATH_BYTES])
{
	(void)snprintf(ret_at, OUTSIDE_PATH_BYTES, "/proc/thread-self/fd/%d/%s", directory, lade_path_leaf(path));
}

char *lade_outside_beside(const char *path)
{
	enum { LEAF_BYTES = 200 };
	CLEANUP(cleanup_free) char *parent = lade_path_parent(path);
	CLEANUP(cleanup_free) char *leaf = strndup(lade_path_leaf(path), LEAF_BYTES);
	return parent && leaf ? lade_txn_id_path(parent, leaf, false) : NULL;
}

/* ---- findings ---- */

static int fail_path(const struct walk *walk, const char *why)
{
	return lade_fail(walk->error, EINVAL, "pin.path", "nothing can be pinned at \"%s\": %s", walk->path, why);
}

static int fail_elsewhere(const struct walk *walk, size_t length, const char *what)
{
	struct lade_finding *finding =
		lade_error_add(walk->error, EEXIST, "pin.outside", "%s cannot hold a pin: %.*s is %s", walk->path,
			       (int)length, walk->path, what);
	finding_fix(finding, "remove %.*s, or name another place", (int)length, walk->path);
	return -EEXIST;
}

/* ---- the way ---- */

/* The kernel refuses names with dots in a bpffs, with nothing but EPERM. */
static int check_words(const struct walk *walk)
{
	if (!lade_path_is_clean(walk->path))
		return fail_path(walk, "a place is an absolute path without empty, . and .. components");
	const char *last = walk->path;
	for (const char *item = walk->path; *item; last = item) {
		item += 1 + strcspn(item + 1, "/");
		if (item - last > NAME_MAX + 1)
			return fail_path(walk, "a component is too long");
	}
	if (strchr(lade_path_leaf(walk->path), '.'))
		return fail_path(walk, "a bpffs takes no dots in names");
	return 0;
}

static int fail_step(const struct walk *walk, const char *doing, int result, size_t length)
{
	CLEANUP(cleanup_free) char *path = strndup(walk->path, length);
	if (result == -ELOOP || result == -ENOTDIR)
		return fail_elsewhere(walk, length, "a symbolic link or no directory");
	return lade_pin_fail(walk->kernel, result, "pin.mkdir", doing, path ? path : walk->path, walk->error);
}

/* What umask took away comes back. */
static int fix_mode(const struct walk *walk, int fd)
{
	char at[OUTSIDE_PATH_BYTES];
	struct stat status;
	if (fstat(fd, &status) < 0)
		return -errno;
	if ((status.st_mode & 07777) == MADE_MODE)
		return 0;
	lade_outside_self(fd, at);
	return walk->kernel->calls->chmod(walk->kernel, at, MADE_MODE);
}

/* walk->path up to length is missing. */
static int make(const struct walk *walk, const char *name, size_t length)
{
	char at[OUTSIDE_PATH_BYTES];
	CLEANUP(cleanup_free) char *path = strndup(walk->path, length);
	if (!path)
		return -ENOMEM;
	lade_outside_at(walk->directory, name, at);
	int result = lade_txn_make_outside(walk->maker, path, at, MADE_MODE);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd) int fd = openat(walk->directory, name, OPEN_FLAGS);
	if (fd < 0)
		return -errno;
	result = fix_mode(walk, fd);
	return result < 0 ? result : take_fd(&fd);
}

/* Opens the component at start; *ret_end: behind it. */
static int step(struct walk *walk, const char *start, const char **ret_end)
{
	size_t bytes = strcspn(start, "/"), length = (size_t)(start - walk->path) + bytes;
	char name[NAME_MAX + 1];
	(void)snprintf(name, sizeof name, "%.*s", (int)bytes, start);
	int fd = openat(walk->directory, name, OPEN_FLAGS);
	if (fd < 0)
		fd = errno == ENOENT && walk->maker ? make(walk, name, length) : -errno;
	if (fd == -ENOENT && !walk->maker)
		return fd;
	if (fd < 0)
		return fail_step(walk, "making the directory", fd, length);
	(void)fd_close(walk->directory);
	walk->directory = fd;
	*ret_end = start + bytes;
	return 0;
}

/* The directory that the place lies in is one of the bpffs that we began in, or at least of one. */
static int check_device(struct walk *walk, bool below, dev_t device)
{
	char at[OUTSIDE_PATH_BYTES];
	struct stat status;
	size_t length = (size_t)(lade_path_leaf(walk->path) - 1 - walk->path);
	lade_outside_self(walk->directory, at);
	int result = walk->kernel->calls->is_bpffs(walk->kernel, at);
	if (result < 0)
		return lade_pin_fail(walk->kernel, result, "pin.not-bpffs", "looking at", walk->path, walk->error);
	if (result == 0)
		return lade_fail(walk->error, EINVAL, "pin.not-bpffs",
				 "%s cannot hold a pin: its directory is not on a bpffs", walk->path);
	if (below && (fstat(walk->directory, &status) < 0 || status.st_dev != device))
		return fail_elsewhere(walk, length, "on another file system");
	return 0;
}

static int go(struct walk *walk)
{
	const char *bpffs = walk->bpffs, *leaf = lade_path_leaf(walk->path);
	bool below = lade_path_is_below(walk->path, bpffs) && strcmp(walk->path, bpffs) != 0;
	const char *at = walk->path + (below ? strlen(bpffs) : 0);
	struct stat status = { 0 };
	walk->directory = open(below ? bpffs : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk->directory < 0 || fstat(walk->directory, &status) < 0)
		return errno == ENOENT && !walk->maker
			       ? -ENOENT
			       : lade_pin_fail(walk->kernel, -errno, "pin.not-bpffs", "opening", bpffs, walk->error);
	while (at + 1 < leaf) {
		int result = step(walk, at + 1, &at);
		if (result < 0)
			return result;
	}
	return check_device(walk, below, status.st_dev);
}

int lade_outside_parent(const char *bpffs, struct kernel *kernel, struct txn *maker, const char *path,
			struct lade_error **error)
{
	struct walk walk = { bpffs, kernel, maker, path, -1, error };
	int result = check_words(&walk);
	if (result == 0)
		result = go(&walk);
	if (result < 0) {
		(void)fd_close(walk.directory);
		return result;
	}
	return walk.directory;
}
