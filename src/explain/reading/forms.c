/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/reading/forms.h"

#include <string.h>

/* ---- letters ---- */

/* Up to a blank or the next letter of the form; never empty. */
static bool skip_word(struct cursor *cursor, const char *rest)
{
	const char *start = cursor->at, *at = start, stop = rest[*rest == '~'];

	while (at < cursor->end && !lade_is_blank(*at) && *at != stop)
		at++;
	cursor->at = at;
	return at > start;
}

bool lade_skip_zone(struct cursor *cursor)
{
	const char *start = cursor->at;

	/* "+,-./" and the digits stand side by side: a slash is let through */
	while (cursor->at < cursor->end && ((*cursor->at >= '+' && *cursor->at <= ':') || *cursor->at == 'Z'))
		cursor->at++;
	return cursor->at > start && (lade_is_digit(cursor->at[-1]) || cursor->at[-1] == 'Z');
}

bool lade_take_tag(struct cursor *cursor, char stop, struct span *ret_tag)
{
	const char *start = cursor->at, *end = start, *most = cursor->end - start > 64 ? start + 64 : cursor->end;

	while (end < most && *end != stop)
		end++;
	cursor->at = end;
	if (stop != '_' && (end >= cursor->end || *end != stop))
		return false;
	while (end > start && lade_is_blank(end[-1]))
		end--;
	*ret_tag = (struct span){ start, (size_t)(end - start) };
	return true;
}

/* Programs' names, as they tell the system's log. */
static bool take_name(struct cursor *cursor, const char *rest, struct span *ret_tag)
{
	ret_tag->text = cursor->at;
	/* What a logger of JSON writes is no name. */
	if (cursor->at < cursor->end && (*cursor->at == '{' || *cursor->at == '"'))
		return false;
	if (!skip_word(cursor, rest))
		return false;
	ret_tag->length = (size_t)(cursor->at - ret_tag->text);
	return true;
}

/* The head of logcat's long form ends with a blank and a bracket. */
static bool take_head_tag(struct cursor *cursor, struct span *ret_tag)
{
	const char *start = cursor->at;

	while (cursor->end - cursor->at >= 2 && !(lade_is_blank(*cursor->at) && cursor->at[1] == ']'))
		cursor->at++;
	*ret_tag = (struct span){ start, (size_t)(cursor->at - start) };
	while (ret_tag->length && lade_is_blank(start[ret_tag->length - 1]))
		ret_tag->length--;
	return cursor->end - cursor->at >= 2;
}

/* A word, a name, a tag, the rest of a time: where it ends; NULL: there is none. */
static const char *take_word(const char *at, const char *end, const char *form, struct span *tag)
{
	struct cursor cursor = { at, end };
	bool is_there = *form == 'W'                     ? skip_word(&cursor, form + 1)
			: *form == 'Z'                   ? lade_skip_zone(&cursor)
			: *form == 'N'                   ? take_name(&cursor, form + 1, tag)
			: *form == 'G' && form[1] == '_' ? take_head_tag(&cursor, tag)
							 : lade_take_tag(&cursor, form[1], tag);

	return is_there ? cursor.at : NULL;
}

/* What one letter of a form stands for: where it ends; NULL: the line has it not. Every line's first bytes come by
 * here.
 */
static inline const char *take_letter(const char *at, const char *end, const char *form, struct span *tag)
{
	const char *behind;

	switch (*form) {
	case '9':
		behind = lade_behind_digits(at, end);
		return behind > at ? behind : NULL;
	case '_':
		behind = lade_behind_blanks(at, end);
		return behind > at ? behind : NULL;
	case '~':
		return lade_behind_blanks(at, end);
	case '0':
		return at < end && lade_is_digit(*at) ? at + 1 : NULL;
	case 'A':
		return at < end && lade_is_letter(*at) ? at + 1 : NULL;
	case 'L':
		return at < end && lade_is_level(*at) ? at + 1 : NULL;
	case 'G':
	case 'N':
	case 'W':
	case 'Z':
		return take_word(at, end, form, tag);
	default:
		return at < end && *at == *form ? at + 1 : NULL;
	}
}

/* ---- forms ---- */

#define LETTERS_MAX 40 /* of a form */

/* The form that was tried last: many begin with the same letters, and no byte is looked at twice. */
struct tried {
	const char *form;            /* NULL: none */
	size_t letters;              /* that the line has; all of them: then it has the form */
	const char *at[LETTERS_MAX]; /* where the part of each letter begins, and what is behind the last */
	struct span tag;
};

/* Letters that both begin with, as far as that matters: what the line has of the one before, and two more. */
static size_t shared_of(const char *form, const struct tried *before)
{
	size_t shared = 0;

	while (shared < before->letters + 2 && form[shared] && form[shared] == before->form[shared])
		shared++;
	return shared;
}

/* A tag is of what is behind these letters. */
static bool is_untagged(const char *form, size_t letters)
{
	return !memchr(form, 'G', letters) && !memchr(form, 'N', letters);
}

/* False: the line has it not. */
static bool try_form(struct tried *tried, const char *form, const char *end)
{
	size_t shared = tried->form ? shared_of(form, tried) : 0;
	/* What a letter takes depends on the one behind it, too. */
	size_t letters = shared ? shared - 1 : 0;
	const char *at, *next;

	if (shared > tried->letters + 1)
		return false; /* it begins with what the line has not */
	letters = letters < tried->letters ? letters : tried->letters;
	if (tried->tag.text && is_untagged(form, letters))
		tried->tag = (struct span){ 0 };
	tried->form = form;
	for (at = tried->at[letters]; form[letters]; letters++, at = next) {
		tried->at[letters] = at;
		next = take_letter(at, end, form + letters, &tried->tag);
		if (!next)
			break;
	}
	tried->at[letters] = at;
	tried->letters = letters;
	return !form[letters];
}

bool lade_take_form(const struct form_list *list, const struct cursor *start, struct log_line *ret_line)
{
	unsigned has = list->look ? list->look(start) : 1U << ANYTHING;
	struct tried tried;

	if (!has)
		return false;
	tried.form = NULL;
	tried.letters = 0;
	tried.at[0] = start->at;
	tried.tag = (struct span){ 0 };
	for (const struct form *form = list->forms; form < list->forms + list->count; form++) {
		const char *message;
		if (!(has >> form->wants & 1) || !try_form(&tried, form->form, start->end))
			continue;
		message = lade_behind_blanks(tried.at[tried.letters], start->end);
		*ret_line = (struct log_line){
			form->name, tried.tag, { message, (size_t)(start->end - message) }, form->is_head
		};
		return true;
	}
	return false;
}
