/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifiers' logs without a verdict: it was cut away, or the verifier had no objection. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/found/others.h"
#include "explain/verifier/verdict.h"
#include "explain/text.h"
#include "explain/verifier/line.h"
#include "explain/verifier/silent.h"

#define NEAR_LINES 12 /* between a log and what its loader says of it, at most */
#define CUTS_MAX   16

/* A log between nobody's marks: only an error beside it says that it was one of a program that was refused. */
struct cut {
	size_t first, last;
	char *log, *program;
};

struct cuts {
	struct cut items[CUTS_MAX];
	size_t count;
};

void lade_cuts_free(struct lade_explanation *explanation)
{
	for (size_t i = 0; explanation->cuts && i < explanation->cuts->count; i++) {
		free(explanation->cuts->items[i].log);
		free(explanation->cuts->items[i].program);
	}
	free(explanation->cuts);
	explanation->cuts = NULL;
}

const char *lade_cut_log(const struct lade_explanation *explanation, size_t index)
{
	return explanation->cuts && index < explanation->cuts->count ? explanation->cuts->items[index].log : NULL;
}

/* The last instruction, as evidence: what was refused is this one, or a later one. */
static void tell_last(const char *log, struct lade_finding *finding)
{
	struct verifier_line last = { .kind = VERIFIER_OTHER };

	for (size_t length; *log; log += length + (log[length] == '\n')) {
		struct verifier_line line;
		length = strcspn(log, "\n");
		line = lade_verifier_line(log, length);
		if (line.kind == VERIFIER_INSTRUCTION)
			last = line;
	}
	if (last.kind != VERIFIER_INSTRUCTION)
		return;
	CLEANUP(cleanup_free) char *text = lade_text_of(&last.text);
	finding_evidence(finding,
			 "what is there of it ends at instruction %lld (%s): this one was refused, or a later one",
			 (long long)last.number, text ? text : "");
}

/* `begun`: what is said of the last line; NULL: it is whole. */
static void add_cut(struct lade_explanation *explanation, const struct cut *cut, const char *begun)
{
	struct explained item = { .role = LADE_EXPLAINED_ERROR,
				  .times = 1,
				  .first_line = cut->first,
				  .last_line = cut->last,
				  .cause = SIZE_MAX };

	item.line = strdup("the verifier's log ends before its verdict");
	item.finding = lade_explanation_finding(explanation, "verifier.log-cut", item.line);
	finding_confidence(item.finding, LADE_LIKELY);
	finding_cause(item.finding, "the end of the verifier's log is missing: what it objected to stood there");
	finding_program(item.finding, cut->program);
	tell_last(cut->log, item.finding);
	if (begun)
		finding_evidence(item.finding, "its last line is cut, too%s", begun);
	finding_log(item.finding, cut->log);
	lade_explanation_put(explanation, &item);
}

/* ---- a log without an objection ---- */

/* What refuses after the verifier, by its error. */
static const struct {
	int errnum, other; /* other: another one, or 0 */
	const char *code, *cause, *fix;
} afterwards[] = {
	{ EACCES, EPERM, "program.load.permission",
	  "the verifier took the program, and what refused came after it: a security module (SELinux, IMA's policy, a "
	  "program of the BPF LSM), or else the JIT or memory",
	  "ausearch -m avc and dmesg name denials; cat /sys/kernel/security/lsm names the modules: let the policy "
	  "allow this loader" },
	{ EINVAL, 0, "program.load.prog-array",
	  "the verifier took the program, and then the kernel found that a program array which it tail-calls through "
	  "belongs to programs of another kind: of another type, some translated by the JIT and some not, or (since "
	  "6.18, and in stable kernels of autumn 2025, as 6.12.53 and 6.17.5) with another expected attach type",
	  "one program array for each type and attach type (IPv4 and IPv6, connect and sendmsg, XDP on devices and in "
	  "maps each their own), and no pinned array of another version; with somebody else's loader: a newer version "
	  "of it. If the program makes no tail calls: lade load tries other suspects one by one" },
};

/* SIZE_MAX: nothing that is known. */
static size_t afterwards_of(int errnum)
{
	for (size_t i = 0; i < ELEMENTS(afterwards); i++)
		if (errnum && (afterwards[i].errnum == errnum || afterwards[i].other == errnum))
			return i;
	return SIZE_MAX;
}

