/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guess of what verification costs. The instruction count is a poor predictor (16 instructions can take
 * 480 ms, facts/performance.md): what makes the verifier walk is a jump backwards, and nothing tells beforehand
 * how often. So each counts as a whole program, and besides for the length of its loop, many times over.
 * Remembered times replace the guess where there are any.
 */
#include "plan/plan.h"

#define LOOP_WEIGHT 4000
#define LOOP_FACTOR 64

static bool jumps_backwards(const struct bpf_insn *instruction)
{
	uint8_t class = BPF_CLASS(instruction->code);
	uint8_t operation = BPF_OP(instruction->code);

	if (class != BPF_JMP && class != BPF_JMP32)
		return false;
	return operation != BPF_CALL && operation != BPF_EXIT && instruction->off < 0;
}

/* Helpers that run a callback many times cost like loops. */
static bool calls_loop_helper(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_JMP | BPF_CALL) && instruction->src_reg == 0 &&
	       (instruction->imm == BPF_FUNC_loop || instruction->imm == BPF_FUNC_for_each_map_elem);
}

uint64_t lade_plan_weigh(const struct bpf_insn *instructions, size_t count)
{
	uint64_t weight = count;

	for (size_t i = 0; i < count; i++) {
		if (jumps_backwards(&instructions[i]))
			weight += LOOP_WEIGHT + (uint64_t)(-(int64_t)instructions[i].off) * LOOP_FACTOR;
		else if (calls_loop_helper(&instructions[i]))
			weight += LOOP_WEIGHT;
	}
	return weight;
}
