/* SPDX-License-Identifier: BSD-2-Clause */
/* memmem() for lines: they are short, and what a C library prepares for a search costs more than the search. And for
 * whole texts, sixteen bytes at a time. */
#ifndef LADE_EXPLAIN_READING_SEARCH_H
#define LADE_EXPLAIN_READING_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline const char *lade_search(const char *text, size_t length, const char *wanted, size_t bytes)
{
	if (!bytes || length < bytes)
		return bytes ? NULL : text;
	const char *last = text + length - bytes;
	for (const char *at = text; at <= last; at++) {
		at = memchr(at, *wanted, (size_t)(last - at) + 1);
		if (!at || memcmp(at, wanted, bytes) == 0)
			return at;
	}
	return NULL;
}

typedef unsigned char lade_bytes __attribute__((vector_size(16)));

/* May one of sixteen places hold it: its first byte there, and its last where that would be? */
static inline bool lade_may_hold(const char *at, const char *wanted, size_t bytes)
{
	lade_bytes first, last;
	uint64_t halves[2];

	memcpy(&first, at, sizeof first);
	memcpy(&last, at + bytes - 1, sizeof last);
	const lade_bytes both =
		(lade_bytes)((first == (unsigned char)*wanted) & (last == (unsigned char)wanted[bytes - 1]));
	memcpy(halves, &both, sizeof halves);
	return (halves[0] | halves[1]) != 0;
}

static inline const char *lade_search_long(const char *text, size_t length, const char *wanted, size_t bytes)
{
	const char *at = text, *end = text + length;

	if (!bytes)
		return text;
	for (; (size_t)(end - at) >= sizeof(lade_bytes) + bytes - 1; at += sizeof(lade_bytes)) {
		const char *found = lade_may_hold(at, wanted, bytes)
					    ? lade_search(at, sizeof(lade_bytes) + bytes - 1, wanted, bytes)
					    : NULL;
		if (found)
			return found;
	}
	return lade_search(at, (size_t)(end - at), wanted, bytes);
}

/* Has the text one of the words? */
static inline bool lade_search_any(const char *text, size_t length, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (lade_search_long(text, length, words[i], strlen(words[i])))
			return true;
	return false;
}

#endif
