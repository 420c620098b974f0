/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of a text with a shell's prompt and a command: what a tool says behind one is not what kept another from
 * working before it.
 */
#include <string.h>

#include "explain/reading/search.h"
#include "explain/text.h"

#define TEXT_BYTES   (1U << 20)
#define PROMPT_BYTES 80

/* "# github.com/acme/agent/bpf": Go's word for the package that is compiled. */
static bool is_package(const char *word, const char *end)
{
	while (word < end && !strchr(" \t\r/", *word))
		word++;
	return word < end && *word == '/';
}

/* Where "# " or "$ " stands, near the beginning; NULL: nowhere. Every line comes by here. */
static const char *mark_of(const char *line, const char *end)
{
	const char *most = end - line > PROMPT_BYTES ? line + PROMPT_BYTES : end;

	for (const char *at = line; most - at > 2; at++)
		if ((*at == '#' || *at == '$') && at[1] == ' ')
			return at;
	return NULL;
}

/* "# ", "$ ", "[root@host ~]# ", "user@host:~$ ", and a word behind: what stands before it is one of these, no text. */
static bool is_command(const char *line, const char *end)
{
	const char *at = mark_of(line, end);

	if (!at || (!lade_is_letter(at[2]) && at[2] != '.' && at[2] != '/'))
		return false;
	if (at == line && *at == '#' && lade_is_letter(at[2]) && is_package(at + 2, end))
		return false;
	return at == line || memchr(line, '@', (size_t)(at - line));
}

void lade_explanation_prompts(struct lade_explanation *explanation, const char *text, size_t length)
{
	const char *end = text + (length < TEXT_BYTES ? length : TEXT_BYTES);

	for (size_t number = 1; text < end && explanation->prompt_count < PROMPTS_MAX; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text)), *stop = newline ? newline : end;
		if (is_command(text, stop))
			explanation->prompts[explanation->prompt_count++] = number;
		text = newline ? newline + 1 : end;
	}
}

bool lade_explanation_is_prompted(const struct lade_explanation *explanation, size_t after, size_t before)
{
	for (size_t i = 0; i < explanation->prompt_count; i++)
		if (explanation->prompts[i] > after && explanation->prompts[i] < before)
			return true;
	return false;
}
