/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "R1 invalid mem access 'scalar'" has five causes, which the states before it tell apart: the pointer is NULL on this
 * path; a call took it away (it was released, or the packet may have moved); arithmetic made a number of it; it never
 * was more than a number; or it is an address that was read from memory, which nobody may follow.
 */
#include "explain/verifier/origin.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/text.h"
#include "explain/verifier/read_from.h"
#include "explain/verifier/record.h"
#include "explain/verifier/taking.h"
#include "explain/verifier/values.h"

#define LINES_MAX   4096 /* that are looked at */
#define LINES_ABOVE 64   /* the same, above an instruction */

/* ---- the way ---- */

static const struct verifier_step *first_of(const struct verifier_origin *origin)
{
	return &origin->steps[origin->count - 1];
}

/* The step that read it from memory; NULL: none did. */
static const struct verifier_step *read_of(const struct verifier_origin *origin)
{
	for (size_t i = 0; i < origin->count; i++)
		if (lade_verifier_is_way(&origin->steps[i], "read from memory"))
			return &origin->steps[i];
	return NULL;
}

const char *lade_verifier_start_of(const char *log, const struct verifier_line *line)
{
	const char *newline = line->text.text > log ? memrchr(log, '\n', (size_t)(line->text.text - log)) : NULL;

	return newline ? newline + 1 : log;
}

bool lade_verifier_take_base(const struct verifier_line *line, int *ret_reg, int *ret_offset)
{
	const char *at = memmem(line->text.text, line->text.length, "*)(r", 4);
	char copy[32];
	size_t left;

	if (!at)
		return false;
	at += 4;
	left = (size_t)(line->text.text + line->text.length - at);
	(void)snprintf(copy, sizeof copy, "%.*s", (int)(left < sizeof copy ? left : sizeof copy - 1), at);
	return sscanf(copy, "%2d %6d)", ret_reg, ret_offset) == 2;
}

/* Shifts, masks and what has 32 bits; adding and subtracting keep an address. */
static bool makes_numbers(const struct verifier_step *step)
{
	const struct span *text = &step->line.text;

	if (lade_verifier_is_way(step, "copied"))
		return *text->text == 'w';
	return lade_verifier_is_way(step, "changed") &&
	       (*text->text == 'w' ||
		(!memmem(text->text, text->length, " += ", 4) && !memmem(text->text, text->length, " -= ", 4)));
}

/* ---- words ---- */

/* "r6 = 0", "call bpf_ktime_get_ns#5": does the instruction itself make a number? */
static bool makes_number(const struct verifier_line *line, const char *end)
{
	const char *equals = memmem(line->text.text, line->text.length, " = ", 3);
	struct span value;

	if (lade_span_starts(&line->text, "call ")) {
		value = lade_verifier_value_behind(line, 0, end);
		return lade_verifier_is_number(&value);
	}
	/* Longer ones are addresses of maps. */
	return equals && *line->text.text != '*' && (isdigit((unsigned char)equals[3]) || equals[3] == '-') &&
	       line->text.text + line->text.length - equals < 16;
}

/* "if r1 == 0x0 goto pc+3" anywhere on the way: on one side of it a pointer is NULL. */
static bool has_test(const char *start, const char *end)
{
	static const char *const tests[] = { " == 0x0 goto", " != 0x0 goto", " == 0 goto", " != 0 goto" };

	for (size_t i = 0; i < ELEMENTS(tests); i++)
		if (memmem(start, (size_t)(end - start), tests[i], strlen(tests[i])))
			return true;
	return false;
}

/* "9: frame1: R1=… R2=0 R10=fp0 cb": what a helper was given for its callback is the callback's argument. */
static bool is_callback_argument(const struct verifier_origin *origin, const char *end)
{
	struct span text = { origin->log, 0 };

	for (unsigned lines = 0; end > origin->log && lines < LINES_ABOVE; lines++) {
		text = lade_verifier_line_before(origin->log, end);
		struct span value = lade_verifier_value_in(&text, origin->reg);
		if (value.length)
			return lade_verifier_is_null(&value) && memmem(text.text, text.length, "frame", 5) &&
			       memmem(text.text, text.length, " cb", 3);
		end = text.text;
	}
	return false;
}

