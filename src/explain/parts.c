/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of a text that say the same but for digits, when there is no room for more different things. */
#include <stdio.h>
#include <string.h>

#include "explain/reader.h"

void lade_part_begin(const struct reader *reader, const struct span *line, struct part *ret_part)
{
	const struct lade_explanation *explanation = reader->explanation;

	*ret_part = (struct part){ .line = *line,
				   .number = reader->number - 1,
				   .known = explanation->known,
				   .told = explanation->told,
				   .is_plain = true };
}

/* Digits may be the error's number. */
static bool has_number(const struct span *text, int number)
{
	char digits[16];

	(void)snprintf(digits, sizeof digits, "%d", number);
	return number && memmem(text->text, text->length, digits, strlen(digits));
}

/* Of a rule that names nothing, and whose error stands there in words: other digits say the same. */
static bool is_nameless(const struct explained *item, const struct span *text)
{
	const struct lade_finding *finding = item->finding;

	if (!item->rule || has_number(text, item->errnum))
		return false;
	return !finding || (!finding->object && !finding->map && !finding->program);
}

/* What was counted, once at most. false: something that digits may change. */
static bool item_of(const struct lade_explanation *explanation, const struct part *part, struct shape_part *whole)
{
	size_t told = explanation->told - part->told;

	whole->item = told ? explanation->told_item : SIZE_MAX;
	return !told || (told == 1 && is_nameless(&explanation->items.items[whole->item], &whole->text));
}

void lade_part_end(struct reader *reader, const struct part *part, const char *end)
{
	const struct lade_explanation *explanation = reader->explanation;
	struct shape_part whole = { .text = { part->line.text, (size_t)(end - part->line.text) },
				    .line = part->line.length,
				    .lines = reader->number - part->number,
				    .known = explanation->known - part->known };

	whole.text.length -= whole.text.length > whole.line;
	whole.named = part->is_marked ? whole.line : whole.text.length;
	if (explanation->overflow) {
		if (item_of(explanation, part, &whole))
			lade_shapes_add(reader->shapes, &whole);
	} else if (explanation->told > part->told) {
		lade_shapes_keep(reader->shapes, &whole.text);
		if (whole.lines > 1)
			lade_shapes_keep(reader->shapes, &part->line);
	}
}

bool lade_part_skip(struct reader *reader, const struct span *line, const char *end)
{
	struct lade_explanation *explanation = reader->explanation;
	const struct shape_part *part = explanation->overflow ? lade_shapes_find(reader->shapes, line, end) : NULL;

	if (!part)
		return false;
	if (part->lines > 1) {
		reader->at = line->text + part->text.length;
		reader->at += reader->at < reader->end;
		reader->number += part->lines - 1;
	}
	explanation->known += part->known;
	if (!part->known)
		lade_explanation_unknown(explanation, line, reader->number);
	if (part->item != SIZE_MAX) {
		explanation->items.items[part->item].times++;
		explanation->items.items[part->item].last_line = reader->number;
	}
	return true;
}
