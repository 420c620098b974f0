/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program on perf events is given of the registers. */
#include <linux/ptrace.h>
typedef struct pt_regs bpf_user_pt_regs_t;
