/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction as text, in the verifier's spelling; what it refers to is named as in the object. */
#include "compare/compare.h"
#include "needs/table.h"

#define MODE_MEMSX   0x80 /* late modes and codes: the distribution's header may lack them */
#define CODE_JCOND   0xe0
#define ATOMIC_LOAD  0x100
#define ATOMIC_STORE 0x110

const struct function_relocation *lade_instruction_relocation(const struct lade_function *function, uint32_t index)
{
	size_t low = 0, high = function->relocations.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct function_relocation *relocation = &function->relocations.items[middle];
		if (relocation->instruction == index)
			return relocation;
		if (relocation->instruction < index)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *lade_instruction_target(const struct lade_object *object, const struct function_relocation *relocation)
{
	uint32_t target = relocation->target;

	switch (relocation->kind) {
	case RELOCATION_MAP:
	case RELOCATION_MAP_VALUE:
		return target < object->maps.count ? object->maps.items[target]->name : "?";
	case RELOCATION_CALL:
	case RELOCATION_FUNCTION:
		return target < object->functions.count ? object->functions.items[target].name : "?";
	case RELOCATION_EXTERN:
		return target < object->externs.count ? object->externs.items[target].name : "?";
	default:
		return "jumps";
	}
}

static const char *size_name(uint8_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_W:
		return "u32";
	case BPF_H:
		return "u16";
	case BPF_B:
		return "u8";
	default:
		return "u64";
	}
}

static const char *operator_of(uint8_t code)
{
	static const char *const names[16] = {
		"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", NULL, "%=", "^=", "=", "s>>=",
	};

	return names[BPF_OP(code) >> 4];
}

static void put_swap(const struct bpf_insn *code, struct strbuf *into)
{
	const char *kind = BPF_CLASS(code->code) == BPF_ALU64 ? "bswap" : BPF_SRC(code->code) == BPF_X ? "be" : "le";

	lade_strbuf_addf(into, "r%u = %s%d r%u", code->dst_reg, kind, code->imm, code->dst_reg);
}

static void put_alu(const struct bpf_insn *code, struct strbuf *into)
{
	char letter = BPF_CLASS(code->code) == BPF_ALU64 ? 'r' : 'w';
	const char *sign = operator_of(code->code);
	bool is_signed = code->off == 1 && (BPF_OP(code->code) == BPF_DIV || BPF_OP(code->code) == BPF_MOD);

	if (BPF_OP(code->code) == BPF_END)
		put_swap(code, into);
	else if (BPF_OP(code->code) == BPF_NEG)
		lade_strbuf_addf(into, "%c%u = -%c%u", letter, code->dst_reg, letter, code->dst_reg);
	else if (!sign)
		lade_strbuf_addf(into, "code 0x%02x", code->code);
	else if (BPF_SRC(code->code) == BPF_K)
		lade_strbuf_addf(into, "%c%u %s%s %d", letter, code->dst_reg, is_signed ? "s" : "", sign, code->imm);
	else if (BPF_OP(code->code) == BPF_MOV && code->off)
		lade_strbuf_addf(into, "%c%u = (s%d)%c%u", letter, code->dst_reg, code->off, letter, code->src_reg);
	else
		lade_strbuf_addf(into, "%c%u %s%s %c%u", letter, code->dst_reg, is_signed ? "s" : "", sign, letter,
				 code->src_reg);
}

static void put_atomic(const struct bpf_insn *code, struct strbuf *into)
{
	static const struct {
		int32_t imm;
		const char *name;
	} names[] = { { BPF_ADD, "add" },
		      { BPF_OR, "or" },
		      { BPF_AND, "and" },
		      { BPF_XOR, "xor" },
		      { BPF_ADD | 1, "fetch_add" },
		      { BPF_OR | 1, "fetch_or" },
		      { BPF_AND | 1, "fetch_and" },
		      { BPF_XOR | 1, "fetch_xor" },
		      { 0xe1, "xchg" },
		      { 0xf1, "cmpxchg" },
		      { ATOMIC_LOAD, "load_acquire" },
		      { ATOMIC_STORE, "store_release" } };

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (names[i].imm == code->imm) {
			lade_strbuf_addf(into, "atomic_%s *(%s *)(r%u %+d), r%u", names[i].name, size_name(code->code),
					 code->dst_reg, code->off, code->src_reg);
			return;
		}
	lade_strbuf_addf(into, "atomic 0x%x", (unsigned)code->imm);
}

static void put_store(const struct bpf_insn *code, struct strbuf *into)
{
	const char *size = size_name(code->code);

	if (BPF_CLASS(code->code) == BPF_STX && BPF_MODE(code->code) == BPF_ATOMIC)
		put_atomic(code, into);
	else if (BPF_CLASS(code->code) == BPF_STX)
		lade_strbuf_addf(into, "*(%s *)(r%u %+d) = r%u", size, code->dst_reg, code->off, code->src_reg);
	else
		lade_strbuf_addf(into, "*(%s *)(r%u %+d) = %d", size, code->dst_reg, code->off, code->imm);
}

