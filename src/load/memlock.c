/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernels before 5.11 charge maps and programs to RLIMIT_MEMLOCK (64 KiB by default) and answer EPERM when it is
 * used up. The limit is raised only then, and only where the context allows it.
 */
#include <errno.h>

#include "load/loader.h"

#define MEMCG_ACCOUNTING ((5u << 16) | (11u << 8)) /* KERNEL_VERSION(5, 11, 0): charged to the cgroup instead */

bool lade_load_raise_memlock(const struct loader *loader, int refused)
{
	if (refused != -EPERM || !loader->context->raise_memlock)
		return false;
	if (lade_kernel_version(loader->kernel) >= MEMCG_ACCOUNTING)
		return false;
	return loader->kernel->calls->raise_memlock(loader->kernel) >= 0;
}