/* "r1 = 0x0": a constant of 64 bits, where "r1 = 0" would do: the place of an address, which no loader filled in. */
static bool is_unfilled(const struct span *text)
{
	static const char zero[] = " = 0x0";

	return text->length >= strlen(zero) &&
	       memcmp(text->text + text->length - strlen(zero), zero, strlen(zero)) == 0;
}

static void say_unfilled(const struct verifier_origin *origin, const struct verifier_line *first,
			 struct lade_finding *finding)
{
	finding_cause(finding,
		      "R%d is 0 since instruction %lld, which has room for an address of 64 bits: the loader put none "
		      "there. It stands for a global or static variable, which this loader does not know (bcc, tc "
		      "without libbpf, an old libbpf), or for a variable of the kernel (extern … __ksym __weak) "
		      "that this kernel does not have",
		      origin->reg, (long long)first->number);
	finding_fix(finding, "keep the value in a map (bcc: BPF_ARRAY(name, u64, 1)), or load the object with libbpf "
			     "or cilium/ebpf; of a weak variable of the kernel: if (&variable) before it is read");
	finding_confidence(finding, LADE_LIKELY);
}

/* The step that read 0, as its own state says: no test made it NULL. NULL: none did. */
static const struct verifier_step *null_read_of(const struct verifier_origin *origin, const char *end)
{
	for (size_t i = 0; i < origin->count; i++) {
		const struct verifier_step *step = &origin->steps[i];
		const struct span *text = &step->line.text;
		if (!lade_verifier_is_way(step, "read from memory") || text->length < 2 ||
		    !isdigit((unsigned char)text->text[1]))
			continue;
		const struct span value = lade_verifier_value_behind(&step->line, text->text[1] - '0', end);
		if (lade_verifier_is_null(&value))
			return step;
	}
	return NULL;
}

/* "r2", of the step's result or of the register that was refused, in no test and no copy between the two. */
static bool is_untouched(const char *from, const char *end, int reg)
{
	static const char *const forms[] = { " if r%d ", " if w%d ", " r%d goto", " w%d goto",
					     "= r%d\n",  "= w%d\n",  "= r%d ",    "= w%d " };
	char text[32];

	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		(void)snprintf(text, sizeof(text), forms[i], reg);
		if (memmem(from, (size_t)(end - from), text, strlen(text)))
			return false;
	}
	return true;
}

/* Kernels before 5.16 print no state behind the read: where nothing tested what was read, it was 0 then. */
static const struct verifier_step *untested_read_of(const struct verifier_origin *origin, const char *end)
{
	const struct verifier_step *step = &origin->steps[0];
	const char *from = step->line.text.text + step->line.text.length;

	return lade_verifier_is_way(step, "read from memory") && from < end && is_untouched(from, end, origin->reg)
		       ? step
		       : NULL;
}

static void say_null_read(const struct verifier_origin *origin, const struct verifier_step *step,
			  struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *text = lade_text_of(&step->line.text);

	finding_cause(finding,
		      "on this path R%d is NULL: instruction %lld (%s) reads it from where 0 lies for the verifier "
		      "(a constant, as of .rodata, or what was stored there last)",
		      origin->reg, (long long)step->line.number, text ? text : "");
	finding_fix(finding, "store an address there before it is followed, or test it: if (!pointer) return 0;");
}

static void say_null(const struct verifier_origin *origin, const char *end, struct lade_finding *finding)
{
	const struct verifier_step *shown = null_read_of(origin, end);
	const struct verifier_step *read = shown ? shown : untested_read_of(origin, end);
	const struct verifier_line *first = &first_of(origin)->line;
	CLEANUP(cleanup_free) char *text = lade_text_of(&first->text);

	finding_fix(finding, "use the pointer in the other branch, and leave in this one: if (!pointer) return 0;");
	if (is_callback_argument(origin, end)) {
		finding_cause(
			finding,
			"R%d is an argument of a callback, and NULL: the context that was given to the helper for "
			"it is 0",
			origin->reg);
		finding_fix(finding, "give the helper &context, the address of a variable, or do not follow it in the "
				     "callback");
	} else if (is_unfilled(&first->text)) {
		say_unfilled(origin, first, finding);
	} else if (read) {
		say_null_read(origin, read, finding);
	} else if (makes_number(first, end)) {
		finding_cause(finding,
			      "on this path R%d is NULL: \"%s\" (instruction %lld), and nothing else was stored in it",
			      origin->reg, text ? text : "", (long long)first->number);
		finding_fix(finding, "store an address in it before it is followed; where this is the branch of a test "
				     "that found none, use the pointer in the other one: if (!pointer) return 0;");
	} else if (has_test(first->text.text, end)) {
		finding_cause(finding,
			      "on this path R%d is NULL: the access stands in the branch in which the test found no "
			      "address",
			      origin->reg);
	} else {
		finding_cause(finding,
			      "on this path R%d is NULL: 0 was stored where it comes from (instruction %lld: %s)",
			      origin->reg, (long long)first->number, text ? text : "");
		finding_fix(finding,
			    "store an address there before it is followed, or test it: if (!pointer) return 0;");
		finding_confidence(finding, LADE_LIKELY);
	}
}

