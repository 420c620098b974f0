/* SPDX-License-Identifier: BSD-2-Clause */
#include "symbols/sources.h"

#include <errno.h>
#include <string.h>

#include "symbols/debug.h"
#include "symbols/go.h"

int lade_sources_open(const char *path, struct symbol_sources *ret_sources, struct lade_error **error)
{
	struct symbol_sources sources = { 0 };
	int result = lade_binary_open(path, &sources.binary, error);

	if (result == 0)
		*ret_sources = sources;
	return result;
}

static int walk_data(struct symbol_sources *sources, lade_symbol_fn *fn, void *userdata)
{
	int result = sources->data_tried ? 0 : lade_debug_data(sources->binary, &sources->data);

	sources->data_tried = true;
	if (result == -ENOMEM)
		return result;
	return sources->data ? lade_symbols_walk(sources->data, SHT_SYMTAB, fn, userdata) : 0;
}

/* A file with a symbol table of its own is not stripped: nobody looks for another. */
static int walk_file(struct symbol_sources *sources, lade_symbol_fn *fn, void *userdata)
{
	bool is_wanted = !sources->file_tried && !lade_binary_section_of_type(sources->binary, SHT_SYMTAB);
	int result = is_wanted ? lade_debug_file(sources->binary, &sources->file) : 0;

	sources->file_tried = true;
	if (result == -ENOMEM)
		return result;
	return sources->file ? lade_symbols_walk(sources->file, SHT_SYMTAB, fn, userdata) : 0;
}

int lade_sources_walk(struct symbol_sources *sources, enum symbol_source source, lade_symbol_fn *fn, void *userdata)
{
	switch (source) {
	case SOURCE_SYMTAB:
		return lade_symbols_walk(sources->binary, SHT_SYMTAB, fn, userdata);
	case SOURCE_DYNSYM:
		return lade_symbols_walk(sources->binary, SHT_DYNSYM, fn, userdata);
	case SOURCE_DEBUG_DATA:
		return walk_data(sources, fn, userdata);
	case SOURCE_DEBUG_FILE:
		return walk_file(sources, fn, userdata);
	case SOURCE_GO:
		return lade_go_walk(sources->binary, fn, userdata);
	case SOURCES:
		break;
	}
	return 0;
}

void lade_sources_close(struct symbol_sources *sources)
{
	(void)lade_binary_free(sources->binary);
	(void)lade_binary_free(sources->data);
	(void)lade_binary_free(sources->file);
	*sources = (struct symbol_sources){ 0 };
}

static void report(const struct lade_binary *binary, struct lade_finding *finding)
{
	/* What was read twice is damaged twice. */
	for (size_t i = 0; binary && i < binary->damages.count; i++) {
		size_t first = 0;
		while (strcmp(binary->damages.items[first], binary->damages.items[i]) != 0)
			first++;
		if (first == i)
			finding_evidence(finding, "%s", binary->damages.items[i]);
	}
}

void lade_sources_report(const struct symbol_sources *sources, struct lade_finding *finding)
{
	report(sources->binary, finding);
	report(sources->data, finding);
	report(sources->file, finding);
}
