/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who ran it, where no sudo and no name of a user stand before the command: the asker's own words, and a prompt that
 * is '#' alone. What others are told to do ("run it as root") and what works so are no such words.
 */
#include <string.h>

#include "base/array.h"
#include "explain/reading/mentions.h"
#include "explain/settle/root_told.h"
#include "explain/verifier/line.h"

bool lade_tells_of_root(const char *text, size_t length)
{
	static const char *const words[] = {
		"despite running as root",    "despite being root",         "even as root",
		"even when run as root",      "even if run as root",        "even when running as root",
		"even though I'm root",       "even though I am root",      "lthough I'm root",
		"lthough I am root",          "even as the root user",      "even with sudo",
		"even when using sudo",       "running it as root already", "already running as root",
		"already running it as root", "I'm already root",           "I am already root",
		"already run it as root",     "already run it with sudo",   "already using sudo",
		"with root account",          "with the root account"
	};

	return lade_search_any(text, length, words, ELEMENTS(words));
}

/* A heading and a comment begin so as well: they are no commands with a path or an option of a tool. */
static bool is_of_tool(const struct span *command)
{
	static const char *const tools[] = { "./",
					     "/usr/",
					     "/opt/",
					     "perf trace -",
					     "perf record -",
					     "bpftrace -",
					     "bpftool prog ",
					     "bpftool map ",
					     "strace -",
					     "tc filter add ",
					     "tc filter replace ",
					     "ip link set " };

	for (size_t i = 0; i < ELEMENTS(tools); i++)
		if (lade_span_starts(command, tools[i]))
			return true;
	return false;
}

bool lade_has_bare_root_prompt(const struct span *line, const struct span *command)
{
	const char *at = line->text;

	while (at < command->text && (*at == ' ' || *at == '\t'))
		at++;
	return command->text - at == 2 && *at == '#' && is_of_tool(command);
}
