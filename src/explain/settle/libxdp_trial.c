/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libxdp loads a program of its own, xdp_pass, to see what the kernel can do. Its object has a section xdp_metadata, of
 * which libbpf says a line before, or is named in the line behind it: by it this one is told from a program of the
 * user's that has the same name. Where EPERM refuses it, libbpf adds its guess at a limit of memory.
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

/* Is the object that could not be loaded the dispatcher's, so that xdp_pass was tried with it? */
static bool is_dispatcher_after(const struct span *text, size_t number)
{
	struct mention line = { .next = text->text };

	while (lade_find_mention(text, "failed to load object 'xdp-dispatcher.o'", &line))
		if (line.number > number && line.number - number <= LINES_NEAR)
			return true;
	return false;
}

/* libbpf's guess stands between the two lines that name the program. */
static bool is_guess_of_trial(const struct explained *item, const struct span *text)
{
	struct mention line = { .next = text->text };

	if (strcmp(item->finding->code, "environment.privilege") != 0 ||
	    !strstr(item->line, "permission error while running as root"))
		return false;
	while (lade_find_mention(text, "prog 'xdp_pass': BPF program load failed", &line))
		if (line.number + 1 == item->first_line)
			return is_dispatcher_after(text, item->first_line);
	return false;
}

static bool is_refused_trial(const struct explained *item, const struct span *text)
{
	return strncmp(item->finding->code, "program.load.", strlen("program.load.")) == 0 &&
	       strstr(item->line, "prog 'xdp_pass': ") &&
	       (section_before(text, item->first_line) || is_dispatcher_after(text, item->first_line));
}

static bool is_trial(const struct explained *item, const struct span *text)
{
	return (item->role == LADE_EXPLAINED_ERROR || item->role == LADE_EXPLAINED_CONSEQUENCE) && item->finding &&
	       item->line && (is_refused_trial(item, text) || is_guess_of_trial(item, text));
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

/* xdp-forward and xdp-filter say so in the end. */
static bool is_success(const struct span *text)
{
	struct mention line = { .next = text->text };

	return lade_find_mention(text, "Loaded on interface ", &line);
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
	const bool is_over = failure != SIZE_MAX || is_success(&span);
	bool is_changed = false;

	array_foreach(item, &explanation->items) {
		if (!is_over || !is_trial(item, &span))
			continue;
		forgive(explanation, item, failure);
		is_changed = true;
	}
	if (is_changed)
		lade_explanation_sort(explanation);
}
