/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places of a report:
 *   entry @ case.c:78:12
 *     Source context:
 *     >>> 78 |  task = bpf_task_acquire(current);
 *            |  ^-- acquired: owned resource (id=2)
 *     Instruction context:
 *     >>>  0 | (85) call bpf_task_acquire#61791
 * Before 7.3 was released, source and instructions stood side by side.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "explain/verifier/report.h"
#include "explain/text.h"
#include "explain/verifier/line.h"

#define FIRST_STEPS 2 /* of a way that is too long to be read, with the last ones; the kernel keeps 64 */
#define LAST_STEPS  8

struct event {
	struct span file, source, instruction; /* length 0: not known */
	uint32_t line;
	int64_t number; /* of the instruction; -1: not known */
	struct strbuf what;
	bool is_open; /* the next line may go on with what is said */
};

static struct span line_at(const struct span *section, size_t at)
{
	const char *start = section->text + at;
	size_t left = section->length - at;
	const char *newline = memchr(start, '\n', left);

	return (struct span){ start, newline ? (size_t)(newline - start) : left };
}

struct span lade_report_trimmed(struct span span)
{
	while (span.length && isspace((unsigned char)*span.text)) {
		span.text++;
		span.length--;
	}
	while (span.length && isspace((unsigned char)span.text[span.length - 1]))
		span.length--;
	return span;
}

static int64_t number_at(const char *text, const char *end)
{
	int64_t number = 0;
	const char *start = text;

	for (; text < end && text - start < 9 && isdigit((unsigned char)*text); text++)
		number = number * 10 + (*text - '0');
	return text == start ? -1 : number;
}

/* "entry @ case.c:78:12", "case.c:78:12", "insn 4" */
static bool take_place(struct event *event, const struct span *line)
{
	const char *end = line->text + line->length, *at = memmem(line->text, line->length, " @ ", 3);
	struct span place = at ? (struct span){ at + 3, (size_t)(end - at - 3) } : *line;
	const char *column, *colon;

	if (lade_span_starts(line, "insn ")) {
		event->number = number_at(line->text + 5, end);
		return true;
	}
	column = memrchr(place.text, ':', place.length);
	colon = column ? memrchr(place.text, ':', (size_t)(column - place.text)) : NULL;
	if (!colon || colon == place.text || number_at(column + 1, end) < 0 || number_at(colon + 1, column) < 0 ||
	    memchr(place.text, ' ', (size_t)(colon - place.text)))
		return false;
	event->file = (struct span){ place.text, (size_t)(colon - place.text) };
	event->line = (uint32_t)number_at(colon + 1, column);
	return true;
}

/* ">>> 78 |  source" or ">>> 0 | (95) exit"; both in one line in earlier forms. */
static void take_marked(struct event *event, struct span line)
{
	const char *bar = memchr(line.text, '|', line.length), *second;
	struct span text;
	int64_t number;

	if (!bar)
		return;
	number = number_at(line.text + 3 + strspn(line.text + 3, " "), bar);
	text = (struct span){ bar + 1, (size_t)(line.text + line.length - bar - 1) };
	second = memmem(text.text, text.length, ">>> ", 4);
	if (second) {
		struct span rest = { second, (size_t)(text.text + text.length - second) };
		text.length = (size_t)(second - text.text);
		take_marked(event, rest);
	}
	text = lade_report_trimmed(text);
	if (text.length > 4 && *text.text == '(' && isxdigit((unsigned char)text.text[1]) && text.text[3] == ')') {
		event->instruction = text;
		event->number = number;
	} else if (!event->source.length) {
		event->source = text;
	}
}

