/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Defined twice: which two files say it. Where one is vmlinux.h and the other the program's own, a name of the kernel
 * was taken: nobody can leave vmlinux.h out then.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"
#include "explain/settle/side.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  16
#define LINES_NEAR 12 /* below the message, in which its note stands */
#define NAME_BYTES 64

enum owner {
	OF_PROGRAM,
	OF_TYPES,  /* vmlinux.h */
	OF_SYSTEM, /* the kernel's, the C library's */
	OF_LIBRARY,
};

static const struct {
	const char *part;
	enum owner owner;
} owners[] = {
	{ "vmlinux", OF_TYPES },         { "bpf_helper", OF_LIBRARY },   { "bpf_tracing.h", OF_LIBRARY },
	{ "bpf_core_read", OF_LIBRARY }, { "bpf_endian", OF_LIBRARY },   { "usdt.bpf.h", OF_LIBRARY },
	{ "bpf/bpf", OF_LIBRARY },       { "libbpf", OF_LIBRARY },       { "scx/", OF_LIBRARY },
	{ "/usr/include/", OF_SYSTEM },  { "linux/", OF_SYSTEM },        { "asm/", OF_SYSTEM },
	{ "asm-generic/", OF_SYSTEM },   { "uapi/", OF_SYSTEM },         { "/usr/lib/", OF_SYSTEM },
	{ "/usr/src/", OF_SYSTEM },      { "/lib/modules/", OF_SYSTEM }, { "bits/", OF_SYSTEM },
	{ "/virtual/", OF_SYSTEM },
};

static enum owner owner_of(const struct span *path)
{
	for (size_t i = 0; i < ELEMENTS(owners); i++)
		if (lade_path_has(path, owners[i].part))
			return owners[i].owner;
	return OF_PROGRAM;
}

static const char *const marks[] = {
	/* the longer before what they begin with */
	"redefinition of enumerator ", "redeclaration of enumerator ", "redefinition of typedef ", "redefinition of ",
	"conflicting types for ",
};

/* "'struct opener'", in whichever quotation marks: the last word of it. */
static bool take_name(const char *line, struct span *name)
{
	static const char *const kinds[] = { "struct ", "enum ", "union " };
	const char *at = NULL;

	for (size_t i = 0; i < ELEMENTS(marks) && !at; i++)
		if ((at = strstr(line, marks[i])))
			at += strlen(marks[i]);
	if (!at)
		return false;
	while (*at && !lade_is_of_name(*at))
		at++;
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if (strncmp(at, kinds[i], strlen(kinds[i])) == 0)
			at += strlen(kinds[i]);
	*name = lade_name_at(at);
	return name->length > 0 && name->length < NAME_BYTES;
}

/* The note below that names the other place, before the next message. */
static bool find_other(const struct span *text, size_t number, struct span *path)
{
	static const char *const notes[] = { ": note: previous ", ": note: originally ", " was here" };
	struct mention line;

	if (!lade_line_at(text, number, &line))
		return false;
	while (line.number < number + LINES_NEAR && lade_next_line(text, &line) && !lade_in_mention(&line, ": error: "))
		for (size_t i = 0; i < ELEMENTS(notes); i++)
			if (lade_in_mention(&line, notes[i]) && lade_place_of(&line.text, path))
				return true;
	return false;
}

/* Names that only the kernel gives: a copy of its definition. */
static bool is_of_kernel(const struct span *name)
{
	static const char *const begins[] = {
		"BPF_", "BTF_", "XDP_", "IPPROTO_", "TCP_", "bpf_", "btf_", "xdp_", "__"
	};

	for (size_t i = 0; i < ELEMENTS(begins); i++)
		if (name->length > strlen(begins[i]) && memcmp(name->text, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void blame(struct explained *item, const struct span *name, const struct span *own, const struct span *types)
{
	const int bytes = (int)name->length;

	finding_cause(
		item->finding,
		"%.*s is defined by the program's own %.*s and by %.*s, which has all names of the kernel's types: "
		"%s",
		bytes, name->text, (int)own->length, own->text, (int)types->length, types->text,
		is_of_kernel(name) ? "the own one repeats what vmlinux.h has by now"
				   : "the kernel of which that was made has something of the same name (constants of "
				     "enumerations, types by typedef and functions share one space)");
	finding_fix(item->finding,
		    is_of_kernel(name)
			    ? "drop the own definition of %.*s where vmlinux.h is included: #ifndef __VMLINUX_H__ and "
			      "#endif around it, if programs of the host include that header, too"
			    : "give the own one another name, with a prefix (MY_%.*s), wherever it is used; if it is "
			      "meant to be the kernel's, drop the own definition; of a source that is not your own a "
			      "newer state, or the vmlinux.h that it brings",
		    bytes, name->text);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void settle(struct explained *item, const struct span *text)
{
	struct span name, here, there;

	if (!take_name(item->line, &name) || !lade_place_of(&(struct span){ item->line, strlen(item->line) }, &here) ||
	    !find_other(text, item->first_line, &there))
		return;
	if (owner_of(&here) == OF_PROGRAM && owner_of(&there) == OF_TYPES)
		blame(item, &name, &here, &there);
	else if (owner_of(&here) == OF_TYPES && owner_of(&there) == OF_PROGRAM)
		blame(item, &name, &there, &here);
}

void lade_explanation_two_places(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (lade_is_open_complaint(item) && looked++ < ITEMS_MAX)
			settle(item, &span);
}
