/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lines of a text say, one after the other; a line that was wrapped is put together again. */
#include "explain/text.h"

#include <errno.h>
#include <string.h>

#include "explain/reading/ahead.h"
#include "explain/verifier/verdict.h"
#include "explain/reading/head.h"
#include "explain/reading/heads.h"
#include "explain/reading/quiet.h"
#include "explain/verifier/line.h"

#define WRAPPED_MAX 3 /* further lines of one message */
#define SHORT_BYTES 3 /* of lines that are not looked at */

/* ---- wrapped lines ---- */

static bool ends_with(const struct span *span, const char *end)
{
	size_t length = strlen(end);

	return span->length >= length && memcmp(span->text + span->length - length, end, length) == 0;
}

/* An object's path that the end of the line cut: no object is called so. */
static bool is_cut(const struct message *message, const struct rule_match *match)
{
	const struct span *object = lade_captured(match, CAPTURE_OBJECT);

	return match->end == message->length && object->length &&
	       object->text + object->length == message->text + message->length && !ends_with(object, ".o") &&
	       !ends_with(object, ".bpf");
}

/* Would a rule say more of it if the message went on? */
static bool is_open(const struct message *message, const struct rule_match *match, enum match_result result)
{
	return result == MATCH_CUT || (result == MATCH_YES && (match->may_go_on || is_cut(message, match)));
}

/* Takes the lines that go on with what this one began. */
static enum match_result read_on(struct reader *reader, struct message *message, struct rule_match *match,
				 enum match_result result)
{
	struct message longer;
	struct rule_match longer_match;
	enum match_result longer_result = result;
	const char *at = reader->at;
	unsigned taken = 0;
	struct raw_line raw;

	lade_message_copy(&longer, message);
	/* The first time it is open, or this would not be asked. */
	for (unsigned more = 1; more <= WRAPPED_MAX && (more == 1 || is_open(&longer, &longer_match, longer_result));
	     more++) {
		struct log_line next;
		if (!lade_peek_line(reader, at, &raw)) {
			reader->explanation->depends = true;
			break;
		}
		lade_look_at(reader, &raw);
		next = lade_parse_line(reader, &raw, reader->peeked);
		if (next.format || lade_is_blank_span(&next.message))
			break;
		lade_message_add(&longer, &next.message);
		at = raw.next;
		longer_result = lade_rule_find(&longer, &longer_match);
		if (longer_result != MATCH_YES)
			continue;
		lade_message_copy(message, &longer);
		result = lade_rule_find(message, match); /* again, because it points into the message */
		reader->at = at;
		reader->number += more - taken;
		reader->explanation->known += more - taken;
		taken = more;
	}
	return result;
}

/* ---- lines that were there before ---- */

/* Is nothing begun, so that a line may be taken for one that was there? */
static bool may_skip(const struct reader *reader)
{
	return lade_is_outside(reader->explanation) && !reader->explanation->understands_all;
}

/* Was the same line there, and said what it would say again? */
static bool skip_seen(struct reader *reader, struct seen *seen, const struct span *line)
{
	struct lade_explanation *explanation = reader->explanation;
	const struct seen_line *known = may_skip(reader) ? lade_seen_find(seen, line, reader->end) : NULL;

	reader->again = known && known->rule.number ? known : NULL;
	if (!known || reader->again || lade_is_of_types(explanation, &known->message, reader->number))
		return false;
	/* What is remembered of the line around it. */
	explanation->general = known->general;
	reader->rule = known->rule;
	if (!known->general.code) {
		lade_explanation_unknown(explanation, &known->message, reader->number);
		return true;
	}
	if (!lade_explanation_general(explanation, &known->general, reader->number))
		return false;
	explanation->known++;
	return true;
}

static void remember(struct reader *reader, struct seen *seen, const struct span *line, const struct span *message)
{
	const char *end = line->text + line->length;
	const struct seen_line known = { .line = *line,
					 .message = *message,
					 .behind = reader->looked ? (size_t)(reader->looked - end) : 0,
					 .general = reader->explanation->general,
					 .rule = reader->rule };

	if (known.behind <= LINE_BYTES)
		lade_seen_add(seen, &known);
}

/* ---- lines ---- */

/* Of one of Android's rules? */
static bool find_rule(struct reader *reader, struct message *message, struct rule_match *match)
{
	const struct seen_line *again = reader->again;
	enum match_result result;

	if (again)
		return !again->rule.is_tool && lade_rule_again(message, again->rule.number - 1U, match);
	result = lade_rule_find(message, match);
	if (is_open(message, match, result))
		result = read_on(reader, message, match, result);
	return result == MATCH_YES;
}

