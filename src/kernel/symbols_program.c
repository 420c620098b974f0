/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of type syscall, written for the names that are wanted:
 *
 *     r6 = context
 *     for each name:
 *             stack: the name and its NUL in whole words | *(u64 *)(r10 - 8) = 0
 *             r0 = bpf_kallsyms_lookup_name(name, bytes with NUL, 0, r10 - 8)
 *             context[i] = { r0, *(u64 *)(r10 - 8) }
 *     return 0
 *
 * and run once; the kernel copies the context back. It needs no map.
 */
#include "kernel/symbols_program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"

#define STACK_BYTES 512
#define WORD        ((int)sizeof(uint64_t))
#define RESULT      (-WORD) /* where the helper writes, from the frame pointer */
#define NAMES_A_RUN 128     /* stays below 65,536 bytes of context and 4096 instructions for most */

struct answer {
	uint64_t code, address;
};

struct code {
	struct bpf_insn *items;
	size_t count, capacity;
	bool failed; /* without memory */
};

static void emit(struct code *code, struct bpf_insn instruction)
{
	struct bpf_insn *place = array_push(code);
	if (place)
		*place = instruction;
	else
		code->failed = true;
}

static struct bpf_insn move(unsigned to, unsigned from)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to & 0xfu, .src_reg = from & 0xfu };
}

static struct bpf_insn set(unsigned to, int32_t value)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to & 0xfu, .imm = value };
}

static struct bpf_insn add(unsigned to, int32_t value)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = to & 0xfu, .imm = value };
}

static struct bpf_insn store(unsigned base, int offset, unsigned from)
{
	return (struct bpf_insn){ .code = BPF_STX | BPF_MEM | BPF_DW,
				  .dst_reg = base & 0xfu,
				  .src_reg = from & 0xfu,
				  .off = (int16_t)offset };
}

static struct bpf_insn load(unsigned to, unsigned base, int offset)
{
	return (struct bpf_insn){
		.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = to & 0xfu, .src_reg = base & 0xfu, .off = (int16_t)offset
	};
}

static void load_word(struct code *code, unsigned to, uint64_t word)
{
	emit(code, (struct bpf_insn){
			   .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = to & 0xfu, .imm = (int32_t)(uint32_t)word });
	emit(code, (struct bpf_insn){ .imm = (int32_t)(word >> 32) });
}

/* Bytes of the name on the stack: with its NUL, in whole words. */
static size_t room_of(const char *name)
{
	return (strlen(name) / (size_t)WORD + 1) * (size_t)WORD;
}

static void write_name(struct code *code, const char *name)
{
	size_t bytes = strlen(name), room = room_of(name);
	for (size_t at = 0; at < room; at += (size_t)WORD) {
		uint64_t word = 0;
		size_t left = at < bytes ? bytes - at : 0;
		memcpy(&word, name + at, left < (size_t)WORD ? left : (size_t)WORD);
		load_word(code, BPF_REG_1, word);
		emit(code, store(BPF_REG_10, RESULT - (int)room + (int)at, BPF_REG_1));
	}
}

static void ask(struct code *code, const char *name, size_t index)
{
	int place = (int)(index * sizeof(struct answer));
	write_name(code, name);
	emit(code, set(BPF_REG_1, 0));
	emit(code, store(BPF_REG_10, RESULT, BPF_REG_1));
	emit(code, move(BPF_REG_1, BPF_REG_10));
	emit(code, add(BPF_REG_1, RESULT - (int)room_of(name)));
	emit(code, set(BPF_REG_2, (int32_t)strlen(name) + 1));
	emit(code, set(BPF_REG_3, 0));
	emit(code, move(BPF_REG_4, BPF_REG_10));
	emit(code, add(BPF_REG_4, RESULT));
	emit(code, (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_kallsyms_lookup_name });
	emit(code, store(BPF_REG_6, place, BPF_REG_0));
	emit(code, load(BPF_REG_1, BPF_REG_10, RESULT));
	emit(code, store(BPF_REG_6, place + WORD, BPF_REG_1));
}

static int load_program(struct kernel *kernel, const struct code *code)
{
	struct attr_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.insn_cnt = (uint32_t)code->count,
		.insns = (uintptr_t)code->items,
		.license = (uintptr_t) "Dual BSD/GPL",
		.prog_flags = BPF_F_SLEEPABLE,
		.prog_name = "lade_symbols",
	};
	return lade_bpf_prog_load(kernel, &attr);
}

static int run_program(struct kernel *kernel, int fd, struct answer *answers, size_t count)
{
	struct attr_prog_test_run attr = {
		.prog_fd = (uint32_t)fd,
		.ctx_in = (uintptr_t)answers,
		.ctx_size_in = (uint32_t)(count * sizeof *answers),
	};
	int result = kernel->calls->bpf(kernel, BPF_PROG_TEST_RUN, &attr, sizeof attr);
	return result < 0 ? result : (int)attr.retval;
}

static int take(const struct answer *answer, struct kernel_symbol *symbol)
{
	int64_t code = (int64_t)answer->code;
	if (code != 0 && code != -ENOENT)
		return code > -4096 && code < 0 ? (int)code : -EINVAL;
	symbol->state = code == 0 && answer->address ? SYMBOL_FOUND : SYMBOL_ABSENT;
	symbol->address = symbol->state == SYMBOL_FOUND ? answer->address : 0;
	return 0;
}

/* Not zeros: a kernel that does not write back must not seem to have found everything at 0. */
static struct answer *new_answers(size_t count)
{
	struct answer *answers = calloc(count, sizeof *answers);
	for (size_t i = 0; answers && i < count; i++)
		answers[i].code = (uint64_t)-EINVAL;
	return answers;
}

static int run(struct kernel *kernel, const struct code *code, struct kernel_symbol *symbols, size_t count)
{
	CLEANUP(cleanup_free) struct answer *answers = new_answers(count);
	if (code->failed || !answers)
		return -ENOMEM;
	CLEANUP(cleanup_fd) int fd = load_program(kernel, code);
	int result = fd < 0 ? fd : run_program(kernel, fd, answers, count);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = take(&answers[i], &symbols[i]);
	return result;
}

static int ask_some(struct kernel *kernel, struct kernel_symbol *symbols, size_t count)
{
	struct code code = { 0 };
	emit(&code, move(BPF_REG_6, BPF_REG_1));
	for (size_t i = 0; i < count; i++)
		ask(&code, symbols[i].name, i);
	emit(&code, set(BPF_REG_0, 0));
	emit(&code, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
	int result = run(kernel, &code, symbols, count);
	array_clear(&code);
	return result;
}

int lade_symbols_ask(struct kernel *kernel, struct kernel_symbol *symbols, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!*symbols[i].name || room_of(symbols[i].name) + (size_t)WORD > STACK_BYTES)
			return -ENAMETOOLONG;
	for (size_t at = 0; at < count; at += NAMES_A_RUN) {
		size_t piece = count - at < NAMES_A_RUN ? count - at : NAMES_A_RUN;
		int result = ask_some(kernel, symbols + at, piece);
		if (result < 0)
			return result;
	}
	return 0;
}
