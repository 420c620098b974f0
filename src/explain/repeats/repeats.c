/* SPDX-License-Identifier: BSD-2-Clause */
/* What reading a part of a text did, done again where the same part comes again. */
#include "explain/repeats/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/large.h"
#include "explain/reading/hash.h"
#include "explain/reader.h"

#define LARGE_BLOCK (1U << 14) /* repeats of a large text that are allocated at once */

static const struct told *told_of(const struct repeat *repeat)
{
	return repeat->count > 1 ? repeat->told.several : &repeat->told.one;
}

static void clear_repeat(struct repeat *repeat)
{
	if (repeat->count > 1)
		free(repeat->told.several);
	for (size_t i = 0; i < NAMED_COUNT; i++)
		free(repeat->names[i]);
	memset(repeat, 0, sizeof *repeat);
}

/* `number`: from 1. */
static struct repeat *repeat_at(const struct repeats *repeats, uint32_t number)
{
	return &repeats->blocks[(number - 1) / repeats->block][(number - 1) % repeats->block];
}

void lade_repeats_begin(struct repeats *repeats, size_t length)
{
	repeats->block = length < LARGE_TEXT ? REPEAT_BLOCK : LARGE_BLOCK;
	repeats->credit[0] = repeats->credit[1] = REPEAT_CREDIT;
}

void lade_repeats_clear(struct repeats *repeats)
{
	for (uint32_t number = 1; number <= repeats->count; number++)
		clear_repeat(repeat_at(repeats, number));
	for (size_t i = 0; i < ELEMENTS(repeats->blocks) && repeats->blocks[i]; i++)
		free(repeats->blocks[i]);
}

/* The first of two places. */
static size_t place_of(uint64_t hash)
{
	return hash >> (64 - REPEAT_BITS) & ~(size_t)1;
}

/* Of the bits that choose no place. */
static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)hash;
}

/* Most lines of most texts begin nothing that was there: the bits that say so are near. */
static uint64_t begun_by(const struct repeats *repeats, uint64_t hash)
{
	size_t place = hash >> (64 - BEGUN_BITS);

	return repeats->any[place / 64] >> (place % 64) & 1 ? repeats->begun[place] : 0;
}

static void begin_by(struct repeats *repeats, uint64_t hash, unsigned bit)
{
	size_t place = hash >> (64 - BEGUN_BITS);

	repeats->any[place / 64] |= UINT64_C(1) << (place % 64);
	repeats->begun[place] |= UINT64_C(1) << bit;
}

/* With the hash of the line that begins at `at`; what stands behind it. */
static const char *hash_next(const char *at, const char *end, uint64_t *hash)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	const struct span line = { at, (size_t)((newline ? newline : end) - at) };

	*hash = lade_hash_word(*hash, lade_hash_line(&line));
	return newline ? newline + 1 : end;
}

/* ---- what it depends on ---- */

/* Bits of repeats->begun: dependencies vary fastest. */
#define KINDS (1U << DEPENDENCIES)
/* How many lines choose a part's place: as many as it has. Hundreds of logs begin with the same three instructions. */
static const unsigned firsts[] = { 1, 2, 4, 12 };
_Static_assert(KINDS *ELEMENTS(firsts) <= 64, "more kinds than bits");

/* Goes on with the hash of the first lines. */
static const char *hash_firsts(const char *at, const char *end, unsigned from, unsigned to, uint64_t *hash)
{
	for (unsigned lines = firsts[from]; lines < firsts[to]; lines++)
		at = hash_next(at, end, hash);
	return at;
}

/* As it is now, before line `number`. */
static uint64_t hash_before(const struct lade_explanation *explanation, size_t dependency, size_t number)
{
	return dependency < NAMED_COUNT ? explanation->name_hashes[dependency] | 1
					: lade_explanation_hash_before(explanation, number);
}

/* The hash of its first lines, of `kind`, with what that says. */
static uint64_t with_dependencies(uint64_t hash, unsigned kind, const uint64_t before[])
{
	hash = lade_hash_word(hash, kind);
	for (unsigned i = 0; i < DEPENDENCIES; i++)
		if (kind >> i & 1)
			hash = lade_hash_word(hash, before[i]);
	return hash;
}

static unsigned kind_of(const uint64_t before[])
{
	unsigned kind = 0;

	for (unsigned i = 0; i < DEPENDENCIES; i++)
		kind |= before[i] ? 1U << i : 0;
	return kind;
}

