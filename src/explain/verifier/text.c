/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifier logs in a text: between a loader's marks, or bare; and the one line that libraries make of a log
 * ("load program: permission denied: R1 invalid mem access 'inv' (12 line(s) omitted)").
 */
#include <ctype.h>
#include <string.h>

#include "explain/verifier/verdict.h"
#include "explain/tools/errors.h"
#include "explain/reading/hash.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/anybodys.h"
#include "explain/verifier/line.h"
#include "explain/verifier/sentence.h"

#define OTHERS_MAX    8  /* lines of no log in a row end a bare one */
#define TRIES_MAX     24 /* places of a line where a message may begin */
#define LITERAL_MIN   12 /* bytes of fixed text: a shorter message may be anything, unless it begins as "R1 …" */
#define REGISTER_MIN  9
#define OBJECTION_MIN 8  /* the same, behind a type */
#define STAMP_MAX     48 /* bytes of a logger's time and level */

static const char omitted_words[] = " line(s) omitted", omitted_end[] = "(s) omitted"; /* which hardly any line has */

/* "… (truncated, 12 line(s) omitted)": what stands before the number. */
static const char *before_number(const char *text, const char *at)
{
	static const char truncated[] = "truncated, ";
	size_t length = strlen(truncated);

	if ((size_t)(at - text) > length && memcmp(at - length, truncated, length) == 0)
		at -= length;
	if (at > text && at[-1] == '(')
		at--;
	while (at > text && at[-1] == ' ')
		at--;
	return at;
}

/* "… (12 line(s) omitted)": cut off, and counted. */
static struct span without_omitted(struct lade_explanation *explanation, struct span line)
{
	const size_t before = strlen(omitted_words) - strlen(omitted_end);
	const char *words = lade_search(line.text, line.length, omitted_end, strlen(omitted_end)), *at;
	size_t number = 0;

	if (!words || words < line.text + before || memcmp(words - before, omitted_words, before) != 0)
		return line;
	at = words -= before;
	while (at > line.text && isdigit((unsigned char)at[-1]) && words - at < 9)
		at--;
	for (const char *digit = at; digit < words; digit++)
		number = number * 10 + (size_t)(*digit - '0');
	at = before_number(line.text, at);
	explanation->omitted = number;
	return (struct span){ line.text, (size_t)(at - line.text) };
}

/* The source line or the state before a log's first instruction: neither is surely of a log. */
static void take_line_before(struct lade_explanation *explanation, size_t number)
{
	const struct span before = lade_explanation_line_before(explanation, number);
	enum verifier_line_kind kind = lade_verifier_line(before.text, before.length).kind;

	if (before.length && (kind == VERIFIER_SOURCE || kind == VERIFIER_STATE))
		lade_explanation_log(explanation, &before);
}

static void begin(struct lade_explanation *explanation, size_t number)
{
	lade_explanation_log_end(explanation, number > 1 ? number - 1 : number);
	explanation->in_log = true;
	explanation->is_bare = true;
	explanation->has_instruction = explanation->has_ended = false;
	explanation->others = 0;
	explanation->report = (struct report_state){ 0 };
	explanation->log_line = number;
	take_line_before(explanation, number);
}

/* A line of the report that the newest kernels put behind their message; a report may also stand alone. */
static bool take_report(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	struct report_state state = explanation->report;
	struct span text;

	if (lade_report_line(&state, line->text, line->length, &text) == REPORT_NONE) {
		explanation->report = state;
		return false;
	}
	if (!explanation->in_log || explanation->has_ended)
		begin(explanation, number);
	explanation->report = state;
	explanation->others = 0;
	lade_explanation_log(explanation, line);
	return true;
}

/* A log of statistics only (level 4) has one line more: the message. */
static bool take_message_before(struct lade_explanation *explanation, size_t number)
{
	const struct span before = lade_explanation_line_before(explanation, number);
	const struct verifier_message *message;

	explanation->effects.is_of_before = true;
	if (explanation->in_log || !before.length)
		return false;
	message = lade_verifier_message(before.text, before.length);
	if (!message || strcmp(lade_verifier_text + message->family, "info") == 0)
		return false;
	begin(explanation, number - 1);
	lade_explanation_log(explanation, &before);
	return true;
}

