/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Unknown struct/union: 'path'", and the script says ((path *)arg0): bpftrace knows the kernel's structures by their
 * full names, so that the word struct is missing, and not the type.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define NAME_BYTES 128
#define ITEMS_MAX  8 /* for which the text is searched */

static bool take_type(const char *line, char name[NAME_BYTES])
{
	static const char *const marks[] = { "Unknown struct/union: '" };
	const struct span found = lade_name_behind(line, marks, ELEMENTS(marks));

	return lade_name_copy(&found, name, NAME_BYTES);
}

static bool is_cast_bare(const struct span *text, const char *name)
{
	char cast[NAME_BYTES + 4];

	(void)snprintf(cast, sizeof cast, "(%s *)", name);
	return lade_search(text->text, text->length, cast, strlen(cast)) != NULL;
}

static void blame(struct explained *item, const char *name)
{
	finding_cause(item->finding,
		      "the cast says (%s *): bpftrace knows the kernel's structures by their full names, and that is "
		      "struct %s (or union), unless the script or a header makes a typedef of the short one",
		      name, name);
	finding_fix(item->finding,
		    "(struct %s *) in its place; where that is unknown, too: ls /sys/kernel/btf/vmlinux (a kernel with "
		    "CONFIG_DEBUG_INFO_BTF), or #include the header that defines it",
		    name);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_bare_cast(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		char name[NAME_BYTES];
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || !item->line ||
		    strcmp(item->finding->code, "compile.type") != 0 || !take_type(item->line, name) ||
		    looked++ >= ITEMS_MAX)
			continue;
		if (is_cast_bare(&span, name))
			blame(item, name);
	}
}
