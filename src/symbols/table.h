/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol tables of an executable, with versions. */
#ifndef LADE_SYMBOLS_TABLE_H
#define LADE_SYMBOLS_TABLE_H

#include "symbols/binary.h"

struct user_symbol {
	const char *name; /* without version; not terminated */
	size_t name_length;
	const char *version; /* "GLIBC_2.2.5"; NULL: none */
	bool is_default;     /* what a program gets that names no version: "@@", or no version at all */
	uint64_t address, size;
	uint8_t type, bind;
	bool is_defined;
};

typedef void lade_symbol_fn(void *userdata, const struct user_symbol *symbol);

/*
 * Every named symbol of the first table of this type (SHT_SYMTAB, SHT_DYNSYM). A table that cannot be read goes into
 * the binary's damages; a record whose name lies outside is passed over. 0 or -ENOMEM.
 */
int lade_symbols_walk(struct lade_binary *binary, uint32_t table_type, lade_symbol_fn *fn, void *userdata);

#endif
