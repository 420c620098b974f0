/* SPDX-License-Identifier: BSD-2-Clause */
/* What single instructions ask of a kernel: helpers, and encodings that came later. */
#include "needs/needs.h"

/* uapi/linux/bpf.h of the distribution lags. */
enum {
	CLASS_JMP32 = 0x06,
	MODE_MEMSX = 0x80,
	MODE_ATOMIC = 0xc0,
	OP_MAY_GOTO = 0xe5,
	OP_JUMP_TABLE = BPF_JMP | BPF_JA | BPF_X,
	OP_JUMP_FAR = CLASS_JMP32 | BPF_JA,
	OP_BSWAP = BPF_ALU64 | BPF_END,
	ATOMIC_LOAD_ACQUIRE = 0x100,
	ATOMIC_STORE_RELEASE = 0x110,
	KERNEL_FUNCTION = 2, /* source register of a call */
};

static bool is_class(const struct bpf_insn *insn, unsigned one, unsigned other)
{
	return BPF_CLASS(insn->code) == one || BPF_CLASS(insn->code) == other;
}

static bool is_arithmetic(const struct bpf_insn *insn)
{
	return is_class(insn, BPF_ALU, BPF_ALU64);
}

static const char *atomic_feature(const struct bpf_insn *insn)
{
	if (insn->imm == ATOMIC_LOAD_ACQUIRE || insn->imm == ATOMIC_STORE_RELEASE)
		return "acquire-release";
	return insn->imm == BPF_ADD ? NULL : "atomic";
}

static const char *arithmetic_feature(const struct bpf_insn *insn)
{
	unsigned operation = BPF_OP(insn->code);

	if (insn->code == OP_BSWAP)
		return "cpu-v4";
	if (operation == BPF_MOV && BPF_SRC(insn->code) == BPF_X && insn->off)
		return insn->off == 1 ? "address-space" : "cpu-v4";
	return (operation == BPF_DIV || operation == BPF_MOD) && insn->off ? "cpu-v4" : NULL;
}

static const char *jump_feature(const struct bpf_insn *insn)
{
	unsigned operation = BPF_OP(insn->code);

	if (insn->code == OP_MAY_GOTO)
		return "may-goto";
	if (insn->code == OP_JUMP_FAR)
		return "cpu-v4";
	if (insn->code == OP_JUMP_TABLE)
		return "indirect-jump";
	if (BPF_CLASS(insn->code) == CLASS_JMP32)
		return "cpu-v3";
	return operation >= BPF_JLT && operation <= BPF_JSLE ? "cpu-v2" : NULL;
}

const char *lade_needs_instruction(const struct bpf_insn *insn)
{
	if (is_class(insn, BPF_JMP, CLASS_JMP32))
		return jump_feature(insn);
	if (is_arithmetic(insn))
		return arithmetic_feature(insn);
	if (is_class(insn, BPF_STX, BPF_STX) && BPF_MODE(insn->code) == MODE_ATOMIC)
		return atomic_feature(insn);
	if (is_class(insn, BPF_LDX, BPF_LDX) && BPF_MODE(insn->code) == MODE_MEMSX)
		return "cpu-v4";
	return NULL;
}

static bool calls_helper(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 && insn->imm > 0;
}

/* Calls of functions and externs are still to be linked: what stands there is no helper's number. */
static bool is_relocated(const struct lade_function *function, uint32_t index, size_t *next)
{
	while (*next < function->relocations.count && function->relocations.items[*next].instruction < index)
		(*next)++;
	return *next < function->relocations.count && function->relocations.items[*next].instruction == index;
}

void lade_needs_code(struct lade_needs *needs, const struct lade_function *function, const char *who)
{
	size_t next = 0;
	uint32_t at;
	int loop = lade_needs_find_loop(function->instructions, function->instruction_count, &at);

	if (loop > 0)
		lade_needs_feature(needs, "loop", who);
	needs->failed |= loop < 0;
	for (uint32_t i = 0; i < function->instruction_count; i++) {
		const struct bpf_insn *insn = &function->instructions[i];
		const char *feature = lade_needs_instruction(insn);
		if (insn->code == (BPF_LD | BPF_DW | BPF_IMM)) {
			i++; /* its second half is no instruction */
			continue;
		}
		if (feature)
			lade_needs_feature(needs, feature, who);
		if (calls_helper(insn) && !is_relocated(function, i, &next))
			lade_needs_helper(needs, (uint32_t)insn->imm, who);
	}
}
