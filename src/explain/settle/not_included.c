/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of the host that calls what every release of libbpf declares, and the compiler knows nothing of it: no
 * version explains that, a missing #include does. In a BPF program the same names are helpers.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/libbpf_table.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"
#include "explain/settle/side.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  32
#define NAME_BYTES 96

/* Which header declares it; the first that fits. */
static const struct {
	const char *prefix, *header;
} headers[] = {
	{ "bpf_object__", "bpf/libbpf.h" },
	{ "bpf_program__", "bpf/libbpf.h" },
	{ "bpf_map__", "bpf/libbpf.h" },
	{ "bpf_link__", "bpf/libbpf.h" },
	{ "libbpf_", "bpf/libbpf.h" },
	{ "ring_buffer__", "bpf/libbpf.h" },
	{ "perf_buffer__", "bpf/libbpf.h" },
	{ "bpf_tc_", "bpf/libbpf.h" },
	{ "bpf_xdp_", "bpf/libbpf.h" },
	{ "btf_", "bpf/btf.h" },
	{ "bpf_", "bpf/bpf.h" },
};

/* Behind the words of gcc and clang for C, before those of g++. */
static bool take_name(const char *line, char name[NAME_BYTES])
{
	static const char *const marks[] = { "implicit declaration of function ", "call to undeclared function ",
					     "use of undeclared identifier " };
	struct span found = lade_name_behind(line, marks, ELEMENTS(marks));

	if (!found.length)
		found = lade_name_before(line, " was not declared in this scope");
	return lade_name_copy(&found, name, NAME_BYTES);
}

static bool has_each_release(const char *name)
{
	for (size_t i = 0; i < lade_libbpf_function_count; i++)
		if (strcmp(lade_libbpf_text + lade_libbpf_functions[i].name, name) == 0)
			return !lade_libbpf_functions[i].release;
	return false;
}

static const char *header_of(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(headers); i++)
		if (strncmp(name, headers[i].prefix, strlen(headers[i].prefix)) == 0)
			return headers[i].header;
	return NULL;
}

static void blame(struct explained *item, const char *name, const char *header)
{
	finding_cause(item->finding,
		      "%s() is in <%s> of libbpf, of every release of it: this source, of the host's side, does not "
		      "include that header, or another file of its name is found in its place. Older compilers only "
		      "warned of it; clang 16 and gcc 14 take it for an error",
		      name, header);
	finding_fix(item->finding,
		    "#include <%s> at the top of the source that the message names, and that header from libbpf "
		    "(libbpf-dev, libbpf-devel); where it is included already: the compiler's -H shows which file was "
		    "taken. A source that is not your own, for the time being: CFLAGS with "
		    "-Wno-error=implicit-function-declaration",
		    header);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void settle(struct explained *item, const struct span *text)
{
	char name[NAME_BYTES];
	const char *header;

	if (take_name(item->line, name) && has_each_release(name) && (header = header_of(name)) &&
	    lade_side_of(item, text) == SIDE_HOST)
		blame(item, name, header);
}

void lade_explanation_not_included(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (lade_is_open_complaint(item) && looked++ < ITEMS_MAX)
			settle(item, &span);
}
