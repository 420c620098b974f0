/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions and variables of the kernel that programs name. Where its types are known, the plan has found them or said
 * that they are not there; here is what is left: which release has them at all, and what symbols and tables know.
 */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "plan/externs.h"

static bool is_open(const struct program_operation *load, uint32_t outside)
{
	array_foreach(open, &load->unresolved)
		if (!open->core && open->outside == outside)
			return true;
	return false;
}

/* "bpf_task_acquire___local" is bpf_task_acquire. */
static void plain_name(const struct object_extern *outside, char *buffer, size_t size)
{
	size_t length = lade_core_name_length(outside->name);

	(void)snprintf(buffer, size, "%.*s", (int)(length < size ? length : size - 1), outside->name);
}

static void say_near(struct lade_finding *finding, struct strings *near)
{
	array_foreach(name, near)
		finding_evidence(finding, "there is %s", *name);
	lade_strings_clear(near);
}

static void add_near(struct judging *judging, size_t before, struct strings *near)
{
	struct lade_finding *finding =
		judging->check->findings.count > before ? judging->check->findings.items[before] : NULL;

	say_near(finding, near);
}

/* What nobody can say without the types. */
static void say_open(struct judging *judging, const char *code, const char *what, const char *name)
{
	struct lade_finding *finding = lade_check_say(judging, VERDICT_UNSURE, code,
						      "program %s: whether that kernel has the %s %s is not known",
						      judging->program->name, what, name);

	finding_evidence(finding, "%s", judging->why_no_types ? judging->why_no_types : "its types are not known");
}

static void check_kfunc(struct judging *judging, const struct program_operation *load, uint32_t index)
{
	const struct object_extern *outside = &judging->object->externs.items[index];
	char name[128];
	const char *since;
	struct known_fact fact;

	if (outside->is_weak || !lade_check_feature(judging, "kfunc", -1))
		return;
	lade_check_rules(judging, "feature", "kfunc");
	if (!is_open(load, index))
		return;
	plain_name(outside, name, sizeof name);
	fact = lade_target_symbol(judging->target, name, NULL);
	if (fact.answer == KNOWN_YES)
		return;
	since = lade_need_kfunc(name);
	if (!since) {
		say_open(judging, "check.kfunc", "function", name);
		return;
	}
	fact = lade_target_since(judging->target, since);
	(void)lade_check_needs(judging, &fact, "check.kfunc", "program %s calls the kernel's %s, which came in %s",
			       judging->program->name, name, since);
}

static void check_symbol(struct judging *judging, const struct object_extern *outside)
{
	struct strings near = { 0 };
	size_t before = judging->check->findings.count;
	struct known_fact fact;

	if (outside->is_weak)
		return;
	fact = lade_target_symbol(judging->target, outside->name, &near);
	if (fact.answer == KNOWN_NO)
		(void)lade_check_needs(judging, &fact, "check.ksym", "program %s uses %s, which that kernel has not",
				       judging->program->name, outside->name);
	else if (fact.answer == KNOWN_NOT)
		judging->open_symbols++;
	add_near(judging, before, &near);
}

static bool is_found(const struct lade_plan *plan, uint32_t index)
{
	return plan->externs && plan->externs[index].is_known && plan->externs[index].type.id;
}

static void check_variable(struct judging *judging, const struct program_operation *load, uint32_t index)
{
	const struct object_extern *outside = &judging->object->externs.items[index];

	if (outside->is_weak) {
		if (is_found(judging->plan, index)) /* its address is asked for, too */
			lade_check_rules(judging, "feature", "ksym");
		return;
	}
	if (!lade_check_feature(judging, "ksym", -1))
		return;
	lade_check_rules(judging, "feature", "ksym");
	if (is_open(load, index))
		check_symbol(judging, outside);
}

static void check_extern(struct judging *judging, const struct program_operation *load, uint32_t index)
{
	switch (judging->object->externs.items[index].kind) {
	case EXTERN_KFUNC:
		check_kfunc(judging, load, index);
		break;
	case EXTERN_KSYM:
		check_variable(judging, load, index);
		break;
	case EXTERN_ADDRESS:
		lade_check_rules(judging, "feature", "address");
		check_symbol(judging, &judging->object->externs.items[index]);
		break;
	case EXTERN_KCONFIG:
		lade_check_rules(judging, "feature", "kconfig");
		break;
	default:
		break;
	}
}

/* Each extern is looked at for the first program that uses it. */
void lade_check_externs(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	(void)flow;
	if (!judging->object->externs.count)
		return;
	if (!judging->externs_seen)
		judging->externs_seen = calloc(judging->object->externs.count, sizeof *judging->externs_seen);
	if (!judging->externs_seen) {
		judging->failed = true;
		return;
	}
	array_foreach(placed, &load->placed) {
		array_foreach(relocation, &judging->object->functions.items[placed->function].relocations) {
			if (relocation->kind != RELOCATION_EXTERN || judging->externs_seen[relocation->target])
				continue;
			judging->externs_seen[relocation->target] = true;
			check_extern(judging, load, relocation->target);
		}
	}
}

void lade_check_open_symbols(struct judging *judging)
{
	if (judging->open_symbols)
		finding_confidence(lade_check_say(judging, VERDICT_NOTE, "check.ksym.open",
						  "%u symbol%s of that kernel could not be looked up",
						  judging->open_symbols, judging->open_symbols == 1 ? "" : "s"),
				   LADE_LIKELY);
}
