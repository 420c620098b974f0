/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking the kernel for its symbols. */
#ifndef LADE_KERNEL_SYMBOLS_PROGRAM_H
#define LADE_KERNEL_SYMBOLS_PROGRAM_H

#include "kernel/symbols.h"

/*
 * 0: all are found or absent. Any other answer: this way does not work here (an older kernel, no privilege, addresses
 * kept secret, a name too long), and states may be half filled.
 */
int lade_symbols_ask(struct kernel *kernel, struct kernel_symbol *symbols, size_t count);

#endif
