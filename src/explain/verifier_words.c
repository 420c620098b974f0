/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verdict is called, why, and what to do; where in the source it is. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/explain.h"
#include "explain/text.h"
#include "explain/verifier_line.h"

static const char *string(uint32_t offset)
{
	return lade_verifier_text + offset;
}

const char *lade_verifier_code(const struct verifier_verdict *verdict)
{
	return verdict->message && *string(verdict->message->code) ? string(verdict->message->code)
								   : "verifier.rejected";
}

void lade_verifier_words(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	const struct verifier_message *message = verdict->message;

	if (!message)
		return;
	if (*string(message->cause))
		finding_cause(finding, "%s", string(message->cause));
	if (*string(message->fix))
		finding_fix(finding, "%s", string(message->fix));
	finding_confidence(finding, verdict->is_last ? (enum lade_confidence)message->confidence : LADE_LIKELY);
	if (verdict->after) {
		const struct span after = { verdict->after, verdict->after_length };
		CLEANUP(cleanup_free) char *text = lade_text_of(&after);
		finding_evidence(finding, "the verifier adds: %s", text ? text : "");
	}
}

void lade_verifier_suggestion(const char *log, struct lade_finding *finding)
{
	static const char title[] = "Suggestion:";
	const char *at = strstr(log, title);
	CLEANUP(cleanup_free) char *text = NULL;
	struct span span;

	if (!at)
		return;
	at += strlen(title);
	at += strspn(at, " \t");
	span = (struct span){ at, strcspn(at, "\n") };
	text = lade_text_of(&span);
	if (text)
		finding_evidence(finding, "the kernel suggests: %s", text);
}

void lade_verifier_source(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	const char *end = verdict->line;

	while (end > log) {
		const char *start = memrchr(log, '\n', (size_t)(end - 1 - log));
		struct verifier_line line;
		start = start ? start + 1 : log;
		line = lade_verifier_line(start, (size_t)(end - start));
		end = start;
		if (line.kind == VERIFIER_EDGE)
			return;
		if (line.kind != VERIFIER_SOURCE)
			continue;
		struct span file = { "", 0 };
		uint32_t number = 0;
		CLEANUP(cleanup_free) char *text = NULL, *name = NULL;
		(void)lade_verifier_place(&line.text, &file, &number);
		text = lade_text_of(&line.text);
		name = file.length ? lade_text_of(&file) : NULL;
		if (name)
			finding_source(finding, name, number, text);
		else
			finding_evidence(finding, "source: %s", text ? text : "");
		return;
	}
}
