/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program whose type was assumed, and refused: the types that iproute2's commands gave are tried. What
 * the verifier takes is evidence, and the remedy.
 */
#include "diagnose/diagnose.h"
#include "object/sections.h"

static const uint32_t candidates[] = {
	BPF_PROG_TYPE_XDP,     BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SCHED_ACT,     BPF_PROG_TYPE_LWT_XMIT,
	BPF_PROG_TYPE_LWT_OUT, BPF_PROG_TYPE_LWT_IN,    BPF_PROG_TYPE_LWT_SEG6LOCAL,
};

/* A try would make the array one for that type. */
static bool uses_prog_array(const struct lade_program *program)
{
	array_foreach(map, &program->reach_maps)
		if (program->object->maps.items[*map]->definition.type == BPF_MAP_TYPE_PROG_ARRAY)
			return true;
	return false;
}

static bool is_accepted(struct kernel *kernel, const struct lade_object *object, const struct program_operation *load,
			uint32_t type)
{
	struct attr_prog_load attr = {
		.prog_type = type,
		.insn_cnt = (uint32_t)load->instructions.count,
		.insns = (uintptr_t)load->instructions.items,
		.license = (uintptr_t)(object->license ? object->license : ""),
	};
	int fd = lade_bpf_prog_load(kernel, &attr);

	(void)fd_close(fd);
	return fd >= 0;
}

void lade_diagnose_assumed_type(struct kernel *kernel, const struct lade_program *program,
				const struct program_operation *load, struct lade_finding *finding)
{
	bool found = false;

	if (!program->type_assumed)
		return;
	finding_evidence(finding, "section %s does not say what the program is; %s was assumed", program->section,
			 lade_program_type_name(load->type));
	for (size_t i = 0; i < ELEMENTS(candidates) && !uses_prog_array(program); i++) {
		if (candidates[i] == load->type || !is_accepted(kernel, program->object, load, candidates[i]))
			continue;
		finding_evidence(finding, "the verifier accepts it as %s", lade_program_type_name(candidates[i]));
		if (!found)
			finding_fix(finding, "--type %s=%s", program->name, lade_program_type_name(candidates[i]));
		found = true;
	}
}
