/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/kept_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cache.h"
#include "base/cleanup.h"
#include "base/file.h"

#define FILE_MODE      0644
#define DIRECTORY_MODE 0755
#define TRIES          16

/* ---- the directory ---- */

/* Ours even where the umask takes bits away: others have to read. */
static int make_one(const char *path)
{
	if (mkdir(path, DIRECTORY_MODE) < 0)
		return errno == EEXIST ? 0 : -errno;
	return chmod(path, DIRECTORY_MODE) < 0 ? -errno : 0;
}

static int make_all(const char *directory)
{
	CLEANUP(cleanup_free) char *path = strdup(directory);
	if (!path)
		return -ENOMEM;
	int r = 0;
	for (char *slash = strchr(path + 1, '/'); r == 0 && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = make_one(path);
		*slash = '/';
	}
	return r < 0 ? r : make_one(path);
}

static int open_directory(const char *directory)
{
	struct stat status;
	CLEANUP(cleanup_fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return lade_cache_is_trusted(fd, S_IFDIR, &status) ? take_fd(&fd) : -EPERM;
}

/* ---- writing ---- */

/* ".NAME.THREAD": two writers never share one. */
static void temporary_name(char buffer[NAME_MAX + 1], const char *name)
{
	(void)snprintf(buffer, NAME_MAX + 1, ".%s.%ld", name, syscall(SYS_gettid));
}

/* Is it the temporary file of somebody who was killed? */
static bool is_left_over(const char *entry, const char *name)
{
	size_t length = strlen(name);
	if (entry[0] != '.' || strncmp(entry + 1, name, length) != 0 || entry[length + 1] != '.')
		return false;
	char *end;
	long thread = strtol(entry + length + 2, &end, 10);
	return thread > 0 && thread <= INT_MAX && !*end && kill((pid_t)thread, 0) < 0 && errno == ESRCH;
}

static void sweep(int directory, const char *name)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	if (!list) {
		(void)fd_close(fd);
		return;
	}
	for (const struct dirent *entry = readdir(list); entry; entry = readdir(list))
		if (is_left_over(entry->d_name, name))
			(void)unlinkat(directory, entry->d_name, 0);
	(void)closedir(list);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t done = write(fd, bytes, length);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		bytes += done;
		length -= (size_t)done;
	}
	return 0;
}

static int write_new(int directory, const char *temporary, const void *bytes, size_t length)
{
	(void)unlinkat(directory, temporary, 0); /* of a thread that had our number */
	CLEANUP(cleanup_fd)
	int fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return -errno;
	int r = fchmod(fd, FILE_MODE) < 0 ? -errno : write_all(fd, bytes, length);
	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

static int replace_file(int directory, const char *name, const void *bytes, size_t length)
{
	char temporary[NAME_MAX + 1];
	temporary_name(temporary, name);
	int r = write_new(directory, temporary, bytes, length);
	if (r == 0 && renameat(directory, temporary, directory, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(directory, temporary, 0);
	else
		(void)fsync(directory);
	return r;
}

int lade_kept_write(const char *directory, const char *name, const void *bytes, size_t length)
{
	int r = make_all(directory);
	if (r < 0)
		return r;
	CLEANUP(cleanup_fd) int fd = open_directory(directory);
	if (fd < 0)
		return fd;
	sweep(fd, name);
	/* Somebody in another PID namespace may have swept what he took for a left-over. */
	for (unsigned i = 0; i < TRIES; i++) {
		r = replace_file(fd, name, bytes, length);
		if (r != -ENOENT)
			break;
	}
	return r;
}

int lade_kept_remove(const char *directory, const char *name)
{
	CLEANUP(cleanup_fd) int fd = open_directory(directory);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return unlinkat(fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* ---- reading ---- */

static int read_bounded(int fd, size_t size, char **ret_text, size_t *ret_length)
{
	CLEANUP(cleanup_free) char *text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	ssize_t length = lade_read_whole(fd, text, size);
	if (length < 0)
		return (int)length;
	text[length] = '\0';
	*ret_text = TAKE(text);
	*ret_length = (size_t)length;
	return 0;
}

int lade_kept_read(const char *directory, const char *name, size_t max, char **ret_text, size_t *ret_length)
{
	struct stat status;
	CLEANUP(cleanup_fd) int outer = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (outer < 0)
		return -errno;
	/* O_NONBLOCK: a FIFO of that name must not make us wait. */
	CLEANUP(cleanup_fd) int fd = openat(outer, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!lade_cache_is_trusted(fd, S_IFREG, &status))
		return -EPERM;
	if (status.st_size < 0 || (uint64_t)status.st_size > max)
		return -EFBIG;
	return read_bounded(fd, (size_t)status.st_size, ret_text, ret_length);
}