/* Is the next line one of a verifier's log, behind the same head? */
static bool has_next(struct reader *reader, const struct span *head)
{
	struct raw_line raw;
	struct log_line next;
	size_t length;

	if (!lade_peek_line(reader, reader->at, &raw))
		return false;
	lade_look_at(reader, &raw);
	next = lade_parse_line(reader, &raw, reader->peeked);
	length = lade_head_again(head, &next.message);
	const struct span rest = { next.message.text + length, next.message.length - length };
	return length && !lade_is_blank_span(&rest) &&
	       (lade_verifier_line(rest.text, rest.length).kind != VERIFIER_OTHER ||
		lade_verifier_message(rest.text, rest.length));
}

/* Outside of a log, or behind what only announced one. */
static bool may_begin(const struct lade_explanation *explanation)
{
	return !explanation->in_log || (explanation->is_bare && !explanation->prefix_length &&
					!explanation->has_ended && !explanation->has_instruction);
}

/* A logger of which no form is known: the same stands before this line of a log and the next. */
static bool begin_behind_head(struct reader *reader, const struct span *line)
{
	struct lade_explanation *explanation = reader->explanation;
	const struct span head = { line->text, may_begin(explanation) ? lade_head_length(line) : 0 };
	const struct span rest = { line->text + head.length, line->length - head.length };

	/* "regs=5 stack=0 before 12: (bf) r6 = r1" is the verifier's own. */
	if (!head.length || head.length >= PREFIX_BYTES ||
	    lade_verifier_line(line->text, line->length).kind != VERIFIER_OTHER || !has_next(reader, &head))
		return false;
	/* The line before may be of the log, too. */
	const struct span before = { explanation->unknown, explanation->unknown_length };
	size_t skipped = lade_head_again(&head, &before);
	memmove(explanation->unknown, explanation->unknown + skipped, before.length - skipped);
	explanation->unknown_length -= skipped;
	if (!lade_explanation_verifier(explanation, &rest, reader->number))
		return false;
	explanation->prefix_length = head.length;
	memcpy(explanation->prefix, head.text, head.length);
	explanation->known++;
	return true;
}

/* What is found out of the line, for the same line that comes again. */
static bool may_remember(const struct reader *reader, const struct span *span)
{
	return !reader->explanation->understands_all && lade_is_of_text(reader, span);
}

/* By the rule, from 1, that the line has wherever it stands, if that is known; it is found out, else; 0: it has none.
 */
static bool take_tool(struct reader *reader, const struct message *message, const struct span *span, uint16_t *rule)
{
	bool is_asked = !*rule && may_remember(reader, span), is_known;
	struct ruled *place = &reader->ruled[lade_hash_line(span) >> (64 - RULED_BITS)];

	if (is_asked && place->rule && place->length == span->length &&
	    memcmp(place->text, span->text, span->length) == 0)
		*rule = place->rule;
	is_known = lade_explanation_tool(reader->explanation, message, span, reader->number, rule);
	if (is_asked && *rule)
		*place = (struct ruled){ span->text, (uint32_t)span->length, *rule };
	if (*rule == TOOL_NONE)
		*rule = 0;
	return is_known;
}

/* True: it says the same whatever was before, nothing, explanation->general, or something of reader->rule. */
static bool understand(struct reader *reader, const struct span *span)
{
	struct lade_explanation *explanation = reader->explanation;
	size_t number = reader->number;
	bool is_outside_log = lade_is_outside(explanation);
	struct message message;
	struct rule_match match;
	uint16_t tool = reader->again && reader->again->rule.is_tool ? reader->again->rule.number : 0;

	reader->part.is_understood = true;
	reader->rule = (struct seen_rule){ 0 };
	explanation->depends = false;
	explanation->general = (struct general){ 0 };
	explanation->placed = may_remember(reader, span) ? reader->placed : NULL;
	if (!reader->again && ((is_outside_log && lade_explanation_whole_call(explanation, span, number)) ||
			       lade_explanation_verifier(explanation, span, number))) {
		explanation->known++;
		return false;
	}
	if (lade_is_printing_line(span))
		return false;
	bool is_pure = is_outside_log && !explanation->depends;
	lade_message_clear(&message);
	lade_message_add(&message, span);
	if (find_rule(reader, &message, &match)) {
		explanation->known++;
		reader->rule.number = (uint16_t)(match.rule - lade_explain_rules + 1);
		lade_explanation_add(explanation, &match, span, number);
		return is_pure && !reader->looked;
	}
	explanation->is_call_open = false;
	bool is_known = take_tool(reader, &message, span, &tool);
	if (explanation->is_call_open && lade_take_wrapped_call(reader, span))
		return false;
	if (!is_known && begin_behind_head(reader, span))
		return false;
	is_known = is_known || lade_explanation_verdict(explanation, span, number);
	explanation->known += is_known;
	if (is_outside_log && !explanation->depends && (!is_known || explanation->general.code))
		return true;
	reader->rule = (struct seen_rule){ tool, true };
	return is_pure && tool && !reader->looked;
}

