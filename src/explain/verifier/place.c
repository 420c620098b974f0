/* SPDX-License-Identifier: BSD-2-Clause */
/* Behind what loggers and libraries put before it, and in their quotation marks. */
#include "explain/verifier/place.h"

#include <ctype.h>
#include <string.h>

#include "explain/reading/hash.h"
#include "explain/reading/search.h"
#include "explain/tools/errors.h"
#include "explain/verifier/anybodys.h"
#include "explain/verifier/line.h"
#include "explain/verifier/sentence.h"
#include "explain/verifier/verdict.h"

#define TRIES_MAX    24 /* places of a line where a message may begin */
#define REGISTER_MIN 9
#define STAMP_MAX    48 /* bytes of a logger's time and level */

bool lade_verifier_is_peculiar(const char *text, size_t length)
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

bool lade_verifier_is_error_text(const struct span *part)
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

	return colon && lade_verifier_is_error_text(&(struct span){ at, (size_t)(colon - at) });
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
		if (lade_verifier_is_peculiar(at, (size_t)(end - at)) && !is_behind_error(at, end) &&
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
		if (at == end || !is_field(line->text, at) || !lade_verifier_is_peculiar(at, (size_t)(end - at)) ||
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
		    !lade_verifier_is_peculiar(at, (size_t)(end - at)))
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

	if (!lade_verifier_is_peculiar(text, length))
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

bool lade_verifier_find_anywhere(const struct span *line, bool is_question, struct span *ret_message,
				 struct span *ret_instruction)
{
	return find_message(line, is_question, ret_message, ret_instruction) || find_register(line, ret_message) ||
	       find_field(line, is_question, ret_message);
}

bool lade_verifier_find(const struct lade_explanation *explanation, const struct span *text, struct span *ret_message,
			struct span *ret_instruction)
{
	struct placed *place = explanation->placed;

	if (!place || !text->length)
		return lade_verifier_find_anywhere(text, explanation->is_question, ret_message, ret_instruction);
	place += lade_hash_line(text) >> (64 - PLACED_BITS);
	if (place->text.length != text->length || memcmp(place->text.text, text->text, text->length) != 0) {
		*place = (struct placed){ .text = *text };
		place->is_found = lade_verifier_find_anywhere(text, explanation->is_question, &place->message,
							      &place->instruction);
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

bool lade_verifier_find_in_sentence(const struct span *line, bool has_prose, struct span *ret_message)
{
	return line->length && *line->text != '{' &&
	       (find_marked(line, '`', ret_message) || find_marked(line, '"', ret_message) ||
		(has_prose && lade_verifier_in_sentence(line, ret_message)));
}

bool lade_verifier_find_omitted(const struct span *line, struct span *ret_message)
{
	const char *at = line->text, *end = line->text + line->length;
	const struct verifier_message *message;
	bool is_behind = false;

	for (const char *colon; !is_behind && (colon = lade_search(at, (size_t)(end - at), ": ", 2)); at = colon + 2)
		is_behind = lade_verifier_is_error_text(&(struct span){ at, (size_t)(colon - at) });
	message = is_behind ? lade_verifier_message(at, (size_t)(end - at)) : NULL;
	if (!message || message->literal < LITERAL_MIN)
		return false;
	*ret_message = (struct span){ at, (size_t)(end - at) };
	return true;
}
