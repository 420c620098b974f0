/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict of a verifier log is its last line that is neither a statistic nor a state (facts/errors.md
 * section 3). The instruction is that of the last "N: (code)" line before it.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "explain/explain.h"

static const char *const statistics[] = {
	"verification time",
	"stack depth",
	"insns processed",
	"processed ",
	"max_states",
	"peak_states",
	"mark_precise",
	"last_idx",
	"regs=",
	"parent ",
	"live stack",
	"Live regs",
	"frame",
	"R0=",
	"func#",
	"; ",
	"from ",
	"propagating",
};

static bool starts_with(const char *line, size_t length, const char *prefix)
{
	size_t wanted = strlen(prefix);

	return length >= wanted && memcmp(line, prefix, wanted) == 0;
}

/* "12: (85) call …" or "12: R1=ctx() …"; older kernels print states as " R1=ctx". */
static bool is_instruction(const char *line, size_t length, int64_t *ret_number)
{
	size_t digits = 0;

	while (digits < length && isdigit((unsigned char)line[digits]))
		digits++;
	if (digits == 0 || digits > 8 || digits >= length || line[digits] != ':')
		return false;
	*ret_number = strtol(line, NULL, 10);
	return true;
}

static bool is_state(const char *line, size_t length)
{
	if (length == 0 || *line == ' ')
		return true;
	for (size_t i = 0; i < ELEMENTS(statistics); i++)
		if (starts_with(line, length, statistics[i]))
			return true;
	return false;
}

int lade_format_matches(const char *pattern, const char *text, size_t length)
{
	const char *end = text + length, *retry_pattern = NULL, *retry_text = NULL;

	/* Wildcards by backtracking to the last one: linear for the patterns that occur. */
	while (text < end) {
		if (*pattern == '%' && pattern[1] == '%') {
			pattern++;
		} else if (*pattern == '%') {
			pattern++;
			pattern += strspn(pattern, "-+ #0123456789.*hlzj");
			if (*pattern)
				pattern++;
			retry_pattern = pattern;
			retry_text = text;
			continue;
		}
		if (*pattern == *text && *pattern) {
			pattern++;
			text++;
		} else if (retry_pattern) {
			pattern = retry_pattern;
			text = ++retry_text;
		} else {
			return false;
		}
	}
	while (*pattern == '%' && pattern[1] != '%') {
		pattern++;
		pattern += strspn(pattern, "-+ #0123456789.*hlzj");
		if (*pattern)
			pattern++;
	}
	return *pattern == '\0';
}

static const struct verifier_message *find_message(const char *line, size_t length)
{
	for (size_t i = 0; i < lade_verifier_message_count; i++)
		if (lade_format_matches(lade_verifier_text + lade_verifier_messages[i].pattern, line, length))
			return &lade_verifier_messages[i];
	return NULL;
}

int lade_verifier_verdict(const char *log, struct verifier_verdict *ret_verdict)
{
	struct verifier_verdict verdict = { .instruction = -1 };
	int64_t instruction = -1;

	for (const char *line = log; *line;) {
		size_t length = strcspn(line, "\n");
		if (!is_instruction(line, length, &instruction) && !is_state(line, length)) {
			verdict.line = line;
			verdict.length = length;
			verdict.instruction = instruction;
		}
		line += length + (line[length] == '\n');
	}
	if (!verdict.line)
		return false;
	verdict.message = find_message(verdict.line, verdict.length);
	*ret_verdict = verdict;
	return true;
}