/* Statistics alone stand, in this line, where a loader shows the verifier's log. */
static void renew_accepted(struct lade_explanation *explanation, size_t index, size_t line)
{
	struct explained *item = &explanation->items.items[index];
	const size_t what = afterwards_of(item->errnum);
	struct lade_finding *finding = lade_explanation_finding(explanation, afterwards[what].code, item->line);

	if (!finding)
		return;
	finding_object(finding, item->finding->object);
	finding_program(finding, item->finding->program);
	finding_evidence(finding, "%d is %s (%s)", -item->errnum, lade_errno_word_of(item->errnum),
			 lade_errno_text_of(item->errnum));
	finding_evidence(finding, "line %zu: the verifier's log has its statistics and no objection", line);
	finding_cause(finding, "%s", afterwards[what].cause);
	finding_fix(finding, "%s", afterwards[what].fix);
	finding_confidence(finding, LADE_LIKELY);
	(void)lade_finding_free(item->finding);
	item->finding = finding;
	item->accepted_line = line;
	lade_explanation_index(explanation, index);
}

/* What refused is the JIT: what else answers ENOTSUPP asks before the verifier looks, or when it is attached. */
static void blame_jit(struct lade_finding *finding, bool has_functions)
{
	lade_drop_others(&finding->evidence, NULL);
	finding_cause(finding,
		      "the verifier took the program, and then the kernel's JIT made no machine code of it, where "
		      "nothing else can run it (CONFIG_BPF_JIT_ALWAYS_ON leaves no interpreter). On older "
		      "kernels and other machines than x86-64 and arm64 mostly an instruction that the JIT "
		      "does not have: a read through a typed pointer (tp_btf, fentry, LSM programs), an atomic "
		      "operation; else the JIT is off, or has no room for its machine code");
	finding_fix(finding, "dmesg names the instruction (opcode … unsupported); uname -m -r: a newer kernel for this "
			     "machine, or a probe of the tool that reads by helpers; sysctl net.core.bpf_jit_enable=1; "
			     "for processes without CAP_BPF a higher net.core.bpf_jit_limit");
	finding_confidence(finding, LADE_LIKELY);
	if (has_functions)
		finding_evidence(finding, "the program calls functions of its own (call pc+…), which not every "
					  "machine's JIT can: those of 32-bit ARM and MIPS cannot; "
					  "static __always_inline makes them part of their callers");
}

/* Its statistics without a verdict: the verifier took every instruction, and what refused came after it. */
static void tell_accepted(struct lade_explanation *explanation, const char *log)
{
	bool has_functions = strstr(log, "call pc") != NULL;
	const char *program = lade_explanation_named(explanation, NAMED_PROGRAM);

	explanation->effects.is_new = true;
	/* Its loader says only behind the log which program it is (libscap). */
	if (!program)
		explanation->accepted_line = explanation->log_line;
	for (size_t i = 0; program && i < explanation->items.count; i++) {
		struct explained *item = &explanation->items.items[i];
		struct lade_finding *finding = item->finding;
		if (!finding || !finding->program || item->accepted_line ||
		    strncmp(finding->code, "program.load.", strlen("program.load.")) != 0 ||
		    strcmp(finding->program, program) != 0)
			continue;
		item->accepted_line = explanation->log_line;
		if (afterwards_of(item->errnum) != SIZE_MAX)
			continue;
		finding_evidence(finding,
				 "line %zu: the verifier's log has no objection and ends with its statistics: "
				 "what refused came after the verifier (the JIT, a policy, memory)",
				 explanation->log_line);
		if (item->errnum == KERNEL_ENOTSUPP)
			blame_jit(finding, has_functions);
	}
}

static void remember(struct lade_explanation *explanation, const char *log, size_t number)
{
	const char *program = lade_explanation_named(explanation, NAMED_PROGRAM);
	struct cuts *cuts = explanation->cuts;

	if (!cuts)
		cuts = explanation->cuts = calloc(1, sizeof *cuts);
	if (!cuts || cuts->count == CUTS_MAX)
		return;
	explanation->effects.is_new = true;
	cuts->items[cuts->count++] = (struct cut){ .first = explanation->log_line,
						   .last = number,
						   .log = strdup(log),
						   .program = program ? strdup(program) : NULL };
}

