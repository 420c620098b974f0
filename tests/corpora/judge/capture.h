/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a loader hands to the kernel. Every loader here enters bpf(2) through syscall(), which the linker turns into
 * ours (--wrap=syscall); each BPF_PROG_LOAD that succeeds is kept as text, with descriptors replaced by what they
 * stand for, so that two loaders' programs can be compared letter by letter.
 */
#ifndef JUDGE_CAPTURE_H
#define JUDGE_CAPTURE_H

#include <stdint.h>

enum capture_part { CAPTURE_ATTRIBUTES, CAPTURE_INSTRUCTIONS, CAPTURE_FUNC_INFO, CAPTURE_LINE_INFO, CAPTURE_PARTS };

struct captured_program {
	struct captured_program *next;
	uint32_t id; /* the kernel's */
	uint32_t instruction_count;
	char *text[CAPTURE_PARTS];
};

/* The last one with this id; NULL: none. */
const struct captured_program *capture_find(uint32_t id);

/* The real system call, not captured. */
long capture_bpf(int command, void *attr, unsigned size);

#endif
