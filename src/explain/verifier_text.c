/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifier logs in a text: between a loader's marks, or bare; and the one line that libraries make of a log
 * ("load program: permission denied: R1 invalid mem access 'inv' (12 line(s) omitted)").
 */
#include <ctype.h>
#include <string.h>

#include "explain/explain.h"
#include "explain/text.h"
#include "explain/verifier_line.h"

#define OTHERS_MAX  8  /* lines of no log in a row end a bare one */
#define LITERAL_MIN 12 /* bytes of fixed text: a shorter message may be anything */

static const char omitted_words[] = " line(s) omitted)";

/* "… (12 line(s) omitted)": cut off, and counted. */
static struct span without_omitted(struct lade_explanation *explanation, struct span line)
{
	const char *words = memmem(line.text, line.length, omitted_words, strlen(omitted_words));
	const char *at = words;
	size_t number = 0;

	if (!words)
		return line;
	while (at > line.text && isdigit((unsigned char)at[-1]) && words - at < 9)
		at--;
	for (const char *digit = at; digit < words; digit++)
		number = number * 10 + (size_t)(*digit - '0');
	if (at > line.text && at[-1] == '(')
		at--;
	while (at > line.text && at[-1] == ' ')
		at--;
	explanation->omitted = number;
	return (struct span){ line.text, (size_t)(at - line.text) };
}

static void begin(struct lade_explanation *explanation, size_t number)
{
	lade_explanation_log_end(explanation, number > 1 ? number - 1 : number);
	explanation->in_log = true;
	explanation->is_bare = true;
	explanation->has_ended = false;
	explanation->others = 0;
	explanation->log_line = number;
}

bool lade_explanation_verifier(struct lade_explanation *explanation, const struct span *span, size_t number)
{
	struct verifier_line line = lade_verifier_line(span->text, span->length);
	bool is_title = lade_span_starts(span, "Verification failed:");
	bool is_sure = is_title || line.kind == VERIFIER_INSTRUCTION || line.kind == VERIFIER_EDGE ||
		       (line.kind == VERIFIER_STATE && line.number == 0);

	if (line.kind == VERIFIER_OTHER && !is_title && !(explanation->in_log && lade_span_starts(span, "Reason:")))
		return false;
	if (explanation->in_log && explanation->has_ended && is_sure)
		begin(explanation, number);
	if (!explanation->in_log && !is_sure)
		return false;
	if (!explanation->in_log)
		begin(explanation, number);
	explanation->has_ended |= explanation->is_bare && line.kind == VERIFIER_STATISTIC;
	explanation->others = 0;
	lade_explanation_log(explanation, span);
	return true;
}

/* A message that is too peculiar to stand anywhere else. */
static bool is_message(const char *text, size_t length)
{
	const struct verifier_message *message;

	if (!lade_verifier_may_begin(text, length))
		return false;
	message = lade_verifier_message(text, length);
	/* One that begins with anything would begin anywhere. */
	return message && (*text == 'R' || lade_verifier_text[message->pattern] != '%') &&
	       message->literal >= LITERAL_MIN && strcmp(lade_verifier_text + message->family, "info") != 0;
}

/* Behind "load program: permission denied: ", or from the beginning. */
static bool find_message(const struct span *line, struct span *ret_message)
{
	const char *at = line->text, *end = line->text + line->length;

	while (at < end) {
		if (is_message(at, (size_t)(end - at))) {
			*ret_message = (struct span){ at, (size_t)(end - at) };
			return true;
		}
		at = memmem(at, (size_t)(end - at), ": ", 2);
		if (!at)
			return false;
		at += 2;
	}
	return false;
}

/* "load program: permission denied: stack depth 56": what stands behind the last ": ". */
static bool ends_with_statistic(const struct span *line)
{
	for (const char *at = line->text + line->length; at > line->text; at--)
		if (at - line->text >= 2 && at[-1] == ' ' && at[-2] == ':')
			return lade_verifier_line(at, (size_t)(line->text + line->length - at)).kind ==
			       VERIFIER_STATISTIC;
	return false;
}

bool lade_explanation_verdict(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	struct span message;

	if (explanation->in_log && !explanation->is_bare) {
		lade_explanation_log(explanation, line);
		return true;
	}
	if (explanation->in_log && !explanation->has_ended &&
	    (explanation->others++ < OTHERS_MAX || is_message(line->text, line->length))) {
		struct span text = without_omitted(explanation, *line);
		lade_explanation_log(explanation, find_message(&text, &message) ? &message : &text);
		return true;
	}
	if (explanation->in_log)
		lade_explanation_log_end(explanation, number - 1);
	size_t omitted = explanation->omitted;
	struct span text = without_omitted(explanation, *line);
	if (!find_message(&text, &message)) {
		if (explanation->omitted && ends_with_statistic(&text)) {
			lade_explanation_cut(explanation, &text, number);
			return true;
		}
		explanation->omitted = omitted;
		return false;
	}
	omitted = explanation->omitted;
	begin(explanation, number);
	explanation->others = OTHERS_MAX; /* a message alone: another may follow, and nothing else */
	explanation->omitted = omitted;
	lade_explanation_log(explanation, &message);
	return true;
}