static void say_taken(const struct verifier_origin *origin, const struct verifier_line *call,
		      struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *name = lade_text_of(&call->text);

	if (lade_call_moves_packet(&call->text)) {
		finding_cause(finding,
			      "R%d was an address in the packet until %s (instruction %lld): that helper may move or "
			      "change the packet, and no pointer into it holds behind it",
			      origin->reg, name ? name : "a call", (long long)call->number);
		finding_fix(finding, "read ctx->data and ctx->data_end again behind that call, make the pointer anew "
				     "and compare it with data_end again; or do all that the pointer is for before it");
	} else {
		finding_cause(finding,
			      "R%d was an address until %s (instruction %lld), which took it away: what it means was "
			      "released there, or may have moved",
			      origin->reg, name ? name : "a call", (long long)call->number);
		finding_fix(finding, "use the pointer before that call, or fetch and test it again behind it");
	}
	finding_evidence(finding, "%lld: %s (R%d is no address from here on)", (long long)call->number,
			 name ? name : "", origin->reg);
}

/* "r1 = 0", and nothing behind it */
static bool sets_null(const struct verifier_line *line)
{
	return line->text.length > 4 && memcmp(line->text.text + line->text.length - 4, " = 0", 4) == 0;
}

/* What lies where the register was filled from the stack; false: it was not. */
static bool take_slot(const struct verifier_origin *origin, struct span *ret_value, int *ret_offset)
{
	const struct verifier_step *step = &origin->steps[0];
	int reg;

	if (!lade_verifier_is_way(step, "filled from the stack") ||
	    !lade_verifier_take_base(&step->line, &reg, ret_offset))
		return false;
	*ret_value =
		lade_verifier_slot_above(origin->log, lade_verifier_start_of(origin->log, &step->line), *ret_offset);
	return true;
}

/* "r2 = *(u64 *)(r10 -88)" where fp-88=mmmmmmmm: some kernels forget what a pointer was that lay on the stack. */
static bool say_forgotten(const struct verifier_origin *origin, struct lade_finding *finding)
{
	const struct verifier_step *step = &origin->steps[0];
	struct span value;
	int offset;

	if (!take_slot(origin, &value, &offset))
		return false;
	bool is_bytes = lade_span_starts(&value, "mmmm"), is_stored = false;
	for (size_t i = 0; i < origin->count; i++)
		is_stored |= lade_verifier_is_way(&origin->steps[i], "spilled to the stack");
	/* What a helper wrote there never was a pointer. */
	if (is_bytes && !is_stored)
		return false;
	if (!is_bytes) {
		finding_evidence(finding,
				 "or it was a pointer that lay on the stack (fp%d), and was overwritten or merged "
				 "there with a number: another compiler may keep it in a register",
				 offset);
		return false;
	}
	finding_cause(
		finding,
		"R%d was read from the stack (fp%d, instruction %lld), where this kernel only knows bytes: a pointer "
		"that lay there is a number from then on (pointers to memory before 5.11, and 5.10.10)",
		origin->reg, offset, (long long)step->line.number);
	finding_fix(finding, "fetch the pointer anew behind the calls, keep fewer variables alive across them, make "
			     "functions smaller; or a newer kernel");
	finding_confidence(finding, LADE_LIKELY);
	return true;
}

