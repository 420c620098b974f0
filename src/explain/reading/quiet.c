/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/reading/quiet.h"

#include <string.h>

#include "explain/reading/eight.h"
#include "explain/reading/head.h"
#include "explain/reading/heads.h"
#include "explain/strace/strace.h"
#include "explain/verifier/line.h"

#define BARE_MOST 64 /* bytes of a word */
#define NOISE_RUN 8  /* bytes of ASCII in a row that may be words */

/* ---- noise ---- */

static bool is_printable(char byte)
{
	return byte >= ' ' && byte < 0x7f;
}

static bool has_control_at(const struct raw_line *raw, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (lade_is_control(raw->text[i]))
			return true;
	return false;
}

/* Most lines have nothing below a blank, and are not looked at byte by byte. */
static bool has_control(const struct raw_line *raw)
{
	size_t at = 0;

	for (; at + EIGHT <= raw->length; at += EIGHT) {
		uint64_t eight = lade_eight_at(raw->text + at);
		if ((lade_eight_between(eight, '\0', ' ' - 1) | lade_eight_equal(eight, 0x7f)) &&
		    has_control_at(raw, at, at + EIGHT))
			return true;
	}
	return has_control_at(raw, at, raw->length);
}

/* Does a run that is long enough go through the byte? */
static bool has_run_at(const struct raw_line *raw, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && is_printable(raw->text[from - 1]) && at - from < NOISE_RUN)
		from--;
	while (to < raw->length && is_printable(raw->text[to]) && to - from < NOISE_RUN)
		to++;
	return to - from >= NOISE_RUN;
}

/* A run of eight has four that stand where a word of four bytes does. */
static bool has_run(const struct raw_line *raw)
{
	size_t at = 0;

	for (; at + EIGHT <= raw->length; at += EIGHT) {
		uint64_t printable = lade_eight_between(lade_eight_at(raw->text + at), ' ', '~');
		bool is_first = (printable & UINT32_MAX) == (EIGHT_TOPS & UINT32_MAX);
		if (printable == EIGHT_TOPS)
			return true;
		if (!is_first && printable >> 32 != EIGHT_TOPS >> 32)
			continue;
		if (has_run_at(raw, is_first ? at : at + 4))
			return true;
	}
	for (; at < raw->length; at++)
		if (has_run_at(raw, at))
			return true;
	return false;
}

bool lade_is_noise(const struct raw_line *raw)
{
	return raw->length && (raw->length < NOISE_RUN || !has_run(raw)) && has_control(raw);
}

bool lade_is_passed_over(const struct raw_line *raw)
{
	return lade_is_noise(raw) || lade_is_other_call(&(struct span){ raw->text, raw->length });
}

/* ---- messages that were there ---- */

static struct span *place_of(struct quiet *quiet, const struct span *message)
{
	return &quiet->known[lade_hash_line(message) >> (64 - QUIET_BITS)];
}

static bool is_same(const struct span *known, const struct span *message)
{
	return known->length == message->length && memcmp(known->text, message->text, message->length) == 0;
}

/* ---- messages ---- */

/* Nothing of a verifier's log, with one head before it and the next line, or without. */
static bool is_no_log(const struct span *message)
{
	struct report_state report = { 0 };
	struct span text;

	return lade_report_line(&report, message->text, message->length, &text) == REPORT_NONE &&
	       lade_verifier_line(message->text, message->length).kind == VERIFIER_OTHER && !lade_head_length(message);
}

/* Can the message not go on in the next line? Only where there is one, and it has a head of its own. */
static bool is_ended(struct quiet *quiet, const struct raw_line *raw)
{
	struct log_line line;
	struct raw_line next;

	quiet->has_looked = true;
	if (!lade_peek_line(&quiet->text, raw->next, &next))
		return false;
	line = lade_parse_line(&quiet->text, &next, quiet->next);
	return line.format || lade_is_blank_span(&line.message);
}

/* Of Android's, which may be wrapped. */
static bool is_no_rule(struct quiet *quiet, const struct raw_line *raw)
{
	struct rule_match match;
	enum match_result result = lade_rule_find(&quiet->message, &match);

	return result == MATCH_NO || (result == MATCH_CUT && (quiet->is_read || is_ended(quiet, raw)));
}

static bool says_nothing(struct quiet *quiet, const struct raw_line *raw, const struct span *message)
{
	const char *behind;

	if (lade_find_mark(message->text, message->text + message->length, &behind) || !is_no_log(message))
		return false;
	lade_message_clear(&quiet->message);
	lade_message_add(&quiet->message, message);
	return is_no_rule(quiet, raw) && lade_is_no_tool(&quiet->message) &&
	       lade_is_no_verdict(message, quiet->is_behind_types, quiet->text.has_prose);
}

/* ---- one word ---- */

/* What no head, quotation, system call, type, or message of a verifier's consists of alone. */
static const bool bare_bytes[256] = {
	['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['_'] = true, ['.'] = true,
	['-'] = true,         ['/'] = true,         ['+'] = true,         ['@'] = true, ['$'] = true,
};

static bool is_bare(const struct raw_line *raw)
{
	size_t at = 0;

	while (at < raw->length && bare_bytes[(unsigned char)raw->text[at]])
		at++;
	return at == raw->length && at <= BARE_MOST;
}

/* Names, numbers, paths, one a line: only a rule may know the word. */
static bool is_bare_quiet(struct quiet *quiet, const struct raw_line *raw)
{
	struct message *message = &quiet->message;

	memcpy(message->text, raw->text, raw->length);
	memset(message->gap, 0, raw->length);
	message->length = raw->length;
	message->is_ascii = true;
	return is_no_rule(quiet, raw) && lade_is_no_tool(message);
}

static bool is_quiet(struct quiet *quiet, const struct raw_line *raw, const struct span *message)
{
	struct span *known = place_of(quiet, message);

	/* What is indented may depend on the line before. */
	if (!quiet->is_behind_types && is_same(known, message))
		return true;
	quiet->has_looked = false;
	if (!says_nothing(quiet, raw, message))
		return false;
	if (lade_is_of_text(&quiet->text, message) && !quiet->has_looked)
		*known = *message;
	return true;
}

enum quietness lade_quietness(struct quiet *quiet, const struct raw_line *raw)
{
	enum quietness result = QUIET_EMPTY;
	struct span message = { 0 };

	if (raw->length && is_bare(raw)) {
		quiet->is_behind_types = !is_bare_quiet(quiet, raw);
		return quiet->is_behind_types ? QUIET_NOT : QUIET_OTHER;
	}
	if (raw->length && ((quiet->text.has_marks && lade_is_marked(raw)) || !lade_is_passed_over(raw))) {
		const struct log_line line = lade_parse_line(&quiet->text, raw, quiet->buffer);
		message = lade_quoted_message(&line.message, false);
	}
	if (!lade_is_blank_span(&message))
		result = is_quiet(quiet, raw, &message) ? QUIET_OTHER : QUIET_NOT;
	/* Behind what is not quiet nothing is known. */
	quiet->is_behind_types = result == QUIET_NOT || (result == QUIET_OTHER && lade_is_type_line(&message));
	return result;
}

void lade_quiet_begin(struct quiet *quiet, const struct reader *text)
{
	quiet->text = (struct reader){ .begin = text->begin,
				       .end = text->end,
				       .has_colours = text->has_colours,
				       .has_marks = text->has_marks,
				       .has_prose = text->has_prose };
}
