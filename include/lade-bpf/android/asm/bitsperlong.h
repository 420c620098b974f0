/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic header takes 32 for granted where nobody says otherwise; a long of BPF has 64 bits. */
#ifndef LADE_BPF_ASM_BITSPERLONG_H
#define LADE_BPF_ASM_BITSPERLONG_H

#define __BITS_PER_LONG 64
#include <asm-generic/bitsperlong.h>

#endif