/* Borrows the log. */
static struct cut cut_of(struct lade_explanation *explanation, const char *log, size_t number)
{
	return (struct cut){ .first = explanation->log_line,
			     .last = number,
			     .log = (char *)(uintptr_t)log,
			     .program = lade_explanation_named(explanation, NAMED_PROGRAM) };
}

void lade_explanation_log_rest(struct lade_explanation *explanation, const char *log, size_t number)
{
	const struct cut cut = cut_of(explanation, log, number);
	bool is_whole = strstr(log, "processed ") != NULL, has_instructions = strstr(log, ": (") != NULL;

	if (is_whole && lade_verifier_silent(explanation, log, number))
		return;
	if (is_whole && !explanation->is_bare)
		tell_accepted(explanation, log);
	else if (!is_whole && has_instructions && explanation->is_bare)
		remember(explanation, log, number);
	else if (!is_whole && has_instructions)
		add_cut(explanation, &cut, NULL);
}

/* ---- a verdict of which most is missing ---- */

bool lade_explanation_is_cut(const struct lade_explanation *explanation, const struct verifier_verdict *verdict,
			     const char *log)
{
	const char *behind = verdict->line + verdict->length;
	bool is_begun = verdict->is_like && verdict->message && 2 * verdict->length < verdict->message->literal;
	/* Its mark says that it goes on, and no kernel says this. */
	bool is_torn = !verdict->message && explanation->is_over && !explanation->is_bare;

	return (is_begun || is_torn) && !behind[strspn(behind, "\n")] && strstr(log, ": (") &&
	       !strstr(log, "processed ");
}

void lade_explanation_log_cut(struct lade_explanation *explanation, const struct verifier_verdict *verdict,
			      const char *log, size_t number)
{
	const struct cut cut = cut_of(explanation, log, number);
	const struct span line = { verdict->line, verdict->length };
	CLEANUP(cleanup_free) char *text = lade_text_of(&line);
	struct strbuf begun = { 0 };

	if (verdict->message)
		lade_strbuf_addf(&begun, "; nearest is: %s", lade_verifier_text + verdict->message->pattern);
	else
		lade_strbuf_addf(&begun, ": %s", text ? text : "");
	add_cut(explanation, &cut, begun.text);
	lade_strbuf_clear(&begun);
}

/* ---- when all is read ---- */

static bool is_load(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->rule &&
	       (strncmp(item->finding->code, "program.load.", strlen("program.load.")) == 0 ||
		strcmp(item->finding->code, "verifier.rejected") == 0);
}

static bool is_near(const struct explained *item, const struct cut *cut)
{
	return item->first_line <= cut->last + NEAR_LINES && cut->first <= item->last_line + NEAR_LINES;
}

static bool has_verdict(const struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		if (!item->rule && item->finding && item->role == LADE_EXPLAINED_ERROR)
			return true;
	return false;
}

/* Only now: what comes again is known by what it was. */
static void renew_marked(struct lade_explanation *explanation)
{
	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i];
		if (item->accepted_line && afterwards_of(item->errnum) != SIZE_MAX)
			renew_accepted(explanation, i, item->accepted_line);
	}
}

/* An objection of the verifier that a rule knows stands before the statistics. */
static bool has_objection(const struct lade_explanation *explanation, size_t line)
{
	static const char *const codes[] = { "verifier.", "core." };

	array_foreach(item, &explanation->items)
		for (size_t i = 0; i < ELEMENTS(codes); i++)
			if (item->role == LADE_EXPLAINED_ERROR && item->finding && !is_load(item) &&
			    strncmp(item->finding->code, codes[i], strlen(codes[i])) == 0 && item->first_line <= line &&
			    line <= item->last_line + NEAR_LINES)
				return true;
	return false;
}

static void tell_unsaid(struct lade_explanation *explanation)
{
	const struct cut accepted = { .first = explanation->accepted_line, .last = explanation->accepted_line };

	if (has_objection(explanation, accepted.first))
		return;
	for (size_t i = 0; accepted.first && i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i];
		if (is_load(item) && afterwards_of(item->errnum) != SIZE_MAX && is_near(item, &accepted))
			renew_accepted(explanation, i, explanation->accepted_line);
	}
}

/* ---- a log that is cut, and an error that only one objection at instructions has ---- */

