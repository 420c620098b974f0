/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a text line by line; a line that was wrapped is put together again. */
#include "explain/text.h"

#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "explain/explain.h"
#include "explain/head.h"
#include "explain/reader.h"
#include "explain/verifier_line.h"

#define WRAPPED_MAX 3 /* further lines of one message */

static bool peek(const struct reader *reader, const char *at, struct raw_line *ret_line)
{
	const char *newline;

	if (at >= reader->end)
		return false;
	newline = memchr(at, '\n', (size_t)(reader->end - at));
	ret_line->text = at;
	ret_line->length = (size_t)((newline ? newline : reader->end) - at);
	ret_line->next = newline ? newline + 1 : reader->end;
	if (ret_line->length > LINE_BYTES)
		ret_line->length = LINE_BYTES;
	return true;
}

/* "12: (85) …": most lines of a verifier's log, and of no logger. */
static bool is_instruction(const struct raw_line *raw)
{
	size_t at = 0;

	while (at < raw->length && at < 8 && lade_is_digit(raw->text[at]))
		at++;
	return at && at + 2 < raw->length && memcmp(raw->text + at, ": (", 3) == 0;
}

/* "WORD 12: (85) …" has the form of a host and a program's name, and is neither. */
static struct log_line with_number(struct log_line line, const char *start)
{
	const char *at = line.tag.text, *end = line.message.text + line.message.length;
	bool is_number = line.tag.length && line.message.length && *line.message.text == '(' &&
			 strcmp(line.format, "journal") == 0;

	for (size_t i = 0; is_number && i < line.tag.length; i++)
		is_number = lade_is_digit(at[i]);
	if (!is_number)
		return line;
	while (at > start && at[-1] == ' ')
		at--;
	while (at > start && at[-1] != ' ')
		at--;
	line.message = (struct span){ at, (size_t)(end - at) };
	return line;
}

#define BRACKET_MAX 24 /* bytes of what a vendor's kernel puts behind the time */

/* "[   10.254487][3 T473   ..] …": directly behind the time. */
static struct log_line without_bracket(struct log_line line)
{
	const char *text = line.message.text, *close;
	size_t length = line.message.length;
	struct log_line inner;

	if (!line.format || length < 3 || *text != '[' || strcmp(line.format, "dmesg") != 0 || text[-1] != ']')
		return line;
	close = memchr(text, ']', length < BRACKET_MAX ? length : BRACKET_MAX);
	if (!close || close + 2 >= text + length || close[1] != ' ')
		return line;
	inner = lade_log_line(close + 2, (size_t)(text + length - close - 2));
	inner.format = line.format;
	return inner;
}

static struct log_line parse(const struct reader *reader, const struct raw_line *raw, char *buffer)
{
	if (is_instruction(raw))
		return (struct log_line){ .message = { raw->text, raw->length } };
	if (!reader->has_colours || (!memchr(raw->text, '\033', raw->length) && !memchr(raw->text, '\r', raw->length)))
		return without_bracket(with_number(lade_log_line(raw->text, raw->length), raw->text));
	return without_bracket(
		with_number(lade_log_line(buffer, lade_strip_colours(raw->text, raw->length, buffer)), buffer));
}

static bool is_blank(const struct span *span)
{
	for (size_t i = 0; i < span->length; i++)
		if ((unsigned char)span->text[i] > ' ')
			return false;
	return true;
}

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
		if (!peek(reader, at, &raw)) {
			reader->explanation->depends = true;
			break;
		}
		reader->looked = raw.next;
		next = parse(reader, &raw, reader->peeked);
		if (next.format || is_blank(&next.message))
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