/* The same of what stands behind a logger's words. */
static bool understand_message(struct reader *reader, const struct span *span)
{
	struct part part;
	bool is_alone = may_skip(reader) && lade_is_of_text(reader, span), is_same_again;

	if (is_alone && !reader->again &&
	    (lade_part_skip(reader, span, span->text + span->length) || lade_part_skip_line(reader, span)))
		return false;
	lade_part_begin(reader, span, &part);
	is_same_again = understand(reader, span);
	if (is_alone && !reader->looked && lade_is_outside(reader->explanation))
		lade_part_end(reader, &part, span->text + span->length);
	else if (is_alone)
		lade_part_open(reader, span, false);
	return is_same_again;
}

/* Behind a logger's words, which differ from line to line. */
static bool take_message(struct reader *reader, const struct span *span)
{
	reader->part.messages++;
	reader->part.message = *span;
	/* Where copies without colours stand, another one stood before. */
	if (!lade_is_of_text(reader, span))
		reader->messages->last.line = (struct span){ 0 };
	if (skip_seen(reader, reader->messages, span))
		return true;
	if (may_skip(reader) && lade_repeat_take_message(reader, span))
		return false;
	reader->looked = NULL;
	if (!understand_message(reader, span))
		return false;
	if (lade_is_of_text(reader, span) && !reader->looked)
		remember(reader, reader->messages, span, span);
	return true;
}

static void take_escaped(struct reader *reader, const struct span *span)
{
	size_t known = reader->explanation->known;
	const char *at = lade_behind_opening(span), *end = span->text + span->length;
	const struct span before = { span->text, (size_t)(at - span->text) };

	if (before.length)
		(void)take_message(reader, &before);
	while (at < end) {
		const char *behind = end, *newline = lade_find_mark(at, end, &behind);
		while (end - at >= 2 && at[0] == '\\' && at[1] == 't')
			at += 2;
		struct span part = { at, (size_t)((newline ? newline : end) - at) };
		if (!lade_is_blank_span(&part))
			(void)take_message(reader, &part);
		at = behind;
	}
	reader->explanation->known = reader->explanation->known > known ? known + 1 : known;
}

/* Within a log, without what stood before its first line, too. */
static struct span without_prefix(struct lade_explanation *explanation, struct span line)
{
	const struct span head = { explanation->prefix, explanation->in_log ? explanation->prefix_length : 0 };
	size_t length = head.length ? lade_head_again(&head, &line) : 0;

	explanation->is_foreign = head.length && !length && explanation->is_bare;

	return (struct span){ line.text + length, line.length - length };
}

/* Does nothing that differs from line to line stand before it? */
static bool is_whole(const struct reader *reader, const struct span *message, const struct span *line)
{
	return message->text == lade_unmarked(reader, line).text;
}

/* Of a line that was there, of which the logger's words are known. */
static void read_again(struct reader *reader, const struct span *whole)
{
	const struct seen_line *known = reader->again;
	const struct span message = { whole->text + (known->message.text - known->line.text), known->message.length };

	reader->looked = NULL;
	(void)understand(reader, &message);
	reader->part.is_plain &= is_whole(reader, &message, whole) && !reader->looked;
}

static void read_line(struct reader *reader, const struct raw_line *raw)
{
	const struct span whole = { raw->text, raw->length };
	struct log_line line;

	if (skip_seen(reader, reader->raw, &whole))
		return;
	if (reader->again) {
		read_again(reader, &whole);
		return;
	}
	line = lade_parse_line(reader, raw, reader->stripped);
	if (line.is_head && lade_is_blank_span(&line.message))
		return;
	line.message = without_prefix(reader->explanation, line.message);
	line.message = lade_quoted_message(&line.message, reader->explanation->in_log);
	if (lade_is_blank_span(&line.message))
		return;
	if (lade_is_escaped(reader->explanation, &line.message)) {
		reader->part.is_plain = false;
		take_escaped(reader, &line.message);
		return;
	}
	reader->looked = NULL;
	/* A line without a logger's words was looked for already. */
	bool is_plain = is_whole(reader, &line.message, &whole);
	bool is_same_again = is_plain ? understand(reader, &line.message) : take_message(reader, &line.message);
	reader->part.is_plain &= is_plain && !reader->looked;
	if (is_same_again && lade_is_of_text(reader, &line.message))
		remember(reader, reader->raw, &whole, &line.message);
}