/* ---- the same again ---- */

static bool is_same(const struct reader *reader, const struct repeat *repeat, const struct span *line)
{
	size_t length = repeat->text.length + repeat->behind;

	if (!repeat->text.text || repeat->types_followed != reader->explanation->types_follow ||
	    (size_t)(reader->end - line->text) < length || memcmp(repeat->text.text, line->text, length) != 0)
		return false;
	for (size_t i = 0; i < DEPENDENCIES; i++)
		if (repeat->before[i] && repeat->before[i] != hash_before(reader->explanation, i, reader->number))
			return false;
	return !repeat->is_ended || lade_is_behind_log(reader, line->text + repeat->text.length);
}

/* `hash`: what chooses the place. */
static struct repeat *find_at(const struct reader *reader, const struct span *line, uint64_t hash)
{
	const struct repeats *repeats = reader->repeats;
	size_t place = place_of(hash);

	for (size_t i = place; i < place + 2; i++) {
		if (!repeats->places[i].number || repeats->places[i].hash != tag_of(hash))
			continue;
		struct repeat *repeat = repeat_at(repeats, repeats->places[i].number);
		if (is_same(reader, repeat, line))
			return repeat;
	}
	return NULL;
}

/* What comes behind the last one may be what came behind it before. */
static struct repeat *find_next(const struct reader *reader, const struct span *line, bool is_message)
{
	const struct repeat *last = reader->repeats->last;
	struct repeat *next = last ? last->next : NULL;

	/* Lines end with a newline, a message does not. */
	if (!next || !next->lines != is_message || (is_message && next->text.length != line->length))
		return NULL;
	return is_same(reader, next, line) ? next : NULL;
}

static void follow(struct repeats *repeats, struct repeat *repeat)
{
	if (repeats->last)
		repeats->last->next = repeat;
	repeats->last = repeat;
}

/* Of the first line, or of a message: one line may be both, and is read otherwise. */
static uint64_t hash_of_begin(struct reader *reader, const struct span *line, bool is_message)
{
	return is_message ? lade_seen_hash(reader->messages, line) ^ UINT64_C(0xd6e8feb86659fd93)
			  : lade_seen_hash(reader->raw, line);
}

/* In most texts nothing comes again, and to look for it costs a tenth of reading it. */
static bool is_looked_for(const struct repeats *repeats, uint64_t hash, bool is_message)
{
	return repeats->credit[is_message] || hash % REPEAT_FEW == 0;
}

static void settle(unsigned *credit, const struct repeat *found)
{
	const size_t lines = found ? found->lines + !found->lines : 0;

	if (found)
		*credit += *credit < REPEAT_CREDIT ? REPEAT_WORTH * (unsigned)(lines < 64 ? lines : 64) : 0;
	else
		*credit -= *credit > 0;
}

static struct repeat *find(struct reader *reader, const struct span *line, bool is_message)
{
	struct repeat *repeat = NULL;
	uint64_t hash = hash_of_begin(reader, line, is_message), before[DEPENDENCIES], begun;
	const char *at = reader->at;
	unsigned more = 0;

	if (!is_looked_for(reader->repeats, hash, is_message))
		return NULL;
	begun = begun_by(reader->repeats, hash);
	for (size_t i = 0; begun && i < DEPENDENCIES; i++)
		before[i] = hash_before(reader->explanation, i, reader->number);
	for (; begun && !repeat; begun &= begun - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(begun);
		at = hash_firsts(at, reader->end, more, bit / KINDS, &hash);
		more = bit / KINDS;
		repeat = find_at(reader, line, with_dependencies(hash, bit % KINDS, before) + more);
		if (repeat && !repeat->lines != is_message)
			repeat = NULL;
	}
	settle(&reader->repeats->credit[is_message], repeat);
	return repeat;
}

static void name_again(struct lade_explanation *explanation, const struct repeat *repeat)
{
	for (size_t i = 0; i < NAMED_COUNT; i++) {
		const char *name = repeat->names[i], *known = explanation->names[i];
		bool is_same = name == known || (name && known && strcmp(name, known) == 0);
		if (repeat->is_named[i] && !is_same)
			lade_explanation_rename(explanation, (enum named)i, name ? strdup(name) : NULL);
		explanation->effects.is_named[i] |= repeat->is_named[i];
	}
}