/* Was the same line there, and said what it would say again? */
static bool skip_seen(struct reader *reader, const struct seen *seen, const struct span *line)
{
	struct lade_explanation *explanation = reader->explanation;
	const struct seen_line *known = lade_is_outside(explanation) ? lade_seen_find(seen, line, reader->end) : NULL;

	reader->again = known && known->rule.number ? known : NULL;
	if (!known || reader->again)
		return false;
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

	if (!peek(reader, reader->at, &raw))
		return false;
	reader->looked = raw.next;
	next = parse(reader, &raw, reader->peeked);
	length = lade_head_again(head, &next.message);
	const struct span rest = { next.message.text + length, next.message.length - length };
	return length && !is_blank(&rest) &&
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

/* True: it says the same whatever was before, nothing, explanation->general, or something of reader->rule. */
static bool understand(struct reader *reader, const struct span *span)
{
	struct lade_explanation *explanation = reader->explanation;
	size_t number = reader->number;
	bool is_outside_log = lade_is_outside(explanation);
	struct message message;
	struct rule_match match;
	uint16_t tool = reader->again && reader->again->rule.is_tool ? reader->again->rule.number : 0;

	reader->rule = (struct seen_rule){ 0 };
	explanation->depends = false;
	explanation->general = (struct general){ 0 };
	if (!reader->again && lade_explanation_verifier(explanation, span, number)) {
		explanation->known++;
		return false;
	}
	bool is_pure = is_outside_log && !explanation->depends;
	lade_message_clear(&message);
	lade_message_add(&message, span);
	if (find_rule(reader, &message, &match)) {
		explanation->known++;
		reader->rule.number = (uint16_t)(match.rule - lade_explain_rules + 1);
		lade_explanation_add(explanation, &match, span, number);
		return is_pure && !reader->looked;
	}
	bool is_known = lade_explanation_tool(explanation, &message, span, number, &tool);
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
	bool is_alone = lade_is_outside(reader->explanation) && lade_is_of_text(reader, span), is_same_again;

	if (is_alone && !reader->again && lade_part_skip(reader, span, span->text + span->length))
		return false;
	lade_part_begin(reader, span, &part);
	is_same_again = understand(reader, span);
	if (is_alone && !reader->looked && lade_is_outside(reader->explanation))
		lade_part_end(reader, &part, span->text + span->length);
	else if (is_alone)
		lade_part_open(reader, span);
	return is_same_again;
}

/* Behind a logger's words, which differ from line to line. */
static bool take_message(struct reader *reader, const struct span *span)
{
	if (skip_seen(reader, reader->messages, span))
		return true;
	reader->looked = NULL;
	if (!understand_message(reader, span))
		return false;
	if (lade_is_of_text(reader, span) && !reader->looked)
		remember(reader, reader->messages, span, span);
	return true;
}

/* A mark of a newline, which loggers write as letters: "\\n", rsyslog "#012". NULL: there is none. */
static const char *find_mark(const char *at, const char *end, const char *mark)
{
	size_t length = strlen(mark);

	while ((at = memchr(at, *mark, (size_t)(end - at))) && (size_t)(end - at) >= length) {
		if (memcmp(at, mark, length) == 0)
			return at;
		at++;
	}
	return NULL;
}

/* Most lines have neither a backslash nor a hash. *ret_behind: where the next line begins. */
static const char *find_newline(const char *at, const char *end, const char **ret_behind)
{
	static const char *const marks[] = { "\\n", "#012" };
	const char *first = NULL;

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *found = find_mark(at, first ? first : end, marks[i]);
		if (!found)
			continue;
		first = found;
		*ret_behind = found + strlen(marks[i]);
	}
	return first;
}

/* Loggers that write JSON or key="value" put a whole log on one line: "…:\\n\\t0: (bf) r6 = r1\\n\\t…". */
static bool is_escaped(const struct lade_explanation *explanation, const struct span *span)
{
	const char *end = span->text + span->length, *behind;
	bool has_mark = find_newline(span->text, end, &behind) != NULL;

	if (!has_mark || (explanation->in_log && !explanation->is_bare) || *span->text == ';')
		return false;
	bool is_libbpf =
		(size_t)(end - behind) >= strlen("libbpf:") && memcmp(behind, "libbpf:", strlen("libbpf:")) == 0;
	return (is_libbpf || find_newline(behind, end, &behind)) && !memmem(span->text, span->length, "bpf(", 4);
}

/* Behind the mark with which Rust's {:?} begins a verifier's log; without one the span's begin. */
static const char *behind_opening(const struct span *span)
{
	static const char *const openings[] = { "VerifierLog(\"", "verifier_log: \"" };
	const char *behind, *newline = find_newline(span->text, span->text + span->length, &behind);
	size_t length = newline ? (size_t)(newline - span->text) : span->length;

	for (size_t i = 0; i < ELEMENTS(openings); i++) {
		const char *at = memmem(span->text, length, openings[i], strlen(openings[i]));
		if (at)
			return at + strlen(openings[i]);
	}
	return span->text;
}

