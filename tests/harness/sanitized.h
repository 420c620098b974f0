/* SPDX-License-Identifier: BSD-2-Clause */
/* What ThreadSanitizer cannot follow, and tests that want it leave out, saying why. */
#ifndef LADE_TESTS_SANITIZED_H
#define LADE_TESTS_SANITIZED_H

#include <stdbool.h>
#include <stdio.h>

/* Is this a tree of ThreadSanitizer's? Says on stderr what is in its way. */
static inline bool thread_sanitizer_forbids(const char *what)
{
#ifdef __SANITIZE_THREAD__
	(void)fprintf(stderr, "ThreadSanitizer: %s\n", what);
	return true;
#else
	(void)what;
	return false;
#endif
}

#endif
