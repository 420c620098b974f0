/* SPDX-License-Identifier: BSD-2-Clause */
#include "symbols/function.h"

#include <errno.h>
#include <string.h>

#include "symbols/debug.h"
#include "symbols/near.h"
#include "symbols/sources.h"

struct search {
	struct symbol_sources sources;
	const char *path, *symbol;
	size_t name_length;
	const char *version;  /* the caller names one: "memcpy@GLIBC_2.2.5" */
	bool must_be_default; /* … with two @ */
	/* the best definition so far */
	bool found, ambiguous;
	uint64_t address, size, other_address;
	unsigned rank;
	/* for the finding */
	bool is_imported, is_no_function;
	unsigned indirect_rank; /* of the best indirect function of the name; 0: none */
	bool is_go;             /* its table names every function */
	size_t functions;
};

static struct search search_for(const char *path, const char *symbol)
{
	const char *at = symbol[0] == '@' ? NULL : strchr(symbol, '@');

	return (struct search){
		.path = path,
		.symbol = symbol,
		.name_length = at ? (size_t)(at - symbol) : strlen(symbol),
		.version = at ? at + (at[1] == '@' ? 2 : 1) : NULL,
		.must_be_default = at && at[1] == '@',
	};
}

static bool is_function(const struct user_symbol *symbol)
{
	return symbol->type == STT_FUNC && symbol->is_defined;
}

static bool is_wanted(const struct search *search, const struct user_symbol *symbol)
{
	if (symbol->name_length != search->name_length ||
	    memcmp(symbol->name, search->symbol, search->name_length) != 0)
		return false;
	if (!search->version)
		return true;
	return symbol->version && strcmp(symbol->version, search->version) == 0 &&
	       (symbol->is_default || !search->must_be_default);
}

/* What the linker would take comes first; then what a program gets that names no version. */
static unsigned rank_of(const struct user_symbol *symbol)
{
	unsigned bind = symbol->bind == STB_LOCAL ? 1 : symbol->bind == STB_WEAK ? 2 : 3;

	return bind * 2 + symbol->is_default;
}

static void keep(struct search *search, const struct user_symbol *symbol)
{
	unsigned rank = rank_of(symbol);

	if (search->found && rank == search->rank && symbol->address != search->address) {
		search->ambiguous = true;
		search->other_address = symbol->address;
	}
	if (search->found && rank <= search->rank)
		return;
	search->found = true;
	search->ambiguous = false;
	search->rank = rank;
	search->address = symbol->address;
	search->size = symbol->size;
}

static void match_symbol(void *userdata, const struct user_symbol *symbol)
{
	struct search *search = userdata;

	search->functions += is_function(symbol);
	if (!is_wanted(search, symbol))
		return;
	if (!symbol->is_defined)
		search->is_imported = true;
	else if (symbol->type == STT_GNU_IFUNC)
		search->indirect_rank =
			rank_of(symbol) > search->indirect_rank ? rank_of(symbol) : search->indirect_rank;
	else if (symbol->type != STT_FUNC)
		search->is_no_function = true;
	else
		keep(search, symbol);
}

/* ---- when it is missing ---- */

static void consider_symbol(void *userdata, const struct user_symbol *symbol)
{
	char *name = is_function(symbol) ? strndup(symbol->name, symbol->name_length) : NULL;

	if (name)
		lade_near_consider(userdata, name);
	free(name);
}

static bool is_stripped(const struct search *search)
{
	const struct lade_binary *binary = search->sources.binary;

	return !lade_binary_section_of_type(binary, SHT_SYMTAB) && !search->sources.file && !search->is_go;
}

static const char *why_missing(const struct search *search)
{
	if (search->is_imported)
		return "the file uses this function but does not define it: probe the library that does";
	if (search->indirect_rank)
		return "the name is an indirect function (STT_GNU_IFUNC): probe one of its implementations";
	if (search->is_no_function)
		return "the name belongs to something that is no function";
	if (!search->functions)
		return "the file has no function symbols: it is stripped";
	if (is_stripped(search))
		return "the file is stripped: of its own functions only those are named that others may call, and its "
		       "debug file is not installed";
	return NULL;
}

static void explain_missing(struct search *search, struct lade_finding *finding)
{
	struct lade_near near = { .wanted = search->symbol, .wanted_length = search->name_length };
	const char *why = why_missing(search);

	if (why)
		finding_cause(finding, "%s", why);
	for (unsigned source = 0; source < SOURCES; source++)
		(void)lade_sources_walk(&search->sources, source, consider_symbol, &near);
	lade_near_report(&near, finding);
	lade_near_clear(&near);
	if (is_stripped(search) && !search->is_imported && !search->indirect_rank)
		lade_debug_hint(search->sources.binary, finding);
	lade_sources_report(&search->sources, finding);
}

static int fail_missing(struct search *search, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ENOENT, "attach.uprobe.symbol",
						      "%s: defines no function %s", search->path, search->symbol);
	if (finding)
		explain_missing(search, finding);
	return -ENOENT;
}

static int fail_ambiguous(const struct search *search, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, EINVAL, "attach.uprobe.symbol",
						      "%s: defines several functions %s", search->path, search->symbol);
	finding_cause(finding, "several functions of this name are local to their source files");
	finding_evidence(finding, "one is at %#llx, another at %#llx", (unsigned long long)search->address,
			 (unsigned long long)search->other_address);
	finding_fix(finding, "give the file offset of the one that is meant, as file:PATH:0xOFFSET; a section "
			     "uprobe.multi takes all of them");
	return -EINVAL;
}

/* ---- */

static int find_function(struct search *search, struct lade_error **error)
{
	for (unsigned source = 0; source < SOURCES && !search->found; source++) {
		size_t before = search->functions;
		if (lade_sources_walk(&search->sources, source, match_symbol, search) < 0)
			return lade_fail_memory(error);
		search->is_go = source == SOURCE_GO && search->functions > before;
	}
	/* memcpy of the C library: callers get what its resolver chose, and only old programs the function. */
	if (!search->found || search->indirect_rank > search->rank)
		return fail_missing(search, error);
	return search->ambiguous ? fail_ambiguous(search, error) : 0;
}

static int locate(const struct search *search, uint64_t addend, uint64_t *ret_offset, struct lade_error **error)
{
	uint64_t address;

	if (search->size && addend >= search->size)
		return lade_fail(error, EINVAL, "attach.uprobe.symbol",
				 "%s: %s+%#llx lies behind the function's %llu bytes", search->path, search->symbol,
				 (unsigned long long)addend, (unsigned long long)search->size);
	if (!__builtin_add_overflow(search->address, addend, &address) &&
	    lade_binary_offset(search->sources.binary, address, 0, ret_offset))
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "attach.uprobe.symbol", "%s: no loaded segment of the file holds %s",
			       search->path, search->symbol);
	finding_evidence(finding, "its address is %#llx", (unsigned long long)search->address);
	lade_sources_report(&search->sources, finding);
	return -EINVAL;
}

int lade_function_offset(const char *path, const char *symbol, uint64_t addend, uint64_t *ret_offset,
			 struct lade_error **error)
{
	struct search search = search_for(path, symbol);
	int result = lade_sources_open(path, &search.sources, error);

	if (result < 0)
		return result;
	result = find_function(&search, error);
	if (result == 0)
		result = locate(&search, addend, ret_offset, error);
	lade_sources_close(&search.sources);
	return result;
}
