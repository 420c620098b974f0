/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Unexpected error message!" of the kernel's test_verifier: its programs are wrong on purpose, and what the verifier
 * says of one behind these words is the answer that the test did not look for, no fault of the program. Behind
 * "Failed to load prog" it is the fault.
 */
#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES   (1U << 20)
#define VERDICTS_MAX 16 /* that are looked at: the text is read again for each */

static const char code_of_wording[] = "tool.too-old";

/* What is true of the machine is so in a test, too. */
static bool is_of_program(const char *code)
{
	static const char verifier[] = "verifier.", *const others[] = { "verifier.jit", "verifier.kernel-bug" };

	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (strcmp(code, others[i]) == 0)
			return false;
	return strncmp(code, verifier, strlen(verifier)) == 0;
}

static bool is_wording(const struct mention *line)
{
	return lade_in_mention(line, "Unexpected error message!") || lade_in_mention(line, "Unexpected verifier log");
}

/* "#12/u name FAIL": the next test begins. */
static bool is_test(const struct mention *line)
{
	const char *at = line->text.text, *end = at + line->text.length;

	while (at < end && lade_is_blank(*at))
		at++;
	if (at == end || *at++ != '#' || at == end || !isdigit((unsigned char)*at))
		return false;
	while (at < end && isdigit((unsigned char)*at))
		at++;
	return end - at > 2 && *at == '/' && (at[1] == 'p' || at[1] == 'u') && at[2] == ' ';
}

/* Does the line stand behind these words, and of the same test? */
static bool is_behind_wording(const struct span *text, size_t number)
{
	struct mention line = { .next = text->text };
	bool is_behind = false;

	while (line.number + 1 < number && lade_next_line(text, &line)) {
		if (is_wording(&line))
			is_behind = true;
		else if (is_test(&line) || lade_in_mention(&line, "Failed to load prog"))
			is_behind = false;
	}
	return is_behind;
}

/* The error of which these words are a line; SIZE_MAX: there is none. */
static size_t wording_item(const struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		if (item->finding && item->role == LADE_EXPLAINED_ERROR && item->line &&
		    strcmp(item->finding->code, code_of_wording) == 0 &&
		    (strstr(item->line, "Unexpected error message!") || strstr(item->line, "Unexpected verifier log")))
			return (size_t)(item - explanation->items.items);
	return SIZE_MAX;
}

void lade_explanation_selftest(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span begin = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	const size_t cause = wording_item(explanation);
	size_t looked = 0;

	if (cause == SIZE_MAX)
		return;
	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->rule ||
		    !is_of_program(item->finding->code) || looked++ >= VERDICTS_MAX ||
		    !is_behind_wording(&begin, item->first_line))
			continue;
		item->role = LADE_EXPLAINED_CONSEQUENCE;
		item->cause = cause;
	}
}
