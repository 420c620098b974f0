/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which structure the context is of which an access was refused: the log alone often does not tell, and what stands
 * around it does (a section, pointers into the packet in a log that was posted in pieces, the kernel's release, which
 * excludes structures that came later).
 */
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/settle/settlers.h"
#include "explain/verifier/context_field.h"
#include "explain/verifier/context_which.h"

#define TEXT_BYTES (1U << 20)
#define ITEMS_MAX  3 /* for which the text is searched */

/* A read, of which nothing better is known. */
static bool is_open(const struct explained *item)
{
	static const char message[] = "invalid bpf_context access off=";
	static const char *const causes[] = { "this access to the context ", "offset " };

	if (!item->finding || item->role != LADE_EXPLAINED_ERROR || !item->finding->message ||
	    strcmp(item->finding->code, "verifier.context") != 0 ||
	    strncmp(item->finding->message, message, strlen(message)) != 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(causes); i++)
		if (item->finding->cause && strncmp(item->finding->cause, causes[i], strlen(causes[i])) == 0)
			return true;
	return false;
}

static struct context_clues clues_of(const struct explained *item, const struct span *text, bool is_only,
				     size_t *looked)
{
	struct context_clues clues = { .which = CONTEXT_ANY };
	const char *log = item->finding->log;

	if (log)
		clues.which = lade_context_by_log(&(struct span){ log, strlen(log) });
	if (clues.which != CONTEXT_ANY || (*looked)++ >= ITEMS_MAX)
		return clues;
	clues.is_guess = true;
	/* Of several programs the text would tell about another one. */
	if (is_only)
		clues.which = lade_context_by_log(text);
	if (clues.which == CONTEXT_ANY)
		clues.which = lade_context_by_section(text, item->finding->program);
	return clues;
}

void lade_explanation_context(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	size_t count = 0, looked = 0;

	array_foreach(item, &explanation->items)
		count += is_open(item);
	array_foreach(item, &explanation->items) {
		if (!count || !is_open(item))
			continue;
		struct context_clues clues = clues_of(item, &span, count == 1, &looked);
		clues.kernel = &explanation->kernel;
		if (clues.which != CONTEXT_ANY || explanation->kernel.high || explanation->kernel.low)
			lade_verifier_context_again(&clues, item->finding);
	}
}
