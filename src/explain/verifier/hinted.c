/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bcc looks into the verifier's log for some messages, and prints advice for what it found. Where whoever posted the
 * text left the message out, the advice still tells that it was there.
 */
#include <string.h>

#include "base/error.h"
#include "explain/text.h"
#include "explain/verifier/verdict.h"

struct hint {
	const char *begins, *message; /* what bcc writes, and for which words of the log */
	const char *code, *cause, *fix;
};

static const struct hint hints[] = {
	{ "HINT: The 'map_value_or_null' error", "invalid mem access 'map_value_or_null'", "verifier.deref.maybe-null",
	  "the pointer to a map's value may be NULL, as a lookup finds nothing where the map has no such key, and the "
	  "program follows it where no test of it holds",
	  "test what the lookup returned right behind it, and before the first access: value = map.lookup(&key); if "
	  "(!value) return 0; where the source does, put the test and the access into one branch" },
	{ "HINT: The invalid mem access 'inv' error", "invalid mem access 'inv'", "verifier.deref",
	  "the program follows an address that for the verifier is a plain number: mostly one that was read from "
	  "memory",
	  "a tool that comes with bcc: a newer bcc, whose tool and rewriter fit this kernel; in an own program copy "
	  "what it points to: bpf_probe_read_kernel(&copy, sizeof(copy), pointer), and bpf_probe_read_user() for an "
	  "address "
	  "of a process" },
	{ "HINT: Looks like you exceeded the BPF stack limit", "invalid stack off=-", "verifier.stack.bounds",
	  "the program's local variables need more than the 512 bytes of a BPF program's stack, or an index or length "
	  "leads out of one of them",
	  "put large structures into a map with one element (BPF_PERCPU_ARRAY(scratch, struct T, 1); and "
	  "scratch.lookup(&zero)), and what is sent into BPF_RINGBUF_OUTPUT with ringbuf_reserve()" },
	{ "HINT: The 'unknown opcode'", "unknown opcode", "verifier.instruction",
	  "the verifier met what is no instruction of this kernel: mostly data of the program (a string behind char *, "
	  "a global or static variable, a jump table of a switch) that bcc does not put in its place",
	  "char text[] = \"…\" in place of char *text, no global or static variables (a BPF_ARRAY with one element), "
	  "if and else in place of a large switch (or -fno-jump-tables in cflags)" },
	{ "HINT: bpf_", "invalid func ", "verifier.helper-unknown",
	  "the kernel is older than the helper that the advice names, or does not give it to programs of this type",
	  "a kernel that has the helper (the advice says since when), or an older helper in its place; a tool that is "
	  "not your own: a newer bcc" },
};

static const struct hint *hint_of(const struct explained *item)
{
	if (item->role != LADE_EXPLAINED_HARMLESS || !item->line)
		return NULL;
	for (size_t i = 0; i < ELEMENTS(hints); i++)
		if (strncmp(item->line, hints[i].begins, strlen(hints[i].begins)) == 0)
			return &hints[i];
	return NULL;
}

static bool is_cut(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding &&
	       strcmp(item->finding->code, "verifier.log-cut") == 0;
}

/* The verifier's own words tell more, whatever program they are of. */
static bool has_verdict(const struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		if (item->role == LADE_EXPLAINED_ERROR && item->finding && !is_cut(item) &&
		    (!item->rule || strncmp(item->finding->code, "verifier.", strlen("verifier.")) == 0) &&
		    strcmp(item->finding->code, "verifier.rejected") != 0)
			return true;
	return false;
}

/* The log that ends before the advice; SIZE_MAX: none does. */
static size_t log_before(const struct lade_explanation *explanation, size_t line)
{
	for (size_t i = explanation->items.count; i-- > 0;)
		if (is_cut(&explanation->items.items[i]) && explanation->items.items[i].first_line <= line)
			return i;
	return SIZE_MAX;
}

static struct lade_finding *finding_of(struct lade_explanation *explanation, const struct hint *hint, const char *line,
				       const struct lade_finding *before)
{
	struct lade_finding *finding = lade_explanation_finding(explanation, hint->code, line);

	if (!finding)
		return NULL;
	if (before) {
		finding_object(finding, before->object);
		finding_program(finding, before->program);
		finding_log(finding, before->log);
	}
	if (before && before->log)
		lade_verifier_source(before->log,
				     &(struct verifier_verdict){ .line = before->log + strlen(before->log) }, finding);
	if (before)
		array_foreach(told, &before->evidence)
			finding_evidence(finding, "%s", *told);
	finding_evidence(finding,
			 "bcc prints this advice where it finds \"%s\" in the log, of which the end is not here",
			 hint->message);
	finding_cause(finding, "%s", hint->cause);
	finding_fix(finding, "%s", hint->fix);
	finding_confidence(finding, LADE_LIKELY);
	return finding;
}

/* The log's item becomes the verdict, or the advice itself does. */
static void tell(struct lade_explanation *explanation, size_t advice, const struct hint *hint)
{
	struct explained *item = &explanation->items.items[advice];
	const size_t log = log_before(explanation, item->first_line), index = log == SIZE_MAX ? advice : log;
	struct explained *told = &explanation->items.items[index];
	struct lade_finding *finding = finding_of(explanation, hint, item->line, told->finding);
	char *line = strdup(item->line);

	if (!finding || !line) {
		(void)lade_finding_free(finding);
		free(line);
		return;
	}
	(void)lade_finding_free(told->finding);
	free(told->line);
	told->finding = finding;
	told->line = line;
	told->role = LADE_EXPLAINED_ERROR;
	lade_explanation_index(explanation, index);
}

void lade_explanation_hinted(struct lade_explanation *explanation)
{
	if (has_verdict(explanation))
		return;
	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct hint *hint = hint_of(&explanation->items.items[i]);
		if (!hint)
			continue;
		tell(explanation, i, hint);
		return;
	}
}
