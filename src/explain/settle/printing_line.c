/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of C that prints a message, in a listing of a debugger or in source that somebody shows: it has the message's
 * words, with conversions in place of names, and nothing was printed.
 */
#include <string.h>

#include "base/error.h"
#include "explain/settle/settlers.h"

static const char *const calls[] = { "pr_debug(\"",   "pr_info(\"",         "pr_warn(\"", "pr_err(\"",
				     "printk(\"",     "printf(\"",          "perror(\"",  "fprintf(stderr, \"",
				     "bpf_printk(\"", "bpf_trace_printk(\"" };

/* Behind the number that a debugger writes before the line; NULL: the line does not begin so. */
static const char *in_call(const char *line)
{
	line += strspn(line, "0123456789 \t");
	for (size_t i = 0; i < ELEMENTS(calls); i++)
		if (strncmp(line, calls[i], strlen(calls[i])) == 0)
			return line + strlen(calls[i]);
	return NULL;
}

/* "for VAR %s\n": a conversion between the quotation marks. */
static bool has_conversion(const char *format)
{
	const size_t length = strcspn(format, "\"");

	for (const char *at = format; (at = memchr(at, '%', length - (size_t)(at - format))); at++)
		if (at[1] && strchr("sduxlzpc", at[1]))
			return true;
	return false;
}

void lade_explanation_printing_line(struct lade_explanation *explanation, const char *text, size_t length)
{
	bool is_moved = false;

	(void)text, (void)length;
	array_foreach(item, &explanation->items) {
		const char *format = item->role == LADE_EXPLAINED_ERROR && item->line ? in_call(item->line) : NULL;
		if (!format || !has_conversion(format))
			continue;
		item->role = LADE_EXPLAINED_HARMLESS;
		if (item->finding)
			finding_cause(item->finding, "a line of C source, which prints a message and is none itself");
		is_moved = true;
	}
	if (is_moved)
		lade_explanation_sort(explanation);
}