void lade_explanation_unknown(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	explanation->unknown_length = line->length < UNKNOWN_BYTES ? line->length : UNKNOWN_BYTES;
	explanation->unknown_line = number;
	explanation->effects.unknown = line->text;
	memcpy(explanation->unknown, line->text, explanation->unknown_length);
}

/* A message that is too peculiar to stand anywhere else. One that begins with anything would begin anywhere. */
static bool is_message(const char *text, size_t length)
{
	const struct verifier_message *message;

	if (!lade_verifier_may_begin(text, length))
		return false;
	message = lade_verifier_message_begun(text, length);
	if (!message && (*text == 'R' || isdigit((unsigned char)text[3]))) /* "R1 …", "fd 3 …" */
		message = lade_verifier_message(text, length);
	if (message && *text != 'R' && lade_verifier_text[message->pattern] == '%')
		return false;
	return message && message->literal >= (*text == 'R' ? REGISTER_MIN : LITERAL_MIN) &&
	       strcmp(lade_verifier_text + message->family, "info") != 0 &&
	       lade_verifier_line(text, length).kind == VERIFIER_OTHER;
}

/* "30: (61) r1 = *(u32 *)(r3 +12): R3 invalid mem access 'inv'": two lines that somebody joined. */
static bool take_joined(struct lade_explanation *explanation, const struct span *span, const struct verifier_line *line)
{
	const char *end = span->text + span->length, *colon = NULL;

	if (line->kind == VERIFIER_INSTRUCTION)
		colon = lade_search(line->text.text, line->text.length, ": ", 2);
	if (!colon || !is_message(colon + 2, (size_t)(end - colon - 2)))
		return false;
	const struct span instruction = { span->text, (size_t)(colon - span->text) };
	const struct span message = without_omitted(explanation, (struct span){ colon + 2, (size_t)(end - colon - 2) });
	lade_explanation_log(explanation, &instruction);
	lade_explanation_log(explanation, &message);
	return true;
}

bool lade_explanation_verifier(struct lade_explanation *explanation, const struct span *span, size_t number)
{
	struct verifier_line line;
	bool is_sure;

	if (take_report(explanation, span, number))
		return true;
	line = lade_verifier_line(span->text, span->length);
	is_sure = line.kind == VERIFIER_INSTRUCTION || line.kind == VERIFIER_EDGE ||
		  (line.kind == VERIFIER_STATE && line.number == 0);
	if (line.kind == VERIFIER_OTHER)
		return false;
	explanation->depends = true;
	if (explanation->in_log && explanation->has_ended && is_sure)
		begin(explanation, number);
	if (!explanation->in_log && !is_sure &&
	    (line.kind != VERIFIER_STATISTIC || !take_message_before(explanation, number))) {
		if (line.kind == VERIFIER_STATISTIC && lade_span_starts(&line.text, "processed "))
			explanation->accepted_line = number;
		return false;
	}
	if (!explanation->in_log)
		begin(explanation, number);
	explanation->has_instruction |= line.kind == VERIFIER_INSTRUCTION;
	explanation->has_ended |= explanation->is_bare && line.kind == VERIFIER_STATISTIC;
	explanation->others = 0;
	if (!take_joined(explanation, span, &line))
		lade_explanation_log(explanation, span);
	return true;
}

/* "ERRO[0045] ", "[15:44:13.162] ": what loggers put before a message, without a colon. */
static const char *skip_stamp(const char *text, const char *end)
{
	const char *close;

	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	if (end - text > 4 && memcmp(text, "... ", 4) == 0) /* its beginning was cut off */
		return text + 4;
	bool is_level = end - text > 5 && isupper((unsigned char)text[0]) && text[4] == '[';
	if (!is_level && (end - text < 2 || *text != '['))
		return text;
	close = memchr(text, ']', (size_t)(end - text) < STAMP_MAX ? (size_t)(end - text) : STAMP_MAX);
	return close && close + 2 < end && close[1] == ' ' ? close + 2 : text;
}

static bool is_error_text(const struct span *part)
{
	struct message words;
	size_t bytes = 0;

	lade_message_clear(&words);
	lade_message_add(&words, part);
	return words.length && lade_error_begins(words.text, words.length, &bytes) && bytes == words.length;
}

/* "invalid argument: invalid write to stack …" begins with an error's words, which look like those of a message. */
static bool is_behind_error(const char *at, const char *end)
{
	const char *colon = lade_search(at, (size_t)(end - at), ": ", 2);

	return colon && is_error_text(&(struct span){ at, (size_t)(colon - at) });
}

