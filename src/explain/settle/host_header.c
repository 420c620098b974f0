/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A type, a member or a name that a source of the host's side misses, and of which nothing else is known: rules that
 * speak of vmlinux.h and of CO-RE are about BPF programs.
 */
#include <string.h>

#include "base/error.h"
#include "explain/settle/settlers.h"
#include "explain/settle/side.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  16

static bool is_about_missing(const char *line)
{
	static const char *const words[] = { "no member named",
					     "has no member",
					     "incomplete type",
					     "incomplete definition",
					     "undefined type",
					     "unknown type name",
					     "undeclared",
					     "was not declared",
					     "does not refer to any field" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

static bool speaks_of_programs(const struct lade_finding *finding)
{
	static const char types[] = "vmlinux.h";

	/* What lists both sides, or says that it does not help, is right already. */
	if (finding->cause && (strstr(finding->cause, "host") || strstr(finding->cause, "libbpf")))
		return false;
	return (finding->cause && strstr(finding->cause, types)) || (finding->fix && strstr(finding->fix, types));
}

static void blame(struct explained *item)
{
	finding_cause(
		item->finding,
		"this file is of the host's side (it is not compiled for BPF), and the headers that the compiler "
		"found for it do not have that name, or not whole: those of a library (libbpf, libelf, LLVM), of "
		"the C library or of the kernel for programs are older or newer than the source, or not included");
	finding_fix(item->finding,
		    "the project's own headers before the system's: git submodule update --init --recursive, configure "
		    "again; else the -dev packages of the version that the source wants (pkg-config --modversion "
		    "NAME); the compiler's -H shows which header was taken. vmlinux.h is for BPF programs alone");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_host_header(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (lade_is_open_complaint(item) && item->finding->confidence == LADE_LIKELY &&
		    is_about_missing(item->line) && speaks_of_programs(item->finding) && looked++ < ITEMS_MAX &&
		    lade_side_of(item, &span) == SIDE_HOST)
			blame(item);
}
