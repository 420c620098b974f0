/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is to be done where bpftrace compiled the program: who wrote the script has no C in which a function could be
 * called, and only another spelling, or another bpftrace, makes other instructions.
 */
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

static const char follow_fix[] = "bpftrace compiled the program, and read there directly what it must copy: a newer "
				 "bpftrace; until then another "
				 "spelling, step by step with variables and casts ($p = args.a; $q = (struct T "
				 "*)$p->b;), or *p in place of p[0]";
static const char null_fix[] =
	"bpftrace compiled the program: a newer bpftrace; or test the pointer in the script: if ($p != 0) { … }";
static const char layout_fix[] =
	"bpftrace laid the variable out itself, and the script has no say in it: another version of bpftrace (the last "
	"release where this is a build of its own, else a newer one); until then a simpler script, as hist(), lhist() "
	"or "
	"count() into a map without a key, fewer fields in one key, or one probe a script";
static const char compare_fix[] =
	"bpftrace laid the texts that the script compares out itself, and the script has no say in it: a newer version "
	"of bpftrace; until then a condition with a number in place of the text (/pid == 123/, /uid == 1000/, "
	"/cgroup == …/), and grep behind the output for the rest";
static const char context_fix[] =
	"do not store ctx itself in a map (@x = ctx) or print it: store what is read from it (arg0, args.name, retval)";
static const char other_fix[] =
	"bpftrace compiled the program out of the script: a newer bpftrace, as a program that the verifier refuses is "
	"a "
	"mistake of its own; until then another spelling of the expression that the probe's lines name";

static const char loop_fix[] =
	"a kernel from 5.3 on, which takes loops that end: this bpftrace makes one of its own for what the script asks "
	"(stacks, texts that are compared, loops of the script). On this kernel another release of bpftrace, as one "
	"that "
	"worked here before; until then a simpler script, without that expression (unroll (3) { … } in place of while)";

/* The first that fits. What the kernel lacks, or allows nobody, is no matter of how the code was made: not here. */
static const struct {
	const char *code;
	const char *cause; /* that it has; NULL: whatever */
	const char *fix;   /* NULL: the one that is there */
} answers[] = {
	{ "verifier.deref.maybe-null", NULL, null_fix },
	{ "verifier.deref", NULL, follow_fix },
	{ "verifier.stack.", "ctx, the pointer", context_fix },
	{ "verifier.stack.uninitialised", NULL, other_fix },
	{ "verifier.context", NULL, other_fix },
	{ "verifier.alignment", NULL, layout_fix },
	{ "verifier.stack.depth", NULL, NULL },
	{ "verifier.stack.", NULL, layout_fix },
	{ "verifier.arg-type", NULL, other_fix },
	{ "verifier.pointer-arithmetic", NULL, other_fix },
	{ "verifier.bounds.", NULL, other_fix },
	{ "verifier.loop", "before 5.3 the verifier takes no loop", loop_fix },
	{ "verifier.loop", NULL, other_fix },
	{ "verifier.packet", NULL, other_fix },
	{ "verifier.reference.leak", NULL, other_fix },
	{ "verifier.return-value", NULL, other_fix },
	{ "verifier.uninitialised", NULL, other_fix },
	{ "verifier.arithmetic", NULL, other_fix },
};

static const char *answer_to(const struct lade_finding *finding)
{
	for (size_t i = 0; i < ELEMENTS(answers); i++)
		if (strncmp(finding->code, answers[i].code, strlen(answers[i].code)) == 0 &&
		    (!answers[i].cause || (finding->cause && strstr(finding->cause, answers[i].cause))))
			return answers[i].fix;
	return NULL;
}

/* comm == "bash", strncmp(…): of a text that is compared bpftrace makes copies on the stack. */
static bool has_comparison(const struct span *text)
{
	static const char *const words[] = { "== \"", "!= \"", "strncmp(" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_search_long(text->text, text->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* "Attaching 3 probes...", of newer ones "Attached 3 probes" */
static bool is_attaching(const struct mention *line, const char *word)
{
	const char *at = lade_in_mention(line, word), *end = line->text.text + line->text.length;
	const char *digits = at ? at += strlen(word) : NULL;

	while (at && at < end && *at >= '0' && *at <= '9')
		at++;
	return at > digits && end - at >= 6 && memcmp(at, " probe", 6) == 0;
}

/* Before its log bpftrace says so itself; newer ones do not, but name the program, or the place that is none. */
static bool is_of_bpftrace(const struct span *text)
{
	static const char *const words[] = { "Attaching ", "Attached " };
	static const char *const marks[] = { "ERROR: Error loading BPF program for ",
					     "ERROR: Error loading program: ", " @ bpftrace.bpf.o:" };

	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (lade_search_long(text->text, text->length, marks[i], strlen(marks[i])))
			return true;

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		struct mention line = { .next = text->text };
		while (lade_find_mention(text, words[i], &line))
			if (is_attaching(&line, words[i]))
				return true;
	}
	return false;
}

void lade_explanation_bpftrace(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	bool is_known = false;

	lade_explanation_bare_cast(explanation, text, length);
	array_foreach(item, &explanation->items) {
		const char *fix = item->finding && item->role == LADE_EXPLAINED_ERROR ? answer_to(item->finding) : NULL;
		if (!fix)
			continue;
		if (!is_known && !is_of_bpftrace(&span))
			return;
		is_known = true;
		const bool is_compared = fix == layout_fix &&
					 strcmp(item->finding->code, "verifier.stack.bounds") == 0 &&
					 has_comparison(&span);
		finding_fix(item->finding, "%s", is_compared ? compare_fix : fix);
		if (fix == layout_fix && strcmp(item->finding->code, "verifier.alignment") == 0 &&
		    item->finding->message && strstr(item->finding->message, "misaligned stack access"))
			finding_cause(
				item->finding,
				"bpftrace put a variable of its own, or a key, on the stack at a place that is no "
				"multiple of its size, where no kernel takes an access: a mistake of this version "
				"of bpftrace, and not of the script");
	}
}