/* "Program too large (300 insns), at most 4096 insns" some loaders write for every E2BIG. */
static bool is_too_big(const struct explained *item)
{
	return is_load(item) && (item->errnum == E2BIG || strcmp(item->finding->code, "program.load.too-large") == 0);
}

static const struct explained *too_big_near(const struct lade_explanation *explanation, const struct explained *log)
{
	const struct cut place = { .first = log->first_line, .last = log->last_line };

	array_foreach(item, &explanation->items)
		if (is_too_big(item) && is_near(item, &place))
			return item;
	return NULL;
}

/* Too long programs, too many maps and attributes are refused before the verifier looks at an instruction. */
static void blame_complexity(struct lade_explanation *explanation, size_t index, const struct explained *load)
{
	struct explained *item = &explanation->items.items[index];
	struct lade_finding *finding = lade_explanation_finding(explanation, "verifier.too-complex", item->line);

	if (!finding)
		return;
	finding_object(finding, item->finding->object);
	finding_program(finding, item->finding->program);
	finding_log(finding, item->finding->log);
	finding_evidence(finding, "%d is E2BIG (line %zu), and the log shows that the verifier was at instructions",
			 -E2BIG, load->first_line);
	finding_evidence(finding, "the end of the log, which would say it, is missing");
	finding_cause(finding, "the verifier gave up: it follows a million instructions at most (131072 before 5.2), "
			       "and counts those of every branch and every round of a loop; it is not the length of "
			       "the program or of a list of arguments. Else branches are nested too deeply (8192 that "
			       "wait), or calls");
	finding_fix(finding, "of a program that is not your own: a newer version of it, or another kernel (how much "
			     "the verifier must follow differs between them); of your own: fewer branches at a time, "
			     "tighter loops, parts in global functions (not static), which are verified once, or in "
			     "tail calls; the whole log ends with the number (processed … insns)");
	finding_confidence(finding, LADE_LIKELY);
	(void)lade_finding_free(item->finding);
	item->finding = finding;
	lade_explanation_index(explanation, index);
}

static void blame_too_big(struct lade_explanation *explanation)
{
	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i], *load;
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding ||
		    strcmp(item->finding->code, "verifier.log-cut") != 0)
			continue;
		load = too_big_near(explanation, item);
		if (load)
			blame_complexity(explanation, i, load);
	}
}

/* States of registers are the verifier's: dumps of a program have instructions alone. */
static bool has_states(const char *log)
{
	static const char *const marks[] = { " R10=fp", "=ctx(", "=map_value(", "=scalar(", "=inv(" };

	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (strstr(log, marks[i]))
			return true;
	return false;
}

/* Nobody says that anything failed. */
static void note_cuts(struct lade_explanation *explanation)
{
	for (size_t i = 0; i < explanation->cuts->count; i++) {
		const struct cut *cut = &explanation->cuts->items[i];
		if (!cut->log || !has_states(cut->log))
			continue;
		add_cut(explanation, cut, NULL);
		if (!explanation->items.count)
			return;
		struct explained *item = &explanation->items.items[explanation->items.count - 1];
		item->role = LADE_EXPLAINED_NOTE;
		finding_cause(item->finding, "a part of a verifier's log without its end, and nothing around it that "
					     "failed: if the program was refused, the reason stood behind it");
		return;
	}
}

static void tell_cuts(struct lade_explanation *explanation)
{
	size_t count = explanation->items.count;

	if (has_verdict(explanation))
		return;
	tell_unsaid(explanation);
	if (!explanation->cuts)
		return;
	if (!count) {
		note_cuts(explanation);
		return;
	}
	for (size_t i = 0; i < explanation->cuts->count; i++)
		for (size_t j = 0; j < count; j++) {
			struct cut *cut = &explanation->cuts->items[i];
			/* That error comes after the verifier: where it is, nothing is missing. */
			if (!cut->log || !is_load(&explanation->items.items[j]) ||
			    explanation->items.items[j].errnum == KERNEL_ENOTSUPP ||
			    !is_near(&explanation->items.items[j], cut))
				continue;
			add_cut(explanation, cut, NULL);
			break;
		}
}

void lade_explanation_cuts_end(struct lade_explanation *explanation)
{
	renew_marked(explanation);
	tell_cuts(explanation);
	blame_too_big(explanation);
	lade_explanation_hinted(explanation);
}
