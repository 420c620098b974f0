/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdict of a verifier log is its last line that is neither a statistic nor a state (facts/errors.md
 * section 3), and that the kernel is known to print, if there is one. The instruction is that of the last
 * "N: (code)" line before it.
 */
#include <ctype.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "explain/verifier/verdict.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"
#include "explain/verifier/numbers.h"

#define LETTERS_MIN 4  /* of a message */
#define CANDIDATES  32 /* lines that may be the verdict, from the end */

struct candidate {
	struct span line;
	int64_t instruction;
	const struct verifier_message *message;
	const char *end; /* of the lines of a report behind it; NULL: none */
	bool is_like;    /* it is not the message's text, but has its words */
};

struct candidates {
	struct candidate items[CANDIDATES]; /* a ring */
	size_t count;
	size_t preamble;     /* candidates before the first instruction */
	int64_t instruction; /* the last one; -1: none */
	bool has_instruction;
	bool has_report;
};

static struct candidate *candidate_at(struct candidates *found, size_t from_end)
{
	return &found->items[(found->count - 1 - from_end) % CANDIDATES];
}

/* Some messages lack their newline: "expected prog array map for tail callprocessed 14 insns (limit …". */
struct span lade_verifier_without_statistic(struct span line)
{
	static const char insns[] = " insns ", limit_words[] = "(limit ";
	const char *limit = lade_search(line.text, line.length, limit_words, strlen(limit_words)), *start;

	if (!limit || limit < line.text + strlen(insns) || memcmp(limit - strlen(insns), insns, strlen(insns)) != 0)
		return line;
	start = limit -= strlen(insns);

	while (start && start > line.text && *start != 'p')
		start--;
	if (start && start > line.text && lade_verifier_line(start, (size_t)(limit - start)).kind == VERIFIER_STATISTIC)
		line.length = (size_t)(start - line.text);
	return line;
}

/* "libbpf:" */
static bool is_name_alone(const struct span *line)
{
	return line->length && line->text[line->length - 1] == ':' && !memchr(line->text, ' ', line->length);
}

/* What loggers write where there was no message. */
static bool is_empty(const struct span *line)
{
	if (is_name_alone(line))
		return true;
	return (lade_span_starts(line, "level=") || lade_span_starts(line, "time=")) &&
	       !lade_search(line->text, line->length, "msg=", 4);
}

/* What loaders print behind the log, and the next title of an issue's form: from there on others speak. */
static bool is_foreign(const struct span *line)
{
	static const char *const words[] = {
		"Traceback (most recent", "HINT: ", "goroutine ", "stack backtrace:", "## ", "### ", "#### "
	};

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_span_starts(line, words[i]))
			return true;
	return false;
}

/* "},": what closes somebody's quotation has no words. */
static bool has_words(const struct span *line)
{
	size_t letters = 0;

	for (size_t i = 0; i < line->length; i++)
		letters += isalpha((unsigned char)line->text[i]) != 0;
	return letters >= LETTERS_MIN;
}

/* What a report says is no message; which one it is about stands before it. */
static void find_candidates(const char *log, struct candidates *found)
{
	struct report_state report = { 0 };
	size_t length;

	found->instruction = -1;
	for (const char *text = log; *text; text += length + (text[length] == '\n')) {
		struct verifier_line line;
		struct span said;
		length = strcspn(text, "\n");
		if (lade_report_line(&report, text, length, &said) != REPORT_NONE) {
			found->has_report = true;
			if (found->count)
				candidate_at(found, 0)->end = text + length;
			continue;
		}
		line = lade_verifier_line(text, length);
		if (line.kind == VERIFIER_OTHER && is_foreign(&line.text))
			return;
		if (line.kind == VERIFIER_OTHER && (is_empty(&line.text) || !has_words(&line.text)) &&
		    !lade_verifier_is_gap(&line.text))
			continue;
		if (line.kind == VERIFIER_OTHER && lade_verifier_is_gap(&line.text))
			found->instruction = -1;
		else if (line.kind == VERIFIER_OTHER)
			found->items[found->count++ % CANDIDATES] = (struct candidate){
				.line = lade_verifier_without_statistic(line.text),
				.instruction = found->instruction,
			};
		else if ((line.kind == VERIFIER_INSTRUCTION || line.kind == VERIFIER_STATE) && line.number >= 0)
			found->instruction = line.number;
		if (line.message.length)
			found->items[found->count++ % CANDIDATES] =
				(struct candidate){ .line = line.message, .instruction = found->instruction };
		if (line.kind == VERIFIER_INSTRUCTION && !found->has_instruction) {
			found->has_instruction = true;
			found->preamble = found->count;
		}
	}
}

