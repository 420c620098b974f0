/* SPDX-License-Identifier: BSD-2-Clause */
/* What findings mean on which kernel: data/explain/kernels.csv, and the table of helpers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lade/explain.h>

#include "base/error.h"
#include "explain/explain.h"
#include "explain/kernel_table.h"
#include "explain/kernels.h"

#define FACTS_MAX   8
#define SPAN_BYTES  (2 * KERNEL_VERSION_BYTES + 16)
#define VERSION_TOP UINT16_MAX

struct facts {
	const struct kernel_fact *items[FACTS_MAX];
	size_t count;
};

static const char *string(uint32_t offset)
{
	return lade_kernel_text + offset;
}

/* From the beginning, or behind what a loader put before it ("a.o: the verifier rejects count: …"). */
static bool fits_message(const struct kernel_fact *fact, const char *message)
{
	const char *pattern = string(fact->pattern);

	while (*pattern && message) {
		if (lade_format_matches(pattern, message, strlen(message)))
			return true;
		message = strstr(message, ": ");
		message = message ? message + 2 : NULL;
	}
	return false;
}

/* Those about this very message, else those about all of the code. */
static struct facts facts_of(const struct lade_finding *finding)
{
	struct facts special = { 0 }, general = { 0 };

	for (size_t i = 0; i < lade_kernel_fact_count; i++) {
		const struct kernel_fact *fact = &lade_kernel_facts[i];
		if (strcmp(string(fact->code), finding->code) != 0)
			continue;
		struct facts *list = fits_message(fact, finding->message) ? &special
				     : *string(fact->pattern)             ? NULL
									  : &general;
		if (list && list->count < FACTS_MAX)
			list->items[list->count++] = fact;
	}
	return special.count ? special : general;
}

static bool is_open(const struct kernel_known *known)
{
	return !known->low && !known->high;
}

static uint16_t top(uint16_t version)
{
	return version ? version : VERSION_TOP;
}

static bool overlaps(const struct kernel_fact *fact, const struct kernel_known *known)
{
	return fact->since <= top(known->high) && top(fact->until) >= known->low;
}

static bool holds(const struct kernel_fact *fact, const struct kernel_known *known)
{
	return fact->since <= known->low && top(fact->until) >= top(known->high);
}

/* "until 5.2", "since 5.3", "4.14 to 5.1", "every kernel" */
static void spell_span(uint16_t since, uint16_t until, char text[SPAN_BYTES])
{
	char low[KERNEL_VERSION_BYTES], high[KERNEL_VERSION_BYTES];

	lade_kernel_spell(since, low);
	lade_kernel_spell(until, high);
	if (since && until && since != until)
		(void)snprintf(text, SPAN_BYTES, "%s to %s", low, high);
	else
		(void)snprintf(text, SPAN_BYTES, "%s%s",
			       since && until ? ""
			       : since        ? "since "
			       : until        ? "until "
					      : "every kernel",
			       since ? low : high);
}

static void set_bounds(struct lade_finding *finding, uint16_t since, uint16_t until)
{
	char low[KERNEL_VERSION_BYTES], high[KERNEL_VERSION_BYTES];

	lade_kernel_spell(since, low);
	lade_kernel_spell(until, high);
	finding_kernels(finding, low, high);
}

static void use(struct lade_finding *finding, const struct kernel_fact *fact, const struct kernel_known *known)
{
	bool is_special = *string(fact->pattern);

	set_bounds(finding, fact->since, fact->until);
	if (*string(fact->cause))
		finding_cause(finding, "%s", string(fact->cause));
	if (*string(fact->fix))
		finding_fix(finding, "%s", string(fact->fix));
	if (*string(fact->note) && !*string(fact->cause) && (is_special || (!fact->since && !fact->until)))
		finding_evidence(finding, "%s", string(fact->note));
	if (*string(fact->cause) && !is_open(known) && !known->is_sure && finding->confidence == LADE_CERTAIN)
		finding_confidence(finding, LADE_LIKELY);
}

/* What was said of the kernel cannot be: nothing of the finding changes but that. */
static void contradict(struct lade_finding *finding, const struct facts *facts, const struct kernel_known *known)
{
	char span[SPAN_BYTES], kernel[SPAN_BYTES];

	spell_span(known->low, known->high, kernel);
	for (size_t i = 0; i < facts->count; i++) {
		spell_span(facts->items[i]->since, facts->items[i]->until, span);
		finding_evidence(finding, "mainline %s does not say this, only kernels %s: %s", kernel, span,
				 string(facts->items[i]->note));
	}
}

