/* SPDX-License-Identifier: BSD-2-Clause */
/* An instruction of the way that is told: what it does, its source line, and the variable that it sets. */
#include "explain/verifier/step.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"

/* "for (off = 4; …" sets no variable by the instruction that is looked at. */
static bool is_control(const struct span *source)
{
	static const char *const words[] = { "for ",   "for(",    "if ",    "if(",  "while ",
					     "while(", "return ", "switch", "else", "case " };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_span_starts(source, words[i]))
			return true;
	return false;
}

/* "struct event *value = bpf_map_lookup_elem(…" → value; an empty span: no variable is set. */
static struct span variable(const struct span *source)
{
	static const struct span none = { "", 0 };
	const char *equals = memchr(source->text, '=', source->length);
	const char *end = equals, *start;

	if (!equals || equals == source->text || equals + 1 >= source->text + source->length || equals[1] == '=' ||
	    strchr("!<>=+-*/|&^%", equals[-1]) || is_control(source))
		return none;
	while (end > source->text && end[-1] == ' ')
		end--;
	for (start = end; start > source->text && (isalnum((unsigned char)start[-1]) || start[-1] == '_');)
		start--;
	if (start == end || isdigit((unsigned char)*start) || (start > source->text && strchr(".>]", start[-1])))
		return none; /* a member is not what the register holds */
	return (struct span){ start, (size_t)(end - start) };
}

/* "call bpf_map_lookup_elem#1" → bpf_map_lookup_elem */
static struct span called(const struct verifier_line *line)
{
	const char *name = lade_search(line->text.text, line->text.length, "call ", 5);
	const char *end = line->text.text + line->text.length, *behind;

	if (!name)
		return (struct span){ "", 0 };
	name += 5;
	for (behind = name; behind < end && (isalnum((unsigned char)*behind) || *behind == '_');)
		behind++;
	return (struct span){ name, (size_t)(behind - name) };
}

/* "int k = 1; long *v = f(&k);": of a line with several statements the one that holds the call. A line whose
 * statements cannot be told apart sets no variable that we know. */
static struct span statement(const struct span *source, const struct verifier_line *line)
{
	const char *from = source->text, *end = from + source->length, *mark = memchr(from, ';', source->length);
	const struct span name = called(line);
	const char *at = name.length ? lade_search(from, source->length, name.text, name.length) : NULL;

	if (!at)
		return mark && memchr(mark, '=', (size_t)(end - mark)) ? (struct span){ "", 0 } : *source;
	/* Which of two calls it is, the line does not tell. */
	if (lade_search(at + 1, (size_t)(end - at - 1), name.text, name.length))
		return (struct span){ "", 0 };
	for (const char *next = from; next < at; next++)
		if (strchr(";{}", *next))
			from = next + 1;
	mark = memchr(at, ';', (size_t)(end - at));
	while (from < at && *from == ' ')
		from++;
	return (struct span){ from, (size_t)((mark ? mark : end) - from) };
}

/* The bracket that closes the one at `open`; `end`: it is not there. */
static const char *close_of(const char *open, const char *end)
{
	unsigned depth = 0;

	for (const char *at = open; at < end; at++) {
		depth += (unsigned)(*at == '(') - (unsigned)(*at == ')');
		if (!depth)
			return at;
	}
	return end;
}

/* "struct a *x = f(), *y = g();": of one declaration of several variables the one that holds the place. */
static struct span declarator(const struct span *source, const char *place)
{
	const char *from = source->text, *end = source->text + source->length;

	for (const char *at = from; at < end; at++) {
		if (*at == '(')
			at = close_of(at, end);
		if (at >= end || *at != ',')
			continue;
		if (at > place)
			end = at;
		else
			from = at + 1;
	}
	return (struct span){ from, (size_t)(end - from) };
}

/* "v = (struct value *)f(…);", and not "n = *(u64 *)f(…)", "f(…)->n", "g(f(…))", "f(…) + 8": is the result itself what
 * the variable gets? */
