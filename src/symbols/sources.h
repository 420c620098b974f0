/* SPDX-License-Identifier: BSD-2-Clause */
/* A binary with all the places its symbols may be in. */
#ifndef LADE_SYMBOLS_SOURCES_H
#define LADE_SYMBOLS_SOURCES_H

#include "symbols/table.h"

enum symbol_source {
	SOURCE_SYMTAB,
	SOURCE_DYNSYM,
	SOURCE_DEBUG_DATA,
	SOURCE_DEBUG_FILE,
	SOURCE_GO,
	SOURCES,
};

struct symbol_sources {
	struct lade_binary *binary;
	struct lade_binary *data, *file; /* .gnu_debugdata and the debug file; NULL: not looked for, or none */
	bool data_tried, file_tried;
};

int lade_sources_open(const char *path, struct symbol_sources *ret_sources, struct lade_error **error);
/* 0, also where there is no such source; -ENOMEM. */
int lade_sources_walk(struct symbol_sources *sources, enum symbol_source source, lade_symbol_fn *fn, void *userdata);
void lade_sources_close(struct symbol_sources *sources);
/* Every damage that was met, as evidence. */
void lade_sources_report(const struct symbol_sources *sources, struct lade_finding *finding);

#endif
