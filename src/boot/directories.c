/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Android makes its directories writable for everybody (01777). Here root's services find their pins in them, so only
 * root may write there.
 */
#include "boot/directories.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "txn/internal.h"

#define MODE 0755

static int foreign(const char *path, const char *why, struct lade_error **error)
{
	return lade_fail(error, EPERM, "boot.directory.foreign", "%s %s: nothing is pinned below it", path, why);
}

static int check(const char *path, const struct stat *status, struct lade_error **error)
{
	if (S_ISLNK(status->st_mode))
		return foreign(path, "is a symbolic link", error);
	if (!S_ISDIR(status->st_mode))
		return foreign(path, "is no directory", error);
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return foreign(path, "belongs to another user", error);
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) && !(status->st_mode & S_ISVTX))
		return foreign(path, "lets others remove what is in it", error);
	return 0;
}

/* The umask may have taken bits away. */
static int widen(struct kernel *kernel, const char *path)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return -errno;
	return (status.st_mode & 07777) == MODE ? 0 : kernel->calls->chmod(kernel, path, MODE);
}

static int make(struct kernel *kernel, const char *path, struct lade_error **error)
{
	struct stat status;
	int r = kernel->calls->mkdir(kernel, path, MODE);

	if (r >= 0)
		r = widen(kernel, path);
	else if (r == -EEXIST && lstat(path, &status) == 0)
		return check(path, &status, error);
	return r < 0 ? lade_pin_fail(kernel, r, "boot.directory.make", "making the directory", path, error) : 0;
}

int lade_boot_make_directory(struct kernel *kernel, const char *bpffs, const char *prefix, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s", bpffs);
	int r = path ? 0 : lade_fail_memory(error);

	while (r == 0 && *prefix) {
		size_t length = strcspn(prefix, "/");
		if (length) {
			char *longer = lade_path("%s/%.*s", path, (int)length, prefix);
			free(path);
			path = longer;
			if (!path)
				return lade_fail_memory(error);
			r = lade_path_is_clean(path)
				    ? make(kernel, path, error)
				    : lade_fail(error, EINVAL, "boot.directory.foreign", "%s leaves bpffs", path);
		}
		prefix += length;
		prefix += strspn(prefix, "/");
	}
	return r;
}