static void tell_again(struct lade_explanation *explanation, const struct repeat *repeat, size_t before)
{
	for (size_t i = 0; i < repeat->count; i++) {
		const struct told *told = told_of(repeat) + i;
		struct explained *item = &explanation->items.items[told->item];
		lade_explanation_count(explanation, item, before + told->number, told->counting);
		item->other_count += told->others;
		lade_effects_other(explanation, told->others);
	}
}

/* `before`: number of the line before it. */
static void take(struct lade_explanation *explanation, const struct repeat *repeat, size_t before)
{
	explanation->known += repeat->known;
	tell_again(explanation, repeat, before);
	name_again(explanation, repeat);
	if (repeat->unknown.text)
		lade_explanation_unknown(explanation, &repeat->unknown, before + repeat->lines + !repeat->lines);
	if (repeat->accepted)
		explanation->accepted_line = before + repeat->accepted;
	if (repeat->types_line)
		explanation->types_line = before + repeat->types_line;
	explanation->types_follow = repeat->types_follow;
}

static void take_lines(struct reader *reader, struct repeat *repeat, const struct span *line)
{
	size_t before = reader->number - 1;

	take(reader->explanation, repeat, before);
	reader->at = line->text + repeat->text.length;
	reader->number = before + repeat->lines;
	follow(reader->repeats, repeat);
}

bool lade_repeat_take_next(struct reader *reader, const struct span *line)
{
	struct repeat *repeat = find_next(reader, line, false);

	if (!repeat || lade_explanation_is_open(reader->explanation, reader->number))
		return false;
	take_lines(reader, repeat, line);
	return true;
}

bool lade_repeat_take(struct reader *reader, const struct span *line)
{
	struct repeat *repeat;

	/* An error that waits for its number? */
	if (lade_explanation_is_open(reader->explanation, reader->number))
		return false;
	repeat = find(reader, line, false);
	if (!repeat)
		return false;
	take_lines(reader, repeat, line);
	return true;
}

bool lade_repeat_take_message(struct reader *reader, const struct span *message)
{
	struct effects *effects = &reader->explanation->effects;
	struct repeat *repeat;

	if (lade_explanation_is_open(reader->explanation, reader->number) || !lade_is_of_text(reader, message))
		return false;
	repeat = find_next(reader, message, true);
	repeat = repeat ? repeat : find(reader, message, true);
	if (!repeat)
		return false;
	reader->part.is_repeated = true;
	for (size_t i = 0; i < DEPENDENCIES; i++)
		effects->before[i] = effects->before[i] ? effects->before[i] : repeat->before[i];
	take(reader->explanation, repeat, reader->number - 1);
	follow(reader->repeats, repeat);
	return true;
}

/* ---- the first time ---- */

void lade_repeat_begin(struct reader *reader)
{
	lade_effects_begin(reader->explanation, reader->number - 1);
	reader->explanation->effects.is_new = lade_explanation_is_open(reader->explanation, reader->number);
}

/* Of what chooses its place; `text`: with what is behind it, if that mattered. */
static uint64_t hash_of(struct reader *reader, const struct span *text, size_t lines, const uint64_t before[])
{
	const char *end = text->text + text->length, *newline = memchr(text->text, '\n', text->length);
	const struct span line = { text->text, (size_t)((newline ? newline : end) - text->text) };
	const uint64_t first = hash_of_begin(reader, &line, !lines);
	uint64_t hash = first;
	unsigned more = 0, kind = kind_of(before);

	while (more + 1 < ELEMENTS(firsts) && firsts[more + 1] <= lines)
		more++;
	(void)hash_firsts(newline ? newline + 1 : end, end, 0, more, &hash);
	begin_by(reader->repeats, first, more * KINDS + kind);
	return with_dependencies(hash, kind, before) + more;
}

/* For the next one, if there is none; false: no memory. */
static bool add_block(struct repeats *repeats)
{
	struct repeat **block = &repeats->blocks[repeats->count / repeats->block];

	if (!*block)
		*block = lade_large_calloc(repeats->block * sizeof **block);
	return *block;
}

/* One that holds nothing yet, in the place of the second before; NULL: no memory. */
static struct repeat *put(struct repeats *repeats, uint64_t hash)
{
	size_t place = place_of(hash);
	uint32_t number = repeats->places[place + 1].number;

