/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From where a register has what it holds: backwards through the log, over moves, spills and calls. Where the log went
 * on with another branch ("from 12 to 15"), the way back is at instruction 12, further up.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "explain/verifier/verdict.h"
#include "explain/text.h"
#include "explain/verifier/line.h"
#include "explain/verifier/named.h"
#include "explain/verifier/origin.h"
#include "explain/verifier/read_from.h"
#include "explain/verifier/step.h"
#include "explain/verifier/values.h"

#define STEPS_MAX 6
#define LINES_MAX 100000 /* that are looked at */
#define NEAR      8      /* lines in which the map of a call is named */
#define ABOVE     32     /* lines of a call, in which its arguments are set */

/* What is followed: a register, or 8 bytes of the stack of a frame. */
struct place {
	int reg;        /* -1: a slot */
	int64_t offset; /* of the slot: negative */
	int depth;      /* calls that are inside of the one of the verdict: positive */
};

struct trace {
	const char *log;
	const char *end; /* lines before it are yet to come */
	struct place place;
	int depth;
	int64_t verdict; /* the instruction that was refused only uses the register; -1: was passed */
	int64_t wanted;  /* instruction to which the way leads back; -1: the one before */
	int64_t later;   /* instruction that was looked at last; -1: none, or the way went elsewhere */
	struct verifier_step steps[STEPS_MAX];
	size_t count;
	bool over;
	bool has_gap;       /* instructions on the way are not in the log */
	size_t sure;        /* steps before them */
	bool awaits_source; /* the last step's source line comes next */
	bool awaits_map;
	unsigned near;
	bool prefers_operand; /* of "r1 += r2" it is r2 that matters */
};

/* ---- words of an instruction ---- */

static bool take(struct span *span, const char *prefix)
{
	size_t length = strlen(prefix);

	if (!lade_span_starts(span, prefix))
		return false;
	span->text += length;
	span->length -= length;
	return true;
}

static bool take_number(struct span *span, int64_t *ret_number)
{
	bool is_negative = take(span, "-");
	int64_t number = 0;
	size_t digits = 0;

	if (!is_negative)
		(void)take(span, "+");
	for (; digits < span->length && digits < 9 && isdigit((unsigned char)span->text[digits]); digits++)
		number = number * 10 + (span->text[digits] - '0');
	span->text += digits;
	span->length -= digits;
	*ret_number = is_negative ? -number : number;
	return digits > 0;
}

/* "r1" or "w1" */
static bool take_register(struct span *span, int *ret_register)
{
	struct span rest = *span;
	int64_t number;

	if (!take(&rest, "r") && !take(&rest, "w") && !take(&rest, "R"))
		return false;
	if (!rest.length || !isdigit((unsigned char)*rest.text) || !take_number(&rest, &number) || number > 11)
		return false;
	*span = rest;
	*ret_register = (int)number;
	return true;
}

/* "*(u64 *)(r10 -8)": through which register, and where. */
static bool take_memory(struct span *span, int *ret_register, int64_t *ret_offset)
{
	const char *close = span->length > 2 && *span->text == '*' ? memmem(span->text, span->length, "*)(", 3) : NULL;
	struct span rest;

	if (!close)
		return false;
	rest = (struct span){ close + 3, span->length - (size_t)(close + 3 - span->text) };
	if (!take_register(&rest, ret_register) || !take(&rest, " ") || !take_number(&rest, ret_offset) ||
	    !take(&rest, ")"))
		return false;
	*span = rest;
	return true;
}

/* ---- steps ---- */

static struct verifier_step *add_step(struct trace *trace, const struct verifier_line *line, const char *why)
{
	struct verifier_step *step;

	if (trace->count == STEPS_MAX) {
		trace->over = true;
		return NULL;
	}
	step = &trace->steps[trace->count++];
	*step = (struct verifier_step){ .line = *line };
	(void)snprintf(step->why, sizeof step->why, "%s", why);
	trace->awaits_source = true;
	trace->awaits_map = false;
	trace->over |= trace->count == STEPS_MAX;
	return step;
}

