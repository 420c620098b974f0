/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/large.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *lade_large_alloc(size_t bytes)
{
	void *memory = NULL;

	if (bytes < LARGE_PAGE)
		return malloc(bytes);
	if (posix_memalign(&memory, LARGE_PAGE, bytes) != 0)
		return NULL;
	/* Only whole ones: memory that nobody asked for would be used otherwise. A kernel without them says no. */
	(void)madvise(memory, bytes - bytes % LARGE_PAGE, MADV_HUGEPAGE);
	return memory;
}

void *lade_large_calloc(size_t bytes)
{
	void *memory;

	if (bytes < LARGE_PAGE)
		return calloc(1, bytes);
	memory = lade_large_alloc(bytes);
	return memory ? memset(memory, 0, bytes) : NULL;
}
