/* SPDX-License-Identifier: BSD-2-Clause */
/* The object's own BTF: what that kernel does not know of it would be rewritten, or all of it left away. */
#include <stdio.h>
#include <string.h>

#include "check/check.h"

/* Forms that came after their kind. */
enum {
	FORM_ATTRIBUTE = 100, /* kind_flag of tags, 6.15 */
	FORM_SIGNED_ENUM,     /* kind_flag of enums, 6.0 */
	FORM_GLOBAL_FUNCTION, /* linkage of functions, 5.6 */
	FORM_KIND_FLAG,       /* of structs with bitfields, 5.0 */
	FORMS,
};

static const struct {
	unsigned form;
	const char *since, *what;
} forms[] = {
	{ BTF_KIND_FUNC, "5.0", "functions" },
	{ BTF_KIND_FUNC_PROTO, "5.0", "prototypes of functions" },
	{ FORM_KIND_FLAG, "5.0", "structs with bitfields" },
	{ BTF_KIND_VAR, "5.2", "variables" },
	{ BTF_KIND_DATASEC, "5.2", "sections of variables" },
	{ FORM_GLOBAL_FUNCTION, "5.6", "global functions" },
	{ BTF_KIND_FLOAT, "5.13", "floating point types" },
	{ BTF_KIND_DECL_TAG, "5.16", "declaration tags" },
	{ BTF_KIND_TYPE_TAG, "5.17", "type tags" },
	{ BTF_KIND_ENUM64, "6.0", "64-bit enums" },
	{ FORM_SIGNED_ENUM, "6.0", "signed enums" },
	{ FORM_ATTRIBUTE, "6.15", "attributes" },
};

static void count_forms(const struct lade_btf *btf, uint32_t counts[FORMS])
{
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		uint32_t kind = lade_btf_kind(type);
		bool flag = lade_btf_kind_flag(type);
		if (kind < FORM_ATTRIBUTE)
			counts[kind]++;
		counts[FORM_ATTRIBUTE] += flag && (kind == BTF_KIND_TYPE_TAG || kind == BTF_KIND_DECL_TAG);
		counts[FORM_SIGNED_ENUM] += flag && kind == BTF_KIND_ENUM;
		counts[FORM_KIND_FLAG] += flag && (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION);
		counts[FORM_GLOBAL_FUNCTION] += kind == BTF_KIND_FUNC && lade_btf_vlen(type) == 1;
	}
}

static struct known_fact ask(struct judging *judging, unsigned form, const char *since)
{
	return form < FORM_ATTRIBUTE ? lade_target_btf_kind(judging->target, form)
				     : lade_target_since(judging->target, since);
}

/* Does anything in the plan not go without? As in src/load/btf.c. */
static bool is_essential(const struct judging *judging)
{
	if (judging->object->btf_required)
		return true;
	array_foreach(operation, &judging->plan->operations)
		if ((operation->kind == OPERATION_MAP_CREATE && operation->map_create.btf_essential) ||
		    (operation->kind == OPERATION_PROGRAM_LOAD && operation->program_load->own_target != NO_INDEX))
			return true;
	return false;
}

static void say_none(struct judging *judging, const struct known_fact *fact)
{
	struct lade_finding *finding;

	if (is_essential(judging)) {
		(void)lade_check_needs(judging, fact, "check.btf.essential",
				       "the object does not go without its BTF, which that kernel does not take");
		return;
	}
	finding = lade_check_say(judging, VERDICT_NOTE, "check.btf.adjusted",
				 "the object would be loaded without BTF, which that kernel does not take");
	finding_evidence(finding, "%s", fact->why);
}

static void say_rewritten(struct judging *judging, struct strings *what)
{
	struct lade_finding *finding;

	if (!what->count)
		return;
	finding = lade_check_say(judging, VERDICT_NOTE, "check.btf.adjusted",
				 "of the object's BTF %zu kind%s would be rewritten to what that kernel knows",
				 what->count, what->count == 1 ? "" : "s");
	array_foreach(item, what)
		finding_evidence(finding, "%s", *item);
	lade_strings_clear(what);
}

void lade_check_btf(struct judging *judging)
{
	const struct lade_btf *btf = lade_plan_btf(judging->plan);
	uint32_t counts[FORMS] = { 0 };
	struct known_fact fact;
	struct strings what = { 0 };

	if (judging->plan->btf_slot == NO_SLOT || !btf)
		return;
	fact = lade_target_btf_kind(judging->target, BTF_KIND_INT);
	judging->check->by_table |= fact.by_table && fact.answer != KNOWN_NOT;
	if (fact.answer == KNOWN_NO) {
		say_none(judging, &fact);
		return;
	}
	count_forms(btf, counts);
	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		if (!counts[forms[i].form] || ask(judging, forms[i].form, forms[i].since).answer != KNOWN_NO)
			continue;
		judging->failed |= lade_strings_addf(&what, "%u %s (since %s)", counts[forms[i].form], forms[i].what,
						     forms[i].since) < 0;
	}
	say_rewritten(judging, &what);
}
