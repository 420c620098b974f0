/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May programs of that type call the helper? It was measured on four kernels (data/helper_progtypes.csv); between them
 * it follows from what both say, and from when the helper and the type came.
 */
#include <stdio.h>

#include "needs/needs.h"
#include "needs/table.h"
#include "target/internal.h"

static const struct need_fact *find_fact(const struct need_fact *facts, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (facts[i].number == number)
			return &facts[i];
	return NULL;
}

/* A word of a list between blanks. */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' ' || at[length] == ','))
			return true;
	return false;
}

struct pair {
	struct lade_target *target;
	const struct need_fact *helper, *type; /* NULL: not in our tables */
	uint32_t bits;                         /* of the measured kernels; 0: on none */
	struct known_fact fact;
};

static const char *name_of(const struct need_fact *fact)
{
	return fact ? lade_need_text + fact->name : "";
}

static uint32_t since_of(const struct need_fact *fact)
{
	return fact ? lade_needs_version(lade_need_text + fact->since) : 0;
}

static bool from_probe(struct pair *pair)
{
	const struct target_probes *probes = pair->target->from.probes;
	const struct target_probe *probe =
		probes && pair->helper ? lade_target_probe(probes, "helpers", name_of(pair->helper)) : NULL;
	if (!probe || probe->answer != KNOWN_YES || !pair->type || has_word(probe->detail, name_of(pair->type)))
		return false;
	bool may = has_word(probe->value, name_of(pair->type));
	pair->fact.by_table = false;
	pair->fact.answer = may ? KNOWN_YES : KNOWN_NO;
	(void)snprintf(pair->fact.why, sizeof pair->fact.why, "it was tried there (%s): programs of type %s %s call it",
		       probes->label, name_of(pair->type), may ? "may" : "may not");
	return true;
}

__attribute__((format(printf, 3, 4))) static void say(struct pair *pair, enum known answer, const char *format, ...)
{
	va_list values;
	pair->fact.answer = answer;
	pair->fact.by_table = true;
	va_start(values, format);
	(void)vsnprintf(pair->fact.why, sizeof pair->fact.why, format, values);
	va_end(values);
}

static const char *measured_name(unsigned which)
{
	return lade_release_name(lade_target_measured[which]);
}

/* Which measured kernels lie on both sides: the last that is not newer, and the first that is not older. */
static void neighbours(uint32_t version, int *ret_below, int *ret_above)
{
	*ret_below = -1;
	*ret_above = -1;
	for (int i = 0; i < (int)LADE_TARGET_MEASURED; i++) {
		if (lade_target_measured[i] <= version)
			*ret_below = i;
		if (*ret_above < 0 && lade_target_measured[i] >= version)
			*ret_above = i;
	}
}

/* Neither the one kernel that may nor the one that may not is the one meant. */
static void between(struct pair *pair, uint32_t version, const char *below, const char *above)
{
	uint32_t newer = since_of(pair->helper) > since_of(pair->type) ? since_of(pair->helper) : since_of(pair->type);
	if (newer > version)
		say(pair, KNOWN_NO, "helper or type came later than %s", lade_release_name(version));
	else if (newer > lade_needs_version(below))
		say(pair, KNOWN_YES, "helper and type are there, and %s allows it", above);
	else
		say(pair, KNOWN_NOT,
		    "programs of type %s may call it in %s, but not in %s; between them it is not known",
		    name_of(pair->type), above, *below ? below : "the first releases");
}

static void by_release(struct pair *pair, uint32_t version)
{
	int below, above;
	neighbours(version, &below, &above);
	bool before = below >= 0 && pair->bits >> below & 1, after = above >= 0 && pair->bits >> above & 1;
	if (below == above || (before && (after || above < 0)))
		say(pair, before ? KNOWN_YES : KNOWN_NO, "programs of type %s %s call it in %s", name_of(pair->type),
		    before ? "may" : "may not", measured_name((unsigned)below));
	else if (above < 0 || (!after && !before))
		say(pair, KNOWN_NO, "programs of type %s may not call it in %s", name_of(pair->type),
		    measured_name((unsigned)(above < 0 ? below : above)));
	else if (before)
		say(pair, KNOWN_YES, "programs of type %s may call it in %s", name_of(pair->type),
		    measured_name((unsigned)below));
	else if (below < 0 && since_of(pair->type) > version)
		say(pair, KNOWN_NO, "programs of type %s came in %s", name_of(pair->type),
		    lade_need_text + pair->type->since);
	else if (below < 0)
		say(pair, KNOWN_YES,
		    "helper (%s) and type (%s) are there, and 5.10 allows it; older kernels were not measured",
		    lade_need_text + pair->helper->since, lade_need_text + pair->type->since);
	else
		between(pair, version, measured_name((unsigned)below), measured_name((unsigned)above));
}

/* Without a release: what all measured kernels agree on. */
static void by_all(struct pair *pair)
{
	uint32_t all = (1U << LADE_TARGET_MEASURED) - 1, bits = pair->bits & all;
	if (bits == all)
		say(pair, KNOWN_YES, "programs of type %s may call it since 5.10 at least", name_of(pair->type));
	else if (!bits)
		say(pair, KNOWN_NO, "no release lets programs of type %s call it", name_of(pair->type));
	else
		say(pair, KNOWN_NOT,
		    "whether programs of type %s may call it depends on the release, which is not known",
		    name_of(pair->type));
}

static void add_condition(struct pair *pair)
{
	size_t length = strlen(pair->fact.why);
	if (pair->fact.answer == KNOWN_YES && pair->bits & LADE_TARGET_CONDITIONAL)
		(void)snprintf(pair->fact.why + length, sizeof pair->fact.why - length, "%s",
			       "; for some attach types or configurations");
}

struct known_fact lade_target_helper_for(struct lade_target *target, uint32_t helper, uint32_t program_type)
{
	struct pair pair = { .target = target };
	pair.helper = find_fact(lade_need_helpers, lade_need_helper_count, helper);
	pair.type = find_fact(lade_need_programs, lade_need_program_count, program_type);
	pair.fact = lade_target_helper(target, helper);
	if (pair.fact.answer == KNOWN_NO || from_probe(&pair))
		return pair.fact;
	bool in_table = helper < lade_target_helper_count && program_type < lade_target_helper_programs;
	if (!pair.helper || !pair.type || !in_table) {
		say(&pair, KNOWN_NOT, "helper %u and programs of type %u are not in the tables", helper, program_type);
		return pair.fact;
	}
	pair.bits = lade_target_helpers[helper][program_type];
	uint32_t version = lade_target_version(target);
	if (version)
		by_release(&pair, version);
	else
		by_all(&pair);
	add_condition(&pair);
	return pair.fact;
}
