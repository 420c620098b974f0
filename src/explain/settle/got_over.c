/* SPDX-License-Identifier: BSD-2-Clause */
/* What the text says that it was got over: a note, and what followed from it is no failure either. */
#include "base/error.h"
#include "explain/settle/settlers.h"

void lade_explanation_got_over(struct lade_explanation *explanation, struct explained *item)
{
	const size_t index = (size_t)(item - explanation->items.items);

	item->role = LADE_EXPLAINED_NOTE;
	array_foreach(other, &explanation->items) {
		if (other->cause != index)
			continue;
		other->role = LADE_EXPLAINED_HARMLESS;
		other->cause = SIZE_MAX;
		if (!other->finding)
			continue;
		finding_cause(other->finding, "it follows from line %zu, which was got over", item->first_line);
		other->is_settled = true;
	}
}
