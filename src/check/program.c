/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program is: its type, what it attaches to, flags, size, license. */
#include <string.h>

#include "check/check.h"
#include "needs/needs.h"
#include "needs/table.h"
#include "object/sections.h"

#define MAPS_MOST      64   /* MAX_USED_MAPS, every kernel */
#define FUNCTIONS_MOST 256  /* BPF_MAX_SUBPROGS */
#define LONG_PROGRAM   4096 /* instructions, before 5.2 */

/* Programs that the kernel calls by a trampoline, which not every machine has had from the start. */
static const struct {
	const char *machine, *since;
} trampolines[] = {
	{ "x86_64", "5.5" },  { "aarch64", "6.0" },  { "s390x", "6.3" },
	{ "riscv64", "6.3" }, { "ppc64le", "6.13" }, { "loongarch64", "6.17" },
};

static bool check_type(struct judging *judging, const struct program_operation *load)
{
	const struct known_fact fact = lade_target_program_type(judging->target, load->type);
	const char *name = lade_program_type_name(load->type);

	if (lade_check_lacks_bpf(judging, &fact))
		return true;
	if (fact.answer != KNOWN_YES && name && lade_check_said(judging, lade_check_verdict(judging, &fact), name))
		return false;
	return lade_check_needs(judging, &fact, "check.program.type",
				"program %s: that kernel has no programs of type %s", judging->program->name,
				name ? name : "that the object wants");
}

/* The kernel knows none that they would have by default. */
static bool wants_attach_type(uint32_t type)
{
	return type == BPF_PROG_TYPE_CGROUP_SOCK_ADDR || type == BPF_PROG_TYPE_CGROUP_SOCKOPT ||
	       type == BPF_PROG_TYPE_SK_LOOKUP;
}

static void check_attach_type(struct judging *judging, const struct program_operation *load)
{
	const struct lade_program *program = judging->program;
	const char *name = lade_attach_type_name(program->expected_attach_type);
	struct known_fact fact;

	if (!program->has_expected_attach_type && !load->expected_attach_type && wants_attach_type(load->type))
		(void)lade_check_say(judging, VERDICT_REFUSED, "check.program.attach-type",
				     "program %s: section %s gives no attach type, and kernels take none such",
				     program->name, program->section);
	if (!program->has_expected_attach_type || load->type == BPF_PROG_TYPE_STRUCT_OPS)
		return;
	fact = lade_target_attach_type(judging->target, program->expected_attach_type);
	if (fact.answer == KNOWN_YES || lade_check_lacks_bpf(judging, &fact))
		return;
	if (program->expected_attach_type_optional) {
		if (fact.answer == KNOWN_NO)
			(void)lade_check_say(judging, VERDICT_NOTE, "check.adjusted",
					     "program %s would be loaded without its attach type %s", program->name,
					     name ? name : "?");
		return;
	}
	if (lade_need_checks_attach_type(load->type))
		(void)lade_check_needs(judging, &fact, "check.program.attach-type",
				       "program %s: that kernel has no attach type %s", program->name,
				       name ? name : "?");
	else
		(void)lade_check_attach_needs(judging, &fact, "check.program.attach-type",
					      "program %s: that kernel has no attach type %s", program->name,
					      name ? name : "?");
}

static void check_flags(struct judging *judging, const struct program_operation *load)
{
	const struct need_rule *rule = NULL;
	struct known_fact fact;
	char name[64];

	if (load->flags & BPF_F_XDP_HAS_FRAGS)
		(void)lade_check_feature(judging, "frags", -1);
	lade_need_sleepable_name(load->type, judging->program->expected_attach_type, name, sizeof name);
	if (load->flags & BPF_F_SLEEPABLE)
		rule = lade_need_release("sleepable", name);
	if (!rule)
		return;
	fact = lade_target_since(judging->target, need_text(rule->name));
	(void)lade_check_needs(judging, &fact, need_text(rule->code), "program %s may sleep, which that kernel has not",
			       judging->program->name);
}

static const struct lade_map *map_of(const struct judging *judging, const struct instruction_patch *patch)
{
	for (uint32_t i = 0; i < judging->object->maps.count; i++)
		if (lade_patch_has_slot(patch) && judging->plan->map_slots[i] == patch->slot)
			return judging->object->maps.items[i];
	return NULL;
}

