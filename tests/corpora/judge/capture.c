/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "kernel_objects.h"
#include "types.h"

#ifndef BPF_PSEUDO_KFUNC_CALL
#define BPF_PSEUDO_KFUNC_CALL 2
#endif

long __real_syscall(long number, ...); // NOLINT: the linker's names
long __wrap_syscall(long number, ...); // NOLINT

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct captured_program *captured;

const struct captured_program *capture_find(uint32_t id)
{
	const struct captured_program *program = captured;

	while (program && program->id != id)
		program = program->next;
	return program;
}

long capture_bpf(int command, void *attr, unsigned size)
{
	return __real_syscall(SYS_bpf, command, attr, size);
}

static const void *pointer(uint64_t number)
{
	return (const void *)(uintptr_t)number; // NOLINT: as the kernel reads it
}

/* ---- attributes ---- */

static void print_attributes(FILE *out, const union bpf_attr *attr)
{
	(void)fprintf(out, "type %u\nexpected attach type %u\nflags 0x%x\nname %.16s\nlicense %s\n", attr->prog_type,
		      attr->expected_attach_type, attr->prog_flags, attr->prog_name,
		      (const char *)pointer(attr->license));
	(void)fprintf(out, "kernel version 0x%x\ninterface %u\n", attr->kern_version, attr->prog_ifindex);
	(void)fprintf(out, "attach BTF type %u\nattach to ", attr->attach_btf_id);
	if (!attr->attach_prog_fd)
		(void)fputs("vmlinux", out);
	else if (kernel_program_id((int)attr->attach_prog_fd))
		(void)fputs("a program", out);
	else
		kernel_print_btf_name(out, (int)attr->attach_btf_obj_fd);
	(void)fprintf(out, "\nfunction records of %u\nline records of %u\nCO-RE records %u\n",
		      attr->func_info_cnt ? attr->func_info_rec_size : 0,
		      attr->line_info_cnt ? attr->line_info_rec_size : 0, attr->core_relo_cnt);
}

/* ---- instructions ---- */

static void print_map(FILE *out, int fd)
{
	struct bpf_map_info info;

	if (kernel_map_info(fd, &info))
		(void)fprintf(out, " map %s type %u key %u value %u entries %u", info.name, info.type, info.key_size,
			      info.value_size, info.max_entries);
	else
		(void)fprintf(out, " descriptor without a map");
}

static int fd_of(const union bpf_attr *attr, unsigned index)
{
	const int *descriptors = pointer(attr->fd_array);

	return descriptors ? descriptors[index] : -1;
}

/* What takes the place of the immediate of a wide load; false: the number stands as it is. */
static bool print_wide(FILE *out, const union bpf_attr *attr, const struct bpf_insn *instruction)
{
	switch (instruction->src_reg) {
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_VALUE:
		print_map(out, instruction->imm);
		return true;
	case BPF_PSEUDO_MAP_IDX:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		print_map(out, fd_of(attr, (unsigned)instruction->imm));
		return true;
	default:
		return false;
	}
}

static void print_instruction(FILE *out, const union bpf_attr *attr, const struct bpf_insn *instruction)
{
	bool wide = instruction->code == (BPF_LD | BPF_IMM | BPF_DW), replaced = false;
	bool kfunc = instruction->code == (BPF_JMP | BPF_CALL) && instruction->src_reg == BPF_PSEUDO_KFUNC_CALL;

	(void)fprintf(out, "%02x %x%x", instruction->code, instruction->dst_reg, instruction->src_reg);
	if (wide)
		replaced = print_wide(out, attr, instruction);
	if (!replaced)
		(void)fprintf(out, " %08x", (unsigned)instruction->imm);
	(void)fputc(' ', out);
	if (kfunc && instruction->off)
		kernel_print_btf_name(out, fd_of(attr, (unsigned)instruction->off));
	else
		(void)fprintf(out, "%+d ", instruction->off);
	if (wide && instruction->src_reg == BPF_PSEUDO_BTF_ID && instruction[1].imm)
		kernel_print_btf_name(out, instruction[1].imm);
	else if (wide)
		(void)fprintf(out, "%08x", (unsigned)instruction[1].imm);
	(void)fputc('\n', out);
}

static void print_instructions(FILE *out, const union bpf_attr *attr)
{
	const struct bpf_insn *instructions = pointer(attr->insns);

	for (uint32_t i = 0; i < attr->insn_cnt; i++) {
		print_instruction(out, attr, &instructions[i]);
		i += instructions[i].code == (BPF_LD | BPF_IMM | BPF_DW);
	}
}

/* ---- func_info and line_info ---- */

static const struct types *program_types(const union bpf_attr *attr)
{
	return attr->prog_btf_fd ? types_of((int)attr->prog_btf_fd) : NULL;
}

static void print_functions(FILE *out, const union bpf_attr *attr)
{
	const struct types *types = program_types(attr);
	const char *record = pointer(attr->func_info);

	for (uint32_t i = 0; types && i < attr->func_info_cnt; i++, record += attr->func_info_rec_size) {
		const struct bpf_func_info *info = (const void *)record;

		(void)fprintf(out, "%u ", info->insn_off);
		types_print(out, types, info->type_id);
		(void)fputc('\n', out);
	}
}

static void print_lines(FILE *out, const union bpf_attr *attr)
{
	const struct types *types = program_types(attr);
	const char *record = pointer(attr->line_info);

	for (uint32_t i = 0; types && i < attr->line_info_cnt; i++, record += attr->line_info_rec_size) {
		const struct bpf_line_info *info = (const void *)record;

		(void)fprintf(out, "%u %s:%u:%u %s\n", info->insn_off, types_string(types, info->file_name_off),
			      BPF_LINE_INFO_LINE_NUM(info->line_col), BPF_LINE_INFO_LINE_COL(info->line_col),
			      types_string(types, info->line_off));
	}
}

/* ---- the calls ---- */

static void (*const printers[CAPTURE_PARTS])(FILE *, const union bpf_attr *) = {
	[CAPTURE_ATTRIBUTES] = print_attributes,
	[CAPTURE_INSTRUCTIONS] = print_instructions,
	[CAPTURE_FUNC_INFO] = print_functions,
	[CAPTURE_LINE_INFO] = print_lines,
};

static void keep(int fd, const void *given, size_t size)
{
	struct captured_program *program = calloc(1, sizeof *program);
	union bpf_attr attr = { 0 };

	if (!program)
		abort();
	memcpy(&attr, given, size < sizeof attr ? size : sizeof attr);
	for (unsigned part = 0; part < CAPTURE_PARTS; part++) {
		size_t length;
		FILE *out = open_memstream(&program->text[part], &length);

		if (!out)
			abort();
		printers[part](out, &attr);
		(void)fclose(out);
	}
	program->id = kernel_program_id(fd);
	program->instruction_count = attr.insn_cnt;
	program->next = captured;
	captured = program;
}

long __wrap_syscall(long number, ...) // NOLINT: the linker's name
{
	long words[6], result;
	va_list arguments;

	va_start(arguments, number);
	for (unsigned i = 0; i < 6; i++)
		words[i] = va_arg(arguments, long); // syscall() itself reads all six
	va_end(arguments);
	result = __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
	if (number == SYS_bpf && words[0] == BPF_PROG_LOAD && result >= 0) {
		int error = errno;

		(void)pthread_mutex_lock(&lock);
		keep((int)result, (const void *)words[1], (size_t)words[2]); // NOLINT: a pointer in a register
		(void)pthread_mutex_unlock(&lock);
		errno = error;
	}
	return result;
}
