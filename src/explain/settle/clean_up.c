/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loaders remove first what an earlier run may have left ("tc filter del dev IF ingress", "Failed to detach …"), and
 * go on where nothing was there. What tc and bpftool answer to that is no failure, and nothing follows from it.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LINES_NEAR 2 /* between the command and its answer */

static bool is_removal(const struct mention *line)
{
	static const char *const words[] = { "filter del", "qdisc del" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_in_mention(line, words[i]))
			return true;
	return false;
}

/* "tc filter del … || tc qdisc add …" adds, too. */
static bool is_addition(const struct mention *line)
{
	static const char *const words[] = { "filter add", "filter replace", "qdisc add", "qdisc replace" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_in_mention(line, words[i]))
			return true;
	return false;
}

/* The nearest command right before the line removes something, and adds nothing. */
static bool answers_removal(const struct span *text, size_t number)
{
	struct mention line;

	for (size_t back = 1; back <= LINES_NEAR && back < number; back++) {
		if (!lade_line_at(text, number - back, &line) || is_addition(&line))
			return false;
		if (is_removal(&line))
			return true;
	}
	return false;
}

static bool is_missing_qdisc(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && item->times == 1 &&
	       strcmp(item->finding->code, "attach.tc.qdisc") == 0 && strstr(item->line, "Parent Qdisc doesn't exist");
}

/* "Failed to detach … from sockmap. error=…", as felix tells it: who detaches by hand wants to know. */
static bool answers_detach(const struct span *text, size_t number)
{
	struct mention line;

	for (size_t back = 1; back <= LINES_NEAR && back < number; back++)
		if (lade_line_at(text, number - back, &line) && lade_in_mention(&line, "ailed to detach"))
			return true;
	return false;
}

/* Of pins that are counted together only the first and the last line are known. */
static bool is_missing_pin(const struct explained *item, const struct span *text)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line && item->times <= 2 &&
	       item->errnum == ENOENT && strcmp(item->finding->code, "pin.open") == 0 &&
	       answers_detach(text, item->first_line) && answers_detach(text, item->last_line);
}

static void tell_missing_pin(struct explained *item)
{
	item->role = LADE_EXPLAINED_NOTE;
	item->is_settled = true;
	finding_confidence(item->finding, LADE_LIKELY);
	finding_cause(item->finding,
		      "what is to be detached is not pinned there: no earlier run left it. To remove what "
		      "may have been left, that is no failure, and not why the tool does not work");
	finding_fix(item->finding, "nothing; the reason of a failure stands in other lines (of felix those with ERROR, "
				   "FATAL or PANIC)");
}

void lade_explanation_clean_up(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	array_foreach(item, &explanation->items) {
		if (is_missing_pin(item, &span)) {
			tell_missing_pin(item);
			continue;
		}
		if (!is_missing_qdisc(item) || !answers_removal(&span, item->first_line))
			continue;
		item->role = LADE_EXPLAINED_NOTE;
		item->is_settled = true;
		finding_cause(item->finding,
			      "what the command before it is to remove is not there: the interface has no qdisc of "
			      "that parent (clsact or ingress), and so no filter. To remove what an earlier run may "
			      "have left, that is no failure");
		finding_fix(item->finding, "nothing; tc qdisc show dev IF and tc filter show dev IF ingress show what "
					   "is there");
	}
}