/* What may sleep may not use every map. */
static void check_sleeping_maps(struct judging *judging, const struct program_operation *load)
{
	for (size_t i = 0; load->flags & BPF_F_SLEEPABLE && i < load->patches.count; i++) {
		const struct lade_map *map = map_of(judging, &load->patches.items[i]);
		const char *type = map ? lade_map_type_name(map->definition.type) : NULL;
		const struct need_rule *rule = type ? lade_need_release("sleepable-map", type) : NULL;
		struct known_fact fact;
		if (!rule)
			continue;
		fact = lade_target_since(judging->target, need_text(rule->name));
		if (fact.answer != KNOWN_NO || lade_check_said(judging, lade_check_verdict(judging, &fact), type))
			continue;
		(void)lade_check_needs(
			judging, &fact, need_text(rule->code),
			"program %s may sleep, and uses map %s of type %s, which such programs may not there",
			judging->program->name, map->name, type);
	}
}

/* On x86-64 they are as old as the types; where the machine is not known, nothing is said. */
static void check_trampoline(struct judging *judging, const struct program_operation *load)
{
	const char *machine = lade_target_machine(judging->target);
	bool needs = load->type == BPF_PROG_TYPE_LSM ||
		     (load->type == BPF_PROG_TYPE_TRACING && load->expected_attach_type != BPF_TRACE_RAW_TP &&
		      load->expected_attach_type != BPF_TRACE_ITER);

	for (size_t i = 0; needs && machine && i < ELEMENTS(trampolines); i++) {
		struct known_fact fact;
		if (strcmp(trampolines[i].machine, machine) != 0)
			continue;
		fact = lade_target_since(judging->target, trampolines[i].since);
		(void)lade_check_attach_needs(judging, &fact, "check.program.trampoline",
					      "program %s: kernels for %s call such programs from %s on",
					      judging->program->name, machine, trampolines[i].since);
	}
}

static void check_size(struct judging *judging, const struct program_operation *load)
{
	size_t maps = 0;

	if (load->instructions.count > LONG_PROGRAM)
		(void)lade_check_feature(judging, "long", -1);
	for (size_t i = 0; i < load->patches.count; i++) {
		const struct instruction_patch *patch = &load->patches.items[i];
		bool first = patch->kind == PATCH_MAP || patch->kind == PATCH_MAP_VALUE;
		for (size_t j = 0; first && j < i; j++)
			first = load->patches.items[j].slot != patch->slot ||
				load->patches.items[j].kind == PATCH_ADDRESS ||
				load->patches.items[j].kind == PATCH_BTF;
		maps += first;
	}
	if (maps > MAPS_MOST)
		(void)lade_check_say(judging, VERDICT_REFUSED, "check.program.maps",
				     "program %s uses %zu maps, and a program may use %d", judging->program->name, maps,
				     MAPS_MOST);
}

/* The kernel's own table of licenses under which its GPL functions may be called. */
bool lade_check_is_gpl(const char *license)
{
	static const char *const compatible[] = { "GPL",          "GPL v2",       "GPL and additional rights",
						  "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL" };

	for (size_t i = 0; license && i < ELEMENTS(compatible); i++)
		if (strcmp(license, compatible[i]) == 0)
			return true;
	return false;
}

static void check_license(struct judging *judging, const struct program_operation *load)
{
	bool wants = load->type == BPF_PROG_TYPE_LSM || load->type == BPF_PROG_TYPE_STRUCT_OPS;
	const char *license = judging->object->license;

	if (wants && !lade_check_is_gpl(license))
		(void)lade_check_say(judging, VERDICT_REFUSED, "check.program.license",
				     "program %s: programs of type %s must be under the GPL, and the license is \"%s\"",
				     judging->program->name, lade_program_type_name(load->type),
				     license ? license : "");
}

static void check_adjustments(struct judging *judging, const struct program_operation *load)
{
	if (load->type == BPF_PROG_TYPE_KPROBE && lade_check_before(judging, 5, 0) &&
	    !lade_check_said(judging, VERDICT_NOTE, "kern_version"))
		(void)lade_check_say(judging, VERDICT_NOTE, "check.adjusted",
				     "program %s would be given that kernel's version code, whatever the object says",
				     judging->program->name);
}

void lade_check_program(struct judging *judging, const struct program_operation *load)
{
	const struct need_fact *fact = lade_need_program(load->type);

	if (!check_type(judging, load))
		return;
	if (fact)
		(void)lade_check_option_words(judging, need_text(fact->options), false, "programs of this type");
	lade_check_rules(judging, "program", fact ? need_text(fact->name) : "");
	lade_check_rules(judging, "section", judging->program->section);
	lade_check_capability_words(judging, fact ? need_text(fact->capabilities) : "");
	check_attach_type(judging, load);
	check_flags(judging, load);
	check_sleeping_maps(judging, load);
	check_trampoline(judging, load);
	check_size(judging, load);
	check_license(judging, load);
	check_adjustments(judging, load);
}
