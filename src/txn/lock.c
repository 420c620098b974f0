/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at other people's locks. They hold an exclusive one; a shared one is refused while they do. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "kernel/files.h"
#include "txn/internal.h"

static int lock_shared(const char *directory, int flags)
{
	CLEANUP(cleanup_fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return flock(fd, LOCK_SH | flags) < 0 ? -errno : 0;
}

bool lade_lock_held(const char *directory)
{
	return lock_shared(directory, LOCK_NB) == -EWOULDBLOCK;
}

int lade_lock_wait(const char *directory)
{
	return lock_shared(directory, 0);
}
