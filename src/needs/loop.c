/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does a function run in a circle? That is what kernels before 5.3 refuse ("back-edge from insn … to …"): a jump
 * backwards alone, to where the paths meet, is none. The same walk as theirs, depth first.
 */
#include <stdlib.h>

#include "needs/needs.h"

enum {
	CLASS_JMP32 = 0x06,
	OP_MAY_GOTO = 0xe5,
	OP_JUMP_FAR = CLASS_JMP32 | BPF_JA,
	OP_JUMP_TABLE = BPF_JMP | BPF_JA | BPF_X,
};

enum colour { WHITE, ON_THE_WAY, DONE };

struct search {
	const struct bpf_insn *instructions;
	uint32_t count;
	uint8_t *colours, *edges; /* by instruction; edges: how many were followed */
	uint32_t *way;
	uint32_t depth;
};

static uint32_t jump(const struct search *search, uint32_t at, int32_t distance)
{
	int64_t target = (int64_t)at + 1 + distance;

	return target < 0 || target >= search->count ? UINT32_MAX : (uint32_t)target;
}

/* The edge-th successor; UINT32_MAX: there is none (any more). May_goto counts how often it goes back: no circle. */
static uint32_t successor(const struct search *search, uint32_t at, unsigned edge)
{
	const struct bpf_insn *insn = &search->instructions[at];
	bool jumps = BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == CLASS_JMP32;
	bool is_call = insn->code == (BPF_JMP | BPF_CALL);
	uint32_t next = at + (insn->code == (BPF_LD | BPF_DW | BPF_IMM) ? 2 : 1);

	if (insn->code == (BPF_JMP | BPF_EXIT) || insn->code == OP_JUMP_TABLE)
		return UINT32_MAX;
	if (insn->code == (BPF_JMP | BPF_JA))
		return edge ? UINT32_MAX : jump(search, at, insn->off);
	if (insn->code == OP_JUMP_FAR)
		return edge ? UINT32_MAX : jump(search, at, insn->imm);
	if (jumps && !is_call && insn->code != OP_MAY_GOTO && edge == 1)
		return jump(search, at, insn->off);
	return edge || next >= search->count ? UINT32_MAX : next;
}

static bool has_edge(const struct search *search, uint32_t at, unsigned edge)
{
	const struct bpf_insn *insn = &search->instructions[at];
	bool jumps = BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == CLASS_JMP32;

	return edge == 0 || (edge == 1 && jumps);
}

static void enter(struct search *search, uint32_t at)
{
	search->colours[at] = ON_THE_WAY;
	search->way[search->depth++] = at;
}

static bool run(struct search *search, uint32_t *ret_at)
{
	enter(search, 0);
	while (search->depth) {
		uint32_t at = search->way[search->depth - 1], next;
		if (!has_edge(search, at, search->edges[at])) {
			search->colours[at] = DONE;
			search->depth--;
			continue;
		}
		next = successor(search, at, search->edges[at]++);
		if (next == UINT32_MAX || search->colours[next] == DONE)
			continue;
		if (search->colours[next] == ON_THE_WAY) {
			*ret_at = at;
			return true;
		}
		enter(search, next);
	}
	return false;
}

static bool jumps_back(const struct bpf_insn *instructions, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct bpf_insn *insn = &instructions[i];
		if (insn->code == (BPF_LD | BPF_DW | BPF_IMM)) {
			i++;
			continue;
		}
		if (insn->code == OP_JUMP_FAR
			    ? insn->imm < 0
			    : (BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == CLASS_JMP32) &&
				      insn->code != (BPF_JMP | BPF_CALL) && insn->off < 0)
			return true;
	}
	return false;
}

int lade_needs_find_loop(const struct bpf_insn *instructions, uint32_t count, uint32_t *ret_at)
{
	struct search search = { .instructions = instructions, .count = count };
	uint32_t *memory;
	int found;

	if (!count || !jumps_back(instructions, count))
		return 0;
	memory = calloc(count, sizeof *memory + 2);
	if (!memory)
		return -ENOMEM;
	search.way = memory;
	search.colours = (uint8_t *)(memory + count);
	search.edges = search.colours + count;
	found = run(&search, ret_at);
	free(memory);
	return found;
}
