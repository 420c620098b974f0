/* SPDX-License-Identifier: BSD-2-Clause */
/* What lines do besides what they say, written down: the same lines do the same again (repeats.c). */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "explain/text.h"

static uint64_t hash_of(const char *text, size_t length)
{
	return lade_hash_add(0, text, length) | 1;
}

void lade_effects_begin(struct lade_explanation *explanation, size_t number)
{
	struct effects *effects = &explanation->effects;

	/* Whatever was told: it is done for most lines. */
	memset((char *)effects + offsetof(struct effects, told_count), 0,
	       sizeof *effects - offsetof(struct effects, told_count));
	effects->begin = number;
	effects->items = explanation->items.count;
	effects->types_follow = explanation->types_follow;
}

void lade_effects_tell(struct lade_explanation *explanation, const struct explained *item, size_t number,
		       enum counting counting)
{
	struct effects *effects = &explanation->effects;

	explanation->told++;
	explanation->told_item = (size_t)(item - explanation->items.items);
	if (effects->told_count < TOLD_MAX)
		effects->told[effects->told_count++] = (struct told){ explanation->told_item, number, counting, 0 };
	else
		effects->is_new = true;
}

void lade_explanation_count(struct lade_explanation *explanation, struct explained *item, size_t number,
			    enum counting counting)
{
	bool is_of_log = item->finding && item->finding->instruction >= 0;

	item->times += counting == COUNT_ALWAYS || (counting == COUNT_LOGS) == is_of_log;
	item->last_line = number;
	lade_effects_tell(explanation, item, number, counting);
}

void lade_effects_other(struct lade_explanation *explanation, size_t count)
{
	struct effects *effects = &explanation->effects;

	if (effects->told_count)
		effects->told[effects->told_count - 1].others += (unsigned)count;
}

/* ---- names ---- */

void lade_explanation_rename(struct lade_explanation *explanation, enum named which, char *name)
{
	free(explanation->names[which]);
	explanation->names[which] = name;
	explanation->name_hashes[which] = name ? hash_of(name, strlen(name)) : 0;
	explanation->effects.is_named[which] = true;
}

void lade_explanation_name(struct lade_explanation *explanation, enum named which, const struct span *span)
{
	char *name = lade_text_of(span);

	if (name)
		lade_explanation_rename(explanation, which, name);
}

char *lade_explanation_named(struct lade_explanation *explanation, enum named which)
{
	struct effects *effects = &explanation->effects;

	if (!effects->is_named[which])
		effects->before[which] = explanation->name_hashes[which] | 1;
	return explanation->names[which];
}

/* ---- the line before ---- */

static struct span line_before(const struct lade_explanation *explanation, size_t number)
{
	bool is_before = number > 1 && explanation->unknown_line + 1 == number;

	return (struct span){ explanation->unknown, is_before ? explanation->unknown_length : 0 };
}

uint64_t lade_explanation_hash_before(const struct lade_explanation *explanation, size_t number)
{
	const struct span line = line_before(explanation, number);

	return hash_of(line.text, line.length);
}

struct span lade_explanation_line_before(struct lade_explanation *explanation, size_t number)
{
	struct effects *effects = &explanation->effects;

	if (number == effects->begin + 1 && !effects->before[LINE_BEFORE])
		effects->before[LINE_BEFORE] = lade_explanation_hash_before(explanation, number);
	return line_before(explanation, number);
}
