/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/found/others.h"

#include <stdlib.h>
#include <string.h>

static bool begins(const char *line, const char *words)
{
	return strncmp(line, words, strlen(words)) == 0;
}

static bool is_other(const char *line, const char *part)
{
	if (begins(line, "it may be: "))
		return !part || strstr(line, part);
	return !part && begins(line, "what tells: ");
}

void lade_drop_others(struct strings *evidence, const char *part)
{
	size_t kept = 0;

	for (size_t i = 0; i < evidence->count; i++) {
		char *line = evidence->items[i];
		if (is_other(line, part))
			free(line);
		else
			evidence->items[kept++] = line;
	}
	evidence->count = kept;
}