static void say_number(const struct verifier_origin *origin, const char *end, struct lade_finding *finding)
{
	if (say_forgotten(origin, finding))
		return;
	const struct verifier_line *line =
		makes_number(&first_of(origin)->line, end) ? &first_of(origin)->line : &origin->steps[0].line;
	CLEANUP(cleanup_free) char *text = lade_text_of(&line->text);

	finding_cause(finding, "R%d holds a number and no address: it comes from \"%s\" (instruction %lld)",
		      origin->reg, text ? text : "", (long long)line->number);
	finding_fix(finding,
		    "do not follow it; if it is an address of the kernel's or a process's memory, copy what it "
		    "points to with bpf_probe_read_kernel() or bpf_probe_read_user()");
}

/* "r9 <<= 32" where R9 was an address. */
static bool say_arithmetic(const struct verifier_origin *origin, struct lade_finding *finding)
{
	const struct verifier_step *step = NULL;
	struct span value;
	int reg;

	for (size_t i = 0; i < origin->count && makes_numbers(&origin->steps[i]); i++)
		step = &origin->steps[i];
	if (!step || step->line.text.length < 2 || !isdigit((unsigned char)step->line.text.text[1]))
		return false;
	reg = step->line.text.text[1] - '0';
	if (lade_verifier_is_way(step, "copied"))
		reg = step->line.text.text[step->line.text.length - 1] - '0';
	value = lade_verifier_register_above(origin->log, lade_verifier_start_of(origin->log, &step->line), reg);
	if (!lade_verifier_is_pointer(&value))
		return false;
	CLEANUP(cleanup_free) char *text = lade_text_of(&step->line.text);
	finding_cause(finding,
		      "R%d was an address until \"%s\" (instruction %lld), which makes a number of it: only adding and "
		      "subtracting keep an address, shifts, masks and 32 bits do not",
		      reg, text ? text : "", (long long)step->line.number);
	finding_fix(finding, "keep the pointer in 64 bits: no cast to u32, int or a 32-bit field (void *data = (void "
			     "*)(long)ctx->data;), and mask the offset before it is added, not the pointer");
	return true;
}

/* " += 96", and no difference of two pointers */
static bool adds(const struct verifier_step *step)
{
	return lade_verifier_is_way(step, "changed") &&
	       memmem(step->line.text.text, step->line.text.length, " += ", 4) != NULL;
}

/* "r1 = r6", "r1 += 96" where R6 was the context: kernels before 4.14 take it for a number from there on. */
static bool say_moved_context(const struct verifier_origin *origin, struct lade_finding *finding)
{
	size_t first = 0, last;
	struct span value;
	int reg;

	while (first + 1 < origin->count && lade_verifier_is_way(&origin->steps[first], "copied"))
		first++;
	if (!adds(&origin->steps[first]))
		return false;
	last = first;
	while (last + 1 < origin->count && adds(&origin->steps[last]))
		last++;
	const struct verifier_line *line = &origin->steps[last].line;
	if (line->text.length < 2 || !isdigit((unsigned char)line->text.text[line->text.length - 1]))
		return false;
	reg = lade_verifier_is_way(&origin->steps[last], "copied") ? line->text.text[line->text.length - 1] - '0'
								   : line->text.text[1] - '0';
	value = lade_verifier_register_above(origin->log, lade_verifier_start_of(origin->log, line), reg);
	if (!lade_span_starts(&value, "ctx"))
		return false;
	finding_cause(
		finding,
		"R%d was the context until something was added to it (instruction %lld): the context is only read at "
		"constant offsets from ctx itself, and the compiler computed the address first",
		origin->reg, (long long)origin->steps[first].line.number);
	finding_fix(finding, "read ctx->field once, into a local variable, in front of the branches or loops that the "
			     "compiler merged; or copy with bpf_probe_read_kernel()");
	return true;
}

/* A call may write to the stack, and older kernels do not say so. */
static bool is_call_between(const char *start, const char *end)
{
	for (const char *at = start; (at = memmem(at, (size_t)(end - at), ") call ", 7)); at += 7)
		return true;
	return false;
}

