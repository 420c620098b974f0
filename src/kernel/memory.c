/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000 /* since 4.17 */
#endif

/* An object names the address: what lies there already must stay. */
int lade_memory_map(int fd, uint64_t address, size_t bytes, void **ret_start)
{
	void *wanted = (void *)(uintptr_t)address; /* NOLINT(performance-no-int-to-ptr) */
	int flags = address ? MAP_SHARED | MAP_FIXED_NOREPLACE : MAP_SHARED;
	void *start = mmap(wanted, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (start == MAP_FAILED)
		return -errno;
	if (address && start != wanted) { /* a kernel that took the address for a hint */
		(void)munmap(start, bytes);
		return -EEXIST;
	}
	*ret_start = start;
	return 0;
}

void lade_memory_unmap(void *start, size_t bytes)
{
	if (start)
		(void)munmap(start, bytes);
}

/* The kernel copies, because a page that it will not give would kill us otherwise. */
int lade_memory_write(void *to, const void *from, size_t bytes)
{
	size_t done = 0;
	while (done < bytes) {
		struct iovec source = { (char *)(uintptr_t)from + done, bytes - done };
		struct iovec target = { (char *)to + done, bytes - done };
		ssize_t count = process_vm_writev(getpid(), &source, 1, &target, 1, 0);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? -errno : -EFAULT;
		done += (size_t)count;
	}
	return 0;
}
