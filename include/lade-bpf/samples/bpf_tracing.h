/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments, result and registers of a probed function: PT_REGS_PARM1(context) …, whatever declaration of struct
 * pt_regs the program has. Whose registers they are is said on the command line, -D__TARGET_ARCH_x86 and so on, for a
 * BPF program is compiled for no processor in particular.
 */
#ifndef LADE_BPF_SAMPLES_TRACING_H
#define LADE_BPF_SAMPLES_TRACING_H

#include "registers.h"

struct pt_regs;

/* What samples read the kernel's memory with; bpf_probe_read_kernel since 5.5, which some processors insist on. */
#ifndef LADE_PROBE_READ
#define LADE_PROBE_READ bpf_probe_read
#endif

#ifdef LADE_PARM1
#define LADE_REGISTER(context, name) (((const struct lade_registers *)(context))->name)

#define PT_REGS_PARM1(context) LADE_REGISTER(context, LADE_PARM1)
#define PT_REGS_PARM2(context) LADE_REGISTER(context, LADE_PARM2)
#define PT_REGS_PARM3(context) LADE_REGISTER(context, LADE_PARM3)
#define PT_REGS_PARM4(context) LADE_REGISTER(context, LADE_PARM4)
#ifdef LADE_PARM5
#define PT_REGS_PARM5(context) LADE_REGISTER(context, LADE_PARM5)
#endif
#define PT_REGS_RET(context) LADE_REGISTER(context, LADE_RETURN) /* where the function returns to */
#define PT_REGS_FP(context)  LADE_REGISTER(context, LADE_FRAME)
#define PT_REGS_RC(context)  LADE_REGISTER(context, LADE_RESULT)
#define PT_REGS_SP(context)  LADE_REGISTER(context, LADE_STACK)
#define PT_REGS_IP(context)  LADE_REGISTER(context, LADE_INSTRUCTION)

/* Where the probed function was called: on the stack, or in a register. */
#if LADE_RETURN_ON_STACK
#define BPF_KPROBE_READ_RET_IP(ip, context) ({ LADE_PROBE_READ(&(ip), sizeof(ip), (void *)PT_REGS_RET(context)); })
#define BPF_KRETPROBE_READ_RET_IP(ip, context)                                                                         \
	({ LADE_PROBE_READ(&(ip), sizeof(ip), (void *)(PT_REGS_FP(context) + sizeof(ip))); })
#else
#define BPF_KPROBE_READ_RET_IP(ip, context)    ({ (ip) = PT_REGS_RET(context); })
#define BPF_KRETPROBE_READ_RET_IP(ip, context) BPF_KPROBE_READ_RET_IP(ip, context)
#endif
#endif

/* A field of the kernel's memory: _(task->pid) */
#define _(place)                                                                                                       \
	({                                                                                                             \
		__typeof__(place) lade_value;                                                                          \
		__builtin_memset(&lade_value, 0, sizeof(lade_value));                                                  \
		LADE_PROBE_READ(&lade_value, sizeof(lade_value), &(place));                                            \
		lade_value;                                                                                            \
	})

#endif
