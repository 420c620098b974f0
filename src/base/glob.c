/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/glob.h"

#include <stddef.h>
#include <string.h>

bool lade_is_glob(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

/* Only the last star needs to be tried again: what an earlier one could take, it can take as well. */
bool lade_glob_matches(const char *pattern, const char *text)
{
	const char *after_star = NULL, *taken = NULL;

	while (*text) {
		if (*pattern == '*') {
			after_star = ++pattern;
			taken = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (after_star) {
			pattern = after_star;
			text = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
