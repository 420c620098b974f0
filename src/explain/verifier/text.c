/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verifier logs in a text: between a loader's marks, or bare; and the one line that libraries make of a log
 * ("load program: permission denied: R1 invalid mem access 'inv' (12 line(s) omitted)").
 */
#include <ctype.h>
#include <string.h>

#include "explain/verifier/verdict.h"
#include "explain/reading/forms.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/anybodys.h"
#include "explain/verifier/line.h"
#include "explain/verifier/place.h"

#define OTHERS_MAX    8 /* lines of no log in a row end a bare one */
#define OBJECTION_MIN 8 /* the same, behind a type */

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

/* "30: (61) r1 = *(u32 *)(r3 +12): R3 invalid mem access 'inv'": two lines that somebody joined. */
static bool take_joined(struct lade_explanation *explanation, const struct span *span, const struct verifier_line *line)
{
	const char *end = span->text + span->length, *colon = NULL;

	if (line->kind == VERIFIER_INSTRUCTION)
		colon = lade_search(line->text.text, line->text.length, ": ", 2);
	if (!colon || !lade_verifier_is_peculiar(colon + 2, (size_t)(end - colon - 2)))
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

/* What the kernel says of an object's BTF is as short as anything: "Invalid value", "Unexpected size". */
static bool is_of_types(const struct span *text)
{
	const struct verifier_message *message = lade_verifier_message(text->text, text->length);

	return message && strcmp(lade_verifier_text + message->family, "btf-load") == 0;
}

/* "[5] PTR '(anon)' type_id=8", "\t'next' type_id=5": bpftool quotes a name, and the kernel does not. */
static bool is_dumped(const struct span *line)
{
	const char *at = line->text, *end = at + line->length;

	/* The number and the kind. */
	for (unsigned words = *at == '[' ? 2 : 0; words && at < end; words--) {
		at = memchr(at, ' ', (size_t)(end - at));
		at = at ? at + 1 : end;
	}
	at = lade_behind_blanks(at, end);
	return at < end && *at == '\'';
}

bool lade_is_type_line(const struct span *line)
{
	static const char *const headers[] = { "magic: 0x", "str_len: ", "btf_total_size: " };

	if (line->length > 3 && *line->text == '[')
		return isdigit((unsigned char)line->text[1]) && !is_dumped(line);
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
	return line->length > 3 &&
	       ((*line->text == '[' && isdigit((unsigned char)line->text[1])) || *line->text == '\t' ||
		*line->text == ' ') &&
	       !is_dumped(line);
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
		if (lade_verifier_is_error_text(&(struct span){ at, (size_t)(colon - at) }))
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
		   (lade_verifier_find(explanation, &text, &message, &instruction) &&
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
	is_found = is_found ||
		   (lade_verifier_find_in_sentence(&text, explanation->has_prose, &message) && !is_of_types(&message) &&
		    !lade_verifier_is_anybodys(&text, explanation->is_question, message.text, message.length));
	is_found = is_found || (explanation->omitted && lade_verifier_find_omitted(&text, &message));
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
	       !lade_verifier_find_anywhere(line, false, &message, &instruction) &&
	       !lade_verifier_find_in_sentence(line, has_prose, &message);
}
