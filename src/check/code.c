/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program's instructions ask for. Encodings count wherever they stand: every kernel looks at all of them first.
 * Helpers count where the verifier gets to.
 */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "object/sections.h"

#define LDIMM64       (BPF_LD | BPF_DW | BPF_IMM)
#define TAIL_CALL     12 /* bpf_tail_call */
#define FEATURES_MOST 16

/* Features are names of the tables of needs; each is asked for once a program. */
struct features {
	const char *items[FEATURES_MOST];
	size_t count;
};

static bool is_new(struct features *features, const char *feature)
{
	for (size_t i = 0; i < features->count; i++)
		if (features->items[i] == feature || strcmp(features->items[i], feature) == 0)
			return false;
	if (features->count < FEATURES_MOST)
		features->items[features->count++] = feature;
	return true;
}

static const char *structure_of(const struct bpf_insn *instruction)
{
	if (instruction->code == (BPF_JMP | BPF_CALL) && instruction->src_reg == BPF_PSEUDO_CALL)
		return "call";
	if (instruction->code == LDIMM64 && instruction->src_reg == BPF_PSEUDO_FUNC)
		return "callback";
	if (instruction->code == LDIMM64 && instruction->src_reg == BPF_PSEUDO_MAP_VALUE)
		return "data";
	return NULL;
}

static void check_features(struct judging *judging, const struct program_operation *load)
{
	const struct bpf_insn *instructions = load->instructions.items;
	struct features features = { .count = 0 };

	for (uint32_t i = 0; i < load->instructions.count; i = lade_flow_next(instructions, i)) {
		const char *names[] = { lade_needs_instruction(&instructions[i]), structure_of(&instructions[i]) };
		for (size_t k = 0; k < ELEMENTS(names); k++)
			if (names[k] && is_new(&features, names[k]))
				(void)lade_check_feature(judging, names[k], i);
	}
}

/* ---- loops ---- */

/* Kernels before 5.3 walk over every path, whatever its condition. */
static void check_loops(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	if (judging->version && lade_check_since(judging, 5, 3))
		return;
	for (size_t i = 0; i < flow->functions.count; i++) {
		uint32_t start = flow->functions.items[i], at = 0;
		uint32_t end = i + 1 < flow->functions.count ? flow->functions.items[i + 1] : flow->count;
		int found = lade_needs_find_loop(load->instructions.items + start, end - start, &at);
		judging->failed |= found < 0;
		if (found > 0) {
			(void)lade_check_feature(judging, "loop", start + at);
			return;
		}
	}
}

/* ---- helpers ---- */

static bool is_first(struct judging *judging, uint32_t helper)
{
	uint32_t *place;

	array_foreach(seen, &judging->helpers_seen)
		if (*seen == helper)
			return false;
	place = array_push(&judging->helpers_seen);
	judging->failed |= !place;
	if (place)
		*place = helper;
	return true;
}

/* Behind a question about the kernel, what is missing is most likely why it was asked. */
static void say_guarded(struct judging *judging, const char *name, const struct known_fact *fact, uint32_t at)
{
	struct lade_finding *note;

	if (lade_check_said(judging, VERDICT_NOTE, name))
		return;
	note = lade_check_say(judging, VERDICT_NOTE, "check.guarded",
			      "program %s: that kernel has no %s; the program asks about the kernel before",
			      judging->program->name, name);

	if (*fact->why)
		finding_evidence(note, "%s", fact->why);
	finding_confidence(note, LADE_LIKELY);
	lade_check_at(judging, note, at);
}

static void say_missing(struct judging *judging, const struct known_fact *fact, const char *code, uint32_t at,
			const char *format, const char *name)
{
	size_t before = judging->check->findings.count;

	if (lade_check_said(judging, lade_check_verdict(judging, fact), name))
		return;
	(void)lade_check_needs(judging, fact, code, format, judging->program->name, name,
			       lade_program_type_name(judging->load->type));
	if (judging->check->findings.count > before)
		lade_check_at(judging, judging->check->findings.items[before], at);
}

/* Of tables of operations and of what replaces others it depends on the struct or program; iterators have some more. */
static bool is_measured(const struct program_operation *load)
{
	return load->type != BPF_PROG_TYPE_STRUCT_OPS && load->type != BPF_PROG_TYPE_EXT &&
	       !(load->type == BPF_PROG_TYPE_TRACING && load->expected_attach_type == BPF_TRACE_ITER);
}

/* Some came to other hooks of the same type later. */
static bool check_hook(struct judging *judging, const char *helper, uint32_t at, enum flow_reach reach)
{
	const char *hook = judging->program->has_expected_attach_type
				   ? lade_attach_type_name(judging->program->expected_attach_type)
				   : NULL;
	const struct need_rule *rule;
	struct known_fact fact;
	char name[96];

	(void)snprintf(name, sizeof name, "%s/%s", helper, hook ? hook : "");
	rule = lade_need_release("helper-at", name);
	if (!rule || reach != FLOW_REACHED)
		return true;
	fact = lade_target_since(judging->target, need_text(rule->name));
	if (fact.answer != KNOWN_NO)
		return true;
	say_missing(judging, &fact, need_text(rule->code), at,
		    "program %s calls %s, which programs at such a hook may not call there", helper);
	return false;
}