static void put_load(const struct bpf_insn *code, struct strbuf *into)
{
	const char *size = size_name(code->code);

	lade_strbuf_addf(into, "r%u = *(%s%s *)(r%u %+d)", code->dst_reg,
			 BPF_MODE(code->code) == MODE_MEMSX ? "s" : "u", size + 1, code->src_reg, code->off);
}

static void put_wide(const struct lade_object *object, const struct lade_function *function, uint32_t index,
		     struct strbuf *into)
{
	const struct bpf_insn *code = &function->instructions[index];
	const struct function_relocation *relocation = lade_instruction_relocation(function, index);
	uint64_t high = index + 1 < function->instruction_count ? (uint32_t)code[1].imm : 0;

	if (BPF_MODE(code->code) == BPF_ABS || BPF_MODE(code->code) == BPF_IND) {
		lade_strbuf_addf(into, "r0 = *(%s *)skb[%s%d]", size_name(code->code),
				 BPF_MODE(code->code) == BPF_IND ? "src + " : "", code->imm);
	} else if (!relocation) {
		lade_strbuf_addf(into, "r%u = 0x%llx", code->dst_reg,
				 (unsigned long long)(high << 32 | (uint32_t)code->imm));
	} else {
		lade_strbuf_addf(into, "r%u = %s %s", code->dst_reg, lade_relocation_kind_name(relocation->kind),
				 lade_instruction_target(object, relocation));
		if (relocation->addend)
			lade_strbuf_addf(into, " %+lld", (long long)relocation->addend);
	}
}

static const char *helper_name(int32_t number)
{
	for (size_t i = 0; i < lade_need_helper_count; i++)
		if (number >= 0 && lade_need_helpers[i].number == (uint32_t)number)
			return lade_need_text + lade_need_helpers[i].name;
	return NULL;
}

static void put_call(const struct lade_object *object, const struct lade_function *function, uint32_t index,
		     struct strbuf *into)
{
	const struct bpf_insn *code = &function->instructions[index];
	const struct function_relocation *relocation = lade_instruction_relocation(function, index);
	const char *helper = helper_name(code->imm);

	if (relocation)
		lade_strbuf_addf(into, "call %s", lade_instruction_target(object, relocation));
	else if (code->src_reg == BPF_PSEUDO_CALL)
		lade_strbuf_addf(into, "call pc%+lld", (long long)code->imm + 1);
	else if (code->src_reg)
		lade_strbuf_addf(into, "call kernel function %d", code->imm);
	else if (helper)
		lade_strbuf_addf(into, "call %s", helper);
	else
		lade_strbuf_addf(into, "call helper %d", code->imm);
}

static void put_branch(const struct bpf_insn *code, struct strbuf *into)
{
	static const char *const names[16] = { NULL,  "==", ">",  ">=", "&",  "!=", "s>",
					       "s>=", NULL, NULL, "<",  "<=", "s<", "s<=" };
	char letter = BPF_CLASS(code->code) == BPF_JMP ? 'r' : 'w';
	const char *sign = names[BPF_OP(code->code) >> 4];

	if (!sign)
		lade_strbuf_addf(into, BPF_OP(code->code) == CODE_JCOND ? "may_goto pc%+d" : "code 0x%02x",
				 BPF_OP(code->code) == CODE_JCOND ? code->off : code->code);
	else if (BPF_SRC(code->code) == BPF_K)
		lade_strbuf_addf(into, "if %c%u %s %d goto pc%+d", letter, code->dst_reg, sign, code->imm, code->off);
	else
		lade_strbuf_addf(into, "if %c%u %s %c%u goto pc%+d", letter, code->dst_reg, sign, letter, code->src_reg,
				 code->off);
}

static void put_jump(const struct lade_object *object, const struct lade_function *function, uint32_t index,
		     struct strbuf *into)
{
	const struct bpf_insn *code = &function->instructions[index];

	if (BPF_OP(code->code) == BPF_EXIT)
		lade_strbuf_add(into, "exit");
	else if (BPF_OP(code->code) == BPF_CALL)
		put_call(object, function, index, into);
	else if (BPF_OP(code->code) != BPF_JA)
		put_branch(code, into);
	else if (BPF_SRC(code->code) == BPF_X)
		lade_strbuf_addf(into, "goto r%u", code->dst_reg);
	else
		lade_strbuf_addf(into, "goto pc%+d", BPF_CLASS(code->code) == BPF_JMP ? code->off : code->imm);
}

void lade_instruction_text(const struct lade_object *object, const struct lade_function *function, uint32_t index,
			   struct strbuf *into)
{
	const struct bpf_insn *code = &function->instructions[index];

	switch (BPF_CLASS(code->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		put_alu(code, into);
		return;
	case BPF_LDX:
		put_load(code, into);
		return;
	case BPF_ST:
	case BPF_STX:
		put_store(code, into);
		return;
	case BPF_LD:
		put_wide(object, function, index, into);
		return;
	default:
		put_jump(object, function, index, into);
	}
}