/* Behind the next ": ", or where loggers begin what they quote: msg="…", "error":"…", main.go:149] … NULL: there is
 * none. */
static const char *next_part(const char *at, const char *end, bool has_quotes)
{
	const char *colon;

	if (!has_quotes) {
		colon = lade_search(at, (size_t)(end - at), ": ", 2);
		return colon ? colon + 2 : NULL;
	}
	for (; end - at > 2; at++)
		if ((at[0] == ':' && (at[1] == ' ' || at[1] == '"')) || (at[0] == '=' && at[1] == '"') ||
		    (at[0] == ']' && at[1] == ' '))
			return at + 2;
	return NULL;
}

/* Up to the quotation mark, if it was quoted. */
static struct span message_at(const char *at, const char *end)
{
	const char *quote = at[-1] == '"' ? at : end;

	while (quote < end && *quote != '"')
		quote += *quote == '\\' && end - quote > 1 ? 2 : 1;
	return (struct span){ at, (size_t)(quote - at) };
}

/*
 * Behind "load program: permission denied: ", or from the beginning. "1030: (71) r1 = *(u8 *)(r9 +23): R9 invalid …"
 * has the instruction before it.
 */
static bool find_message(const struct span *line, bool is_question, struct span *ret_message,
			 struct span *ret_instruction)
{
	const char *at = line->text, *end = line->text + line->length, *parts[2] = { NULL, NULL };
	const bool has_quotes = memchr(at, '"', line->length) || memchr(at, ']', line->length);

	at = skip_stamp(at, end);
	for (unsigned tries = 0; at && at < end && tries < TRIES_MAX; tries++) {
		if (is_message(at, (size_t)(end - at)) && !is_behind_error(at, end) &&
		    !lade_verifier_is_anybodys(line, is_question, at, (size_t)(end - at))) {
			*ret_message = at > line->text ? message_at(at, end) : (struct span){ at, (size_t)(end - at) };
			*ret_instruction = (struct span){ parts[0], parts[0] ? (size_t)(at - 2 - parts[0]) : 0 };
			return true;
		}
		parts[0] = parts[1];
		parts[1] = at;
		at = next_part(at, end, has_quotes);
	}
	return false;
}

/* Ends the name of a field here? */
static bool is_field(const char *start, const char *behind)
{
	static const char *const fields[] = { "message=", "msg=", "error=", "err=" };

	for (size_t i = 0; i < ELEMENTS(fields); i++) {
		size_t length = strlen(fields[i]);
		if ((size_t)(behind - start) >= length && memcmp(behind - length, fields[i], length) == 0)
			return true;
	}
	return false;
}

/* "filler/NAME message=fd 0 is not pointing to valid bpf_map", "err=…": a field of a logger that quotes nothing. */
static bool find_field(const struct span *line, bool is_question, struct span *ret_message)
{
	const char *end = line->text + line->length;

	for (const char *at = line->text; (at = memchr(at, '=', (size_t)(end - at)));) {
		at++;
		if (at == end || !is_field(line->text, at) || !is_message(at, (size_t)(end - at)) ||
		    is_behind_error(at, end) || lade_verifier_is_anybodys(line, is_question, at, (size_t)(end - at)))
			continue;
		*ret_message = (struct span){ at, (size_t)(end - at) };
		return true;
	}
	return false;
}

static bool closes(char open, char close)
{
	return (open == '(' && close == ')') || (open == '[' && close == ']') || (open == '\'' && close == '\'') ||
	       (open == '`' && close == '\'');
}

/* "rejected: Permission denied (13)! R1 type=…", "failed (R1 type=…)": behind such marks only what is about a register
 * is the verifier's. */
static bool find_register(const struct span *line, struct span *ret_message)
{
	static const char marks[] = { '!', ';', ',', '>', '-', '(', '[', '\'', '`' };
	const char *end = line->text + line->length, *before;

	for (const char *at = line->text; (at = memchr(at, 'R', (size_t)(end - at))); at++) {
		if (end - at < REGISTER_MIN || !isdigit((unsigned char)at[1]))
			continue;
		for (before = at; before > line->text && before[-1] == ' ';)
			before--;
		if (before == line->text || !memchr(marks, before[-1], sizeof marks) ||
		    !is_message(at, (size_t)(end - at)))
			continue;
		/* What closes the bracket is none of it, and neither is a full stop behind that. */
		const char *stop = end[-1] == '.' && closes(before[-1], end[-2]) ? end - 1 : end;
		*ret_message = (struct span){ at, (size_t)(stop - at) - closes(before[-1], stop[-1]) };
		return true;
	}
	return false;
}

