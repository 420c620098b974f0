/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "detect support for FnSetRetval for program type CGroupSock: load program: …": cilium/ebpf asks the kernel what it
 * has by a program of a few instructions. A verdict upon it is about the library, which did not know that answer, and
 * about no program of the tool.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  8 /* for which the text is searched */

static bool is_verdict(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && !item->is_settled &&
	       strncmp(item->finding->code, "verifier.", strlen("verifier.")) == 0;
}

static bool has_try(const struct span *text, size_t number)
{
	struct mention line;

	return lade_line_at(text, number, &line) && lade_in_mention(&line, "detect support for ") &&
	       lade_in_mention(&line, "load program: ");
}

/* What stands in a title first has it without these words. */
static bool is_of_try(const struct span *text, const struct explained *item)
{
	return has_try(text, item->first_line) || has_try(text, item->last_line);
}

static void blame_library(struct explained *item)
{
	finding_cause(
		item->finding,
		"it is no program of the tool's that was refused: its library (cilium/ebpf) asks the kernel whether it "
		"has something by a small program, and did not expect this answer, so that the tool takes it for a "
		"failure. The kernel is newer than the library and checks or words it otherwise, or somebody changed "
		"it");
	finding_fix(item->finding,
		    "a newer version of the tool, built with a newer cilium/ebpf; until then the kernel with which it "
		    "came up last (boot the one before); grep the tool's issues for the line");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_feature_try(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (is_verdict(item) && looked++ < ITEMS_MAX && is_of_try(&span, item))
			blame_library(item);
}
