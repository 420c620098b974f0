/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "R1 invalid mem access 'scalar'" has four causes, which the states before it tell apart: the pointer is NULL on this
 * path; a call took it away (it was released, or the packet may have moved); it never was more than a number; or it is
 * an address that was read from memory, which nobody may follow.
 */
#include "explain/verifier_origin.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/text.h"

#define LINES_MAX 4096 /* that are looked at */

/* ---- states ---- */

/* "R7=mem(sz=14)", "R7_w=0": what stands behind the equals sign; the last one in the line. Length 0: it has none. */
static struct span value_in(const struct span *line, int reg)
{
	char name[8];
	int length = snprintf(name, sizeof name, "R%d", reg);
	struct span value = { line->text, 0 };
	const char *at = line->text, *end = line->text + line->length;

	while ((at = memmem(at, (size_t)(end - at), name, (size_t)length))) {
		const char *before = at;
		at += length;
		if ((before > line->text && isalnum((unsigned char)before[-1])) || at == end ||
		    isdigit((unsigned char)*at))
			continue;
		for (const char *mark = at; *mark == '_' && ++mark < end;)
			for (at = mark; at < end && isalpha((unsigned char)*at); at++)
				mark = at;
		if (at < end && *at == '=')
			value = (struct span){ at + 1, (size_t)(end - at - 1) };
	}
	return value;
}

static bool is_null(const struct span *value)
{
	static const char *const names[] = { "0", "inv0", "invP0" };

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		size_t length = strlen(names[i]);
		if (lade_span_starts(value, names[i]) &&
		    (value->length == length || isspace((unsigned char)value->text[length])))
			return true;
	}
	return false;
}

static bool is_number(const struct span *value)
{
	return value->length &&
	       (isdigit((unsigned char)*value->text) || *value->text == '-' || lade_span_starts(value, "inv") ||
		lade_span_starts(value, "scalar") || lade_span_starts(value, "Pscalar"));
}

/* A name of a type that points somewhere. */
static bool is_pointer(const struct span *value)
{
	return value->length && !is_number(value) && islower((unsigned char)*value->text);
}

/* ---- lines ---- */

static struct span line_before(const char *start, const char *end)
{
	const char *newline = memrchr(start, '\n', (size_t)(end - 1 - start));
	const char *begin = newline ? newline + 1 : start;

	return (struct span){ begin, (size_t)(end - begin) };
}

/* What the register holds behind the instruction: told in its line, or in those up to the next one. */
static struct span value_behind(const struct verifier_line *line, int reg, const char *end)
{
	const char *at = line->text.text;

	for (unsigned lines = 0; at < end && lines < 4; lines++) {
		struct span text = { at, strcspn(at, "\n") };
		struct span value = value_in(&text, reg);
		if (lines && lade_verifier_line(text.text, text.length).kind == VERIFIER_INSTRUCTION)
			break;
		if (value.length)
			return value;
		at += text.length + (at[text.length] == '\n');
	}
	return (struct span){ at, 0 };
}

/* The last state between the instruction and the verdict that names the register. */
static struct span value_before(const struct verifier_line *line, int reg, const char *end)
{
	for (unsigned lines = 0; end > line->text.text && lines < LINES_MAX; lines++) {
		struct span text = line_before(line->text.text, end);
		struct span value = value_in(&text, reg);
		if (value.length)
			return value;
		end = text.text;
	}
	return (struct span){ line->text.text, 0 };
}

