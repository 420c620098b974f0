/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct pt_regs as the kernel of the processor has it that __TARGET_ARCH_… names. linux/ptrace.h includes this; the
 * host's own would describe some other processor, for BPF is none that it knows.
 */
#ifndef LADE_BPF_SAMPLES_ASM_PTRACE_H
#define LADE_BPF_SAMPLES_ASM_PTRACE_H

#include "../registers.h"

#if defined(LADE_REGISTERS) && !defined(__VMLINUX_H__)
struct pt_regs {
	LADE_REGISTERS
};
#endif

#endif
