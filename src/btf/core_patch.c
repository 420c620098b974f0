/* SPDX-License-Identifier: BSD-2-Clause */
/* Putting the answer into the instruction, whatever form the compiler chose for it. */
#include <errno.h>
#include <stdio.h>

#include "btf/core_internal.h"

struct patch {
	const struct core_answer *answer;
	struct bpf_insn *instruction;
	uint32_t left; /* instructions from this one on */
	bool poisoned;
	char *text;
	size_t text_size;
};

static bool is_wide(const struct bpf_insn *instruction)
{
	return instruction->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static void poison(struct patch *patch)
{
	/* Both halves: else the verifier would speak of an "unknown opcode 00". */
	uint32_t halves = is_wide(patch->instruction) && patch->left > 1 ? 2 : 1;
	for (uint32_t i = 0; i < halves; i++)
		patch->instruction[i] = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = CORE_POISON };
	patch->poisoned = true;
}

static int holds_other(const struct patch *patch, const char *form, uint64_t holds)
{
	(void)snprintf(patch->text, patch->text_size, "the %s holds %lld, and the object's own types say %lld", form,
		       (long long)holds, (long long)patch->answer->local_value);
	return -EINVAL;
}

static bool is_unexpected(const struct patch *patch, uint64_t holds)
{
	return !patch->answer->unchecked && holds != patch->answer->local_value;
}

static int patch_immediate(struct patch *patch)
{
	struct bpf_insn *instruction = patch->instruction;
	uint64_t holds = (uint64_t)(int64_t)instruction->imm;
	if (BPF_SRC(instruction->code) != BPF_K) {
		(void)snprintf(patch->text, patch->text_size, "the operation takes a register, not a number");
		return -EINVAL;
	}
	if (is_unexpected(patch, holds))
		return holds_other(patch, "operation", holds);
	instruction->imm = (int32_t)(uint32_t)patch->answer->value;
	return 0;
}

/* ---- loads and stores ---- */

static const struct {
	uint32_t bytes;
	uint8_t code;
} sizes[] = { { 1, BPF_B }, { 2, BPF_H }, { 4, BPF_W }, { 8, BPF_DW } };

static uint32_t accessed_bytes(const struct bpf_insn *instruction)
{
	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		if (sizes[i].code == BPF_SIZE(instruction->code))
			return sizes[i].bytes;
	return 0;
}

static int adjust_size(struct patch *patch)
{
	const struct core_answer *answer = patch->answer;
	struct bpf_insn *instruction = patch->instruction;
	if (accessed_bytes(instruction) != answer->local_bytes) {
		(void)snprintf(patch->text, patch->text_size,
			       "it accesses %u bytes of a field that has %u in the object and %u in the target",
			       accessed_bytes(instruction), answer->local_bytes, answer->bytes);
		return -EINVAL;
	}
	for (size_t i = 0; i < ELEMENTS(sizes); i++)
		if (sizes[i].bytes == answer->bytes) {
			instruction->code = (uint8_t)((instruction->code & ~0x18) | sizes[i].code);
			return 0;
		}
	(void)snprintf(patch->text, patch->text_size, "no instruction accesses the %u bytes that the field has there",
		       answer->bytes);
	return -EINVAL;
}

static int patch_access(struct patch *patch)
{
	const struct core_answer *answer = patch->answer;
	uint64_t holds = (uint64_t)(int64_t)patch->instruction->off;
	if (is_unexpected(patch, holds))
		return holds_other(patch, "load or store", holds);
	if (answer->value > INT16_MAX) {
		(void)snprintf(patch->text, patch->text_size,
			       "%llu does not fit into a load or store, which reach 32767",
			       (unsigned long long)answer->value);
		return -ERANGE;
	}
	if (answer->unsafe_size) {
		poison(patch);
		return 0;
	}
	/* libbpf has changed the offset when it finds the size wrong; both give up then. */
	patch->instruction->off = (int16_t)answer->value;
	return answer->bytes == answer->local_bytes ? 0 : adjust_size(patch);
}

/* ---- ldimm64 ---- */

static bool is_plain_wide(const struct patch *patch)
{
	const struct bpf_insn *low = patch->instruction, *high = low + 1;
	return is_wide(low) && patch->left > 1 && !low->src_reg && !low->off && !high->code && !high->dst_reg &&
	       !high->src_reg && !high->off;
}

static int patch_wide(struct patch *patch)
{
	struct bpf_insn *low = patch->instruction;
	if (!is_plain_wide(patch)) {
		(void)snprintf(patch->text, patch->text_size, "it loads something else than a plain number of 64 bits");
		return -EINVAL;
	}
	uint64_t holds = (uint64_t)(uint32_t)low[1].imm << 32 | (uint32_t)low[0].imm;
	if (is_unexpected(patch, holds))
		return holds_other(patch, "load of a number", holds);
	low[0].imm = (int32_t)(uint32_t)patch->answer->value;
	low[1].imm = (int32_t)(uint32_t)(patch->answer->value >> 32);
	return 0;
}

static int patch_unknown(struct patch *patch)
{
	(void)snprintf(patch->text, patch->text_size, "it is none that holds a number (its code is 0x%02x)",
		       patch->instruction->code);
	return -EINVAL;
}

int lade_core_patch(const struct core_answer *answer, struct bpf_insn *instructions, uint32_t count, uint32_t index,
		    bool *ret_poisoned, char *text, size_t text_size)
{
	static int (*const classes[8])(struct patch *) = {
		[BPF_LD] = patch_wide,       [BPF_LDX] = patch_access,      [BPF_ST] = patch_access,
		[BPF_STX] = patch_access,    [BPF_ALU] = patch_immediate,   [BPF_JMP] = patch_unknown,
		[BPF_JMP32] = patch_unknown, [BPF_ALU64] = patch_immediate,
	};
	struct patch patch = { .answer = answer,
			       .instruction = &instructions[index],
			       .left = count - index,
			       .text = text,
			       .text_size = text_size };
	int result = 0;
	if (answer->poison)
		poison(&patch);
	else
		result = classes[BPF_CLASS(patch.instruction->code)](&patch);
	if (result == 0)
		*ret_poisoned = patch.poisoned;
	return result;
}
