/* SPDX-License-Identifier: BSD-2-Clause */
/* What findings mean on which kernel: data/explain/kernels.csv, and the table of helpers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/verifier/verdict.h"
#include "explain/kernels/kernel_table.h"
#include "explain/kernels/kernels.h"
#include "object/sections.h"

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

bool lade_kernel_bounds(const struct lade_finding *finding, uint16_t *ret_since, uint16_t *ret_until,
			const char **ret_note)
{
	static const char verifier[] = "verifier.";
	const bool is_sure =
		finding->confidence == LADE_CERTAIN && strncmp(finding->code, verifier, strlen(verifier)) == 0;
	/* What the log itself told of this very call. */
	if (is_sure && finding->until && !finding->since && finding->is_shown &&
	    lade_kernel_parse(finding->until, ret_until)) {
		*ret_since = 0;
		*ret_note = "later ones take this argument of the helper";
		return true;
	}
	const struct facts facts = is_sure ? facts_of(finding) : (struct facts){ 0 };

	if (facts.count != 1 || *string(facts.items[0]->cause))
		return false;
	*ret_since = facts.items[0]->since;
	*ret_until = facts.items[0]->until;
	*ret_note = string(facts.items[0]->note);
	return true;
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

static void use(struct lade_finding *finding, const struct kernel_fact *fact, bool is_only,
		const struct kernel_known *known)
{
	bool is_special = *string(fact->pattern);

	/* The log itself told more than the message does. */
	if (is_special && finding->until)
		return;
	/* One of several that only says what changed since then: the message is older. */
	if (!is_special || *string(fact->cause) || fact->until || is_only)
		set_bounds(finding, fact->since, fact->until);
	if (finding->is_shown)
		return;
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
	static const char environment[] = "environment.";
	/* That is no message of the kernel, but a need that it has. */
	const bool is_need = strncmp(finding->code, environment, strlen(environment)) == 0;
	char span[SPAN_BYTES], kernel[SPAN_BYTES];

	spell_span(known->low, known->high, kernel);
	for (size_t i = 0; i < facts->count; i++) {
		spell_span(facts->items[i]->since, facts->items[i]->until, span);
		finding_evidence(finding, "mainline %s does not %s this, only kernels %s: %s", kernel,
				 is_need ? "need" : "say", span, string(facts->items[i]->note));
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
		use(finding, fitting.items[0], facts.count == 1, known);
	else if (!finding->is_shown)
		list(finding, &fitting);
}

/* ---- helpers ---- */

/* "bpf_uuused15": what a vendor's kernel calls a number that it only keeps free is the name of no helper. */
static bool is_placeholder(const char *name, size_t length)
{
	static const char *const words[] = { "unused", "uuused", "unspec", "reserved", "placeholder" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (memmem(name, length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* "unknown func bpf_vmalloc#136": kernels of vendors have helpers of their own, with numbers that others have here. */
static bool is_named(const char *message, const char *hash, const char *helper)
{
	const char *start = hash;
	size_t length;

	while (start > message && (start[-1] == '_' || isalnum((unsigned char)start[-1])))
		start--;
	length = (size_t)(hash - start);
	if (length < 4 || strncmp(start, "bpf_", 4) != 0 || is_placeholder(start, length))
		return true;
	return strlen(helper) == length && memcmp(start, helper, length) == 0;
}

/* "invalid func unknown#112", and "invalid func 112" until 4.10: where the number stands; NULL: there is none. */
static const char *number_of_helper(const char *message)
{
	static const char mark[] = " func ";
	const char *hash = message ? strrchr(message, '#') : NULL, *at = message ? strstr(message, mark) : NULL;

	if (hash || !at)
		return hash ? hash + 1 : NULL;
	at += strlen(mark);
	return isdigit((unsigned char)*at) && !at[strspn(at, "0123456789")] ? at : NULL;
}

/* "invalid func unknown#112" → helper 112; false: no helper that is known. */
static bool find_helper(const struct lade_finding *finding, struct lade_word_info *ret_helper)
{
	const char *number = number_of_helper(finding->message);
	char word[24];

	if (!number || strncmp(finding->code, "verifier.helper-", strlen("verifier.helper-")) != 0)
		return false;
	(void)snprintf(word, sizeof word, "#%.*s", (int)strspn(number, "0123456789"), number);
	*ret_helper = (struct lade_word_info){ .size = sizeof *ret_helper };
	return word[1] && lade_word_find(word, 0, ret_helper) == 0 && ret_helper->kind == LADE_WORD_HELPER &&
	       (number[-1] != '#' || is_named(finding->message, number - 1, ret_helper->word));
}

/* Who never named the helper does not know what calls it. */
static bool is_of_macro(const struct lade_word_info *helper)
{
	return strcmp(helper->word, "bpf_trace_vprintk") == 0;
}

static void too_old(struct lade_finding *finding, const struct lade_word_info *helper, uint16_t since)
{
	set_bounds(finding, 0, lade_kernel_before(since));
	finding_cause(finding, "%s came with %s: the kernel is older and has no such helper%s", helper->word,
		      helper->since, is_of_macro(helper) ? " (bpf_printk() calls it for more than three values)" : "");
	finding_fix(finding,
		    "%srun a kernel from %s on, or call it only where it exists: if (bpf_core_enum_value_exists(enum "
		    "bpf_func_id, BPF_FUNC_%s))",
		    is_of_macro(helper) ? "three values at most in each bpf_printk(), several calls for more; or " : "",
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

/* "unknown func bpf_sched_entity_is_task#165", where mainline has bpf_snprintf(): the kernel has helpers of its own,
 * and who compiled the program with mainline's numbers meant another. */
static void tell_other_number(struct lade_finding *finding)
{
	const char *number = number_of_helper(finding->message);
	struct lade_word_info helper = { .size = sizeof helper };
	char word[24];

	if (!number || number[-1] != '#' || strcmp(finding->code, "verifier.helper-not-allowed") != 0)
		return;
	(void)snprintf(word, sizeof word, "#%.*s", (int)strspn(number, "0123456789"), number);
	if (lade_word_find(word, 0, &helper) != 0 || helper.kind != LADE_WORD_HELPER ||
	    is_named(finding->message, number - 1, helper.word))
		return;
	finding_evidence(finding,
			 "mainline's helper %s is %s(), and this kernel has one of its own under that number: a "
			 "program that was compiled with mainline's numbers means %s(), and calls the other",
			 word, helper.word, helper.word);
	finding_fix(
		finding,
		"where the program means %s(): leave it out (a macro for its log may call it), or build the "
		"program with the headers of this kernel (bpf_helper_defs.h, vmlinux.h); a version of the tool for "
		"this distributor's kernel, or a kernel with mainline's helpers. Where it means the kernel's own: a "
		"type of program to which the kernel gives it",
		helper.word);
}

/* The oldest kernel whose lists of helpers the table has. */
#define SINCE_LISTS (5 << 8 | 10)

static void apply_helper(struct lade_finding *finding, const struct kernel_known *known)
{
	struct lade_word_info helper;
	uint16_t since;
	bool is_unknown = strcmp(finding->code, "verifier.helper-unknown") == 0,
	     is_there = find_helper(finding, &helper);

	if (!is_there)
		tell_other_number(finding);
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
		finding_evidence(finding, "what may call %s%s: %s", helper.word,
				 since < SINCE_LISTS && known->low < SINCE_LISTS
					 ? " in kernels from 5.10 on (older ones may give it to fewer)"
					 : "",
				 helper.where);
	if (is_there && is_unknown && finding->message && is_placeholder(finding->message, strlen(finding->message)))
		finding_evidence(finding,
				 "the name in the log is no helper's: a distributor's kernel keeps the number "
				 "of %s free under it",
				 helper.word);
}

/* "func bpf_get_func_ip#173 not supported for program type 3" */
static void name_type(struct lade_finding *finding)
{
	static const char mark[] = "not supported for program type ";
	const char *at = finding->message ? strstr(finding->message, mark) : NULL, *name;
	unsigned long type = at ? strtoul(at + strlen(mark), NULL, 10) : 0;

	name = at && type <= UINT32_MAX ? lade_program_type_name((uint32_t)type) : NULL;
	if (name)
		finding_evidence(
			finding,
			"program type %lu is %s (where a program traces another BPF program, some kernels look "
			"at that one's type)",
			type, name);
}

#define SINCE_READ_KERNEL (5 << 8 | 5)

/* What is to be done must be possible there. */
static void name_older_read(struct lade_finding *finding, const struct kernel_known *known)
{
	if (!known->high || known->high >= SINCE_READ_KERNEL || !finding->fix ||
	    !strstr(finding->fix, "bpf_probe_read_kernel(") || strstr(finding->fix, "bpf_probe_read()"))
		return;
	finding_fix(finding,
		    "%s; this kernel has bpf_probe_read() in place of both (bpf_probe_read_kernel() and "
		    "bpf_probe_read_user() came with 5.5)",
		    finding->fix);
}

/* Advice that an old kernel cannot follow: these words of it are left out. */
static const struct {
	uint16_t since;
	const char *words;
} newer_advice[] = {
	{ 5 << 8 | 2, ", or modprobe kheaders (CONFIG_IKHEADERS)" },
	{ 5 << 8 | 2, "; from 5.2 on and with CONFIG_IKHEADERS also modprobe kheaders" },
	{ 5 << 8 | 17, ", bpf_loop()" },
};

static void drop_newer_advice(struct lade_finding *finding, const struct kernel_known *known)
{
	/* RHEL 8 may have it under an older number. */
	if (!known->high || !finding->fix || strstr(known->why, ".el8"))
		return;
	for (size_t i = 0; i < ELEMENTS(newer_advice); i++) {
		const char *at = strstr(finding->fix, newer_advice[i].words);
		if (at && known->high < newer_advice[i].since)
			finding_fix(finding, "%.*s%s", (int)(at - finding->fix), finding->fix,
				    at + strlen(newer_advice[i].words));
	}
}

void lade_kernel_apply(struct lade_finding *finding, const struct kernel_known *known)
{
	apply_facts(finding, known);
	apply_helper(finding, known);
	lade_kernel_apply_kfunc(finding, known);
	name_type(finding);
	name_older_read(finding, known);
	drop_newer_advice(finding, known);
}

void lade_kernel_apply_running(struct lade_finding *finding, uint32_t version)
{
	struct kernel_known known = { .low = (uint16_t)(version >> 8), .high = (uint16_t)(version >> 8) };

	if (finding)
		lade_kernel_apply(finding, &known);
}