/* "| ^-- error: R0 is not readable", and "|     the rest of it" */
static void take_said(struct event *event, const struct span *line)
{
	const char *mark = memmem(line->text, line->length, "^-- ", 4);
	const char *bar = memchr(line->text, '|', line->length), *end = line->text + line->length;
	struct span text;

	if (mark && !event->what.length)
		text = (struct span){ mark + 4, (size_t)(end - mark - 4) };
	else if (event->is_open && bar == line->text)
		text = (struct span){ bar + 1, (size_t)(end - bar - 1) };
	else
		return;
	/* Side by side, the instruction stands to the right. */
	const char *more = memmem(text.text, text.length, "   ", 3);
	text = lade_report_trimmed(text);
	if (more && more > text.text)
		text.length = (size_t)(more - text.text);
	if (event->what.length)
		lade_strbuf_add(&event->what, " ");
	lade_strbuf_add_bytes(&event->what, text.text, text.length);
	event->is_open = true;
}

/* Takes the event that begins at `at`; where the next one begins. */
static size_t read_event(const struct span *section, size_t at, struct event *event)
{
	*event = (struct event){ .number = -1 };
	for (bool begun = false; at < section->length;) {
		struct span line = line_at(section, at), text = lade_report_trimmed(line);
		bool is_place = !lade_span_starts(&text, ">>>") && text.length && *text.text != '|' &&
				!isdigit((unsigned char)*text.text) && (!begun || event->what.length) &&
				take_place(&(struct event){ .number = -1 }, &text);
		if (is_place && begun)
			return at;
		if (is_place)
			begun = take_place(event, &text);
		else if (lade_span_starts(&text, ">>>"))
			take_marked(event, text);
		if (!is_place && text.length && *text.text == '|')
			take_said(event, &text);
		else
			event->is_open = false;
		at += line.length + 1;
	}
	return section->length;
}

static void tell(const struct event *event, struct lade_finding *finding)
{
	if (!finding)
		return;
	CLEANUP(cleanup_free) char *file = lade_text_of(&event->file);
	CLEANUP(cleanup_free) char *source = lade_text_of(event->source.length ? &event->source : &event->instruction);
	char line[16] = "", number[32] = "";

	if (event->number >= 0)
		(void)snprintf(number, sizeof number, "%lld: ", (long long)event->number);
	if (file)
		(void)snprintf(line, sizeof line, ":%u", event->line);
	finding_evidence(finding, "%s%s (%s)%s%s%s", number, source ? source : "", event->what.text, file ? " @ " : "",
			 file ? file : "", line);
}

/* Tells those of which the number is below `first` or from `last` on. How many there are. */
static size_t tell_events(const struct span *section, size_t first, size_t last, struct lade_finding *finding)
{
	size_t number = 0;

	for (size_t at = 0; at < section->length;) {
		struct event event;
		at = read_event(section, at, &event);
		if (event.what.length && (number < first || number >= last))
			tell(&event, finding);
		number += event.what.length > 0;
		lade_strbuf_clear(&event.what);
	}
	return number;
}

bool lade_report_path(const struct report *report, struct lade_finding *finding)
{
	const struct span *section = &report->sections[REPORT_PATH];
	size_t count = section->length ? tell_events(section, 0, SIZE_MAX, NULL) : 0;

	if (!count)
		return false;
	if (count <= FIRST_STEPS + LAST_STEPS) {
		(void)tell_events(section, SIZE_MAX, 0, finding);
		return true;
	}
	(void)tell_events(section, FIRST_STEPS, SIZE_MAX, finding);
	finding_evidence(finding, "(%zu steps between them are left out)", count - FIRST_STEPS - LAST_STEPS);
	(void)tell_events(section, 0, count - LAST_STEPS, finding);
	return true;
}

void lade_report_place(const struct report *report, struct lade_finding *finding)
{
	struct event event;

	if (!report->sections[REPORT_AT].length)
		return;
	(void)read_event(&report->sections[REPORT_AT], 0, &event);
	if (finding && finding->instruction < 0)
		finding_instruction(finding, event.number);
	if (finding && !finding->source_file && event.file.length) {
		CLEANUP(cleanup_free) char *file = lade_text_of(&event.file);
		CLEANUP(cleanup_free) char *source = lade_text_of(&event.source);
		finding_source(finding, file, event.line, source);
	}
	lade_strbuf_clear(&event.what);
}
