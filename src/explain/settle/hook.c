/* SPDX-License-Identifier: BSD-2-Clause */
/* "it may be: XDP: …" of a program that was attached to a cgroup: what the text says of the hook leaves out the causes
 * that only others have. */
#include <stdlib.h>
#include <string.h>

#include "explain/reading/search.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES   (1U << 20)
#define ITEMS_MAX    32 /* for which the text is searched */
#define LINES_BEFORE 4  /* in which tools say what they attach */
#define LINES_BEHIND 3

/* How lines name a hook, and how causes begin that are its own. */
static const struct {
	const char *word, *cause;
} hooks[] = {
	{ "xdp", "XDP:" },          { "cgroup", "cgroup" }, { "tracepoint", "tracepoint" },
	{ "kprobe", "kprobe" },     { "uprobe", "uprobe" }, { "tcx", "tcx" },
	{ "netkit", "tcx" },        { "clsact", "tcx" },    { "perf", "tracepoint" },
	{ "fentry", "trampoline" },
};

/* Where the line begins, or the text ends. */
static const char *begin_of(const struct span *text, size_t number)
{
	struct mention line;

	return lade_line_at(text, number, &line) ? line.text.text : text->text + text->length;
}

static bool names(const struct span *lines, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i + length <= lines->length; i++)
		if (strncasecmp(lines->text + i, word, length) == 0)
			return true;
	return false;
}

/* Of another hook than those that the lines name. */
static bool is_foreign(const struct span *lines, const char *cause)
{
	bool is_own = false, is_any = false, is_hook = false;

	for (size_t i = 0; i < ELEMENTS(hooks); i++) {
		bool is_named = names(lines, hooks[i].word);
		bool is_of_cause = strncmp(cause, hooks[i].cause, strlen(hooks[i].cause)) == 0;
		is_any |= is_named;
		is_hook |= is_of_cause;
		is_own |= is_named && is_of_cause;
	}
	return is_hook && is_any && !is_own;
}

static void drop_foreign(const struct span *lines, struct strings *evidence)
{
	static const char maybe[] = "it may be: ";
	size_t kept = 0;

	for (size_t i = 0; i < evidence->count; i++) {
		char *line = evidence->items[i];
		if (strncmp(line, maybe, strlen(maybe)) == 0 && is_foreign(lines, line + strlen(maybe)))
			free(line);
		else
			evidence->items[kept++] = line;
	}
	evidence->count = kept;
}

void lade_explanation_hook(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		size_t first = item->first_line > LINES_BEFORE ? item->first_line - LINES_BEFORE : 1;
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding ||
		    strncmp(item->finding->code, "attach.", strlen("attach.")) != 0 || !item->finding->evidence.count ||
		    looked++ >= ITEMS_MAX)
			continue;
		const char *start = begin_of(&span, first), *stop = begin_of(&span, item->first_line + LINES_BEHIND);
		drop_foreign(&(struct span){ start, (size_t)(stop - start) }, &item->finding->evidence);
	}
}
