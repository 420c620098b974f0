/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static int result_of(int result)
{
	return result < 0 ? -errno : result;
}

int lade_fd_above_standard(int fd)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int moved = result_of(fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
	(void)fd_close(fd);
	return moved;
}

int lade_file_mkdir(const char *path, mode_t mode)
{
	return result_of(mkdir(path, mode));
}

int lade_file_rmdir(const char *path)
{
	return result_of(rmdir(path));
}

int lade_file_unlink(const char *path)
{
	return result_of(unlink(path));
}

int lade_file_symlink(const char *text, const char *path)
{
	return result_of(symlink(text, path));
}

int lade_file_append(const char *path, const char *text)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t written = write(fd, text, strlen(text));
	if (written < 0)
		return -errno;
	return (size_t)written == strlen(text) ? 0 : -EIO;
}

int lade_file_rename(const char *from, const char *to, unsigned flags)
{
	return result_of(renameat2(AT_FDCWD, from, AT_FDCWD, to, flags));
}

int lade_file_link(const char *from, const char *to)
{
	return result_of(link(from, to));
}

int lade_file_chmod(const char *path, mode_t mode)
{
	return result_of(chmod(path, mode));
}

int lade_file_chown(const char *path, uid_t uid, gid_t gid)
{
	return result_of(chown(path, uid, gid));
}

int lade_file_lock(const char *directory, bool wait)
{
	CLEANUP(cleanup_fd)
	int fd = lade_fd_above_standard(result_of(open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)));
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0)
		return -errno;
	return take_fd(&fd);
}

int lade_file_truncate(const char *path)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return fd < 0 ? -errno : close(fd) < 0 ? -errno : 0;
}
