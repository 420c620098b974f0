/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of a text that say the same but for digits or names, when there is no room for more different things. */
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

/* Of a rule that names nothing. */
static bool is_nameless(const struct explained *item)
{
	const struct lade_finding *finding = item->finding;

	return item->rule && (!finding || (!finding->object && !finding->map && !finding->program));
}

/* What was counted, once at most. false: something that digits may change. */
static bool item_of(const struct lade_explanation *explanation, const struct part *part, struct shape_part *whole)
{
	size_t told = explanation->told - part->told;

	whole->item = told ? explanation->told_item : SIZE_MAX;
	if (told != 1)
		return !told;
	const struct effects *effects = &explanation->effects;
	whole->told = effects->told_count ? effects->told[effects->told_count - 1].number - part->number : 1;
	/* An error that stands there in words, and not in digits. */
	const struct explained *item = &explanation->items.items[whole->item];
	return is_nameless(item) && !has_number(&whole->text, item->errnum);
}

/* Was something counted for the line? */
static bool is_told_by(const struct effects *effects, size_t number)
{
	for (size_t i = 0; i < effects->told_count; i++)
		if (effects->told[i].number == number)
			return true;
	return false;
}

/* A verdict alone, for which there was no room, and the line that ended its log. Libraries write it into a line that
 * says something itself. */
static bool is_verdict_alone(const struct lade_explanation *explanation, const struct part *part, size_t lines)
{
	return lines == 2 && !part->is_marked && explanation->log_line == part->number + 1 &&
	       !explanation->is_verdict_told && !is_told_by(&explanation->effects, part->number + 1);
}

/* What the text is about. */
static uint64_t object_of(const struct reader *reader)
{
	return reader->explanation->name_hashes[NAMED_OBJECT] | 1;
}

/* What comes next is not about the program that was named: that must not be skipped. */
static bool forgets_program(const struct lade_explanation *explanation)
{
	return explanation->effects.is_named[NAMED_PROGRAM] && !explanation->names[NAMED_PROGRAM];
}

static void remember(struct reader *reader, const struct part *part, struct shape_part *whole)
{
	bool is_same = item_of(reader->explanation, part, whole);
	const struct effects *effects = &reader->explanation->effects;
	struct word_shape words = { .item = whole->item,
				    .known = (unsigned)whole->known,
				    .is_naming = effects->is_named[NAMED_PROGRAM] };

	if (effects->is_new || effects->is_of_before || (effects->is_of_names && !part->is_marked) ||
	    forgets_program(reader->explanation))
		return;
	if (whole->item != SIZE_MAX && !is_nameless(&reader->explanation->items.items[whole->item])) {
		lade_shapes_keep(reader->shapes, &whole->text);
		lade_word_shapes_doubt(reader->words, &part->line);
	}
	whole->is_naming = words.is_naming;
	whole->object = words.object = whole->item == SIZE_MAX ? 0 : object_of(reader);
	if (is_same)
		lade_shapes_add(reader->shapes, whole);
	if (is_same && whole->lines == 1) {
		lade_word_shapes_add(reader->words, &part->line, &words);
	} else if (is_verdict_alone(reader->explanation, part, whole->lines)) {
		words = (struct word_shape){
			.item = SIZE_MAX, .known = 1, .is_naming = words.is_naming, .is_verdict = true
		};
		lade_word_shapes_add(reader->words, &part->line, &words);
	}
}

static void keep(struct reader *reader, const struct part *part, const struct shape_part *whole)
{
	lade_shapes_keep(reader->shapes, &whole->text);
	lade_word_shapes_learn(reader->words, &whole->text);
	if (whole->lines > 1)
		lade_shapes_keep(reader->shapes, &part->line);
}

void lade_part_open(struct reader *reader, const struct span *line, bool is_part)
{
	if (reader->explanation->overflow)
		return;
	lade_shapes_keep(reader->shapes, line);
	/* In other words, with less around it, it may come again, too. */
	if (!is_part)
		lade_word_shapes_learn(reader->words, line);
}

void lade_part_end(struct reader *reader, const struct part *part, const char *end)
{
	const struct lade_explanation *explanation = reader->explanation;
	struct shape_part whole = { .text = { part->line.text, (size_t)(end - part->line.text) },
				    .line = part->line.length,
				    .lines = reader->number - part->number,
				    .known = explanation->known - part->known };

	if (!explanation->overflow && explanation->told == part->told)
		return;
	whole.text.length -= whole.text.length > whole.line;
	whole.named = part->is_marked ? whole.line : whole.text.length;
	if (explanation->overflow)
		remember(reader, part, &whole);
	else
		keep(reader, part, &whole);
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

/* It was not looked which one: none that is known. */
static void name_another(struct lade_explanation *explanation)
{
	static const char another[] = "?";
	const char *name = explanation->names[NAMED_PROGRAM];

	if (!name || strcmp(name, another) != 0)
		lade_explanation_rename(explanation, NAMED_PROGRAM, strdup(another));
}

/* It was read before, in other words; `item` is counted for line `number`, unless it is SIZE_MAX. */
static void take_again(struct reader *reader, const struct span *line, size_t known, size_t item, size_t number,
		       bool is_naming)
{
	struct lade_explanation *explanation = reader->explanation;

	explanation->known += known;
	if (is_naming)
		name_another(explanation);
	if (!known) {
		const struct span message = lade_unmarked(reader, line);
		lade_explanation_unknown(explanation, &message, reader->number);
	}
	if (item != SIZE_MAX)
		lade_explanation_count(explanation, &explanation->items.items[item], number, COUNT_ALWAYS);
}

/* A time or a number at the beginning is another one in every line: what stands behind it is looked for by itself. */
static bool may_have_time(const struct span *line)
{
	return line->length && (*line->text == '[' || lade_is_digit(*line->text));
}

bool lade_part_skip_line(struct reader *reader, const struct span *line)
{
	const struct word_shape *known = reader->explanation->overflow && !may_have_time(line)
						 ? lade_word_shapes_find(reader->words, line, object_of(reader))
						 : NULL;

	if (!known || lade_shapes_is_kept(reader->shapes, line) ||
	    (known->is_verdict && !lade_is_behind_log(reader, reader->at)))
		return false;
	take_again(reader, line, known->known, known->item, reader->number, known->is_naming);
	return true;
}

bool lade_part_skip(struct reader *reader, const struct span *line, const char *end)
{
	const size_t before = reader->number - 1;
	const struct shape_part *part;

	part = reader->explanation->overflow ? lade_shapes_find(reader->shapes, line, end, object_of(reader)) : NULL;
	if (!part)
		return false;
	go_behind(reader, line, part->text.length, part->lines);
	take_again(reader, line, part->known, part->item, before + part->told, part->is_naming);
	return true;
}