static bool is_result(const struct span *source, const char *call, size_t length)
{
	const char *end = source->text + source->length, *at = memchr(source->text, '=', source->length);

	for (at = at && at < call ? at + 1 : call; at < call && (*at == ' ' || *at == '('); at++)
		if (*at == '(' && (at = close_of(at, call)) == call)
			return false;
	if (at != call)
		return false;
	at = call + length;
	if (at == end || *at != '(' || (at = close_of(at, end)) == end)
		return true;
	for (at++; at < end && *at == ' ';)
		at++;
	return at == end || strchr(";,})", *at) != NULL;
}

/* "c = p[i]", "c = *(p + i)": what the sum leads to. */
static bool follows(const struct span *source)
{
	const char *end = source->text + source->length, *at = memchr(source->text, '=', source->length);
	const struct span right = { at ? at + 1 : end, at ? (size_t)(end - at - 1) : 0 };

	at = right.text;
	while (at < end && *at == ' ')
		at++;
	return (at < end && *at == '*') || lade_search(right.text, right.length, "[", 1) ||
	       lade_search(right.text, right.length, ")->", 3);
}

/* "foo(x)", and not "(u32)x" or "sizeof(x)" */
static bool calls(const struct span *text)
{
	for (size_t i = 1; i < text->length; i++)
		if (text->text[i] == '(' && (isalnum((unsigned char)text->text[i - 1]) || text->text[i - 1] == '_') &&
		    (i < 6 || memcmp(text->text + i - 6, "sizeof", 6) != 0))
			return true;
	return false;
}

/* Registers that carry arguments are not what "x = foo(y)" sets. */
static bool is_argument(const struct verifier_line *line)
{
	return line->text.length > 1 && line->text.text[1] >= '1' && line->text.text[1] <= '5';
}

static bool sets_variable(const struct verifier_step *step, const struct span *source)
{
	static const char *const ways[] = { "returned r0", "copied", "set", "read from memory",
					    "read from the context" };
	const struct span *text = &step->line.text;

	if (is_argument(&step->line) && calls(source))
		return false;
	if (step->line.number == 0 && strcmp(step->why, "copied") == 0)
		return false; /* the context */
	if (strcmp(step->why, "changed") == 0)
		return memmem(text->text, text->length, " += r", 5) != NULL && !follows(source);
	if (text->length > 4 && memcmp(text->text + text->length - 4, " r10", 4) == 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(ways); i++)
		if (strcmp(step->why, ways[i]) == 0)
			return true;
	return false;
}

struct span lade_verifier_step_variable(const struct verifier_step *step)
{
	static const struct span none = { "", 0 };
	struct span source = step->source, file;
	uint32_t number;

	if (!source.length)
		return none;
	(void)lade_verifier_place(&source, &file, &number);
	source = statement(&source, &step->line);
	if (lade_span_starts(&source, "asm"))
		return none;
	const struct span name = called(&step->line);
	const char *at = name.length ? lade_search(source.text, source.length, name.text, name.length) : NULL;
	if (at)
		source = declarator(&source, at);
	else if (declarator(&source, source.text).length < source.length)
		return none;
	if (at && !is_result(&source, at, name.length))
		return none;
	return sets_variable(step, &source) ? variable(&source) : none;
}

void lade_verifier_step_tell(const struct verifier_step *step, struct lade_finding *finding)
{
	struct span source = step->source, file = { "", 0 };
	uint32_t number = 0;
	bool has_place = source.length && lade_verifier_place(&source, &file, &number) && number;
	struct span name = lade_verifier_step_variable(step);
	CLEANUP(cleanup_free) char *text = lade_text_of(&step->line.text);
	CLEANUP(cleanup_free) char *words = source.length ? lade_text_of(&source) : NULL;
	CLEANUP(cleanup_free) char *map = step->map.length ? lade_text_of(&step->map) : NULL;
	CLEANUP(cleanup_free) char *where = has_place ? lade_text_of(&file) : NULL;
	char place[32] = "";

	if (where)
		(void)snprintf(place, sizeof place, ":%u", number);
	finding_evidence(finding, "%lld: %s (%s%s%s)%s%s%s%s%s%s%.*s", (long long)step->line.number, text ? text : "",
			 step->why, map ? ", map " : "", map ? map : "", words ? "  ; " : "", words ? words : "",
			 where ? " @ " : "", where ? where : "", place, name.length ? "; variable " : "",
			 (int)name.length, name.text);
}