/* Is it a message up to its end, and no sentence that goes on with other words behind one? */
static bool is_whole_message(const char *text, size_t length)
{
	const struct verifier_message *message;

	if (!is_message(text, length))
		return false;
	message = lade_verifier_message(text, length);
	return message && lade_format_matches(lade_verifier_text + message->pattern, text, length);
}

/* __msg("R1 …"), errstr = "R1 …", { "R1 …" }, "R1 …"; : what a test or a table has is nothing that happened. */
static bool is_of_source(const struct span *line, const char *open, const char *close)
{
	const char *end = line->text + line->length, *before = open;

	while (before > line->text && (before[-1] == ' ' || before[-1] == '\t'))
		before--;
	if (close + 1 < end && close[1] == ';')
		return true;
	if (before == line->text)
		return close + 1 < end && close[1] == ',';
	/* "Now there is another one, `invalid func 113`." */
	if (*open == '`' && before[-1] == ',' && before - line->text > 1 && isalpha((unsigned char)before[-2]))
		return false;
	return strchr("={[,+|<", before[-1]) || (before[-1] == '(' && before - line->text > 1 &&
						 (isalnum((unsigned char)before[-2]) || before[-2] == '_'));
}

/* "rejected with `invalid read from stack R7 off=0 size=4`.", "fails with "unknown func bpf_probe_read_str"": within a
 * sentence only what the quotation marks hold whole. */
static bool find_marked(const struct span *line, char mark, struct span *ret_message)
{
	const char *end = line->text + line->length, *close;

	for (const char *at = line->text; (at = memchr(at, mark, (size_t)(end - at)));) {
		const char *open = at++;
		if ((open > line->text && !strchr(" \t(", open[-1])) ||
		    !lade_verifier_may_begin(at, (size_t)(end - at)))
			continue;
		close = memchr(at, mark, (size_t)(end - at));
		if (!close)
			return false;
		if (!is_whole_message(at, (size_t)(close - at)) || is_of_source(line, open, close))
			continue;
		*ret_message = (struct span){ at, (size_t)(close - at) };
		return true;
	}
	return false;
}

/* `is_question`: of explanation. */
static bool find_anywhere(const struct span *line, bool is_question, struct span *ret_message,
			  struct span *ret_instruction)
{
	return find_message(line, is_question, ret_message, ret_instruction) || find_register(line, ret_message) ||
	       find_field(line, is_question, ret_message);
}

/* The same, where it was looked for in the same words before. */
static bool find_again(const struct lade_explanation *explanation, const struct span *text, struct span *ret_message,
		       struct span *ret_instruction)
{
	struct placed *place = explanation->placed;

	if (!place || !text->length)
		return find_anywhere(text, explanation->is_question, ret_message, ret_instruction);
	place += lade_hash_line(text) >> (64 - PLACED_BITS);
	if (place->text.length != text->length || memcmp(place->text.text, text->text, text->length) != 0) {
		*place = (struct placed){ .text = *text };
		place->is_found = find_anywhere(text, explanation->is_question, &place->message, &place->instruction);
	} else if (place->is_found) {
		/* What was found there stands here. */
		place->message.text += text->text - place->text.text;
		place->instruction.text += place->instruction.text ? text->text - place->text.text : 0;
		place->text.text = text->text;
	}
	if (place->is_found) {
		*ret_message = place->message;
		*ret_instruction = place->instruction;
	}
	return place->is_found;
}

/* In a line of JSON every word is quoted, and what is behind a colon was looked at. In a verifier's log, what somebody
 * says between its lines is none of them. */
static bool find_in_sentence(const struct span *line, bool has_prose, struct span *ret_message)
{
	return line->length && *line->text != '{' &&
	       (find_marked(line, '`', ret_message) || find_marked(line, '"', ret_message) ||
		(has_prose && lade_verifier_in_sentence(line, ret_message)));
}

