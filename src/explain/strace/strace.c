/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls as strace writes them: "[pid 7] bpf(BPF_MAP_CREATE, {map_type=…, …}, 72) = -1 E2BIG (Argument list too
 * long)", also by number, and in two parts when another thread came between.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/tools/errors.h"
#include "explain/tools/operations.h"
#include "explain/reading/search.h"
#include "explain/strace/strace.h"
#include "explain/text.h"

#define CALLS_MAX  64    /* that have not returned */
#define CALL_BYTES 32768 /* of one */

/* A call of which only the beginning was read. */
struct call {
	struct call *next;
	long thread; /* -1: not said */
	size_t length;
	char text[];
};

void lade_calls_free(struct lade_explanation *explanation)
{
	while (explanation->calls) {
		struct call *next = explanation->calls->next;
		free(explanation->calls);
		explanation->calls = next;
	}
}

static const char *find(const struct span *span, const char *words)
{
	return lade_search(span->text, span->length, words, strlen(words));
}

static struct span behind(const struct span *span, const char *at)
{
	return (struct span){ at, (size_t)(span->text + span->length - at) };
}

/* "[pid 123] …", "123   12:34:56.789 …" → 123 */
static long thread_of(const struct span *line)
{
	const char *at = find(line, "[pid "), *end = line->text + line->length;
	long thread = 0;

	at = at ? at + strlen("[pid ") : line->text;
	while (at < end && *at == ' ')
		at++;
	if (at == end || !isdigit((unsigned char)*at))
		return -1;
	for (; at < end && isdigit((unsigned char)*at) && thread < 100000000; at++)
		thread = thread * 10 + (*at - '0');
	return thread;
}

static void keep(struct lade_explanation *explanation, const struct span *line)
{
	size_t length = line->length < CALL_BYTES ? line->length : CALL_BYTES, count = 0;
	struct call *call;

	for (call = explanation->calls; call; call = call->next)
		count++;
	call = count < CALLS_MAX ? malloc(sizeof *call + length) : NULL;
	if (!call)
		return;
	call->next = explanation->calls;
	call->thread = thread_of(line);
	call->length = length;
	memcpy(call->text, line->text, length);
	explanation->calls = call;
}

/* The beginning of the call that this thread made last; to be freed. */
static struct call *take(struct lade_explanation *explanation, const struct span *line)
{
	long thread = thread_of(line);

	for (struct call **place = &explanation->calls; *place; place = &(*place)->next)
		if ((*place)->thread == thread) {
			struct call *call = *place;
			*place = call->next;
			return call;
		}
	return NULL;
}

/* ---- names and results ---- */

static const struct {
	const char *begin;
	enum call_kind kind;
} names[] = {
	{ "bpf(", CALL_BPF },         { "perf_event_open(", CALL_PERF_EVENT_OPEN },
	{ "ioctl(", CALL_IOCTL },     { "setsockopt(", CALL_SETSOCKOPT },
	{ "openat(", CALL_OPEN },     { "open(", CALL_OPEN },
	{ "prlimit64(", CALL_LIMIT }, { "setrlimit(", CALL_LIMIT },
	{ "mount(", CALL_MOUNT },     { "write(", CALL_WRITE },
};

/* "syscall_0x141(", "SYS_280(": what strace, and others, call bpf(2) if they do not know it. */
static bool find_number(const struct span *line, struct traced_call *call)
{
	static const char *const begins[] = { "syscall_", "SYS_", "sys_", "syscall(" };

	for (size_t i = 0; i < ELEMENTS(begins); i++) {
		const char *at = find(line, begins[i]), *end = line->text + line->length, *number;
		number = at ? at + strlen(begins[i]) : end;
		for (at = number; at < end && (isxdigit((unsigned char)*at) || *at == 'x');)
			at++;
		if (!lade_is_bpf_call(&(struct span){ number, (size_t)(at - number) }))
			continue;
		call->kind = CALL_BPF;
		call->arguments = behind(line, at + (at < end && *at == '('));
		return true;
	}
	return false;
}

/* A name begins a word: "bpf(" is not in "xbpf(". */
static bool find_name(const struct span *line, struct traced_call *call)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *at = find(line, names[i].begin);
		if (!at || (at > line->text && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
			continue;
		call->kind = names[i].kind;
		call->arguments = behind(line, at + strlen(names[i].begin));
		return true;
	}
	return find_number(line, call);
}