	if (!number && !add_block(repeats))
		return NULL;
	if (!number)
		number = ++repeats->count;
	repeats->places[place + 1] = repeats->places[place];
	repeats->places[place].hash = tag_of(hash);
	repeats->places[place].number = number;
	clear_repeat(repeat_at(repeats, number));
	return repeat_at(repeats, number);
}

/* False: no memory. */
static bool take_told(const struct effects *effects, struct repeat *repeat)
{
	struct told *told = &repeat->told.one;

	if (effects->told_count > 1)
		told = repeat->told.several = calloc(effects->told_count, sizeof *told);
	if (!told)
		return false;
	repeat->count = effects->told_count;
	for (size_t i = 0; i < repeat->count; i++) {
		told[i] = effects->told[i];
		told[i].number -= effects->begin;
	}
	return true;
}

/* What was named, and what is otherwise than before; false: no memory. */
static bool take_state(const struct lade_explanation *explanation, struct repeat *repeat)
{
	const struct effects *effects = &explanation->effects;

	memcpy(repeat->before, effects->before, sizeof repeat->before);
	memcpy(repeat->is_named, effects->is_named, sizeof repeat->is_named);
	for (size_t i = 0; i < NAMED_COUNT; i++) {
		if (!effects->is_named[i] || !explanation->names[i])
			continue;
		repeat->names[i] = strdup(explanation->names[i]);
		if (!repeat->names[i])
			return false;
	}
	repeat->types_followed = effects->types_follow;
	repeat->types_follow = explanation->types_follow;
	if (repeat->names[NAMED_TYPES])
		repeat->types_line = explanation->types_line - effects->begin;
	if (explanation->accepted_line > effects->begin)
		repeat->accepted = explanation->accepted_line - effects->begin;
	if (explanation->unknown_line == effects->begin + repeat->lines + !repeat->lines)
		repeat->unknown = (struct span){ effects->unknown, explanation->unknown_length };
	return true;
}

/* `lines`: 0 of a message. */
static void remember(struct reader *reader, const struct span *text, size_t behind, size_t lines)
{
	const struct effects *effects = &reader->explanation->effects;
	const struct span whole = { text->text, text->length + behind };
	const struct span first = { text->text, lines ? reader->part.line.length : text->length };
	struct repeat *repeat;
	uint64_t hash;

	if (!is_looked_for(reader->repeats, hash_of_begin(reader, &first, !lines), !lines))
		return;
	hash = hash_of(reader, &whole, lines + (behind > 0), effects->before);
	repeat = put(reader->repeats, hash);
	if (!repeat)
		return;
	repeat->behind = behind;
	repeat->lines = lines;
	repeat->is_ended = reader->part.is_ended;
	repeat->known = reader->explanation->known - reader->part.known;
	if (!take_told(effects, repeat) || !take_state(reader->explanation, repeat)) {
		clear_repeat(repeat);
		return;
	}
	repeat->text = *text;
	follow(reader->repeats, repeat);
}

/* What is new, or of which nothing is known but in a copy, is not done twice. */
static bool is_repeatable(const struct reader *reader)
{
	const struct lade_explanation *explanation = reader->explanation;
	const struct span unknown = { explanation->effects.unknown, explanation->unknown_length };

	return !explanation->effects.is_new && explanation->effects.items == explanation->items.count &&
	       (explanation->unknown_line != reader->number || lade_is_of_text(reader, &unknown));
}

/* Nothing but a logger's words stands around it. */
static bool is_message(const struct reader *reader, size_t lines, size_t behind)
{
	return reader->part.is_understood && reader->part.messages == 1 && lines == 1 && !behind &&
	       lade_is_of_text(reader, &reader->part.message);
}

void lade_repeat_remember(struct reader *reader)
{
	const struct part *part = &reader->part;
	const char *begin = part->line.text;
	size_t behind = reader->furthest > reader->at ? (size_t)(reader->furthest - reader->at) : 0;
	size_t lines = reader->number - reader->explanation->effects.begin;
	const struct span text = { begin, (size_t)(reader->at - begin) };

	if ((!part->is_understood && !part->is_repeated) || !is_repeatable(reader))
		return;
	/* What a logger wrapped comes again behind another time, and the whole line only if that came again, too. */
	if (is_message(reader, lines, behind))
		remember(reader, &part->message, 0, 0);
	else
		remember(reader, &text, behind, lines);
}