/* "r9 = *(u64 *)(r10 -256)" where fp-256=00000000. */
static bool say_null_slot(const struct verifier_origin *origin, struct lade_finding *finding)
{
	const struct verifier_step *step = &origin->steps[0];
	struct span value;
	int offset;

	if (!take_slot(origin, &value, &offset))
		return false;
	if ((!lade_verifier_is_null(&value) && !lade_span_starts(&value, "00000000")) ||
	    is_call_between(value.text, step->line.text.text))
		return false;
	finding_cause(finding,
		      "on this path R%d is NULL: instruction %lld reads it from the stack (fp%d), where 0 lies. Where "
		      "a test of another variable excludes this path for you, the verifier does not know that",
		      origin->reg, (long long)step->line.number, offset);
	finding_fix(finding, "test the pointer itself right before it is used: if (!pointer) return …;");
	return true;
}

/* "call bpf_get_current_task#35", "call 35" */
static bool is_task(const struct span *call)
{
	return lade_span_starts(call, "call bpf_get_current_task#") ||
	       (call->length == strlen("call 35") && lade_span_starts(call, "call 35"));
}

/* It returns an address, but as a number. */
static bool say_task(const struct verifier_origin *origin, struct lade_finding *finding)
{
	const struct verifier_step *first = first_of(origin);

	if (!lade_verifier_is_way(first, "returned r0") || !is_task(&first->line.text))
		return false;
	finding_cause(
		finding,
		"R%d %s what bpf_get_current_task() returned (instruction %lld): the address of the task, but as a "
		"number, which the program itself may not follow",
		origin->reg, lade_verifier_is_computed(origin, first) ? "was computed from" : "is",
		(long long)first->line.number);
	finding_fix(finding,
		    "BPF_CORE_READ(task, member, member), or copy each member with bpf_probe_read_kernel() "
		    "(bpf_probe_read() before 5.5), one after the other; or (from 5.11 on, in tracing programs) "
		    "bpf_get_current_task_btf(), whose task may be followed");
	return true;
}

/* On older kernels, which tell states only at jumps, a pointer that was taken away looks like one that was none. */
static bool say_taken_likely(const struct verifier_origin *origin, const char *end, struct lade_finding *finding)
{
	struct verifier_line call;
	bool is_returned =
		lade_verifier_is_way(first_of(origin), "returned r0") &&
		(memmem(first_of(origin)->line.text.text, first_of(origin)->line.text.length, "reserve", 7) ||
		 memmem(first_of(origin)->line.text.text, first_of(origin)->line.text.length, "_lookup", 7));

	if (!lade_call_last(&origin->steps[0].line, end, &call) || !lade_call_takes_away(&call.text) ||
	    (!is_returned && !read_of(origin)))
		return false;
	say_taken(origin, &call, finding);
	finding_confidence(finding, LADE_LIKELY);
	return true;
}

/* An address in the packet, as the context gave it, to which something was added behind the call that took it away:
 * data + 14 may be computed late. */
static bool say_moved_packet(const struct verifier_origin *origin, const struct verifier_step *read, const char *end,
			     struct lade_finding *finding)
{
	const struct verifier_line *call;
	struct taking taking;
	bool is_sure;
	int reg;

	if (!read || read == &origin->steps[0] || sscanf(read->line.text.text, "r%2d = ", &reg) != 1)
		return false;
	lade_taking_find(origin, &read->line, reg, end, &taking);
	call = taking.pointer.length ? lade_taking_call(origin, &taking, &is_sure) : NULL;
	if (!call || !lade_call_moves_packet(&call->text))
		return false;
	say_taken(origin, call, finding);
	if (!is_sure)
		finding_confidence(finding, LADE_LIKELY);
	return true;
}

/* Does the instruction read or write through the register? */
static bool is_through(const struct verifier_line *line, int reg)
{
	char words[16];
	int length = snprintf(words, sizeof words, "*)(r%d ", reg);

	return line->kind == VERIFIER_INSTRUCTION &&
	       memmem(line->text.text, line->text.length, words, (size_t)length) != NULL;
}

/* The last access through the register that was accepted, on the path that the log shows. */
static bool find_accepted(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
			  struct verifier_line *ret_line)
{
	const char *end = verdict->line;

	for (unsigned lines = 0; end > origin->log && lines < LINES_MAX; lines++) {
		struct span text = lade_verifier_line_before(origin->log, end);
		*ret_line = lade_verifier_line(text.text, text.length);
		end = text.text;
		if (ret_line->kind == VERIFIER_EDGE || lade_verifier_is_gap(&ret_line->text))
			return false;
		if (is_through(ret_line, origin->reg) && ret_line->number != verdict->instruction)
			return true;
	}
	return false;
}

