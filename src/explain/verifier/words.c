/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verdict is called, why, and what to do; where in the source it is. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/verifier/verdict.h"
#include "explain/text.h"
#include "explain/verifier/line.h"
#include "explain/verifier/numbers.h"

static const char *string(uint32_t offset)
{
	return lade_verifier_text + offset;
}

const char *lade_verifier_code(const struct verifier_verdict *verdict)
{
	return verdict->message && *string(verdict->message->code) ? string(verdict->message->code)
								   : "verifier.rejected";
}

/* Of a message in another wording, or with something unknown behind it, nobody can be certain. */
static enum lade_confidence confidence_of(const struct verifier_verdict *verdict)
{
	enum lade_confidence known = (enum lade_confidence)verdict->message->confidence;

	if (known == LADE_CERTAIN && (!verdict->is_last || verdict->is_like))
		return LADE_LIKELY;
	return known;
}

/* "reg type unsupported for arg#0 function NAME#12" of the program itself is a remark, behind which its log goes on. */
static void say_remark(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	static const char mark[] = " function ";
	const char *at = memmem(verdict->line, verdict->length, mark, strlen(mark));
	const char *end = verdict->line + verdict->length, *behind;
	size_t length = finding->program ? strlen(finding->program) : 0;

	if (!at || !length ||
	    !lade_span_starts(&(struct span){ verdict->line, verdict->length }, "reg type unsupported"))
		return;
	at += strlen(mark);
	behind = memchr(at, '#', (size_t)(end - at));
	if (!behind || (size_t)(behind - at) != length || memcmp(at, finding->program, length) != 0)
		return;
	finding_cause(finding,
		      "the end of the verifier's log is missing: this line is only a remark on the program's own "
		      "argument, which the kernel does not check as it does those of other functions; the reason stood "
		      "behind it");
	finding_fix(finding, "print the whole log: its last line before the statistics is the reason (lade load OBJ "
			     "shows it)");
	finding_confidence(finding, LADE_LIKELY);
}

void lade_verifier_words(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	static const char malformed[] = "btf_vmlinux is malformed";
	const struct verifier_message *message = verdict->message;

	if (!message)
		return;
	if (*string(message->cause))
		finding_cause(finding, "%s", string(message->cause));
	if (*string(message->fix))
		finding_fix(finding, "%s", string(message->fix));
	lade_verifier_numbers(verdict, finding);
	finding_confidence(finding, confidence_of(verdict));
	say_remark(verdict, finding);
	if (verdict->is_like)
		finding_evidence(finding, "this wording is not known; nearest is: %s", string(message->pattern));
	/* The kernel's remark before it is the reason. */
	if (strcmp(string(message->pattern), malformed) == 0 &&
	    !lade_span_starts(&(struct span){ verdict->line, verdict->length }, malformed))
		finding_evidence(finding, "the verifier said before: %s", malformed);
	if (verdict->after) {
		const struct span after = { verdict->after, verdict->after_length };
		CLEANUP(cleanup_free) char *text = lade_text_of(&after);
		finding_evidence(finding, "the verifier adds: %s", text ? text : "");
	}
}

void lade_verifier_report(const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *reason = lade_report_text(&verdict->report, REPORT_REASON);
	CLEANUP(cleanup_free) char *suggestion = lade_report_text(&verdict->report, REPORT_SUGGESTION);
	const char *fix = verdict->message ? string(verdict->message->fix) : "";

	lade_report_place(&verdict->report, finding);
	if (reason)
		finding_evidence(finding, "the kernel's reason: %s", reason);
	if (suggestion)
		finding_evidence(finding, "the kernel suggests: %s", suggestion);
	if (suggestion)
		finding_fix(finding, "%s%s%s", suggestion, *fix ? " In code: " : "", fix);
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
		if (line.kind != VERIFIER_SOURCE || lade_verifier_is_unknown_source(&line))
			continue;
		struct span file = { "", 0 };
		uint32_t number = 0;
		CLEANUP(cleanup_free) char *text = NULL, *name = NULL;
		(void)lade_verifier_place(&line.text, &file, &number);
		text = lade_text_of(&line.text);
		name = file.length ? lade_text_of(&file) : NULL;
		if (name)
			finding_source(finding, name, number, text);
		else if (line.text.length)
			finding_evidence(finding, "source: %s", text ? text : "");
		return;
	}
}
