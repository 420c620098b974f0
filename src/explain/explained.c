/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of an explanation. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "explain/text.h"

LADE_API const char *lade_explained_role_name(enum lade_explained_role role)
{
	static const char *const names[] = {
		[LADE_EXPLAINED_ERROR] = "error",
		[LADE_EXPLAINED_CONSEQUENCE] = "consequence",
		[LADE_EXPLAINED_NOTE] = "note",
		[LADE_EXPLAINED_HARMLESS] = "harmless",
	};

	return (size_t)role < ELEMENTS(names) ? names[role] : "error";
}

static size_t count_role(const struct lade_explanation *explanation, enum lade_explained_role role)
{
	size_t count = 0;

	array_foreach(item, &explanation->items)
		count += item->role == role;
	return count;
}

LADE_API int lade_explanation_describe(const struct lade_explanation *explanation, struct lade_explanation_info *info)
{
	struct lade_explanation_info full = {
		.lines = explanation->lines,
		.known = explanation->known,
		.errors = count_role(explanation, LADE_EXPLAINED_ERROR),
		.consequences = count_role(explanation, LADE_EXPLAINED_CONSEQUENCE),
		.notes = count_role(explanation, LADE_EXPLAINED_NOTE),
		.harmless = count_role(explanation, LADE_EXPLAINED_HARMLESS),
		.kernel = *explanation->kernel_words ? explanation->kernel_words : NULL,
		.kernel_why = *explanation->kernel_words ? explanation->kernel.why : NULL,
		.kernel_is_certain = explanation->kernel.is_sure,
	};

	return info_fill(info, &full, sizeof full);
}

LADE_API size_t lade_explained_count(const struct lade_explanation *explanation)
{
	return explanation->items.count;
}

/* With the names of this line, if the finding has the rule's words. */
static const char *meaning_of(const struct explained *item)
{
	if (item->role == LADE_EXPLAINED_NOTE && item->is_try)
		return LADE_TRIED;
	if (item->role == LADE_EXPLAINED_NOTE && !item->rule && item->finding && item->finding->cause &&
	    (item->is_settled || strcmp(item->finding->code, "verifier.log-cut") == 0))
		return item->finding->cause;
	const char *meaning =
		item->rule ? lade_explain_strings + item->rule->meaning : "the verdict of the verifier's log";

	return item->rule && item->finding && item->finding->cause && (item->is_settled || strchr(meaning, '{'))
		       ? item->finding->cause
		       : meaning;
}

LADE_API int lade_explained(const struct lade_explanation *explanation, size_t index, struct lade_explained_info *info)
{
	const struct explained *item;

	if (index >= explanation->items.count)
		return -ERANGE;
	item = &explanation->items.items[index];
	struct lade_explained_info full = {
		.role = item->role,
		.finding = item->finding,
		.meaning = meaning_of(item),
		.line = item->line,
		.times = item->times,
		.first_line = item->first_line,
		.last_line = item->last_line,
		.cause = item->cause,
	};
	return info_fill(info, &full, sizeof full);
}
