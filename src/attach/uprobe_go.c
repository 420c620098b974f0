/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Go's own compiler passes arguments in its own way and moves stacks. Until Go 1.16 arguments lay on the stack, where
 * programs look for them to this day; since then they are in registers, which are not those of C.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "attach/uprobe.h"
#include "kernel/bpf.h"
#include "symbols/go.h"

#if defined __x86_64__
#define STACK_POINTER 152 /* in struct pt_regs */
#define REGISTERS     "RAX, RBX, RCX, RDI, RSI, R8, R9, R10, R11"
#define HOST          EM_X86_64
#elif defined __aarch64__
#define STACK_POINTER 248
#define REGISTERS     "R0 to R15"
#define HOST          EM_AARCH64
#else
#define STACK_POINTER (-1)
#define REGISTERS     "registers of its own choice"
#define HOST          EM_NONE
#endif

#define MOST_INSTRUCTIONS 1000000u

/* The program as the kernel has it: whoever attaches it may not have loaded it. */
static struct bpf_insn *read_instructions(struct attach_call *call, uint32_t *ret_count)
{
	struct bpf_prog_info info = { 0 };

	if (lade_bpf_prog_info(call->kernel, call->program->fd, &info) < 0 || !info.xlated_prog_len ||
	    info.xlated_prog_len / sizeof(struct bpf_insn) > MOST_INSTRUCTIONS)
		return NULL;
	uint32_t bytes = info.xlated_prog_len;
	CLEANUP(cleanup_free) struct bpf_insn *instructions = malloc(bytes);
	if (!instructions)
		return NULL;
	info = (struct bpf_prog_info){ .xlated_prog_len = bytes, .xlated_prog_insns = (uintptr_t)instructions };
	struct attr_get_info attr = { .bpf_fd = (uint32_t)call->program->fd,
				      .info_len = sizeof info,
				      .info = (uintptr_t)&info };
	if (call->kernel->calls->bpf(call->kernel, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr) < 0 ||
	    !info.xlated_prog_insns || info.xlated_prog_len > bytes)
		return NULL;
	*ret_count = info.xlated_prog_len / (uint32_t)sizeof(struct bpf_insn);
	return TAKE(instructions);
}

/* A load of the member sp of struct pt_regs: what every way to a stack argument starts with. */
static bool reads_stack_pointer(struct attach_call *call)
{
	uint32_t count = 0;
	CLEANUP(cleanup_free) struct bpf_insn *instructions = read_instructions(call, &count);

	for (uint32_t i = 0; i < count; i++)
		if (instructions[i].code == (BPF_LDX | BPF_MEM | BPF_DW) && instructions[i].off == STACK_POINTER &&
		    instructions[i].src_reg != BPF_REG_10)
			return true;
	return false;
}

static void note_return(struct attach_call *call, const char *path, const struct lade_go_version *version)
{
	struct lade_finding *note =
		lade_note_add(call->program->notes, "attach.uprobe.go-return",
			      "%s: a return probe in %s, which was built by %s, can crash that program",
			      call->program->name, path, version->text);
	finding_program(note, call->program->name);
}

static void note_registers(struct attach_call *call, const char *path, const struct lade_go_version *version)
{
	struct lade_finding *note = lade_note_add(
		call->program->notes, "attach.uprobe.go-registers",
		"%s: reads the stack pointer, but functions of %s, which was built by %s, take their arguments in "
		"registers",
		call->program->name, path, version->text);
	finding_program(note, call->program->name);
	finding_evidence(note, "in this order: " REGISTERS "; a string is two of them (address and length), a slice "
			       "three, an interface two; only what finds no register is on the stack");
}

void lade_uprobe_note_go(struct attach_call *call, const char *path)
{
	CLEANUP(cleanup_lade_binary) struct lade_binary *binary = NULL;
	struct lade_go_version version;

	if (!call->program->notes || lade_binary_open(path, &binary, NULL) < 0 || !lade_go_version(binary, &version))
		return;
	if (call->is_return)
		note_return(call, path, &version);
	else if (binary->machine == HOST && lade_go_uses_registers(binary, &version) && reads_stack_pointer(call))
		note_registers(call, path, &version);
}