/* The log does not reach back to where the register was written: perhaps to where it still was a pointer. */
static void say_cut(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
		    struct lade_finding *finding)
{
	struct verifier_line state = { .text = lade_verifier_register_above(origin->log, verdict->line, origin->reg) },
			     call;

	finding_confidence(finding, LADE_LIKELY);
	if (!lade_verifier_is_pointer(&state.text) && !find_accepted(verdict, origin, &state))
		return;
	if (lade_call_last(&state, verdict->line, &call) && lade_call_takes_away(&call.text))
		say_taken(origin, &call, finding);
}

/* A pointer on this path, of which no state behind the call says so any more. */
static bool say_taken_surely(const struct verifier_origin *origin, const struct taking *taking,
			     struct lade_finding *finding)
{
	bool is_sure;
	const struct verifier_line *call = taking->pointer.length ? lade_taking_call(origin, taking, &is_sure) : NULL;

	if (!call)
		return false;
	say_taken(origin, call, finding);
	if (!is_sure)
		finding_confidence(finding, LADE_LIKELY);
	return true;
}

static void say_why(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
		    struct lade_finding *finding)
{
	const struct verifier_step *read = read_of(origin);
	struct span behind, before;
	struct taking taking;
	bool is_address;

	if (lade_verifier_forgotten_record(verdict, origin, finding))
		return;
	if (!origin->count) {
		say_cut(verdict, origin, finding);
		return;
	}
	behind = lade_verifier_value_behind(&origin->steps[0].line, origin->reg, verdict->line);
	before = lade_verifier_value_before(&origin->steps[0].line, origin->reg, verdict->line);
	lade_taking_find(origin, &origin->steps[0].line, origin->reg, verdict->line, &taking);
	is_address = lade_verifier_is_pointer(&behind) || taking.pointer.length;
	if (lade_verifier_is_null(&before) && (is_address || lade_verifier_is_null(&behind)))
		say_null(origin, verdict->line, finding);
	else if (say_taken_surely(origin, &taking, finding) || say_moved_packet(origin, read, verdict->line, finding) ||
		 say_arithmetic(origin, finding) || say_moved_context(origin, finding) ||
		 say_null_slot(origin, finding) ||
		 (!behind.length && say_taken_likely(origin, verdict->line, finding)) ||
		 (!read && !is_address && say_task(origin, finding)))
		return;
	else if (!read && (lade_verifier_is_number(&behind) ||
			   (!behind.length && makes_number(&first_of(origin)->line, verdict->line))))
		(sets_null(&first_of(origin)->line) ? say_null : say_number)(origin, verdict->line, finding);
	else if (!read || is_address)
		finding_confidence(finding, LADE_LIKELY);
	else
		lade_verifier_read_from(origin, read, finding);
}

/* "*(u32 *)(r1 +0) = r2", "lock *(u64 *)(r1 +0) += r2": the instruction that was refused writes. */
static bool is_store(const struct verifier_verdict *verdict, const char *log)
{
	const char *end = verdict->line;

	for (unsigned lines = 0; end > log && lines < LINES_ABOVE; lines++) {
		const struct span text = lade_verifier_line_before(log, end);
		const struct verifier_line line = lade_verifier_line(text.text, text.length);
		if (line.kind == VERIFIER_INSTRUCTION)
			return lade_span_starts(&line.text, "*(") || lade_span_starts(&line.text, "lock *(");
		end = text.text;
	}
	return false;
}

/* What helps who reads there helps nobody who writes. */
static void advise_store(struct lade_finding *finding)
{
	if (finding->fix && strstr(finding->fix, "bpf_probe_read"))
		finding_fix(finding, "it writes there, which no program may through an address that is only a number: "
				     "write to memory of its own (stack, value of a map, record of a ring buffer) or "
				     "to a context or packet that may be changed; bpf_probe_write_user() writes to the "
				     "running process's memory, and nothing to the kernel's");
}

void lade_verifier_origin(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
			  struct lade_finding *finding)
{
	say_why(verdict, origin, finding);
	if (is_store(verdict, origin->log))
		advise_store(finding);
}
