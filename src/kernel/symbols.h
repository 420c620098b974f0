/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of kernel symbols. A program of type syscall (since 5.16) asks the kernel itself, for all names in one
 * run of some 0.2 ms; where there is none, /proc/kallsyms is read, which takes 35 ms and more.
 */
#ifndef LADE_KERNEL_SYMBOLS_H
#define LADE_KERNEL_SYMBOLS_H

#include "kernel/kernel.h"

enum symbol_state {
	SYMBOL_UNKNOWN,
	SYMBOL_FOUND,
	SYMBOL_ABSENT,
	SYMBOL_HIDDEN,    /* it is there, but kernel.kptr_restrict or a missing CAP_SYSLOG keep its address secret */
	SYMBOL_AMBIGUOUS, /* several addresses; seen only where /proc/kallsyms was read */
};

struct kernel_symbol {
	const char *name; /* borrowed */
	bool is_required; /* before it counts as absent, /proc/kallsyms is asked as well */
	enum symbol_state state;
	uint64_t address, other; /* other: of SYMBOL_AMBIGUOUS */
};

/*
 * Fills state and address of every one. Which of several symbols of one name the kernel's own answer is, it does not
 * say. ksym.kallsyms: neither way works; -ENOMEM.
 */
int lade_kernel_symbols(struct kernel *kernel, struct kernel_symbol *symbols, size_t count, struct lade_error **error);

/* ---- the reader of /proc/kallsyms, for tests ---- */
struct symbol_search {
	struct kernel_symbol *symbols;
	size_t count;
};
/* One line without its end: "ffffffff81000000 T _text", "ffffffffc0000000 t init\t[module]". */
void lade_symbols_line(struct symbol_search *search, const char *line, size_t length);

#endif
