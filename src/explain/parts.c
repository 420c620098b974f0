/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of a text that say the same but for digits or names, when there is no room for more different things. */
#include <stdio.h>
#include <string.h>

#include "explain/reader.h"
#include "explain/verifier_line.h"

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

/* A verdict alone, for which there was no room, and the line that ended its log. */
static bool is_verdict_alone(const struct lade_explanation *explanation, const struct part *part, size_t lines)
{
	return lines == 2 && !part->is_marked && explanation->log_line == part->number + 1 &&
	       !explanation->is_verdict_told;
}

static void remember(struct reader *reader, const struct part *part, struct shape_part *whole)
{
	bool is_same = item_of(reader->explanation, part, whole);

	if (is_same)
		lade_shapes_add(reader->shapes, whole);
	if (is_same && whole->lines == 1)
		lade_word_shapes_add(reader->words, &part->line, whole->known, whole->item);
	else if (is_verdict_alone(reader->explanation, part, whole->lines))
		lade_word_shapes_add(reader->words, &part->line, 1, SIZE_MAX);
}

static void keep(struct reader *reader, const struct part *part, const struct shape_part *whole)
{
	lade_shapes_keep(reader->shapes, &whole->text);
	lade_word_shapes_learn(reader->words, &whole->text);
	if (whole->lines > 1)
		lade_shapes_keep(reader->shapes, &part->line);
}

void lade_part_open(struct reader *reader, const struct span *line)
{
	if (!reader->explanation->overflow)
		lade_shapes_keep(reader->shapes, line);
}

void lade_part_end(struct reader *reader, const struct part *part, const char *end)
{
	const struct lade_explanation *explanation = reader->explanation;
	struct shape_part whole = { .text = { part->line.text, (size_t)(end - part->line.text) },
				    .line = part->line.length,
				    .lines = reader->number - part->number,
				    .known = explanation->known - part->known };

	/* What statistics mean stands before them. */
	if (lade_verifier_line(part->line.text, part->line.length).kind == VERIFIER_STATISTIC)
		return;
	whole.text.length -= whole.text.length > whole.line;
	whole.named = part->is_marked ? whole.line : whole.text.length;
	if (explanation->overflow)
		remember(reader, part, &whole);
	else if (explanation->told > part->told)
		keep(reader, part, &whole);
}

static void count(struct reader *reader, size_t item)
{
	reader->explanation->items.items[item].times++;
	reader->explanation->items.items[item].last_line = reader->number;
}

/* Of several lines the first was taken. */
static void go_behind(struct reader *reader, const struct span *line, size_t bytes, size_t lines)
{
	if (lines < 2)
		return;
	reader->at = line->text + bytes;
	reader->at += reader->at < reader->end;
	reader->number += lines - 1;
}

/* It was read before, in other words; `item` is counted, unless it is SIZE_MAX. */
static void take_again(struct reader *reader, const struct span *line, size_t known, size_t item)
{
	reader->explanation->known += known;
	if (!known)
		lade_explanation_unknown(reader->explanation, line, reader->number);
	if (item != SIZE_MAX)
		count(reader, item);
}

static bool skip_line(struct reader *reader, const struct span *line)
{
	const struct word_shape *known = lade_word_shapes_find(reader->words, line);

	if (!known || lade_shapes_is_kept(reader->shapes, line))
		return false;
	take_again(reader, line, known->known, known->item);
	return true;
}

bool lade_part_skip(struct reader *reader, const struct span *line, const char *end)
{
	const struct shape_part *part;

	if (!reader->explanation->overflow)
		return false;
	part = lade_shapes_find(reader->shapes, line, end);
	if (!part)
		return skip_line(reader, line);
	go_behind(reader, line, part->text.length, part->lines);
	take_again(reader, line, part->known, part->item);
	return true;
}
