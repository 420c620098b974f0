/* SPDX-License-Identifier: BSD-2-Clause */
/* A text of one line, which somebody asks about, and which others than the verifier write, too. */
#include <string.h>

#include "explain/reading/search.h"
#include "explain/settle/settlers.h"
#include "explain/verifier/anybodys.h"

static bool is_anybodys(const struct span *line, const struct explained *item)
{
	const size_t length = item->line ? strlen(item->line) : 0;
	const char *at = length ? lade_search_long(line->text, line->length, item->line, length) : NULL;

	return at && lade_verifier_is_anybodys(line, false, at, length);
}

void lade_explanation_question(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span line = { text, length };

	if (!explanation->is_question)
		return;
	array_foreach(item, &explanation->items)
		if (item->finding && !item->rule && item->finding->confidence == LADE_CERTAIN &&
		    is_anybodys(&line, item))
			finding_confidence(item->finding, LADE_LIKELY);
}
