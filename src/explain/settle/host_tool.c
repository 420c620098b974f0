/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who compiles a program for a kernel often prepares that kernel's tree before, and a tool of the tree (sign-file,
 * objtool) may fail for want of a header. Where the program's own source is compiled afterwards, and has an error of
 * its own, that tool did not keep it from working: the error is the program's.
 */
#include <string.h>

#include "explain/settle/settlers.h"

/* Of the kernel's tree, and for the machine that builds. */
static const char *const tools[] = { "scripts/sign-file",    "scripts/extract-cert", "scripts/insert-sys-cert",
				     "scripts/kconfig/",     "scripts/mod/",         "scripts/dtc/",
				     "scripts/gcc-plugins/", "scripts/selinux/",     "scripts/genksyms/",
				     "scripts/sorttable",    "scripts/sortextable",  "scripts/asn1_compiler",
				     "scripts/recordmcount", "scripts/basic/",       "certs/extract-cert",
				     "tools/objtool/",       "arch/x86/tools/",      "usr/gen_init_cpio" };

static bool is_compile(const struct explained *item, const char *code)
{
	return item->finding && item->line && strcmp(item->finding->code, code) == 0;
}

/* "scripts/sign-file.c:25:30: fatal error: openssl/opensslv.h: …": where the path within the tree begins; NULL: it is
 * no such tool's. */
static const char *tool_in(const struct explained *item)
{
	const char *error = item->line ? strstr(item->line, "fatal error: ") : NULL;

	for (size_t i = 0; error && i < ELEMENTS(tools); i++) {
		const char *at = strstr(item->line, tools[i]);
		if (at && at < error && (at == item->line || strchr("/ \t", at[-1])))
			return at;
	}
	return NULL;
}

/* Compilers name sources of one tree in one way: all from the tree's root, or all with the path to it. */
static bool is_of_tree(const struct explained *item, const struct explained *tool)
{
	const char *path = item->line + strspn(item->line, " \t"), *root = tool->line + strspn(tool->line, " \t"),
		   *end = tool_in(tool);

	return end > root ? strncmp(path, root, (size_t)(end - root)) == 0 : *path != '/';
}

/* The first error in a source of another tree, behind it; SIZE_MAX: none. A header that is not there is another matter:
 * it may be one that the tree should have got. */
static size_t find_own(const struct lade_explanation *explanation, const struct explained *tool)
{
	const size_t index = (size_t)(tool - explanation->items.items);

	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i];
		const bool is_error = item->role == LADE_EXPLAINED_ERROR ||
				      (item->role == LADE_EXPLAINED_CONSEQUENCE && item->cause == index);
		if (is_error && is_compile(item, "compile.source") && item->first_line > tool->last_line &&
		    !is_of_tree(item, tool))
			return i;
	}
	return SIZE_MAX;
}

/* What follows from the tool's failure, or from anything, and comes behind the program's error. */
static void move_on(struct lade_explanation *explanation, size_t tool, size_t own)
{
	array_foreach(item, &explanation->items) {
		if (item->cause != tool)
			continue;
		if (item->first_line > explanation->items.items[own].first_line) {
			item->cause = own;
			continue;
		}
		item->role = LADE_EXPLAINED_HARMLESS;
		item->cause = SIZE_MAX;
	}
}

static void forgive(struct lade_explanation *explanation, size_t tool, size_t own)
{
	struct explained *item = &explanation->items.items[tool];

	item->role = LADE_EXPLAINED_NOTE;
	item->is_settled = true;
	explanation->items.items[own].role = LADE_EXPLAINED_ERROR;
	explanation->items.items[own].cause = SIZE_MAX;
	finding_cause(
		item->finding,
		"a tool that belongs to the kernel's tree was not built, as a header is missing on this machine: a "
		"step of preparing the tree. The program was compiled all the same, and what failed there (line "
		"%zu) is another matter",
		explanation->items.items[own].first_line);
	finding_confidence(item->finding, LADE_LIKELY);
	move_on(explanation, tool, own);
}

void lade_explanation_host_tool(struct lade_explanation *explanation, const char *text, size_t length)
{
	bool is_changed = false;

	(void)text;
	(void)length;
	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i];
		if (item->role != LADE_EXPLAINED_ERROR || !is_compile(item, "compile.header") || !tool_in(item))
			continue;
		size_t own = find_own(explanation, item);
		if (own == SIZE_MAX)
			continue;
		forgive(explanation, i, own);
		is_changed = true;
	}
	if (is_changed)
		lade_explanation_sort(explanation);
}