/* "load program: invalid argument: MESSAGE (3 line(s) omitted)": the verifier's, even if it begins with any name. */
static bool find_omitted(const struct span *line, struct span *ret_message)
{
	const char *at = line->text, *end = line->text + line->length;
	const struct verifier_message *message;
	bool is_behind = false;

	for (const char *colon; !is_behind && (colon = lade_search(at, (size_t)(end - at), ": ", 2)); at = colon + 2)
		is_behind = is_error_text(&(struct span){ at, (size_t)(colon - at) });
	message = is_behind ? lade_verifier_message(at, (size_t)(end - at)) : NULL;
	if (!message || message->literal < LITERAL_MIN)
		return false;
	*ret_message = (struct span){ at, (size_t)(end - at) };
	return true;
}

/* What the kernel says of an object's BTF is as short as anything: "Invalid value", "Unexpected size". */
static bool is_of_types(const struct span *text)
{
	const struct verifier_message *message = lade_verifier_message(text->text, text->length);

	return message && strcmp(lade_verifier_text + message->family, "btf-load") == 0;
}

bool lade_is_type_line(const struct span *line)
{
	static const char *const headers[] = { "magic: 0x", "str_len: ", "btf_total_size: " };

	if (line->length > 3 && *line->text == '[')
		return isdigit((unsigned char)line->text[1]);
	for (size_t i = 0; i < ELEMENTS(headers); i++)
		if (line->length && *line->text == *headers[i] && lade_span_starts(line, headers[i]))
			return true;
	return false;
}

static bool is_behind_types(struct lade_explanation *explanation, size_t number)
{
	const struct span before = lade_explanation_line_before(explanation, number);

	return lade_is_type_line(&before);
}

/* "[2] PTR (anon) type_id=100 Invalid type_id", "	m type_id=1 bits_offset=0 Member exceeds struct_size": the
 * objection stands behind the type or its member. */
static bool find_objection(const struct span *line, struct span *ret_message)
{
	const char *end = line->text + line->length;

	for (const char *at = line->text; (at = memchr(at, ' ', (size_t)(end - at)));) {
		at++;
		const struct span rest = { at, (size_t)(end - at) };
		const struct verifier_message *message = lade_verifier_message(rest.text, rest.length);
		if (!message || message->literal < OBJECTION_MIN || lade_verifier_text[message->pattern] == '%' ||
		    strcmp(lade_verifier_text + message->family, "btf-load") != 0)
			continue;
		*ret_message = rest;
		return true;
	}
	return false;
}

/* A type, or its member? */
static bool may_be_of_types(const struct span *line)
{
	return line->length > 3 && ((*line->text == '[' && isdigit((unsigned char)line->text[1])) ||
				    *line->text == '\t' || *line->text == ' ');
}

/* Of a message that elsewhere says nothing. */
static bool is_told_of_types(struct lade_explanation *explanation, size_t number)
{
	explanation->depends = true;
	return is_behind_types(explanation, number);
}

bool lade_is_of_types(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	return may_be_of_types(line) && is_behind_types(explanation, number);
}

/* "[3] Invalid kind:13" behind other types, which elsewhere looks like a logger's stamp. */
static bool find_of_types(struct lade_explanation *explanation, const struct span *line, size_t number,
			  struct span *ret_message)
{
	const struct verifier_message *message;

	if (!lade_is_of_types(explanation, line, number))
		return false;
	message = *line->text == '[' ? lade_verifier_message(line->text, line->length) : NULL;
	if (!message || message->literal < LITERAL_MIN || lade_verifier_text[message->pattern] != '[')
		return find_objection(line, ret_message);
	*ret_message = *line;
	return true;
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

/* Nothing but blanks before it. */
static bool is_indented(const struct span *line, const char *text)
{
	while (text > line->text && (text[-1] == ' ' || text[-1] == '\t'))
		text--;
	return text == line->text;
}

/* What a kernel without types of its own, or of the types of the program's function, writes before it begins, whatever
 * it says then. */
static bool is_before_all(const struct span *message)
{
	static const char *const beginnings[] = { "btf_vmlinux is malformed", "arg#", "Unrecognized arg#",
						  "reg type unsupported for arg#" };

	for (size_t i = 0; i < ELEMENTS(beginnings); i++)
		if (lade_span_starts(message, beginnings[i]))
			return true;
	return false;
}

/* "invalid type id 5 in func infoprocessed 0 insns (limit …": some messages lack their newline. */
static struct span cut_statistic(struct span *text)
{
	const struct span message = lade_verifier_without_statistic(*text);
	const struct span statistic = { message.text + message.length, text->length - message.length };