static bool is_informative(const struct verifier_message *message)
{
	return message && strcmp(lade_verifier_text + message->family, "info") != 0;
}

bool lade_verifier_is_follow_up(const struct span *line)
{
	static const char *const endings[] = {
		"min value is outside of the allowed memory range",
		"max value is outside of the allowed memory range",
		"offset is outside of the packet",
		"would lead to reference leak",
		"() is not supported yet.",
	};

	if (lade_span_starts(line, "Caller passes invalid args into func#"))
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (lade_search(line->text, line->length, endings[i], strlen(endings[i])))
			return true;
	return false;
}

/* Of any access to a context that is refused. */
static bool is_context(const struct span *line)
{
	return lade_span_starts(line, "invalid bpf_context access off=");
}

bool lade_verifier_adds(const struct span *line)
{
	return lade_verifier_is_follow_up(line) || is_context(line);
}

static bool has_code(const struct candidate *candidate, const char *code)
{
	return candidate->message && strcmp(lade_verifier_text + candidate->message->code, code) == 0;
}

/* May the line before a follow-up be what it follows? Others of the log are about other instructions. */
static bool is_followed(const struct candidate *before, const struct candidate *after)
{
	const char *newline = before->end ? before->end : before->line.text + before->line.length;

	/* "func 'f' doesn't have 7-th argument" has the code of what follows, and other remarks have not. */
	if (is_context(&after->line) && !has_code(before, "verifier.context"))
		return false;
	return is_informative(before->message) && newline + 1 + strspn(newline, "\n\r\t ") >= after->line.text;
}

/*
 * A caller hands its context to a function that is not static, which wants as many bytes as the structure has that its
 * author took for the context: the parameter is wrong, and no access to the context (since 6.12).
 * The newest kernels compare the types: "R1 type=ctx expected=fp". Whatever else stands before is the reason itself.
 */
static bool is_parameter(const struct candidate *before, const struct candidate *after)
{
	return after->message && lade_span_starts(&after->line, "Caller passes invalid args into func#") &&
	       (is_context(&before->line) ||
		lade_search(before->line.text, before->line.length, " type=ctx expected=", 19));
}

/* Messages that are not about the instruction at which the log ends: they come when all were looked at, or before. */
static int64_t place_of(const struct candidate *chosen)
{
	static const char *const whole[] = {
		"combined stack size of",
		"tail_calls are not allowed when call stack",
		"last insn is not an exit",
	};
	static const char *const marks[] = { "from insn ", "unreachable insn ", "infinite loop detected at insn " };
	const char *end = chosen->line.text + chosen->line.length;
	int64_t number;

	for (size_t i = 0; i < ELEMENTS(whole); i++)
		if (lade_span_starts(&chosen->line, whole[i]))
			return -1;
	if (lade_span_starts(&chosen->line, "insn ")) {
		const char *at = chosen->line.text + strlen("insn ");
		return lade_verifier_number(&at, end, &number) ? number : chosen->instruction;
	}
	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = lade_search(chosen->line.text, chosen->line.length, marks[i], strlen(marks[i]));
		at = at ? at + strlen(marks[i]) : NULL;
		if (at && lade_verifier_number(&at, end, &number))
			return number;
	}
	return chosen->instruction;
}

/* A kernel without types does not know the context of the program, and whose function is not static cannot pass it on:
 * its remark is the reason. */
static const struct verifier_message *without_types(const char *log)
{
	static const char remark[] = "btf_vmlinux is malformed";

	return strstr(log, remark) ? lade_verifier_message(remark, strlen(remark)) : NULL;
}

/* "Arg#0 type …", "arg#0 …": the context, as functions have it as their first parameter. */
static void explain_types(const char *log, struct verifier_verdict *verdict)
{
	const struct span line = { verdict->line, verdict->length };

	if (verdict->message && !verdict->is_like &&
	    strcmp(lade_verifier_text + verdict->message->code, "verifier.global-function") == 0 &&
	    (lade_span_starts(&line, "Arg#0 ") || lade_span_starts(&line, "arg#0 ")) && without_types(log))
		verdict->message = without_types(log);
}

static void fill(const struct candidate *chosen, struct verifier_verdict *verdict)
{
	*verdict = (struct verifier_verdict){
		.line = chosen->line.text,
		.length = chosen->line.length,
		.instruction = place_of(chosen),
		.message = is_informative(chosen->message) ? chosen->message : NULL,
		.is_like = chosen->is_like,
	};
}

/* So many words that explain this much of a line are the kernel's, in another wording. */
#define LIKE_PERCENT 75
#define LIKE_WORDS   4
/* Less is only used when nothing else is known. */
#define MAYBE_PERCENT 55
#define MAYBE_WORDS   1