/* "= -1 EPERM (…)", "= -1 (errno 38)", "= 0xffffffffffffffda (errno 38)" → 1, 38; 0: it succeeded. */
static bool find_result(const struct span *line, struct traced_call *call)
{
	static const char equals[] = " = ", word[] = "(errno ";
	const char *at = NULL;
	char text[64], *from = text;
	size_t length = 0, bytes;

	for (size_t i = line->length; i >= strlen(equals) && !at; i--)
		if (line->text[i - 2] == '=' && memcmp(line->text + i - strlen(equals), equals, strlen(equals)) == 0)
			at = line->text + i;
	if (!at)
		return false;
	for (; at < line->text + line->length && length < sizeof text - 1; at++)
		text[length++] = *at;
	text[length] = '\0';
	if ((from = strstr(text, word)))
		from += strlen(word);
	else if (strncmp(text, "-1 ", 3) == 0)
		from = text + 3;
	call->errnum = from ? lade_error_begins(from, strlen(from), &bytes) : 0;
	call->result = strtol(text, NULL, 0);
	return true;
}

/* ---- lines ---- */

/* All calls have one rule, whatever told of them. */
static const struct explain_rule *find_rule(void)
{
	for (size_t i = 0; i < lade_tool_rule_count; i++)
		if (lade_tool_rules[i].rule.role == EXPLAIN_CALL)
			return &lade_tool_rules[i].rule;
	return NULL;
}

static bool explain(struct lade_explanation *explanation, const struct span *text, const struct span *line,
		    size_t number)
{
	struct traced_call call = { .thread = thread_of(line) };

	if (!find_name(text, &call))
		return false;
	if (!find_result(text, &call)) {
		explanation->is_call_open = call.kind == CALL_BPF;
		return false;
	}
	lade_call_fields(&call);
	if (!explanation->call_rule)
		explanation->call_rule = find_rule();
	return lade_explanation_traced(explanation, &call, line, number);
}

static bool resume(struct lade_explanation *explanation, const struct span *line, const char *at, size_t number)
{
	struct call *call = take(explanation, line);
	struct span rest = behind(line, at + strlen(" resumed>"));
	struct strbuf text = { 0 };

	if (!call)
		return false;
	lade_strbuf_add_bytes(&text, call->text, call->length);
	lade_strbuf_add_bytes(&text, rest.text, rest.length);
	free(call);
	struct span whole = { text.text ? text.text : "", text.length };
	bool known = explain(explanation, &whole, &whole, number);
	lade_strbuf_clear(&text);
	return known || find(line, "bpf");
}

/* Every line of any text is asked. */
static bool is_of_thread(char byte)
{
	return (byte >= '0' && byte <= ':') || byte == ' ' || byte == '.' || byte == '[' || byte == ']' ||
	       byte == 'p' || byte == 'i' || byte == 'd';
}

size_t lade_behind_thread(const struct span *line)
{
	size_t at = 0;

	while (at < line->length && is_of_thread(line->text[at]))
		at++;
	return at;
}

/* Nothing but the call, whose name no rule need find: in what it was given there may be words that one has. */
static bool is_whole(const struct span *line)
{
	static const char begin[] = "bpf(BPF_", result[] = ") = ", injected[] = "(INJECTED)";
	const size_t at = lade_behind_thread(line), length = strlen(begin);

	return line->length > at + length && memcmp(line->text + at, begin, length) == 0 && find(line, result) &&
	       !find(line, injected);
}

bool lade_explanation_whole_call(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	if (!is_whole(line))
		return false;
	explanation->depends = explanation->effects.is_new = true;
	return explain(explanation, line, line, number);
}

bool lade_explanation_call(struct lade_explanation *explanation, const struct span *line, size_t number)
{
	const char *unfinished = find(line, "<unfinished ..."), *resumed = find(line, " resumed>");
	struct traced_call call;

	explanation->effects.is_new = true;
	if (resumed)
		return resume(explanation, line, resumed, number);
	if (unfinished) {
		struct span text = { line->text, (size_t)(unfinished - line->text) };
		if (!find_name(&text, &call))
			return false;
		keep(explanation, &text);
		return call.kind == CALL_BPF;
	}
	return explain(explanation, line, line, number);
}
