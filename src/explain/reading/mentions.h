/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a whole text that have a word, one after the other. */
#ifndef LADE_EXPLAIN_READING_MENTIONS_H
#define LADE_EXPLAIN_READING_MENTIONS_H

#include "explain/reading/line.h"
#include "explain/reading/search.h"

struct mention {
	struct span text; /* the line */
	size_t number;    /* of the line that was found last, from 1 */
	const char *next; /* where the next one begins; at first the text's begin */
};

/* The next line that has the word; false: there is none. */
static inline bool lade_find_mention(const struct span *text, const char *word, struct mention *line)
{
	const char *end = text->text + text->length, *start = line->next, *newline, *stop;
	const char *hit = lade_search_long(start, (size_t)(end - start), word, strlen(word));

	if (!hit)
		return false;
	for (line->number++; (newline = memchr(start, '\n', (size_t)(hit - start))); start = newline + 1)
		line->number++;
	stop = memchr(hit, '\n', (size_t)(end - hit));
	stop = stop ? stop : end;
	line->text = (struct span){ start, (size_t)(stop - start) };
	line->next = stop < end ? stop + 1 : end;
	return true;
}

/* The line behind it, whatever it has; false: the text ends. */
static inline bool lade_next_line(const struct span *text, struct mention *line)
{
	const char *end = text->text + text->length, *start = line->next, *newline;

	if (start >= end)
		return false;
	newline = memchr(start, '\n', (size_t)(end - start));
	line->text = (struct span){ start, (size_t)((newline ? newline : end) - start) };
	line->next = newline ? newline + 1 : end;
	line->number++;
	return true;
}

/* The line of this number, from 1; false: the text has fewer. */
static inline bool lade_line_at(const struct span *text, size_t number, struct mention *line)
{
	*line = (struct mention){ .next = text->text };
	while (line->number < number)
		if (!lade_next_line(text, line))
			return false;
	return number > 0;
}

/* Where the line has it; NULL: nowhere. */
static inline const char *lade_in_mention(const struct mention *line, const char *word)
{
	return lade_search(line->text.text, line->text.length, word, strlen(word));
}

/* The number whose digits begin at `at` and end before `end`, where the text may end, too, with nothing behind it;
 * SIZE_MAX: there is none. */
static inline size_t lade_number_at(const char *at, const char *end)
{
	size_t number = 0;

	if (at == end || !lade_is_digit(*at))
		return SIZE_MAX;
	for (; at < end && lade_is_digit(*at) && number < SIZE_MAX / 16; at++)
		number = number * 10 + (size_t)(*at - '0');
	return number;
}

#endif
