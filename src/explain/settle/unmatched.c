/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "relo #4: substituting insn #29 w/ invalid insn": a CO-RE relocation that found nothing in the kernel, and no fault
 * unless the verifier gets to the instruction. Where the same program is refused with EINVAL, and the end of its log is
 * missing, that is likely what it said.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (4U << 20)
#define MENTIONS   64
#define ITEMS_MAX  16  /* for which the text is searched */
#define WANTED     128 /* bytes of what was looked for */

struct unmatched {
	size_t line, instruction;
	char wanted[WANTED]; /* "struct a.b"; "": not told */
};

/* "prog 'a': relo #4: " of the line, and where that ends; 0: it is none of the program. */
static size_t begin_of(const struct mention *line, const char *program, char text[WANTED])
{
	static const char mark[] = "relo #";
	char name[WANTED];
	const char *end = line->text.text + line->text.length, *at, *relo;

	(void)snprintf(name, sizeof name, "prog '%.100s': ", program);
	at = lade_in_mention(line, name);
	relo = at ? lade_search(at, (size_t)(end - at), mark, strlen(mark)) : NULL;
	if (!relo || relo != at + strlen(name))
		return 0;
	for (relo += strlen(mark); relo < end && lade_is_digit(*relo);)
		relo++;
	if (relo == end || *relo != ':')
		return 0;
	(void)snprintf(text, WANTED, "%.*s: <", (int)(relo - at), at);
	return (size_t)(relo - at);
}

/* "relo #4: <byte_off> [172] struct kernfs_node.id (0:9 @ offset 104)" */
static void take_wanted(const struct span *text, const char *begin, struct unmatched *found)
{
	struct mention line = { .next = text->text };
	const char *end, *at, *stop;

	if (!lade_find_mention(text, begin, &line))
		return;
	end = line.text.text + line.text.length;
	at = lade_in_mention(&line, begin);
	at = lade_search(at, (size_t)(end - at), "] ", 2);
	if (!at)
		return;
	at += 2;
	stop = lade_search(at, (size_t)(end - at), " (", 2);
	stop = stop ? stop : end;
	(void)snprintf(found->wanted, sizeof found->wanted, "%.*s", (int)(stop - at < WANTED ? stop - at : WANTED - 1),
		       at);
}

static bool find_unmatched(const struct span *text, const char *program, struct unmatched *found)
{
	static const char mark[] = "substituting insn #";
	struct mention line = { .next = text->text };
	char begin[WANTED];

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, mark, &line); mentions++) {
		if (!begin_of(&line, program, begin))
			continue;
		found->line = line.number;
		found->instruction =
			lade_number_at(lade_in_mention(&line, mark) + strlen(mark), line.text.text + line.text.length);
		if (found->instruction == SIZE_MAX)
			continue;
		take_wanted(text, begin, found);
		return true;
	}
	return false;
}

/* ---- the program that is refused ---- */

static bool has_code(const struct explained *item, const char *code)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && strcmp(item->finding->code, code) == 0;
}

/* The verifier answers EINVAL to an instruction that is none. */
static bool is_refused(const struct lade_explanation *explanation, const char *program)
{
	array_foreach(item, &explanation->items)
		if (has_code(item, "program.load.refused") && item->errnum == EINVAL && item->finding->program &&
		    strcmp(item->finding->program, program) == 0)
			return true;
	return false;
}

/* Is it said already what the program was refused for? */
static bool has_verdict(const struct lade_explanation *explanation, const char *program)
{
	array_foreach(item, &explanation->items)
		if ((!item->rule || has_code(item, "core.target")) && item->role == LADE_EXPLAINED_ERROR &&
		    item->finding && lade_may_be_same(item->finding->program, program))
			return true;
	return false;
}

/* The end of its log is missing, or all of it. */
static bool is_unsaid(const struct lade_explanation *explanation, const struct explained *item)
{
	const char *program = item->finding ? item->finding->program : NULL;

	if (!program)
		return false;
	if (has_code(item, "verifier.log-cut"))
		return is_refused(explanation, program);
	return has_code(item, "program.load.refused") && item->errnum == EINVAL && !has_verdict(explanation, program);
}

/* NULL: no memory. */
static struct lade_finding *make(struct lade_explanation *explanation, const struct explained *item,
				 const struct unmatched *found)
{
	struct lade_finding *finding = lade_explanation_finding(explanation, "core.target", item->line),
			    *old = item->finding;

	if (!finding)
		return NULL;
	finding_object(finding, old->object);
	finding_program(finding, old->program);
	finding_instruction(finding, old->instruction);
	finding_log(finding, old->log);
	finding_evidence(finding,
			 "line %zu: libbpf found nothing for %s in this kernel's types, and put an invalid instruction "
			 "in place of number %zu",
			 found->line, *found->wanted ? found->wanted : "a relocation", found->instruction);
	finding_cause(
		finding,
		"the kernel's types have not what a CO-RE relocation of the program asks for%s%s%s: the verifier "
		"refuses the instruction in its place. Its log, %s, would tell; it is not this only where that code "
		"cannot be reached",
		*found->wanted ? " (" : "", found->wanted, *found->wanted ? ")" : "",
		old->log ? "of which the end is missing" : "which is missing");
	finding_fix(finding,
		    "guard the access with bpf_core_field_exists() or bpf_core_type_exists(), and for a field "
		    "of another name or type in this kernel use a flavour: struct NAME___old; or a kernel that "
		    "has it");
	finding_see(finding, "the whole log: libbpf with its debug output, or lade load");
	finding_confidence(finding, old->log ? LADE_LIKELY : LADE_POSSIBLE);
	return finding;
}

/* "prog 'a': relo #4: no matching targets found": harmless, if the program were not refused. */
static bool is_told_of(const struct explained *item, const char *program)
{
	char name[WANTED];

	(void)snprintf(name, sizeof name, "prog '%.100s': ", program);
	return item->role == LADE_EXPLAINED_HARMLESS && item->line && strstr(item->line, name) &&
	       (strstr(item->line, "no matching targets found") || strstr(item->line, "substituting insn #"));
}

static void follow(struct lade_explanation *explanation, size_t cause, const char *program)
{
	for (size_t i = 0; i < explanation->items.count; i++) {
		struct explained *item = &explanation->items.items[i];
		if (!is_told_of(item, program))
			continue;
		item->finding = lade_explanation_finding(explanation, "core.target", item->line);
		if (!item->finding)
			return;
		finding_program(item->finding, program);
		finding_cause(item->finding, "a CO-RE relocation found nothing in this kernel's types");
		finding_confidence(item->finding, LADE_LIKELY);
		item->role = LADE_EXPLAINED_CONSEQUENCE;
		item->cause = cause;
		lade_explanation_index(explanation, i);
	}
}

void lade_explanation_unmatched(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	unsigned looked = 0;

	for (size_t i = 0; i < explanation->items.count; i++) {
		struct explained *item = &explanation->items.items[i];
		struct lade_finding *finding = NULL;
		struct unmatched found = { 0 };
		if (!is_unsaid(explanation, item) || looked++ >= ITEMS_MAX ||
		    !find_unmatched(&span, item->finding->program, &found) ||
		    !(finding = make(explanation, item, &found)))
			continue;
		(void)lade_finding_free(item->finding);
		item->finding = finding;
		lade_explanation_index(explanation, i);
		follow(explanation, i, finding->program);
	}
}