	*text = message;
	return statistic;
}

/* What a logger put before it, and not a library that names the error. */
static bool is_of_logger(const struct span *line, const struct span *message)
{
	const char *at = line->text;

	for (const char *colon; (colon = lade_search(at, (size_t)(message->text - at), ": ", 2)); at = colon + 2)
		if (is_error_text(&(struct span){ at, (size_t)(colon - at) }))
			return false;
	return true;
}

/* Libraries join a log's last lines: "invalid access to packet, …: R7 offset is outside of the packet". */
static void add_message(struct lade_explanation *explanation, const struct span *message)
{
	const char *end = message->text + message->length, *colon = message->text;
	struct span first = *message;

	while ((colon = lade_search(colon, (size_t)(end - colon), ": ", 2))) {
		const struct span rest = { colon + 2, (size_t)(end - colon - 2) };
		if (lade_verifier_adds(&rest) && colon > message->text) {
			first.length = (size_t)(colon - message->text);
			lade_explanation_log(explanation, &first);
			lade_explanation_log(explanation, &rest);
			return;
		}
		colon += 2;
	}
	lade_explanation_log(explanation, message);
}

bool lade_explanation_verdict(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	size_t omitted = explanation->omitted;
	struct span text, message = { 0 }, instruction = { 0 }, statistic = { 0 };
	bool is_found;

	if (explanation->in_log && !explanation->is_bare) {
		lade_explanation_log(explanation, line);
		return true;
	}
	text = without_omitted(explanation, *line);
	if (!explanation->in_log)
		statistic = cut_statistic(&text);
	is_found = find_of_types(explanation, &text, number, &message) ||
		   (find_again(explanation, &text, &message, &instruction) &&
		    (explanation->in_log || !is_of_types(&message) || is_told_of_types(explanation, number)));
	if (explanation->is_foreign && explanation->others++ < OTHERS_MAX)
		return false;
	if (explanation->in_log && !explanation->has_ended &&
	    (explanation->others++ < OTHERS_MAX || (is_found && is_indented(line, message.text)) ||
	     lade_verifier_is_follow_up(line))) {
		lade_explanation_log(explanation, is_found ? &message : &text);
		return true;
	}
	if (explanation->in_log) {
		explanation->omitted = omitted;
		lade_explanation_log_end(explanation, number - 1);
		omitted = explanation->omitted;
		(void)without_omitted(explanation, *line);
	}
	is_found =
		is_found || (find_in_sentence(&text, explanation->has_prose, &message) && !is_of_types(&message) &&
			     !lade_verifier_is_anybodys(&text, explanation->is_question, message.text, message.length));
	is_found = is_found || (explanation->omitted && find_omitted(&text, &message));
	if (!is_found) {
		if (explanation->omitted && ends_with_statistic(&text)) {
			lade_explanation_cut(explanation, &text, number);
			return true;
		}
		explanation->omitted = omitted;
		lade_explanation_unknown(explanation, line, number);
		return false;
	}
	omitted = explanation->omitted;
	begin(explanation, number);
	/* a message alone: another may follow, and nothing else */
	explanation->others = is_before_all(&message) && is_of_logger(line, &message) ? 0 : OTHERS_MAX;
	explanation->omitted = omitted;
	if (instruction.length && lade_verifier_line(instruction.text, instruction.length).kind == VERIFIER_INSTRUCTION)
		lade_explanation_log(explanation, &instruction);
	add_message(explanation, &message);
	if (statistic.length)
		lade_explanation_log(explanation, &statistic);
	explanation->has_ended |= statistic.length > 0;
	return true;
}

bool lade_is_no_verdict(const struct span *line, bool is_behind_types, bool has_prose)
{
	const struct span whole = lade_verifier_without_statistic(*line);
	struct span message, instruction;

	return whole.length == line->length && !(is_behind_types && may_be_of_types(line)) &&
	       !lade_search(line->text, line->length, omitted_end, strlen(omitted_end)) &&
	       !find_anywhere(line, false, &message, &instruction) && !find_in_sentence(line, has_prose, &message);
}
