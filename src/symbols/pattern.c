/* SPDX-License-Identifier: BSD-2-Clause */
/* All functions whose names fit a pattern. */
#include <errno.h>
#include <string.h>

#include "base/glob.h"
#include "symbols/debug.h"
#include "symbols/function.h"
#include "symbols/sources.h"

struct collection {
	struct symbol_sources sources;
	const char *pattern;
	struct lade_functions functions;
	size_t seen; /* functions that any table names */
	bool failed; /* without memory */
};

static void add(struct collection *collection, char *name, uint64_t offset)
{
	struct lade_function *function = array_push(&collection->functions);

	if (function)
		*function = (struct lade_function){ name, offset };
	else
		free(name);
	collection->failed |= !function;
}

static void consider(void *userdata, const struct user_symbol *symbol)
{
	struct collection *collection = userdata;
	uint64_t offset;

	if (symbol->type != STT_FUNC || !symbol->is_defined || collection->failed)
		return;
	collection->seen++;
	char *name = strndup(symbol->name, symbol->name_length);
	if (name && lade_glob_matches(collection->pattern, name) &&
	    lade_binary_offset(collection->sources.binary, symbol->address, PF_X, &offset)) {
		add(collection, name, offset);
		return;
	}
	collection->failed |= !name;
	free(name);
}

static int by_offset(const void *left, const void *right)
{
	const struct lade_function *one = left, *other = right;

	return one->offset < other->offset ? -1 : one->offset > other->offset;
}

/* Tables overlap, and one function may have several names. */
static void drop_twins(struct lade_functions *functions)
{
	size_t kept = 0;

	lade_sort(functions->items, functions->count, sizeof *functions->items, by_offset);
	for (size_t i = 0; i < functions->count; i++)
		if (kept && functions->items[kept - 1].offset == functions->items[i].offset)
			free(functions->items[i].name);
		else
			functions->items[kept++] = functions->items[i];
	functions->count = kept;
}

static int fail_none(struct collection *collection, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "attach.uprobe.symbol", "%s: defines no function that fits %s",
			       collection->sources.binary->path, collection->pattern);
	finding_evidence(finding, "it names %zu functions", collection->seen);
	if (!lade_binary_section_of_type(collection->sources.binary, SHT_SYMTAB) && !collection->sources.file)
		lade_debug_hint(collection->sources.binary, finding);
	lade_sources_report(&collection->sources, finding);
	return -ENOENT;
}

static int collect(struct collection *collection, struct lade_error **error)
{
	for (unsigned source = 0; source < SOURCES; source++)
		if (lade_sources_walk(&collection->sources, source, consider, collection) < 0 || collection->failed)
			return lade_fail_memory(error);
	drop_twins(&collection->functions);
	return collection->functions.count ? 0 : fail_none(collection, error);
}

int lade_functions_matching(const char *path, const char *pattern, struct lade_functions *ret_functions,
			    struct lade_error **error)
{
	struct collection collection = { .pattern = pattern };
	int result = lade_sources_open(path, &collection.sources, error);

	if (result < 0)
		return result;
	result = collect(&collection, error);
	if (result == 0)
		*ret_functions = collection.functions;
	else
		lade_functions_clear(&collection.functions);
	lade_sources_close(&collection.sources);
	return result;
}

void lade_functions_clear(struct lade_functions *functions)
{
	array_foreach(function, functions)
		free(function->name);
	array_clear(functions);
}
