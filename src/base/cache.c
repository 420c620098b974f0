/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/cache.h"

#include <fcntl.h>

#include "base/cleanup.h"

#define DIRECTORY_MODE   0755
#define WRITABLE_BY_MORE (S_IWGRP | S_IWOTH)

bool lade_cache_is_trusted(int fd, mode_t format, struct stat *ret_status)
{
	return fstat(fd, ret_status) == 0 && (ret_status->st_mode & S_IFMT) == format &&
	       !(ret_status->st_mode & WRITABLE_BY_MORE) &&
	       (ret_status->st_uid == geteuid() || ret_status->st_uid == 0);
}

int lade_cache_open(const char *cache, const char *name, bool create)
{
	struct stat status;
	if (create)
		(void)mkdir(cache, DIRECTORY_MODE);
	CLEANUP(cleanup_fd) int outer = open(cache, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (outer < 0 || !lade_cache_is_trusted(outer, S_IFDIR, &status))
		return -1;
	if (create)
		(void)mkdirat(outer, name, DIRECTORY_MODE);
	CLEANUP(cleanup_fd) int inner = openat(outer, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return inner >= 0 && lade_cache_is_trusted(inner, S_IFDIR, &status) ? take_fd(&inner) : -1;
}
