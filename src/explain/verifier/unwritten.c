/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "R0 !read_ok" at the end of a program is a return value that is missing. At any other instruction it is a variable
 * without a value: "*(u8 *)(r10 -10) = r0" stores it, and the place on the stack tells which one.
 */
#include "explain/verifier/unwritten.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"
#include "explain/verifier/values.h"

/* In the first instructions registers are unwritten for other reasons: saved ones, missing arguments. */
#define FIRST_INSTRUCTIONS 16
#define SAVED_FIRST        6 /* registers that a call leaves as they are */
#define PLACE_BYTES        96
#define LINES_ABOVE        16 /* in which the instruction before stands */

/* "*(u8 *)(r10 -10) = r0": the offset, of a store of this register to the stack. */
static bool is_stored(const struct span *refused, int reg, int *ret_offset)
{
	char text[64], value;
	unsigned bits;
	int stored;

	(void)snprintf(text, sizeof text, "%.*s", (int)refused->length, refused->text);
	return sscanf(text, "*(u%u *)(r10 %d) = %c%d", &bits, ret_offset, &value, &stored) == 4 &&
	       (value == 'r' || value == 'w') && stored == reg;
}

/* What gets no value, as far as the instruction tells. */
static void say_place(const struct span *refused, int reg, char place[PLACE_BYTES])
{
	int offset;

	if (is_stored(refused, reg, &offset))
		(void)snprintf(place, PLACE_BYTES, "the variable that is stored on the stack at %d (r10%d)", offset,
			       offset);
	else
		(void)snprintf(place, PLACE_BYTES, "the variable whose value R%d is to hold here", reg);
}

/* Calls leave R6 to R9 as they are, and no return value is in them. */
static void say_saved(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	finding_cause(finding,
		      "R%d is read (instruction %lld: %.*s) and holds nothing on this path: a variable that gets a "
		      "value on other paths only or nowhere, or (for a loader without privilege) what a helper "
		      "released or took "
		      "away",
		      way->reg, (long long)verdict->instruction, (int)way->refused.length, way->refused.text);
	finding_fix(finding,
		    "initialise the variable where it is declared, or set it on every branch that leads to instruction "
		    "%lld; of a tool that makes code by itself: another version of it (or the LLVM that it was made "
		    "for)",
		    (long long)verdict->instruction);
}

/* A call reads its arguments, of which the message's own words speak. */
static bool is_other(const struct span *refused)
{
	return !refused->length || lade_span_starts(refused, "exit") || lade_span_starts(refused, "call");
}

/* "8: (85) call #0", right above the instruction: a kernel function that is __weak and not there. libbpf leaves 0 for
 * it, and kernels take that for a call that returns nothing, as long as nobody comes there. */
static bool is_behind_absent(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     int64_t *ret_number)
{
	const char *end = verdict->line;

	for (unsigned lines = 0; end > way->log && lines < LINES_ABOVE; lines++) {
		const struct span text = lade_verifier_line_before(way->log, end);
		const struct verifier_line line = lade_verifier_line(text.text, text.length);
		end = text.text;
		if (line.kind != VERIFIER_INSTRUCTION || line.number == verdict->instruction)
			continue;
		*ret_number = line.number;
		return line.text.length == strlen("call #0") && lade_span_starts(&line.text, "call #0");
	}
	return false;
}

static void say_absent(const struct verifier_verdict *verdict, int64_t call, struct lade_finding *finding)
{
	finding_cause(finding,
		      "instruction %lld calls a function of the kernel that this kernel does not have (call #0: it was "
		      "declared __weak, and libbpf leaves 0 in its place), and instruction %lld reads what it returned",
		      (long long)call, (long long)verdict->instruction);
	finding_fix(finding, "a kernel that has the function; or test it before the call, so that the verifier drops "
			     "it: if (bpf_ksym_exists(NAME)) … (libbpf 1.2; before: if (NAME))");
}

void lade_verifier_unwritten(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding)
{
	static const char message[] = "!read_ok";
	char place[PLACE_BYTES];
	int64_t call;
	int offset;

	if (way->reg < 0 || way->reg > 9 || is_other(&way->refused) ||
	    !lade_search(verdict->line, verdict->length, message, strlen(message)))
		return;
	if (!way->reg && is_behind_absent(way, verdict, &call)) {
		say_absent(verdict, call, finding);
		return;
	}
	if (way->reg >= SAVED_FIRST && verdict->instruction >= FIRST_INSTRUCTIONS)
		say_saved(way, verdict, finding);
	if (way->reg && (verdict->instruction < FIRST_INSTRUCTIONS || !is_stored(&way->refused, way->reg, &offset)))
		return;
	say_place(&way->refused, way->reg, place);
	if (!way->reg)
		finding_cause(
			finding,
			"nothing stands in R0 on this path, and instruction %lld reads it (%.*s): a variable that "
			"is set in other branches only or nowhere, or the result of a function that returns none",
			(long long)verdict->instruction, (int)way->refused.length, way->refused.text);
	finding_fix(finding,
		    "give %s a value on every path that leads to instruction %lld: set it where it is declared; a "
		    "branch (a protocol, a default: of a switch) that leaves it out counts as well%s",
		    place, (long long)verdict->instruction,
		    way->reg && way->reg < 6 ? "; what is needed behind a call belongs into another variable" : "");
}
