/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "sched_ext: BPF scheduler "a" disabled (runtime error)": the kernel's own line behind it, or the next one of the
 * dump, names the error. Where a rule knows that one, it is the cause.
 */
#include <string.h>

#include "base/error.h"
#include "explain/settle/settlers.h"

#define LINES_NEAR 3 /* behind the first, where the error is named */

static bool is_sched_ext(const struct explained *item)
{
	return item->finding && item->finding->cause && strcmp(item->finding->code, "sched-ext.error") == 0;
}

/* Only that there was an error. */
static bool is_general(const struct explained *item)
{
	return is_sched_ext(item) && strstr(item->finding->cause, "line says which");
}

static bool names_error(const struct explained *item, const struct explained *general)
{
	return item->role == LADE_EXPLAINED_CONSEQUENCE && is_sched_ext(item) && !is_general(item) &&
	       item->first_line > general->first_line && item->first_line - general->first_line <= LINES_NEAR;
}

static void take_over(struct explained *general, const struct explained *named)
{
	finding_cause(general->finding, "line %zu names the error, for which the kernel stopped the BPF scheduler: %s",
		      named->first_line, named->finding->cause);
	if (named->finding->fix)
		finding_fix(general->finding, "%s", named->finding->fix);
	general->is_settled = true;
}

void lade_explanation_sched_ext(struct lade_explanation *explanation, const char *text, size_t length)
{
	(void)text;
	(void)length;
	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !is_general(item))
			continue;
		array_foreach(other, &explanation->items)
			if (is_general(item) && names_error(other, item))
				take_over(item, other);
	}
}
