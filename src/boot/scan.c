/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

void lade_boot_files_clear(struct boot_files *files)
{
	array_foreach(file, files) {
		free(file->path);
		free(file->real);
		free(file->leaf);
	}
	array_clear(files);
}

/* ---- below a root ---- */

/* As if root were /: kernels have that since 5.6. */
static int open_in_root(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long fd = syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

/* What the descriptor is, as a path; NULL: nobody knows. */
static char *path_of(int fd)
{
	char link[64], path[PATH_MAX];

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path);
	return length > 0 && (size_t)length < sizeof path ? strndup(path, (size_t)length) : NULL;
}

/* Older kernels: what the path leads to must lie below the root. */
static int open_checked(const char *root, const char *path, int flags)
{
	CLEANUP(cleanup_free) char *whole = NULL;
	CLEANUP(cleanup_free) char *real = NULL;
	CLEANUP(cleanup_free) char *real_root = realpath(root, NULL);

	if (asprintf(&whole, "%s/%s", root, path) < 0) {
		whole = NULL;
		return -ENOMEM;
	}
	real = realpath(whole, NULL);
	if (!real || !real_root)
		return -errno;
	size_t length = strlen(real_root);
	if (strncmp(real, real_root, length) != 0 || (real[length] && real[length] != '/'))
		return -EXDEV;
	int fd = open(real, flags);
	return fd < 0 ? -errno : fd;
}

static int open_below(const char *root, const char *path, int flags)
{
	if (!root) {
		int fd = open(path, flags);
		return fd < 0 ? -errno : fd;
	}
	CLEANUP(cleanup_fd) int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	int fd = open_in_root(root_fd, path, flags);
	return fd == -ENOSYS || fd == -EINVAL ? open_checked(root, path, flags) : fd;
}

/* ---- a directory ---- */

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length > tail && strcmp(name + length - tail, end) == 0;
}

static int by_leaf(const void *left, const void *right)
{
	return strcmp(((const struct boot_file *)left)->leaf, ((const struct boot_file *)right)->leaf);
}

static char *join(const char *directory, const char *leaf)
{
	size_t length = strlen(directory);
	char *path = NULL;

	while (length > 1 && directory[length - 1] == '/')
		length--;
	return asprintf(&path, "%.*s/%s", (int)length, directory, leaf) < 0 ? NULL : path;
}

/* Where the entry lies in truth, for an entry below a root. Link or not: its directory may be one. */
static int resolve(const char *root, const char *directory, struct boot_file *file)
{
	CLEANUP(cleanup_free) char *inside = join(directory, file->leaf);
	CLEANUP(cleanup_fd) int fd = inside ? open_below(root, inside, O_PATH | O_CLOEXEC) : -ENOMEM;

	if (fd == -ENOMEM)
		return fd;
	file->real = fd < 0 ? NULL : path_of(fd);
	file->absent = !file->real;
	return 0;
}

static int add(const char *root, const char *directory, const char *leaf, struct boot_files *files)
{
	struct boot_file *file = array_push(files);
	CLEANUP(cleanup_free) char *shown = root ? join(root, *directory == '/' ? directory + 1 : directory) : NULL;

	if (!file || (root && !shown))
		return -ENOMEM;
	file->leaf = strdup(leaf);
	file->path = join(shown ? shown : directory, leaf);
	if (!file->leaf || !file->path)
		return -ENOMEM;
	return root ? resolve(root, directory, file) : 0;
}

static int scan(const char *root, const char *directory, const char *suffix, DIR *stream, struct boot_files *files)
{
	struct dirent *entry;
	int r = 0;

	while (r == 0 && (errno = 0, entry = readdir(stream)))
		if (suffix ? ends_in(entry->d_name, suffix)
			   : ends_in(entry->d_name, ".o") || ends_in(entry->d_name, ".bpf"))
			r = add(root, directory, entry->d_name, files);
	return r < 0 ? r : -errno;
}

int lade_boot_scan(const char *root, const char *directory, const char *suffix, struct boot_files *ret_files,
		   struct lade_error **error)
{
	struct boot_files files = { 0 };
	int fd = open_below(root, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	int r = fd < 0 ? fd : stream ? scan(root, directory, suffix, stream, &files) : -errno;

	if (stream)
		(void)closedir(stream);
	else
		(void)fd_close(fd);
	if (r < 0) {
		lade_boot_files_clear(&files);
		if (r == -ENOENT)
			return r;
		return lade_fail(error, -r, "boot.directory.read", "reading the directory %s%s: %s", root ? root : "",
				 directory, strerror(-r));
	}
	lade_sort(files.items, files.count, sizeof *files.items, by_leaf);
	*ret_files = files;
	return 0;
}
