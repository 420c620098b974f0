/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict of a verifier log is its last line that is neither a statistic nor a state (facts/errors.md
 * section 3), and that the kernel is known to print, if there is one. The instruction is that of the last
 * "N: (code)" line before it.
 */
#include <string.h>

#include "explain/explain.h"
#include "explain/verifier_line.h"

#define CANDIDATES 32 /* lines that may be the verdict, from the end */

struct candidate {
	struct span line;
	int64_t instruction;
	const struct verifier_message *message;
};

struct candidates {
	struct candidate items[CANDIDATES]; /* a ring */
	size_t count;
};

static struct candidate *candidate_at(struct candidates *found, size_t from_end)
{
	return &found->items[(found->count - 1 - from_end) % CANDIDATES];
}

/* Some messages lack their newline: "expected prog array map for tail callprocessed 14 insns (limit …". */
static struct span without_statistic(struct span line)
{
	const char *limit = memmem(line.text, line.length, " insns (limit ", strlen(" insns (limit "));
	const char *start = limit;

	while (start && start > line.text && *start != 'p')
		start--;
	if (start && start > line.text && lade_verifier_line(start, (size_t)(limit - start)).kind == VERIFIER_STATISTIC)
		line.length = (size_t)(start - line.text);
	return line;
}

static void find_candidates(const char *log, struct candidates *found)
{
	int64_t instruction = -1;

	for (const char *text = log; *text;) {
		size_t length = strcspn(text, "\n");
		struct verifier_line line = lade_verifier_line(text, length);
		if (line.kind == VERIFIER_OTHER)
			found->items[found->count++ % CANDIDATES] =
				(struct candidate){ without_statistic(line.text), instruction, NULL };
		else if ((line.kind == VERIFIER_INSTRUCTION || line.kind == VERIFIER_STATE) && line.number >= 0)
			instruction = line.number;
		text += length + (text[length] == '\n');
	}
}

static bool is_informative(const struct verifier_message *message)
{
	return message && strcmp(lade_verifier_text + message->family, "info") != 0;
}

/* Lines that only say more of the line before them. */
static bool is_follow_up(const struct span *line)
{
	static const char *const endings[] = {
		"min value is outside of the allowed memory range",
		"max value is outside of the allowed memory range",
		"offset is outside of the packet",
		"would lead to reference leak",
	};

	if (lade_span_starts(line, "Caller passes invalid args into func#"))
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (memmem(line->text, line->length, endings[i], strlen(endings[i])))
			return true;
	return false;
}

/* May the line before a follow-up be what it follows? Others of the log are about other instructions. */
static bool is_followed(const struct candidate *before, const struct candidate *after)
{
	const char *newline = before->line.text + before->line.length;

	return is_informative(before->message) && newline + 1 + strspn(newline, "\n\r\t ") >= after->line.text;
}

static void fill(const struct candidate *chosen, struct verifier_verdict *verdict)
{
	*verdict = (struct verifier_verdict){
		.line = chosen->line.text,
		.length = chosen->line.length,
		.instruction = chosen->instruction,
		.message = is_informative(chosen->message) ? chosen->message : NULL,
	};
}

int lade_verifier_verdict(const char *log, struct verifier_verdict *ret_verdict)
{
	struct candidates found = { 0 };
	size_t count, chosen = 0;

	find_candidates(log, &found);
	if (!found.count)
		return false;
	count = found.count < CANDIDATES ? found.count : CANDIDATES;
	for (size_t i = 0; i < count; i++) {
		struct candidate *candidate = candidate_at(&found, i);
		candidate->message = lade_verifier_message(candidate->line.text, candidate->line.length);
		if (!is_informative(candidate->message))
			continue;
		chosen = i;
		break;
	}
	fill(candidate_at(&found, chosen), ret_verdict);
	ret_verdict->is_last = chosen == 0;
	if (chosen + 1 < count && is_follow_up(&candidate_at(&found, chosen)->line)) {
		struct candidate *after = candidate_at(&found, chosen), *before = candidate_at(&found, chosen + 1);
		before->message = lade_verifier_message(before->line.text, before->line.length);
		if (is_followed(before, after)) {
			fill(before, ret_verdict);
			ret_verdict->is_last = chosen == 0;
			ret_verdict->after = after->line.text;
			ret_verdict->after_length = after->line.length;
		}
	}
	return true;
}
