/* SPDX-License-Identifier: BSD-2-Clause */
/* What a call of the fault kernel fails with. */
#ifndef LADE_TESTS_ERRNOS_H
#define LADE_TESTS_ERRNOS_H

#include <errno.h>
#include <stdlib.h>

static const int harness_errnos[] = { EPERM,  EINVAL, ENOMEM, E2BIG,  ENOSYS, EACCES, EEXIST,    EBUSY,
				      EAGAIN, ENOENT, ENOSPC, EMFILE, EROFS,  EBADF,  EOPNOTSUPP };

enum { ALL_ERRNOS = sizeof harness_errnos / sizeof *harness_errnos };

/* An emulated processor is some 20 times slower, and what is tested is on our side of the kernel's door: one for each.
 */
static inline size_t errnos_each(size_t most)
{
	return getenv("LADE_EMULATED") ? 1 : most;
}

/* The i-th errno of the nth call. Its neighbours get others: every kind of call is made more than once. */
static inline int errno_of_call(unsigned nth, size_t i)
{
	return harness_errnos[(nth + 4 * i) % ALL_ERRNOS];
}

#endif
