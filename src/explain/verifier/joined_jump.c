/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "infinite loop detected at insn 262" where the jump back belongs to an if, and no source line of the log is one of a
 * loop: the compiler joined equal code and jumps back to it. Who reads only of loops searches the source in vain.
 */
#include "explain/verifier/joined_jump.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"

#define LINES_MAX 4096 /* that are looked at, back from the verdict */

struct back_jump {
	int64_t from, to;   /* instructions; from -1: none */
	struct span source; /* line that it belongs to */
	bool is_loop;       /* a source line says so */
	bool awaits_source;
};

/* "for (", "while(" as words of their own, and what macros for loops are called. */
static bool says_loop(const struct span *source)
{
	static const char *const words[] = { "for",   "while", "do",     "goto", "continue", "loop", "LOOP",
					     "again", "retry", "repeat", "FOR",  "each",     "iter", "unroll" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *at = lade_search(source->text, source->length, words[i], strlen(words[i]));
		const char *behind = at ? at + strlen(words[i]) : NULL, *end = source->text + source->length;
		/* In longer words only the long ones. */
		if (at && (strlen(words[i]) > 3 || ((at == source->text || !isalnum((unsigned char)at[-1])) &&
						    (behind == end || !isalnum((unsigned char)*behind)))))
			return true;
	}
	return false;
}

/* "if r1 == 0x0 goto pc-30": where it leads. */
static bool take_jump(const struct verifier_line *line, int64_t *ret_to)
{
	static const char mark[] = "goto pc-";
	const char *at = lade_search(line->text.text, line->text.length, mark, strlen(mark));
	char digits[16];
	unsigned back;

	if (!at)
		return false;
	at += strlen(mark);
	(void)snprintf(digits, sizeof digits, "%.*s", (int)(line->text.text + line->text.length - at), at);
	if (sscanf(digits, "%7u", &back) != 1)
		return false;
	*ret_to = line->number + 1 - (int64_t)back;
	return true;
}

static void note(const struct verifier_line *line, struct back_jump *jump)
{
	int64_t to;

	if (line->kind == VERIFIER_SOURCE) {
		jump->is_loop |= says_loop(&line->text);
		if (jump->awaits_source && !lade_verifier_is_unknown_source(line))
			jump->source = line->text;
		jump->awaits_source = false;
	} else if (line->kind == VERIFIER_INSTRUCTION && jump->from < 0 && take_jump(line, &to)) {
		jump->from = line->number;
		jump->to = to;
		jump->awaits_source = true;
	}
}

void lade_verifier_joined_jump(const char *log, const struct verifier_verdict *verdict, struct lade_finding *finding)
{
	static const char words[] = "infinite loop detected at insn ";
	struct back_jump jump = { .from = -1, .source = { "", 0 } };
	const char *end = verdict->line;
	struct span file;
	uint32_t number;

	if (!lade_search(verdict->line, verdict->length, words, strlen(words)))
		return;
	for (unsigned lines = 0; end > log && lines < LINES_MAX; lines++) {
		const char *newline = memrchr(log, '\n', (size_t)(end - 1 - log)), *start = newline ? newline + 1 : log;
		const struct verifier_line line = lade_verifier_line(start, (size_t)(end - start));
		note(&line, &jump);
		end = start;
	}
	if (jump.from < 0 || jump.is_loop || jump.to > verdict->instruction ||
	    !(lade_span_starts(&jump.source, "if ") || lade_span_starts(&jump.source, "if(")))
		return;
	(void)lade_verifier_place(&jump.source, &file, &number);
	finding_cause(
		finding,
		"instruction %lld jumps back to %lld, and its source line (%.*s) is no loop, nor is another one of the "
		"log: the compiler joined code that follows several tests, and jumps back to it, by which the "
		"verifier comes to a state that it has seen",
		(long long)jump.from, (long long)jump.to, (int)jump.source.length, jump.source.text);
	finding_fix(finding,
		    "test it once: read what is compared into a local variable before the branches and do not test "
		    "the memory again behind them; asm volatile(\"\"); in one of the branches, or a static "
		    "__noinline function for it, keeps them apart; or another version of clang");
	finding_confidence(finding, LADE_LIKELY);
	finding->is_shown = true;
}