static void take_escaped(struct reader *reader, const struct span *span)
{
	size_t known = reader->explanation->known;
	const char *at = behind_opening(span), *end = span->text + span->length;
	const struct span before = { span->text, (size_t)(at - span->text) };

	if (before.length)
		(void)take_message(reader, &before);
	while (at < end) {
		const char *behind = end, *newline = find_newline(at, end, &behind);
		while (end - at >= 2 && at[0] == '\\' && at[1] == 't')
			at += 2;
		struct span part = { at, (size_t)((newline ? newline : end) - at) };
		if (!is_blank(&part))
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

/* Of a line that was there, of which the logger's words are known. */
static void read_again(struct reader *reader, const struct span *whole)
{
	const struct seen_line *known = reader->again;
	const struct span message = { whole->text + (known->message.text - known->line.text), known->message.length };

	reader->looked = NULL;
	(void)understand(reader, &message);
	reader->part.is_plain &= message.text == whole->text && !reader->looked;
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
	line = parse(reader, raw, reader->stripped);
	if (line.is_head && is_blank(&line.message))
		return;
	line.message = without_prefix(reader->explanation, line.message);
	line.message = lade_quoted_message(&line.message, reader->explanation->in_log);
	if (is_blank(&line.message))
		return;
	if (is_escaped(reader->explanation, &line.message)) {
		reader->part.is_plain = false;
		take_escaped(reader, &line.message);
		return;
	}
	reader->looked = NULL;
	/* A line without a logger's words was looked for already. */
	bool is_plain = line.message.text == whole.text;
	bool is_same_again = is_plain ? understand(reader, &line.message) : take_message(reader, &line.message);
	reader->part.is_plain &= is_plain && !reader->looked;
	if (is_same_again && lade_is_of_text(reader, &line.message))
		remember(reader, reader->raw, &whole, &line.message);
}

static void take_line(struct reader *reader, const struct raw_line *raw)
{
	const struct lade_explanation *explanation = reader->explanation;
	const struct span whole = { raw->text, raw->length };
	bool begins = lade_is_outside(explanation);

	reader->at = raw->next;
	reader->number++;
	if (!raw->length || (begins && lade_part_skip(reader, &whole, reader->end)))
		return;
	if (begins)
		lade_part_begin(reader, &whole, &reader->part);
	read_line(reader, raw);
	if (begins)
		reader->part.is_marked = !explanation->is_bare;
	if (lade_is_outside(explanation) && reader->part.is_plain)
		lade_part_end(reader, &reader->part, reader->at);
}

static int read_text(struct lade_explanation *explanation, const char *text, size_t length)
{
	CLEANUP(cleanup_free) char *buffers = malloc(2 * (size_t)LINE_BYTES);
	CLEANUP(cleanup_free) struct seen *seen = calloc(2, sizeof *seen);
	CLEANUP(cleanup_free) struct shapes *shapes = calloc(1, sizeof *shapes);
	CLEANUP(cleanup_free) struct word_shapes *words = calloc(1, sizeof *words);
	struct reader reader = { .explanation = explanation, .begin = text, .at = text, .end = text + length };
	struct raw_line raw;

	if (!buffers || !seen || !shapes || !words)
		return -ENOMEM;
	explanation->open = SIZE_MAX;
	reader.has_colours = memchr(text, '\033', length) || memchr(text, '\r', length);
	reader.stripped = buffers;
	reader.peeked = buffers + LINE_BYTES;
	reader.raw = seen;
	reader.messages = seen + 1;
	reader.shapes = shapes;
	reader.words = words;
	while (peek(&reader, reader.at, &raw))
		take_line(&reader, &raw);
	lade_explanation_log_end(explanation, reader.number);
	lade_explanation_tools_end(explanation);
	lade_explanation_cuts_end(explanation);
	explanation->lines = reader.number;
	lade_explanation_relate(explanation);
	return explanation->failed ? -ENOMEM : 0;
}

LADE_API int lade_explain_text(const char *text, size_t length, const struct lade_explain_opts *opts,
			       struct lade_explanation **ret_explanation, struct lade_error **error)
{
	CLEANUP(cleanup_lade_explanation) struct lade_explanation *explanation = calloc(1, sizeof *explanation);
	struct lade_explain_opts known;

	if (opts_read(&known, sizeof known, opts) < 0)
		return lade_fail(error, EINVAL, "internal.options", "unknown options of an explanation");
	if (!explanation || read_text(explanation, text, length) < 0)
		return lade_fail_memory(error);
	if (lade_explanation_after(explanation, &known, text, length) < 0)
		return lade_fail(error, EINVAL, "internal.options", "'%s' is no version of the kernel", known.kernel);
	*ret_explanation = TAKE(explanation);
	return 0;
}

LADE_API struct lade_explanation *lade_explanation_free(struct lade_explanation *explanation)
{
	if (!explanation)
		return NULL;
	array_foreach(item, &explanation->items) {
		(void)lade_finding_free(item->finding);
		free(item->line);
		free(item->word);
		free(item->others);
	}
	array_clear(&explanation->items);
	lade_strbuf_clear(&explanation->log);
	free(explanation->object);
	free(explanation->program);
	free(explanation->types);
	lade_calls_free(explanation);
	free(explanation->maps);
	lade_cuts_free(explanation);
	free(explanation);
	return NULL;
}