/* Helpers of which the map is worth to be named. */
static bool has_map(const struct span *name)
{
	static const char *const words[] = { "map_", "ringbuf_", "_storage_get", "perf_event_" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(name->text, name->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Helpers that write to memory which they are given. */
static bool writes_memory(const struct span *name)
{
	static const char *const words[] = { "probe_read",     "load_bytes", "current_comm", "get_stack", "d_path",
					     "copy_from_user", "snprintf",   "strto",        "map_pop",   "map_peek" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(name->text, name->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* "r1 = r10", "r1 += -120" right above the call: is the slot that is followed given to it? */
static bool is_given(const struct trace *trace, const char *call)
{
	int64_t offset;
	int reg;

	for (unsigned lines = 0; call > trace->log && lines < ABOVE; lines++) {
		const struct span text = lade_verifier_line_before(trace->log, call);
		const struct verifier_line line = lade_verifier_line(text.text, text.length);
		struct span rest = line.text;
		call = text.text;
		if (line.kind == VERIFIER_EDGE ||
		    (line.kind == VERIFIER_INSTRUCTION && lade_span_starts(&rest, "call ")))
			return false;
		if (line.kind == VERIFIER_INSTRUCTION && take_register(&rest, &reg) && reg >= 1 && reg <= 5 &&
		    take(&rest, " += ") && take_number(&rest, &offset) && offset == trace->place.offset)
			return true;
	}
	return false;
}

/* "call bpf_map_lookup_elem#1", "call pc+5" */
static void step_call(struct trace *trace, const struct verifier_line *line)
{
	struct span name = line->text;
	bool is_function;

	(void)take(&name, "call ");
	is_function = lade_span_starts(&name, "pc");
	if (is_function && trace->depth > 0) {
		trace->depth--;
		/* What the function got: its arguments are registers of the caller. */
		if (trace->place.depth > trace->depth) {
			trace->over = trace->place.reg < 1 || trace->place.reg > 5;
			trace->place.depth = trace->depth;
		}
		return;
	}
	if (trace->place.depth != trace->depth || trace->place.reg > 5)
		return;
	if (trace->place.reg < 0) {
		if (!writes_memory(&name) || !is_given(trace, line->text.text))
			return;
		add_step(trace, line, "wrote it to the stack");
		trace->over = true;
		return;
	}
	if (is_function && trace->place.reg > 0)
		return; /* the log is inside of the function: its arguments */
	add_step(trace, line, trace->place.reg == 0 ? "returned r0" : "no register from r1 to r5 outlives a call");
	trace->awaits_map = has_map(&name);
	trace->near = 0;
	trace->over = true;
}

static void step_load(struct trace *trace, const struct verifier_line *line, int base, int64_t offset)
{
	if (base == 10) {
		add_step(trace, line, "filled from the stack");
		trace->place = (struct place){ .reg = -1, .offset = offset, .depth = trace->place.depth };
		return;
	}
	add_step(trace, line, "read from memory");
	trace->place.reg = base;
}

/* "r1 = …", "r1 += …" with the register that is followed on the left */
static void step_assignment(struct trace *trace, const struct verifier_line *line, struct span rest)
{
	int64_t offset;
	int base;

	if (take(&rest, " = ")) {
		if (take_memory(&rest, &base, &offset)) {
			step_load(trace, line, base, offset);
		} else if (take_register(&rest, &base) && !rest.length) {
			add_step(trace, line, "copied");
			trace->place.reg = base;
		} else {
			add_step(trace, line, "set");
			trace->over = true;
		}
		return;
	}
	if (!memchr(rest.text, '=', rest.length))
		return;
	add_step(trace, line, "changed");
	const char *equals = memchr(rest.text, '=', rest.length);
	rest = (struct span){ equals + 1, rest.length - (size_t)(equals + 1 - rest.text) };
	(void)take(&rest, " ");
	if (trace->prefers_operand && take_register(&rest, &base) && !rest.length)
		trace->place.reg = base;
}

static void step_store(struct trace *trace, const struct verifier_line *line, struct span rest)
{
	int64_t offset;
	int base;

	if (!take_memory(&rest, &base, &offset) || base != 10 || offset != trace->place.offset || !take(&rest, " = "))
		return;
	add_step(trace, line, "spilled to the stack");
	if (take_register(&rest, &base) && !rest.length)
		trace->place.reg = base;
	else
		trace->over = true;
}

static void step_instruction(struct trace *trace, const struct verifier_line *line)
{
	struct span rest = line->text;
	int reg;

	if (lade_span_starts(&rest, "exit")) {
		trace->depth++;
		/* r0 of the caller is what the function returns. */
		if (trace->place.reg == 0 && trace->place.depth == trace->depth - 1)
			trace->place.depth = trace->depth;
	} else if (lade_span_starts(&rest, "call ")) {
		step_call(trace, line);
	} else if (trace->place.depth != trace->depth) {
		return;
	} else if (trace->place.reg < 0) {
		step_store(trace, line, rest);
	} else if (take_register(&rest, &reg) && reg == trace->place.reg) {
		step_assignment(trace, line, rest);
	}
}

/* ---- lines, from the end ---- */

/* "map_ptr(map=counts,ks=4,vs=8)", "map_ptr(ks=4,…": the name, where the kernel tells it. */
static void find_map(struct trace *trace, const struct verifier_line *line)
{
	static const char mark[] = "map_ptr(map=";
	const char *at = line->state.length ? memmem(line->state.text, line->state.length, mark, strlen(mark)) : NULL;
	size_t length = 0;

	if (!at) {
		trace->awaits_map = ++trace->near < NEAR && !lade_span_starts(&line->text, "call ");
		return;
	}
	at += strlen(mark);
	while (at + length < line->state.text + line->state.length &&
	       (isalnum((unsigned char)at[length]) || at[length] == '_' || at[length] == '.'))
		length++;
	trace->steps[trace->count - 1].map = (struct span){ at, length };
	trace->awaits_map = false;
}

/* The next instruction is that behind it, or one to which it leads; otherwise lines of the log were left out. */
static bool may_precede(const struct verifier_line *line, int64_t later)
{
	static const char *const words[] = { "goto", "exit", "call", "may_" };

	if (later < 0 || line->number == later - 1 || line->number == later - 2)
		return true;
	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(line->text.text, line->text.length, words[i], strlen(words[i])))
			return true;
	return false;
}

static void step_line(struct trace *trace, const struct verifier_line *line)
{
	if (line->kind == VERIFIER_SOURCE && trace->awaits_source) {
		if (!lade_verifier_is_unknown_source(line))
			trace->steps[trace->count - 1].source = line->text;
		trace->awaits_source = false;
		return;
	}
	if (trace->awaits_map)
		find_map(trace, line);
	if (trace->over)
		return;
	if (line->kind == VERIFIER_OTHER && lade_verifier_is_gap(&line->text))
		trace->over = true;
	if (line->kind == VERIFIER_EDGE)
		trace->awaits_source = false; /* lines above it are of another branch */
	if (line->kind == VERIFIER_EDGE && trace->wanted < 0)
		trace->wanted = line->number;
	if (line->kind != VERIFIER_INSTRUCTION || (trace->wanted >= 0 && line->number != trace->wanted))
		return;
	if (!trace->has_gap && trace->wanted < 0 && !may_precede(line, trace->later)) {
		trace->has_gap = true;
		trace->sure = trace->count;
	}
	trace->wanted = -1;
	trace->later = line->number;
	if (line->number == trace->verdict)
		trace->verdict = -1;
	else
		step_instruction(trace, line);
}

static void walk(struct trace *trace)
{
	for (unsigned lines = 0; trace->end > trace->log && lines < LINES_MAX; lines++) {
		const char *start = memrchr(trace->log, '\n', (size_t)(trace->end - 1 - trace->log));
		struct verifier_line line;
		start = start ? start + 1 : trace->log;
		line = lade_verifier_line(start, (size_t)(trace->end - start));
		step_line(trace, &line);
		trace->end = start;
		if (trace->over && !trace->awaits_map && !trace->awaits_source)
			return;
	}
}

/* ---- where the way begins ---- */

/* "R1 …", "… stack R2 …", "the register R0 …" */
static int register_of(const char *text, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++) {
		struct span span = { text + i, length - i };
		int reg;
		if (text[i] == 'R' && (i == 0 || !isalnum((unsigned char)text[i - 1])) && take_register(&span, &reg))
			return reg;
	}
	return -1;
}

/* Memory that the last instruction used, where the message names no register. */
static int register_of_access(const struct trace *trace)
{
	const char *end = trace->end;

	while (end > trace->log) {
		const char *start = memrchr(trace->log, '\n', (size_t)(end - 1 - trace->log));
		struct verifier_line line;
		struct span rest;
		int64_t offset;
		int reg, target;
		start = start ? start + 1 : trace->log;
		line = lade_verifier_line(start, (size_t)(end - start));
		end = start;
		if (line.kind == VERIFIER_EDGE)
			return -1;
		if (line.kind != VERIFIER_INSTRUCTION)
			continue;
		rest = line.text;
		if (take_register(&rest, &target) && !take(&rest, " = "))
			return take(&rest, " += ") && take_register(&rest, &reg) ? reg : -1;
		return take_memory(&rest, &reg, &offset) && reg != 10 ? reg : -1;
	}
	return -1;
}

/* "Unreleased reference id=2 alloc_insn=5": where it was acquired. */
static bool trace_acquired(struct trace *trace, const struct verifier_verdict *verdict)
{
	static const char mark[] = "alloc_insn=";
	const char *at = memmem(verdict->line, verdict->length, mark, strlen(mark));
	struct span rest;

	if (!at)
		return false;
	at += strlen(mark);
	rest = (struct span){ at, (size_t)(verdict->line + verdict->length - at) };
	if (!take_number(&rest, &trace->wanted))
		return false;
	trace->verdict = -1;
	trace->place.reg = 0;
	return true;
}

/* "… invalid mem access 'scalar'", once 'inv', and 'imm' before 4.14 */
static bool is_number_followed(const struct verifier_verdict *verdict)
{
	static const char *const words[] = { "invalid mem access 'scalar'", "invalid mem access 'inv'",
					     "invalid mem access 'imm'" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(verdict->line, verdict->length, words[i], strlen(words[i])))
			return true;
	return false;
}

static struct verifier_origin origin_of(const struct trace *trace, int reg)
{
	return (struct verifier_origin){
		.log = trace->log,
		.reg = reg,
		.steps = trace->steps,
		.count = trace->count,
		.begins_as_context = !trace->over && trace->place.reg == 1 && trace->later == 0,
	};
}

/* What is read out of the context is told as that. */
static void tell_steps(const struct trace *trace, int reg, struct lade_finding *finding)
{
	const struct verifier_origin origin = origin_of(trace, reg);

	for (size_t i = trace->count; i-- > 0;) {
		struct verifier_step step = trace->steps[i];
		if (lade_verifier_reads_context(&origin, &trace->steps[i]))
			(void)snprintf(step.why, sizeof step.why, "read from the context");
		lade_verifier_step_tell(&step, finding);
	}
}

/* The instruction itself, which ends the way; text of length 0: the log does not have it. */
static struct span find_refused(const char *log, const struct verifier_verdict *verdict)
{
	for (const char *end = verdict->line; end > log;) {
		const char *newline = memrchr(log, '\n', (size_t)(end - 1 - log));
		const char *start = newline ? newline + 1 : log;
		struct verifier_line line = lade_verifier_line(start, (size_t)(end - start));
		end = start;
		if (line.kind == VERIFIER_EDGE || lade_verifier_is_gap(&line.text))
			break;
		if (line.kind == VERIFIER_INSTRUCTION && line.number == verdict->instruction)
			return line.text;
		if (line.kind == VERIFIER_INSTRUCTION)
			break;
	}
	return (struct span){ "", 0 };
}

static void tell_refused(const struct verifier_verdict *verdict, const struct span *refused,
			 struct lade_finding *finding)
{
	const char *family = verdict->message ? lade_verifier_text + verdict->message->family : "";
	CLEANUP(cleanup_free) char *text = refused->length ? lade_text_of(refused) : NULL;

	if (text)
		finding_evidence(finding, "%lld: %s (%s)", (long long)verdict->instruction, text,
				 strcmp(family, "too-complex") == 0 ? "where it gave up" : "refused");
}

/* The last jump before the end of the path, which tells the path from others: "10: if r0 == 0x7 goto pc+3". */
static void tell_branch(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	struct verifier_step step = { .why = "the branch that leads there" };
	int64_t wanted = -1;

	for (const char *end = verdict->line; end > log;) {
		const char *newline = memrchr(log, '\n', (size_t)(end - 1 - log));
		const char *start = newline ? newline + 1 : log;
		struct verifier_line line = lade_verifier_line(start, (size_t)(end - start));
		end = start;
		if (line.kind == VERIFIER_EDGE && wanted < 0)
			wanted = line.number;
		if (step.line.text.length && line.kind == VERIFIER_SOURCE && !lade_verifier_is_unknown_source(&line)) {
			step.source = line.text;
			break;
		}
		if (step.line.text.length || line.kind != VERIFIER_INSTRUCTION ||
		    !lade_span_starts(&line.text, "if ") || (wanted >= 0 && line.number != wanted))
			continue;
		step.line = line;
	}
	if (step.line.text.length)
		lade_verifier_step_tell(&step, finding);
}

static void tell_way(const char *log, const struct verifier_verdict *verdict, bool has_path, const struct span *refused,
		     struct lade_finding *finding)
{
	struct trace trace = {
		.log = log, .end = verdict->line, .wanted = -1, .later = -1, .verdict = verdict->instruction
	};
	const char *family = verdict->message ? lade_verifier_text + verdict->message->family : "";
	int reg;

	if (!has_path && trace_acquired(&trace, verdict)) {
		walk(&trace);
		if (!trace.count)
			return;
		lade_verifier_step_tell(&trace.steps[0], finding);
		tell_branch(log, verdict, finding);
		lade_verifier_named(&(struct verifier_way){ log, 0, trace.steps, 1, *refused }, verdict, finding);
		return;
	}
	trace.place.reg = register_of(verdict->line, verdict->length);
	if (trace.place.reg < 0 && verdict->after)
		trace.place.reg = register_of(verdict->after, verdict->after_length);
	if (trace.place.reg < 0)
		trace.place.reg = register_of_access(&trace);
	if (trace.place.reg < 0 || trace.place.reg > 9) {
		lade_verifier_named(&(struct verifier_way){ .log = log, .reg = -1, .refused = *refused }, verdict,
				    finding);
		return;
	}
	trace.prefers_operand = strcmp(family, "bounds") == 0 || strcmp(family, "pointer-arith") == 0;
	reg = trace.place.reg;
	walk(&trace);
	const struct verifier_origin origin = origin_of(&trace, reg);
	if (!has_path)
		tell_steps(&trace, reg, finding);
	if (is_number_followed(verdict))
		lade_verifier_origin(verdict, &origin, finding);
	if (is_number_followed(verdict) && trace.has_gap && finding->confidence == LADE_CERTAIN)
		finding_confidence(finding, LADE_LIKELY);
	/* What lies behind a gap names nothing for certain. */
	lade_verifier_named(&(struct verifier_way){ log, reg, trace.steps, trace.has_gap ? trace.sure : trace.count,
						    *refused, trace.has_gap },
			    verdict, finding);
}

void lade_verifier_trace(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	bool has_path = lade_report_path(&verdict->report, finding); /* which the kernel knows best */

	struct span refused = find_refused(log, verdict);

	tell_way(log, verdict, has_path, &refused, finding);
	if (!has_path)
		tell_refused(verdict, &refused, finding);
}