static void look_up(struct candidate *candidate)
{
	candidate->message = lade_verifier_message(candidate->line.text, candidate->line.length);
	candidate->is_like = false;
}

static bool look_up_like(struct candidate *candidate, unsigned percent, size_t words)
{
	struct verifier_likeness likeness;
	const struct verifier_message *message =
		lade_verifier_like(candidate->line.text, candidate->line.length, &likeness);

	if (!message || likeness.percent < percent || likeness.words < words)
		return false;
	candidate->message = message;
	candidate->is_like = true;
	return true;
}

/*
 * What kernels say of a function's types before they look at its first instruction ("R1 type=ctx expected=fp", "reg
 * type unsupported for arg#0 …") refuses nothing, if they go on.
 */
static bool is_preamble(const struct candidates *found, size_t from_end, const struct candidate *candidate)
{
	const char *family = candidate->message ? lade_verifier_text + candidate->message->family : "";

	return found->count - 1 - from_end < found->preamble &&
	       (strcmp(family, "global-func") == 0 || strcmp(family, "btf-kernel") == 0 ||
		lade_search(candidate->line.text, candidate->line.length, "type=ctx expected=", 18));
}

/* From the end: how many candidates stand behind the one that is chosen; it has its message. count: none refuses. */
static size_t choose(struct candidates *found, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct candidate *candidate = candidate_at(found, i);
		look_up(candidate);
		if (is_preamble(found, i, candidate)) {
			candidate->message = NULL;
			continue;
		}
		if (is_informative(candidate->message))
			return i;
		if (!candidate->message && look_up_like(candidate, LIKE_PERCENT, LIKE_WORDS))
			return i;
	}
	look_up(candidate_at(found, 0));
	/* A message that refuses nothing is not another one in other words. */
	if (is_preamble(found, 0, candidate_at(found, 0)) ||
	    (candidate_at(found, 0)->message && !is_informative(candidate_at(found, 0)->message)))
		return count;
	(void)look_up_like(candidate_at(found, 0), MAYBE_PERCENT, MAYBE_WORDS);
	return 0;
}

/* Behind it there is nothing, or remarks that are known. */
static bool is_last(struct candidates *found, size_t chosen)
{
	for (size_t i = 0; i < chosen; i++)
		if (!candidate_at(found, i)->message || is_informative(candidate_at(found, i)->message))
			return false;
	return true;
}

/* Only a report says why: its reason is the line. */
static int take_reason(struct verifier_verdict *verdict)
{
	const struct span *reason = &verdict->report.sections[REPORT_REASON];
	const struct span *title = &verdict->report.sections[REPORT_TITLE];
	CLEANUP(cleanup_free) char *text = lade_report_text(&verdict->report, REPORT_REASON);

	if (!reason->length)
		return verdict->line != NULL;
	if (text)
		verdict->message = lade_verifier_message(text, strlen(text));
	if (!verdict->message)
		verdict->message = lade_verifier_message(title->text, title->length);
	if (!verdict->line) {
		verdict->line = reason->text;
		verdict->length = strcspn(reason->text, "\n");
	}
	return true;
}

int lade_verifier_verdict(const char *log, struct verifier_verdict *ret_verdict)
{
	struct candidates found = { 0 };
	size_t count, chosen = 0;

	find_candidates(log, &found);
	*ret_verdict = (struct verifier_verdict){ .instruction = found.instruction, .is_last = true };
	count = found.count < CANDIDATES ? found.count : CANDIDATES;
	if (count)
		chosen = choose(&found, count);
	if (chosen < count) {
		fill(candidate_at(&found, chosen), ret_verdict);
		ret_verdict->is_last = is_last(&found, chosen);
	}
	const struct span *last = chosen < count ? &candidate_at(&found, chosen)->line : NULL;
	if (chosen + 1 < count && lade_verifier_adds(last)) {
		struct candidate *after = candidate_at(&found, chosen), *before = candidate_at(&found, chosen + 1);
		look_up(before);
		if (is_followed(before, after)) {
			fill(before, ret_verdict);
			ret_verdict->is_last = is_last(&found, chosen);
			ret_verdict->after = after->line.text;
			ret_verdict->after_length = after->line.length;
			if (is_parameter(before, after)) {
				const struct verifier_message *reason = without_types(log);
				ret_verdict->message = reason ? reason : after->message;
			}
		}
	}
	explain_types(log, ret_verdict);
	if (found.has_report && !lade_report_read(ret_verdict->line ? ret_verdict->line : log, &ret_verdict->report))
		(void)lade_report_read(log, &ret_verdict->report);
	return ret_verdict->message ? true : take_reason(ret_verdict);
}
