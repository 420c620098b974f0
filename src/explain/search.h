/* SPDX-License-Identifier: BSD-2-Clause */
/* memmem() for lines: they are short, and what a C library prepares for a search costs more than the search. */
#ifndef LADE_EXPLAIN_SEARCH_H
#define LADE_EXPLAIN_SEARCH_H

#include <stddef.h>
#include <string.h>

static inline const char *lade_search(const char *text, size_t length, const char *wanted, size_t bytes)
{
	const char *last = text + length - bytes;

	if (!bytes || length < bytes)
		return bytes ? NULL : text;
	for (const char *at = text; at <= last; at++) {
		at = memchr(at, *wanted, (size_t)(last - at) + 1);
		if (!at || memcmp(at, wanted, bytes) == 0)
			return at;
	}
	return NULL;
}

#endif
