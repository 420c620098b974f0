/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a program the verifier would look at: it does not follow a branch whose condition it knows. Conditions are
 * known from constants, from what CO-RE relocations and weak symbols came to, and from read-only variables. Values are
 * followed along the edges of basic blocks and merged where they meet, which knows less than the verifier does; what
 * depends on a question about the kernel whose answer got lost on the way is doubtful.
 */
#ifndef LADE_CHECK_FLOW_H
#define LADE_CHECK_FLOW_H

#include "plan/plan.h"

enum flow_reach {
	FLOW_DEAD,
	FLOW_DOUBTFUL, /* behind a question about the kernel */
	FLOW_REACHED,
};

/* A load from the context, as a tracepoint's program reads its record. */
struct flow_read {
	uint32_t instruction, offset, size;
};

/* What is handed to a helper, and holds bytes that nobody has written. */
struct flow_gap {
	uint32_t instruction, argument; /* number of the register */
	uint32_t bytes, of;
};

struct flow {
	uint32_t count;               /* of instructions */
	uint8_t *reach;               /* enum flow_reach by instruction */
	uint32_t *function_of;        /* first instruction of the function that an instruction lies in */
	ARRAY_OF(uint32_t) functions; /* their first instructions, ascending; 0 is the program itself */
	ARRAY_OF(struct flow_read) reads;
	ARRAY_OF(struct flow_gap) gaps; /* only if they were asked for */
};

struct flow_question {
	const struct lade_plan *plan;
	const struct program_operation *load;
	uint32_t program; /* index in the object */
	bool finds_gaps;
	bool folds_data; /* the kernel takes values of read-only maps for constants (since 5.5) */
	bool (*kconfig_known)(void *data, uint32_t offset); /* is the content of .kconfig known there? */
	/* Answer of an open CO-RE relocation: 0, 1, negative: not known. */
	int (*open_answer)(void *data, const struct plan_unresolved *open);
	void *data;
};

/* -ENOMEM */
int lade_flow_find(const struct flow_question *question, struct flow *ret_flow);
void lade_flow_clear(struct flow *flow);
/* Second half of an ldimm64 does not count as an instruction. */
static inline uint32_t lade_flow_next(const struct bpf_insn *instructions, uint32_t index)
{
	return index + (instructions[index].code == (BPF_LD | BPF_DW | BPF_IMM) ? 2 : 1);
}

#endif
