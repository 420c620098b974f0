/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libxdp loads a program of its own, xdp_pass, to see what the kernel can do. Its object has a section xdp_metadata, of
 * which libbpf says a line before: by it this one is told from a program of the user's that has the same name.
 */
#include <string.h>

#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LINES_NEAR 60 /* between the section and what is said of the program: a verifier's log may be there */

/* The last line before it that names the section; 0: none. */
static size_t section_before(const struct span *text, size_t number)
{
	struct mention line = { .next = text->text };
	size_t found = 0;

	while (lade_find_mention(text, " xdp_metadata", &line) && line.number < number)
		found = line.number;
	return found && number - found <= LINES_NEAR ? found : 0;
}

static bool is_trial(const struct explained *item, const struct span *text)
{
	return (item->role == LADE_EXPLAINED_ERROR || item->role == LADE_EXPLAINED_CONSEQUENCE) && item->finding &&
	       item->line && strncmp(item->finding->code, "program.load.", strlen("program.load.")) == 0 &&
	       strstr(item->line, "prog 'xdp_pass': ") && section_before(text, item->first_line);
}

/* Without another failure the trial may be what failed; SIZE_MAX: there is none. */
static size_t find_failure(const struct lade_explanation *explanation, const struct span *text)
{
	for (size_t i = 0; i < explanation->items.count; i++)
		if (explanation->items.items[i].role == LADE_EXPLAINED_ERROR && explanation->items.items[i].finding &&
		    !is_trial(&explanation->items.items[i], text))
			return i;
	return SIZE_MAX;
}

static void forgive(struct lade_explanation *explanation, struct explained *item, size_t failure)
{
	const size_t index = (size_t)(item - explanation->items.items);

	item->role = LADE_EXPLAINED_NOTE;
	item->cause = SIZE_MAX;
	item->is_settled = true;
	finding_cause(item->finding,
		      "xdp_pass is a program of libxdp itself, by which it tries what the kernel can do (replacing "
		      "functions, so several programs on an interface, came with 5.10): it goes on without what is "
		      "refused, so that this is no failure by itself");
	finding_fix(item->finding,
		    "nothing, unless nothing else failed: LIBXDP_SKIP_DISPATCHER=1 keeps it from trying");
	finding_confidence(item->finding, LADE_LIKELY);
	array_foreach(other, &explanation->items)
		if (other->cause == index)
			other->cause = failure;
}

void lade_explanation_libxdp_trial(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	const size_t failure = find_failure(explanation, &span);
	bool is_changed = false;

	array_foreach(item, &explanation->items) {
		if (failure == SIZE_MAX || !is_trial(item, &span))
			continue;
		forgive(explanation, item, failure);
		is_changed = true;
	}
	if (is_changed)
		lade_explanation_sort(explanation);
}
