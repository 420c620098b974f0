/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/settle/quoted_name.h"

#include <string.h>

#define QUOTE_BYTES 3 /* gcc and GNU ld write signs of three bytes around names */

struct span lade_name_at(const char *at)
{
	struct span name = { at, 0 };

	while (lade_is_of_name(at[name.length]))
		name.length++;
	return name;
}

struct span lade_name_behind(const char *line, const char *const *marks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *at = strstr(line, marks[i]);
		if (!at)
			continue;
		at += strlen(marks[i]);
		for (unsigned quotes = 0; quotes < QUOTE_BYTES && *at && !lade_is_of_name(*at); quotes++)
			at++;
		return lade_name_at(at);
	}
	return (struct span){ "", 0 };
}

struct span lade_name_before(const char *line, const char *mark)
{
	const char *end = strstr(line, mark);
	size_t length = 0;

	if (!end)
		return (struct span){ "", 0 };
	for (unsigned quotes = 0; quotes < QUOTE_BYTES && end > line && !lade_is_of_name(end[-1]); quotes++)
		end--;
	for (; end > line && lade_is_of_name(end[-1]); end--)
		length++;
	return (struct span){ end, length };
}

bool lade_name_copy(const struct span *from, char *name, size_t bytes)
{
	if (!from->length || from->length >= bytes)
		return false;
	memcpy(name, from->text, from->length);
	name[from->length] = '\0';
	return true;
}
