/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a report, and its sections. */
#include "explain/verifier/report.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "explain/text.h"
#include "explain/verifier/line.h"

#define TITLE_MAX 40 /* bytes of an unknown section's name */

static const struct {
	const char *name;
	enum report_section section;
} titles[] = {
	{ "Verification failed", REPORT_TITLE }, { "Reason", REPORT_REASON },         { "At", REPORT_AT },
	{ "Causal path", REPORT_PATH },          { "Suggestion", REPORT_SUGGESTION },
};

static struct span skip(struct span span, size_t bytes)
{
	return lade_report_trimmed((struct span){ span.text + bytes, span.length - bytes });
}

/* "Reason: …": its section, and what stands behind the colon. */
static enum report_section title_of(const struct span *line, struct span *ret_text)
{
	for (size_t i = 0; i < ELEMENTS(titles); i++) {
		size_t length = strlen(titles[i].name);
		if (line->length <= length || line->text[length] != ':' ||
		    strncasecmp(line->text, titles[i].name, length) != 0)
			continue;
		*ret_text = skip(*line, length + 1);
		return titles[i].section;
	}
	return REPORT_NONE;
}

/* "Active lock:": words, and nothing behind the colon. */
static bool is_other_title(const struct span *line)
{
	if (line->length < 3 || line->length > TITLE_MAX || line->text[line->length - 1] != ':' ||
	    !isupper((unsigned char)*line->text))
		return false;
	for (size_t i = 0; i + 1 < line->length; i++)
		if (!isalpha((unsigned char)line->text[i]) && line->text[i] != ' ')
			return false;
	return true;
}

static enum report_section enter(struct report_state *state, enum report_section section, const struct span *text)
{
	state->section = section;
	state->is_empty = !text->length;
	return section;
}

/* Behind the title: its content, the next section, or something else. */
static enum report_section go_on(struct report_state *state, const struct span *line, size_t indent,
				 struct span *ret_text)
{
	enum report_section section = indent <= state->indent ? title_of(line, ret_text) : REPORT_NONE;

	if (section != REPORT_NONE)
		return enter(state, section, ret_text);
	*ret_text = *line;
	if (indent <= state->indent && is_other_title(line)) {
		*ret_text = skip(*line, line->length);
		return enter(state, REPORT_OTHER, ret_text);
	}
	/* Some loggers take the blanks away: the first line of a section is its own all the same. */
	if (indent <= state->indent &&
	    (!state->is_empty || lade_verifier_line(line->text, line->length).kind != VERIFIER_OTHER)) {
		*state = (struct report_state){ 0 };
		return REPORT_NONE;
	}
	state->is_empty = false;
	return state->section;
}

enum report_section lade_report_line(struct report_state *state, const char *text, size_t length, struct span *ret_text)
{
	size_t indent = 0;
	struct span line;

	while (indent < length && (text[indent] == ' ' || text[indent] == '\t'))
		indent++;
	if (state->section == REPORT_NONE && (indent == length || (text[indent] | 0x20) != 'v'))
		return REPORT_NONE;
	line = skip((struct span){ text + indent, length - indent }, 0);
	if (state->section != REPORT_NONE) {
		*ret_text = line;
		return line.length ? go_on(state, &line, indent, ret_text) : state->section;
	}
	if (title_of(&line, ret_text) != REPORT_TITLE)
		return REPORT_NONE;
	state->indent = indent;
	return enter(state, REPORT_TITLE, ret_text);
}

bool lade_report_read(const char *log, struct report *ret_report)
{
	struct report_state state = { 0 };
	bool found = false;

	*ret_report = (struct report){ 0 };
	for (size_t length; *log; log += length + (log[length] == '\n')) {
		struct span text = { log, 0 };
		enum report_section section;
		length = strcspn(log, "\n");
		section = lade_report_line(&state, log, length, &text);
		if (found && (section == REPORT_NONE || section == REPORT_TITLE))
			return true;
		found |= section != REPORT_NONE;
		if (section == REPORT_NONE || !text.length)
			continue;
		struct span *all = &ret_report->sections[section];
		if (!all->text)
			*all = (struct span){ text.text, 0 };
		all->length = (size_t)(text.text + text.length - all->text);
	}
	return found;
}

char *lade_report_text(const struct report *report, enum report_section section)
{
	const struct span *span = &report->sections[section];
	struct strbuf line = { 0 };
	bool gap = false;

	for (size_t i = 0; i < span->length; i++) {
		bool is_blank = isspace((unsigned char)span->text[i]);
		if (!is_blank && gap && line.length)
			lade_strbuf_add(&line, " ");
		if (!is_blank)
			lade_strbuf_add_bytes(&line, span->text + i, 1);
		gap = is_blank;
	}
	struct span whole = { line.text, line.length };
	char *text = lade_text_of(&whole);
	lade_strbuf_clear(&line);
	return text;
}