/* Calls after which pointers are no longer what they were. */
static bool takes_away(const struct span *call)
{
	static const char *const words[] = { "release",  "submit", "discard", "write",  "pull", "change", "adjust",
					     "store",    "push",   "pop",     "unlock", "put",  "drop",   "free",
					     "tail_cal", "resize", "from_",   "xchg",   "pc+",  "pc-",    "clone_red" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(call->text, call->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* The last call between the instruction and the verdict; one that may take pointers away rather than another. */
static bool find_call(const struct verifier_line *line, const char *end, struct verifier_line *ret_call)
{
	bool found = false;

	for (unsigned lines = 0; end > line->text.text && lines < LINES_MAX; lines++) {
		struct span text = line_before(line->text.text, end);
		struct verifier_line call = lade_verifier_line(text.text, text.length);
		end = text.text;
		if (call.kind != VERIFIER_INSTRUCTION || !lade_span_starts(&call.text, "call ") ||
		    text.text <= line->text.text)
			continue;
		if (!found)
			*ret_call = call;
		found = true;
		if (!takes_away(&call.text))
			continue;
		*ret_call = call;
		return true;
	}
	return found;
}

/* ---- words ---- */

/* "r6 = 0", "call bpf_ktime_get_ns#5": does the instruction itself make a number? */
static bool makes_number(const struct verifier_line *line, const char *end)
{
	const char *equals = memmem(line->text.text, line->text.length, " = ", 3);
	struct span value;

	if (lade_span_starts(&line->text, "call ")) {
		value = value_behind(line, 0, end);
		return is_number(&value);
	}
	/* Longer ones are addresses of maps. */
	return equals && *line->text.text != '*' && (isdigit((unsigned char)equals[3]) || equals[3] == '-') &&
	       line->text.text + line->text.length - equals < 16;
}

static void say_null(const struct verifier_origin *origin, const char *end, struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *text = lade_text_of(&origin->first.text);

	if (makes_number(&origin->first, end))
		finding_cause(finding,
			      "on this path R%d is NULL: \"%s\" (instruction %lld), and nothing else was stored in it",
			      origin->reg, text ? text : "", (long long)origin->first.number);
	else
		finding_cause(finding,
			      "on this path R%d is NULL: the access stands in the branch in which the test found no "
			      "address",
			      origin->reg);
	finding_fix(finding, "use the pointer in the other branch, and leave in this one: if (!pointer) return 0;");
}

static void say_taken(const struct verifier_origin *origin, const struct verifier_line *call,
		      struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *name = lade_text_of(&call->text);

	finding_cause(finding,
		      "R%d was an address until %s (instruction %lld), which took it away: what it means was "
		      "released there, or may have moved",
		      origin->reg, name ? name : "a call", (long long)call->number);
	finding_fix(finding, "use the pointer before that call, or fetch and test it again behind it");
	finding_evidence(finding, "%lld: %s (R%d is no address from here on)", (long long)call->number,
			 name ? name : "", origin->reg);
}

static void say_number(const struct verifier_origin *origin, const char *end, struct lade_finding *finding)
{
	const struct verifier_line *line = makes_number(&origin->first, end) ? &origin->first : &origin->last;
	CLEANUP(cleanup_free) char *text = lade_text_of(&line->text);

	finding_cause(finding, "R%d holds a number and no address: it comes from \"%s\" (instruction %lld)",
		      origin->reg, text ? text : "", (long long)line->number);
	finding_fix(finding,
		    "do not follow it; if it is an address of the kernel's or a process's memory, copy what it "
		    "points to with bpf_probe_read_kernel() or bpf_probe_read_user()");
}

void lade_verifier_origin(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
			  struct lade_finding *finding)
{
	struct verifier_line call;
	struct span behind, before;

	if (!origin) {
		finding_confidence(finding, LADE_LIKELY);
		return;
	}
	behind = value_behind(&origin->last, origin->reg, verdict->line);
	before = value_before(&origin->last, origin->reg, verdict->line);
	if (is_null(&before) && (is_pointer(&behind) || is_null(&behind))) {
		say_null(origin, verdict->line, finding);
	} else if (is_pointer(&behind) && find_call(&origin->last, verdict->line, &call)) {
		say_taken(origin, &call, finding);
	} else if (!origin->is_memory &&
		   (is_number(&behind) || (!behind.length && makes_number(&origin->first, verdict->line)))) {
		say_number(origin, verdict->line, finding);
	} else if (!origin->is_memory || is_pointer(&behind)) {
		finding_confidence(finding, LADE_LIKELY);
	}
}