static void check_helper(struct judging *judging, uint32_t helper, uint32_t at, enum flow_reach reach)
{
	const struct need_fact *row = lade_need_helper(helper);
	const struct known_fact known = lade_target_helper(judging->target, helper);
	struct known_fact allowed;
	char number[32];
	const char *name = row ? need_text(row->name) : number;

	(void)snprintf(number, sizeof number, "helper %u", helper);
	if (lade_check_lacks_bpf(judging, &known))
		return;
	if (known.answer == KNOWN_NO && reach == FLOW_DOUBTFUL) {
		say_guarded(judging, name, &known, at);
		return;
	}
	if (known.answer != KNOWN_YES) {
		say_missing(judging, &known, "check.helper.absent", at,
			    "program %s calls %s, which that kernel has not", name);
		return;
	}
	judging->check->by_table |= known.by_table;
	if (!check_hook(judging, name, at, reach) || !is_measured(judging->load))
		return;
	allowed = lade_target_helper_for(judging->target, helper, judging->load->type);
	if (allowed.answer == KNOWN_NO && reach == FLOW_DOUBTFUL)
		say_guarded(judging, name, &allowed, at);
	else if (allowed.answer == KNOWN_NO)
		say_missing(judging, &allowed, "check.helper.program", at,
			    "program %s calls %s, which programs of type %s may not call there", name);
}

static void check_gpl(struct judging *judging, uint32_t helper, uint32_t at)
{
	const struct need_fact *row = lade_need_helper(helper);
	const char *license = judging->object->license ? judging->object->license : "";
	struct lade_finding *finding;

	if (!row || !lade_need_helper_wants_gpl(helper) || lade_check_is_gpl(license))
		return;
	if (lade_check_said(judging, VERDICT_REFUSED, need_text(row->name)))
		return;
	finding =
		lade_check_say(judging, VERDICT_REFUSED, "check.helper.license",
			       "program %s calls %s, which only programs under the GPL may call; the license is \"%s\"",
			       judging->program->name, need_text(row->name), license);
	lade_check_at(judging, finding, at);
}

static bool calls_helper(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_JMP | BPF_CALL) && !instruction->src_reg && instruction->imm > 0;
}

static bool is_poison(const struct program_operation *load, uint32_t at)
{
	array_foreach(poison, &load->poisons)
		if (poison->instruction == at)
			return true;
	return false;
}

/* The surest call of each helper speaks for all of them. */
static enum flow_reach best_reach(const struct program_operation *load, const struct flow *flow, int32_t helper,
				  uint32_t *at)
{
	enum flow_reach best = FLOW_DEAD;

	for (uint32_t i = *at; i < flow->count; i = lade_flow_next(load->instructions.items, i)) {
		const struct bpf_insn *instruction = &load->instructions.items[i];
		if (!calls_helper(instruction) || instruction->imm != helper || flow->reach[i] <= best)
			continue;
		best = (enum flow_reach)flow->reach[i];
		*at = i;
		if (best == FLOW_REACHED)
			break;
	}
	return best;
}

static void check_helpers(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	const struct bpf_insn *instructions = load->instructions.items;

	for (uint32_t i = 0; i < flow->count; i = lade_flow_next(instructions, i)) {
		uint32_t helper = (uint32_t)instructions[i].imm, at = i;
		enum flow_reach reach;
		if (!calls_helper(&instructions[i]) || is_poison(load, i) || !is_first(judging, helper))
			continue;
		reach = best_reach(load, flow, instructions[i].imm, &at);
		if (reach == FLOW_DEAD)
			continue;
		check_helper(judging, helper, at, reach);
		if (reach == FLOW_REACHED)
			check_gpl(judging, helper, at);
		lade_check_rules(judging, "helper",
				 lade_need_helper(helper) ? need_text(lade_need_helper(helper)->name) : "");
	}
}

/* ---- tail calls beside functions ---- */

static const struct {
	const char *machine, *since;
} mixed_since[] = { { "x86_64", "5.10" }, { "aarch64", "6.0" }, { "s390x", "6.3" } };

static uint32_t find_tail_call(const struct program_operation *load, const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->count; i = lade_flow_next(load->instructions.items, i))
		if (calls_helper(&load->instructions.items[i]) && load->instructions.items[i].imm == TAIL_CALL &&
		    flow->reach[i] == FLOW_REACHED)
			return i;
	return NO_INDEX;
}

static void check_tail_calls(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	const char *machine = lade_target_machine(judging->target);
	uint32_t at = flow->functions.count > 1 ? find_tail_call(load, flow) : NO_INDEX;

	if (at == NO_INDEX || !lade_check_feature(judging, "tail-call-mixed", at))
		return;
	for (size_t i = 0; machine && i < ELEMENTS(mixed_since); i++) {
		struct known_fact fact;
		if (strcmp(mixed_since[i].machine, machine) != 0)
			continue;
		fact = lade_target_since(judging->target, mixed_since[i].since);
		if (fact.answer != KNOWN_NO)
			continue;
		say_missing(
			judging, &fact, "check.tail-call", at,
			"program %s makes tail calls and calls functions of its own, which kernels for %s cannot mix "
			"yet",
			machine);
	}
}

void lade_check_code(struct judging *judging, const struct program_operation *load, const struct flow *flow)
{
	check_features(judging, load);
	check_loops(judging, load, flow);
	check_helpers(judging, load, flow);
	check_tail_calls(judging, load, flow);
}
