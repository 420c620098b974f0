/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of executables and shared libraries by name, for uprobes. Looked for in .symtab, .dynsym, .gnu_debugdata,
 * the separate debug file, .gopclntab, in this order; the first that defines the name decides.
 *
 *     file offset = address - segment address + segment offset      for position-independent code and other alike
 */
#ifndef LADE_SYMBOLS_FUNCTION_H
#define LADE_SYMBOLS_FUNCTION_H

#include "symbols/binary.h"

/*
 * File offset of symbol + addend. symbol: "name", "name@VERSION" or "name@@VERSION". Findings: attach.uprobe.file;
 * attach.uprobe.symbol with near names and why it is missing (stripped, imported, indirect …) or ambiguous.
 */
int lade_function_offset(const char *path, const char *symbol, uint64_t addend, uint64_t *ret_offset,
			 struct lade_error **error);

struct lade_function {
	char *name;
	uint64_t offset; /* in the file */
};
struct lade_functions {
	struct lade_function *items; /* by offset, each offset once */
	size_t count, capacity;
};
/* All whose name fits a pattern (base/glob.h), from all of these tables. Findings: the same; at least one fits. */
int lade_functions_matching(const char *path, const char *pattern, struct lade_functions *ret_functions,
			    struct lade_error **error);
void lade_functions_clear(struct lade_functions *functions);

#endif
