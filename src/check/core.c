/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-RE relocations and calls of kernel functions that found nothing: an error where the verifier gets to them. */
#include <string.h>

#include "check/check.h"

#define KERNEL_FUNCTION "kernel function "

static void add_reasons(struct lade_finding *finding, const struct core_poison *poison)
{
	if (poison->why)
		finding_evidence(finding, "%s", poison->why);
	if (poison->guard)
		finding_fix(finding, "ask before: if (%s)", poison->guard);
}

static void say_reached(struct judging *judging, const struct core_poison *poison)
{
	bool is_function = strncmp(poison->what, KERNEL_FUNCTION, strlen(KERNEL_FUNCTION)) == 0;
	struct lade_finding *finding;

	if (lade_check_said(judging, VERDICT_REFUSED, poison->what))
		return;
	finding = is_function ? lade_check_say(judging, VERDICT_REFUSED, "check.kfunc",
					       "program %s calls %s, which is not there", judging->program->name,
					       poison->what)
			      : lade_check_say(judging, VERDICT_REFUSED, "check.core.field",
					       "program %s cannot use %s there", judging->program->name, poison->what);

	add_reasons(finding, poison);
	lade_check_at(judging, finding, poison->instruction);
}

static void say_guarded(struct judging *judging, const struct core_poison *poison, enum flow_reach reach)
{
	struct lade_finding *note;

	if (lade_check_said(judging, VERDICT_NOTE, poison->what))
		return;
	note = lade_check_say(judging, VERDICT_NOTE, "check.guarded",
			      "program %s: %s is not there; the program asks before it uses it", judging->program->name,
			      poison->what);

	add_reasons(note, poison);
	if (reach == FLOW_DOUBTFUL)
		finding_confidence(note, LADE_LIKELY);
	lade_check_at(judging, note, poison->instruction);
}

static bool is_said(const struct program_operation *load, const struct flow *flow, size_t index)
{
	const struct core_poison *poison = &load->poisons.items[index];

	for (size_t i = 0; i < index; i++)
		if (load->poisons.items[i].what && poison->what &&
		    strcmp(load->poisons.items[i].what, poison->what) == 0 &&
		    flow->reach[load->poisons.items[i].instruction] >= flow->reach[poison->instruction])
			return true;
	return false;
}

static bool has_core(const struct judging *judging, const struct program_operation *load)
{
	array_foreach(placed, &load->placed)
		array_foreach(relocation, &judging->object->functions.items[placed->function].core)
			if (lade_core_needs_target(relocation))
				return true;
	return false;
}

/* ---- what lies elsewhere ---- */

#define MOVED_MOST 8 /* named one by one */

static void keep_moved(struct judging *judging, const struct btf_core_relocation *relocation)
{
	CLEANUP(cleanup_free) char *text = lade_core_explain(judging->plan->core, relocation);

	judging->moved_count++;
	array_foreach(known, &judging->moved)
		if (text && strcmp(*known, text) == 0)
			return;
	if (text && judging->moved.count < MOVED_MOST)
		judging->failed |= lade_strings_add(&judging->moved, text) < 0;
}

/* The instruction as it was compiled, and as it would be loaded. */
static void compare(struct judging *judging, const struct program_operation *load, const struct plan_placed *placed)
{
	const struct lade_function *function = &judging->object->functions.items[placed->function];

	array_foreach(relocation, &function->core) {
		uint32_t at = placed->start + relocation->offset;
		const struct bpf_insn *before, *after;
		if (!lade_core_needs_target(relocation) || relocation->offset >= function->instruction_count ||
		    at >= load->instructions.count)
			continue;
		before = &function->instructions[relocation->offset];
		after = &load->instructions.items[at];
		if (before->code == after->code && (before->off != after->off || before->imm != after->imm))
			keep_moved(judging, relocation);
	}
}

static void find_moved(struct judging *judging, const struct program_operation *load)
{
	if (judging->plan->core)
		array_foreach(placed, &load->placed)
			compare(judging, load, placed);
}

void lade_check_moved(struct judging *judging)
{
	struct lade_finding *note;

	if (!judging->moved_count)
		return;
	note = lade_check_say(judging, VERDICT_NOTE, "check.core.moved",
			      "%u CO-RE relocation%s of another value there: the load sets it", judging->moved_count,
			      judging->moved_count == 1 ? " is" : "s are");
	array_foreach(text, &judging->moved)
		finding_evidence(note, "%s", *text);
}

void lade_check_core(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	for (size_t i = 0; i < load->poisons.count; i++) {
		const struct core_poison *poison = &load->poisons.items[i];
		enum flow_reach reach;
		if (poison->instruction >= flow->count || !poison->what || is_said(load, flow, i))
			continue;
		reach = (enum flow_reach)flow->reach[poison->instruction];
		if (reach == FLOW_REACHED)
			say_reached(judging, poison);
		else
			say_guarded(judging, poison, reach);
	}
	find_moved(judging, load);
	array_foreach(open, &load->unresolved)
		judging->open_core += open->core != NULL;
	if (has_core(judging, load))
		lade_check_rules(judging, "feature", "core");
}

/* Kernels have described their types since 5.2; what is asked of others takes a file (--btf), there as here. */
void lade_check_open_core(struct judging *judging)
{
	bool has_none = lade_check_before(judging, 5, 2) && !judging->backports;
	struct lade_finding *finding;

	if (!judging->open_core)
		return;
	finding = lade_check_say(judging, has_none ? VERDICT_UNSURE : VERDICT_NOTE, "check.core.open",
				 "%u CO-RE relocation%s not looked up: the types of that kernel are not known",
				 judging->open_core, judging->open_core == 1 ? " was" : "s were");
	if (has_none)
		finding_evidence(finding, "kernels before 5.2 do not describe their types: the load takes a file, too");
	if (judging->why_no_types)
		finding_evidence(finding, "%s", judging->why_no_types);
	finding_confidence(finding, LADE_LIKELY);
}