bool lade_is_behind_log(const struct reader *reader, const char *at)
{
	struct report_state report = reader->explanation->report;
	struct raw_line raw;
	struct log_line line;
	struct span nothing;

	if (!lade_peek_line(reader, at, &raw) || !raw.length)
		return false;
	line = lade_parse_line(reader, &raw, reader->peeked);
	return !lade_is_blank_span(&line.message) &&
	       lade_verifier_line(line.message.text, line.message.length).kind == VERIFIER_OTHER &&
	       lade_report_line(&report, line.message.text, line.message.length, &nothing) == REPORT_NONE;
}

/* A log that nothing marks, with its statistics: what comes next has nothing to do with it. */
static void end_log(struct reader *reader)
{
	struct lade_explanation *explanation = reader->explanation;

	if (!explanation->in_log || !explanation->is_bare || !explanation->has_ended || explanation->prefix_length ||
	    !lade_is_behind_log(reader, reader->at))
		return;
	reader->part.is_ended = true;
	reader->part.is_plain = false;
	lade_explanation_log_end(explanation, reader->number);
}

/* Was it there before, in the same words, or in words that are like them? Then it was taken. */
static bool take_part(struct reader *reader, const struct span *line)
{
	bool is_again =
		may_skip(reader) && (lade_repeat_take_next(reader, line) || lade_part_skip(reader, line, reader->end) ||
				     lade_repeat_take(reader, line) || lade_part_skip_line(reader, line));

	reader->repeated += is_again ? (size_t)(reader->at - line->text) : 0;
	return is_again;
}

/* Of a line whose head was taken off it was looked before. */
static bool is_marked(const struct reader *reader, const struct raw_line *raw)
{
	return reader->has_marks && lade_is_marked(raw);
}

static void take_line(struct reader *reader, const struct raw_line *raw)
{
	const struct lade_explanation *explanation = reader->explanation;
	const struct span whole = { raw->text, raw->length };
	const size_t told = explanation->told;
	bool begins = lade_is_outside(explanation);

	reader->at = raw->next;
	reader->number++;
	if (!raw->length || (begins && !is_marked(reader, raw) && lade_is_passed_over(raw)) ||
	    take_part(reader, &whole))
		return;
	if (begins) {
		lade_part_begin(reader, &whole, &reader->part);
		lade_repeat_begin(reader);
	}
	read_line(reader, raw);
	end_log(reader);
	const bool is_part = lade_is_outside(explanation) && reader->part.is_plain;
	/* It may come again alone, and not at the end of such a log. */
	if (explanation->told != told)
		lade_part_open(reader, &whole, is_part);
	if (begins)
		reader->part.is_marked = !explanation->is_bare;
	if (lade_is_outside(explanation))
		lade_repeat_remember(reader);
	if (is_part)
		lade_part_end(reader, &reader->part, reader->at);
}

/* ---- lines that say nothing ---- */

/* Statistics may come behind the last of them. */
static void step_over(struct reader *reader, const struct quiet_run *run)
{
	struct raw_line raw;
	struct span message;

	reader->at = run->end;
	reader->number += run->lines;
	if (!run->last || !lade_peek_line(reader, run->last, &raw))
		return;
	message = lade_parse_line(reader, &raw, reader->stripped).message;
	message = lade_quoted_message(&message, false);
	lade_explanation_unknown(reader->explanation, &message, reader->number);
}

/* Three bytes are no rule's, no message of a verifier's and no beginning of a log: "}", "1", "```". */
static bool take_short(struct reader *reader, const struct raw_line *raw)
{
	const struct span line = { raw->text, raw->length };

	if (raw->length > SHORT_BYTES || !lade_is_outside(reader->explanation) || is_marked(reader, raw) ||
	    memchr(raw->text, ':', raw->length))
		return false;
	reader->at = raw->next;
	reader->number++;
	if (!lade_is_blank_span(&line))
		lade_explanation_unknown(reader->explanation, &line, reader->number);
	return true;
}

void lade_take_lines(struct reader *reader)
{
	struct quiet_run run;
	struct raw_line raw;

	while (reader->at < reader->end) {
		if (reader->ahead && may_skip(reader) &&
		    lade_ahead_take(reader->ahead, reader->at, reader->repeated, &run))
			step_over(reader, &run);
		else if (lade_peek_line(reader, reader->at, &raw) && !take_short(reader, &raw))
			take_line(reader, &raw);
	}
}
