/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers that a kernel saves, of the processor that __TARGET_ARCH_… names: with the kernel's names, in its
 * order.
 */
#ifndef LADE_BPF_SAMPLES_REGISTERS_H
#define LADE_BPF_SAMPLES_REGISTERS_H

#if defined(__TARGET_ARCH_x86)

#define LADE_REGISTERS                                                                                                 \
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
#define LADE_PARM1           di
#define LADE_PARM2           si
#define LADE_PARM3           dx
#define LADE_PARM4           cx
#define LADE_PARM5           r8
#define LADE_RETURN          sp
#define LADE_FRAME           bp
#define LADE_RESULT          ax
#define LADE_STACK           sp
#define LADE_INSTRUCTION     ip
#define LADE_RETURN_ON_STACK 1

#elif defined(__TARGET_ARCH_arm64)

#define LADE_REGISTERS   unsigned long regs[31], sp, pc, pstate;
#define LADE_PARM1       regs[0]
#define LADE_PARM2       regs[1]
#define LADE_PARM3       regs[2]
#define LADE_PARM4       regs[3]
#define LADE_PARM5       regs[4]
#define LADE_RETURN      regs[30]
#define LADE_FRAME       regs[29]
#define LADE_RESULT      regs[0]
#define LADE_STACK       sp
#define LADE_INSTRUCTION pc

#elif defined(__TARGET_ARCH_arm)

#define LADE_REGISTERS   unsigned int uregs[18];
#define LADE_PARM1       uregs[0]
#define LADE_PARM2       uregs[1]
#define LADE_PARM3       uregs[2]
#define LADE_PARM4       uregs[3]
#define LADE_PARM5       uregs[4]
#define LADE_RETURN      uregs[14]
#define LADE_FRAME       uregs[11]
#define LADE_RESULT      uregs[0]
#define LADE_STACK       uregs[13]
#define LADE_INSTRUCTION uregs[15]

#elif defined(__TARGET_ARCH_riscv)

#define LADE_REGISTERS                                                                                                 \
	unsigned long epc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, s2, s3, s4, s5, s6, s7, \
		s8, s9, s10, s11, t3, t4, t5, t6;
#define LADE_PARM1       a0
#define LADE_PARM2       a1
#define LADE_PARM3       a2
#define LADE_PARM4       a3
#define LADE_PARM5       a4
#define LADE_RETURN      ra
#define LADE_FRAME       s0
#define LADE_RESULT      a0
#define LADE_STACK       sp
#define LADE_INSTRUCTION epc

#elif defined(__TARGET_ARCH_s390)

#define LADE_REGISTERS                                                                                                 \
	unsigned long args[1];                                                                                         \
	struct {                                                                                                       \
		unsigned long mask, addr;                                                                              \
	} psw;                                                                                                         \
	unsigned long gprs[16];
#define LADE_PARM1       gprs[2]
#define LADE_PARM2       gprs[3]
#define LADE_PARM3       gprs[4]
#define LADE_PARM4       gprs[5]
#define LADE_PARM5       gprs[6]
#define LADE_RETURN      gprs[14]
#define LADE_FRAME       gprs[11]
#define LADE_RESULT      gprs[2]
#define LADE_STACK       gprs[15]
#define LADE_INSTRUCTION psw.addr

#elif defined(__TARGET_ARCH_powerpc)

#define LADE_REGISTERS   unsigned long gpr[32], nip, msr, orig_gpr3, ctr, link, xer, ccr;
#define LADE_PARM1       gpr[3]
#define LADE_PARM2       gpr[4]
#define LADE_PARM3       gpr[5]
#define LADE_PARM4       gpr[6]
#define LADE_PARM5       gpr[7]
#define LADE_RETURN      link
#define LADE_FRAME       gpr[31]
#define LADE_RESULT      gpr[3]
#define LADE_STACK       gpr[1]
#define LADE_INSTRUCTION nip

#endif

#ifdef LADE_REGISTERS
struct lade_registers {
	LADE_REGISTERS
};
#endif

#endif
