/* SPDX-License-Identifier: BSD-2-Clause */
/* A command behind a shell's prompt, and whether root has that shell. */
#include <ctype.h>
#include <string.h>

#include "explain/reading/search.h"
#include "explain/settle/command_line.h"
#include "explain/verifier/line.h"

#define PROMPT_BYTES 80

struct span lade_command_of(const struct span *line)
{
	const char *end = line->text + line->length, *at = line->text;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	for (const char *prompt = at; end - prompt > 2 && prompt - at < PROMPT_BYTES; prompt++)
		if (strchr("$#%", *prompt) && *prompt && prompt[1] == ' ' && prompt[2] != ' ')
			return (struct span){ prompt + 2, (size_t)(end - prompt - 2) };
	return lade_span_starts(&(struct span){ at, (size_t)(end - at) }, "sudo ")
		       ? (struct span){ at, (size_t)(end - at) }
		       : (struct span){ end, 0 };
}

/* "root@3f2a9c01b7de": the name that Docker gives a container, whose root lacks capabilities. */
static bool is_container(const char *host, const char *end)
{
	size_t digits = 0;

	while (host + digits < end && isxdigit((unsigned char)host[digits]))
		digits++;
	return digits == 12;
}

bool lade_is_of_root(const struct span *line, const struct span *command)
{
	static const char root[] = "root@";
	const char *prompt = command->text - 2;
	const char *at =
		*prompt == '#' ? lade_search(line->text, (size_t)(prompt - line->text), root, strlen(root)) : NULL;

	return at && !is_container(at + strlen(root), prompt);
}
