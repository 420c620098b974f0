/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernels from 5.8 to 5.10.9 forget the type of a pointer to memory that lies on the stack: what
 * bpf_ringbuf_reserve() returned is a number where it is fetched from there. The log shows both, in whichever order its
 * parts were posted: a call of it (or its source line), "*(u64 *)(r10 -64) = r0", and "r1 = *(u64 *)(r10 -64)".
 */
#include "explain/verifier/record.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"

#define LINES_MAX 4096 /* that are looked at */
#define NEAR      6    /* instructions between the call and the store */

static const char reserve[] = "bpf_ringbuf_reserve";

struct record {
	int64_t spilled, filled; /* instructions; -1: not found */
	unsigned slot;
	bool is_reserved;   /* the call, or its source line, was there */
	bool is_call;       /* the last call is the one of it */
	unsigned near;      /* instructions since then */
	unsigned registers; /* that it was fetched into, and copies of them: bits */
	bool is_released;
};

static bool has(const struct span *text, const char *words)
{
	return lade_search(text->text, text->length, words, strlen(words)) != NULL;
}

/* A call, by its own name, or where the text lacks that ("bpf_unspec#0") by the source line above. */
static void note_call(const struct verifier_line *line, struct record *record)
{
	const bool is_named = has(&line->text, reserve);

	record->is_call =
		is_named || (record->is_reserved && (has(&line->text, "unspec") || has(&line->text, "call 131")));
	record->near = 0;
	record->is_released |= has(&line->text, "ringbuf_submit") || has(&line->text, "ringbuf_discard");
	record->is_reserved = false;
}

static void note_instruction(const struct verifier_line *line, struct record *record)
{
	char text[48];
	unsigned slot, reg;

	(void)snprintf(text, sizeof text, "%.*s", (int)line->text.length, line->text.text);
	if (lade_span_starts(&line->text, "call ")) {
		note_call(line, record);
	} else if (record->is_call && record->near++ < NEAR && record->spilled < 0 &&
		   sscanf(text, "*(u64 *)(r10 -%5u) = r%2u", &slot, &reg) == 2 && reg == 0) {
		record->slot = slot;
		record->spilled = line->number;
	}
}

/* "r1 = *(u64 *)(r10 -64)", and "r4 = r1" behind it. */
static void note_fill(const struct verifier_line *line, struct record *record)
{
	char text[48];
	unsigned reg, slot, other;

	(void)snprintf(text, sizeof text, "%.*s", (int)line->text.length, line->text.text);
	if (sscanf(text, "r%2u = *(u64 *)(r10 -%5u)", &reg, &slot) == 2 && slot == record->slot && reg < 10) {
		record->registers |= 1U << reg;
		record->filled = line->number;
	} else if (sscanf(text, "r%2u = r%2u", &reg, &other) == 2 && reg < 10 && other < 10) {
		record->registers |= (record->registers >> other & 1U) << reg;
	}
}

static void each_line(const char *log, struct record *record,
		      void (*note)(const struct verifier_line *, struct record *))
{
	const char *at = log, *end = log + strlen(log);

	for (unsigned lines = 0; at < end && lines < LINES_MAX; lines++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const struct verifier_line line = lade_verifier_line(at, (size_t)((newline ? newline : end) - at));
		at = newline ? newline + 1 : end;
		if (line.kind == VERIFIER_SOURCE && has(&line.text, reserve))
			record->is_reserved = true;
		if (line.kind == VERIFIER_INSTRUCTION)
			note(&line, record);
	}
}

bool lade_verifier_forgotten_record(const struct verifier_verdict *verdict, const struct verifier_origin *origin,
				    struct lade_finding *finding)
{
	const struct span line = { verdict->line, verdict->length };
	struct record record = { .spilled = -1, .filled = -1 };

	/* Kernels that say 'scalar' keep the type. */
	if (!has(&line, "'inv'") || origin->reg < 0 || origin->reg > 9 || !strstr(origin->log, reserve))
		return false;
	each_line(origin->log, &record, note_instruction);
	if (record.spilled < 0 || record.is_released)
		return false;
	each_line(origin->log, &record, note_fill);
	if (!(record.registers >> origin->reg & 1U) || record.filled <= record.spilled)
		return false;
	finding_cause(
		finding,
		"R%d is the record that bpf_ringbuf_reserve() returned: the compiler put its address on the stack "
		"(fp-%u, instruction %lld) and fetched it from there (instruction %lld), and kernels from 5.8 to "
		"5.10.9 forget what a pointer to memory is that lies on the stack",
		origin->reg, record.slot, (long long)record.spilled, (long long)record.filled);
	finding_fix(
		finding,
		"a kernel from 5.10.10 (5.11) on; for these: keep the address in a register (reserve it late, fill and "
		"submit it at once, fewer variables alive and no call in between), or build the record in a per-CPU "
		"map's value or on the stack and pass it to bpf_ringbuf_output()");
	finding_confidence(finding, LADE_LIKELY);
	finding_kernels(finding, "5.8", "5.10");
	return true;
}
