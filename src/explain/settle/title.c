/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "# Fails with `BPF program is too large`": a title says in short what the text below it has in full. Its finding then
 * follows from that one, which knows more.
 */
#include <string.h>

#include "explain/settle/settlers.h"

static bool is_whole(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->cause == SIZE_MAX;
}

/* Only in the title, and nothing but its own words tells what it means. */
static bool is_of_title(const struct explained *item)
{
	return is_whole(item) && item->first_line == 1 && !item->is_settled && item->finding->instruction < 0;
}

static bool is_same(const char *one, const char *other)
{
	return !one || !other || strcmp(one, other) == 0;
}

/* "invalid indirect read from stack" of "invalid indirect read from stack off -24+13 size 24", or the verifier's second
 * line ("R3 min value is outside …") of the first one. */
static bool is_quoted(const struct explained *item, const struct explained *title)
{
	static const char adds[] = "the verifier adds: ";
	const struct lade_finding *finding = item->finding;
	const char *words = title->finding->message;

	if (!is_whole(item) || item->first_line <= title->last_line || !words || !finding->message ||
	    strncmp(finding->code, "verifier.", strlen("verifier.")) != 0)
		return false;
	if (strlen(finding->message) > strlen(words) && strstr(finding->message, words))
		return true;
	for (size_t i = 0; i < finding->evidence.count; i++)
		if (strncmp(finding->evidence.items[i], adds, strlen(adds)) == 0 &&
		    strcmp(finding->evidence.items[i] + strlen(adds), words) == 0)
			return true;
	return false;
}

/* The same failure below the title, of which no less is known. */
static bool tells_more(const struct explained *item, const struct explained *title)
{
	if (is_quoted(item, title))
		return true;
	return is_whole(item) && item->first_line > title->last_line &&
	       strcmp(item->finding->code, title->finding->code) == 0 &&
	       item->finding->confidence <= title->finding->confidence && is_same(item->word, title->word) &&
	       is_same(item->finding->program, title->finding->program) &&
	       is_same(item->finding->map, title->finding->map);
}

static size_t find_below(const struct lade_explanation *explanation, const struct explained *title)
{
	size_t found = SIZE_MAX;

	array_foreach(item, &explanation->items)
		if (found == SIZE_MAX && item != title && tells_more(item, title))
			found = (size_t)(item - explanation->items.items);
	return found;
}

/* What was to follow from the title follows from the other one. */
static void give_way(struct lade_explanation *explanation, size_t title, size_t below)
{
	array_foreach(item, &explanation->items)
		if (item->cause == title)
			item->cause = below;
	explanation->items.items[title].role = LADE_EXPLAINED_CONSEQUENCE;
	explanation->items.items[title].cause = below;
}

void lade_explanation_title(struct lade_explanation *explanation, const char *text, size_t length)
{
	bool is_moved = false;

	if (length < 2 || memcmp(text, "# ", 2) != 0)
		return;
	array_foreach(item, &explanation->items) {
		const size_t below = is_of_title(item) ? find_below(explanation, item) : SIZE_MAX;
		if (below == SIZE_MAX)
			continue;
		give_way(explanation, (size_t)(item - explanation->items.items), below);
		is_moved = true;
	}
	if (is_moved)
		lade_explanation_sort(explanation);
}