static void list(struct lade_finding *finding, const struct facts *facts)
{
	char span[SPAN_BYTES];

	for (size_t i = 0; i < facts->count; i++) {
		spell_span(facts->items[i]->since, facts->items[i]->until, span);
		finding_evidence(finding, "%s: %s", span, string(facts->items[i]->note));
	}
}

static void apply_facts(struct lade_finding *finding, const struct kernel_known *known)
{
	struct facts facts = facts_of(finding), fitting = { 0 };

	for (size_t i = 0; i < facts.count; i++)
		if (overlaps(facts.items[i], known))
			fitting.items[fitting.count++] = facts.items[i];
	if (!facts.count)
		return;
	if (!fitting.count)
		contradict(finding, &facts, known);
	else if (facts.count == 1 || (fitting.count == 1 && holds(fitting.items[0], known)))
		use(finding, fitting.items[0], known);
	else
		list(finding, &fitting);
}

/* ---- helpers ---- */

/* "unknown func bpf_vmalloc#136": kernels of vendors have helpers of their own, with numbers that others have here. */
static bool is_named(const char *message, const char *hash, const char *helper)
{
	const char *start = hash;
	size_t length;

	while (start > message && (start[-1] == '_' || isalnum((unsigned char)start[-1])))
		start--;
	length = (size_t)(hash - start);
	if (length < 4 || strncmp(start, "bpf_", 4) != 0)
		return true;
	return strlen(helper) == length && memcmp(start, helper, length) == 0;
}

/* "invalid func unknown#112" → helper 112; false: no helper that is known. */
static bool find_helper(const struct lade_finding *finding, struct lade_word_info *ret_helper)
{
	const char *hash = finding->message ? strrchr(finding->message, '#') : NULL;
	char word[24];

	if (!hash || strncmp(finding->code, "verifier.helper-", strlen("verifier.helper-")) != 0)
		return false;
	(void)snprintf(word, sizeof word, "#%.*s", (int)strspn(hash + 1, "0123456789"), hash + 1);
	*ret_helper = (struct lade_word_info){ .size = sizeof *ret_helper };
	return word[1] && lade_word_find(word, 0, ret_helper) == 0 && ret_helper->kind == LADE_WORD_HELPER &&
	       is_named(finding->message, hash, ret_helper->word);
}

static void too_old(struct lade_finding *finding, const struct lade_word_info *helper, uint16_t since)
{
	set_bounds(finding, 0, lade_kernel_before(since));
	finding_cause(finding, "%s came with %s: the kernel is older and has no such helper", helper->word,
		      helper->since);
	finding_fix(finding,
		    "run a kernel from %s on, or call it only where it exists: if (bpf_core_enum_value_exists(enum "
		    "bpf_func_id, BPF_FUNC_%s))",
		    helper->since, strncmp(helper->word, "bpf_", 4) == 0 ? helper->word + 4 : helper->word);
}

/* A number that no helper has: nothing of it came later. */
static void no_helper(struct lade_finding *finding)
{
	finding_cause(finding,
		      "no kernel that Lade knows has a helper of this number: the number is wrong, or the call "
		      "was to be made one of a function (of the kernel, or of the object) and was not");
	finding_fix(finding, "call helpers by their names in bpf_helpers.h; declare a function of the kernel extern … "
			     "__ksym, and load the object with a loader that resolves it");
}

static void apply_helper(struct lade_finding *finding, const struct kernel_known *known)
{
	struct lade_word_info helper;
	uint16_t since;
	bool is_unknown = strcmp(finding->code, "verifier.helper-unknown") == 0,
	     is_there = find_helper(finding, &helper);

	if (!is_there && is_unknown && finding->message && strstr(finding->message, "unknown#"))
		no_helper(finding);
	if (!is_there || !lade_kernel_parse(helper.since, &since))
		return;
	if (is_unknown && known->low >= since)
		finding_evidence(finding, "mainline kernels have %s since %s: the log is of an older one", helper.word,
				 helper.since);
	else if (is_unknown || (known->high && known->high < since))
		too_old(finding, &helper, since);
	else if (*helper.where)
		finding_evidence(finding, "%s may be called by %s", helper.word, helper.where);
}

void lade_kernel_apply(struct lade_finding *finding, const struct kernel_known *known)
{
	apply_facts(finding, known);
	apply_helper(finding, known);
}

void lade_kernel_apply_running(struct lade_finding *finding, uint32_t version)
{
	struct kernel_known known = { .low = (uint16_t)(version >> 8), .high = (uint16_t)(version >> 8) };

	if (finding)
		lade_kernel_apply(finding, &known);
}
