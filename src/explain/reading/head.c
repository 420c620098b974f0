/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/reading/head.h"

#include <ctype.h>
#include <string.h>

#include "explain/reading/search.h"

/* "(bf) " */
static bool is_code(const char *at, const char *end)
{
	return end - at > 5 && at[0] == '(' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]) &&
	       at[3] == ')' && at[4] == ' ';
}

/* Behind a number of a version or an address there is no instruction. */
static bool may_end_head(char letter)
{
	static const char marks[] = { '.', '-', '_', '/', '(', '#', '+' };

	return !isalnum((unsigned char)letter) && !memchr(marks, letter, sizeof marks);
}

size_t lade_head_length(const struct span *line)
{
	const char *end = line->text + line->length, *at = line->text;

	while ((at = lade_search(at, (size_t)(end - at), ": (", 3))) {
		const char *number = at;
		while (number > line->text && lade_is_digit(number[-1]))
			number--;
		if (number < at && number > line->text && is_code(at + 2, end) && may_end_head(number[-1]))
			return (size_t)(number - line->text);
		at += 3;
	}
	return 0;
}

/* Past what may differ: numbers, and the blanks before them. */
static const char *skip_number(const char *at, const char *end)
{
	while (at < end && lade_is_blank(*at))
		at++;
	while (at < end && lade_is_digit(*at))
		at++;
	return at;
}

/* The blanks at the head's end; those behind them are the message's. */
static const char *skip_blanks(const char *at, const char *end, size_t blanks)
{
	while (at < end && blanks && lade_is_blank(*at)) {
		at++;
		blanks--;
	}
	return at == end || !blanks ? at : NULL;
}

size_t lade_head_again(const struct span *head, const struct span *line)
{
	const char *at = head->text, *end = at + head->length;
	const char *other = line->text, *other_end = other + line->length;

	while (at < end) {
		const char *behind = skip_number(at, end), *other_behind;
		if (behind == end && behind > at && lade_is_blank(behind[-1])) {
			other = skip_blanks(other, other_end, (size_t)(behind - at));
			return other ? (size_t)(other - line->text) : 0;
		}
		other_behind = skip_number(other, other_end);
		if ((behind > at) != (other_behind > other))
			return 0;
		if (behind > at) {
			at = behind;
			other = other_behind;
		} else if (other == other_end || *at++ != *other++) {
			return 0;
		}
	}
	return (size_t)(other - line->text);
}
