/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/heads.h"

#include <string.h>

#define FIRST_LETTERS 8  /* bytes in which the names of a day and a month stand */
#define HEAD_MIN      11 /* bytes: as much as is looked at before forms are compared */

/* ---- what a line begins with ---- */

/* What stands in times and around them. */
static bool is_mark(char byte)
{
	static const bool marks[128] = { ['\t'] = true, [' '] = true, ['('] = true, [')'] = true, ['+'] = true,
					 [','] = true,  ['-'] = true, ['.'] = true, ['/'] = true, [':'] = true,
					 [';'] = true,  ['<'] = true, ['>'] = true, ['['] = true, [']'] = true };

	return byte >= 0 && marks[(unsigned char)byte];
}

/* "Sun Nov 22 …", "2026-11-22T10:20:30": may this letter stand behind these bytes? */
static bool is_name(const char *bytes, size_t at, char byte)
{
	if (!lade_is_letter(byte))
		return false;
	if (byte == 'T' && at && bytes[at - 1] == '0')
		return true;
	return at < FIRST_LETTERS && (at == 0 || lade_is_letter(bytes[0]));
}

/* Does the head go on with this byte? */
static bool is_of_head(const char *bytes, size_t at, char byte)
{
	return lade_is_digit(byte) || is_mark(byte) || is_name(bytes, at, byte);
}

/* With a 0 for every digit, eight bytes at a time; NULs behind the line's end. */
void lade_without_digits(const struct cursor *line, char *ret_bytes, size_t size)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7, zeros = ones * '0';
	size_t length = (size_t)(line->end - line->at);

	if (length < size)
		memset(ret_bytes, 0, size);
	memcpy(ret_bytes, line->at, length < size ? length : size);
	for (size_t i = 0; i < size; i += sizeof tops) {
		uint64_t bytes, values, mask;
		memcpy(&bytes, ret_bytes + i, sizeof bytes);
		values = bytes ^ zeros;
		/* the highest bit of each byte that is one of 0 to 9, then all of its bits */
		mask = ~(((values & ~tops) + ones * (0x7f - 9)) | values) & tops;
		mask = (mask << 1) - (mask >> 7);
		bytes = (bytes & ~mask) | (zeros & mask);
		memcpy(ret_bytes + i, &bytes, sizeof bytes);
	}
}

/* 0: it is too short, or too long. */
static size_t head_length(const char bytes[HEAD_BYTES])
{
	size_t at = 0;

	while (at < HEAD_BYTES && is_of_head(bytes, at, bytes[at]))
		at++;
	return at < HEAD_MIN || at == HEAD_BYTES ? 0 : at;
}

static bool is_same(const struct head *head, const char bytes[HEAD_BYTES])
{
	char behind = bytes[head->length];

	return head->list && memcmp(head->bytes, bytes, head->length) == 0 &&
	       !is_of_head(bytes, head->length, behind) && (!head->not_behind || behind != head->not_behind);
}

/* NULL: it was not there. */
static const struct head *find(struct heads *heads, const char bytes[HEAD_BYTES])
{
	for (size_t i = 0; i < HEADS; i++) {
		size_t place = (heads->last + i) % HEADS;
		if (!is_same(&heads->places[place], bytes))
			continue;
		heads->last = place;
		return &heads->places[place];
	}
	return NULL;
}

/* ---- again ---- */

/* The form that is first, from its first letter that is not of the head; then those behind it in the list. */
static const struct form *find_form(const struct head *head, const struct cursor *line, const struct cursor *start,
				    struct tried *tried)
{
	const struct form *form = &head->list->forms[head->index];
	size_t index;

	tried->form = form->form;
	tried->letters = head->letters;
	tried->tag = (struct span){ 0 };
	tried->at[head->letters] = line->at + head->at[head->letters];
	lade_try_on(tried, line->end);
	if (lade_has_form(tried, form))
		return head->is_wanted || head->list->look(start) >> form->wants & 1 ? form : NULL;
	for (size_t i = 0; i < head->letters; i++)
		tried->at[i] = line->at + head->at[i];
	index = lade_take_form(head->list, head->index + 1U, start, tried);
	return index < head->list->count ? &head->list->forms[index] : NULL;
}

bool lade_heads_take(struct heads *heads, const struct cursor *line, struct log_line *ret_line)
{
	char bytes[HEAD_BYTES];
	const struct head *head;
	const struct form *form;
	struct tried tried;

	lade_without_digits(line, bytes, sizeof bytes);
	head = find(heads, bytes);
	form = head ? find_form(head, line, &(struct cursor){ line->at + head->start, line->end }, &tried) : NULL;
	if (form)
		lade_form_line(form, &tried, line->end, ret_line);
	return form != NULL;
}

/* ---- the first time ---- */

static bool is_word(char letter)
{
	return letter == 'G' || letter == 'L' || letter == 'N' || letter == 'W' || letter == 'Z';
}

/* Is a byte that stands in no head none that this letter of a form begins with? */
static bool is_of_heads(char letter)
{
	return letter == '9' || letter == '0' || letter == '_' || is_mark(letter);
}

/* Does a word of the form end where the head does? It may go on in another line. */
static bool has_open_word(const struct tried *tried, const char *head_end)
{
	for (size_t i = 0; i < tried->letters; i++)
		if (is_word(tried->form[i]) && tried->at[i + 1] == head_end)
			return true;
	return false;
}

/* Whatever stands behind the head: has no line with it the form? */
static bool is_refused(const struct tried *tried, const char *head_end)
{
	const char *at = tried->at[tried->letters];
	char letter = tried->form[tried->letters];

	if (!letter || letter == 'G' || letter == 'Z' || has_open_word(tried, head_end))
		return false;
	return at < head_end || (at == head_end && is_of_heads(letter));
}

/* The byte that the form wants behind the head, if that is all it lacks; NUL: it is another letter. */
static char wanted_behind(const struct tried *tried, const char *head_end)
{
	char letter = tried->form[tried->letters];
	bool is_itself = letter && !is_word(letter) && letter != 'A' && !is_of_heads(letter);

	if (!is_itself || tried->at[tried->letters] != head_end || has_open_word(tried, head_end))
		return '\0';
	return letter;
}

/* Letters of the form that stand in the head, and would in each line that has it. */
static size_t letters_of(const struct tried *tried, const char *head_end)
{
	size_t letters = 0;

	while (letters < tried->letters && !is_word(tried->form[letters]) && tried->at[letters + 1] <= head_end)
		letters++;
	return letters;
}

/* What the form wants is the head's. */
static bool is_wanted(const struct head *head, size_t length)
{
	const struct cursor start = { head->bytes + head->start, head->bytes + length };

	return !head->list->look || head->list->look(&start) >> head->list->forms[head->index].wants & 1;
}

void lade_heads_keep(struct heads *heads, const struct cursor *line, const struct form_list *list,
		     const struct cursor *start, size_t index)
{
	struct head head = { .list = list, .start = (uint8_t)(start->at - line->at) };
	const char *head_end;
	struct tried tried;
	size_t first = 0;

	lade_without_digits(line, head.bytes, sizeof head.bytes);
	head.length = head_length(head.bytes);
	head_end = line->at + head.length;
	if (!head.length || start->at > head_end)
		return;
	for (;; first++) {
		lade_tried_begin(&tried, start->at);
		lade_try_form(&tried, list->forms[first].form, line->end);
		if (first == index)
			break;
		if (!is_refused(&tried, head_end) && (head.not_behind || !wanted_behind(&tried, head_end)))
			break;
		if (!is_refused(&tried, head_end))
			head.not_behind = wanted_behind(&tried, head_end);
	}
	head.index = (uint8_t)first;
	head.letters = (uint8_t)letters_of(&tried, head_end);
	head.is_wanted = is_wanted(&head, head.length);
	for (size_t i = 0; i <= head.letters; i++)
		head.at[i] = (uint8_t)(tried.at[i] - line->at);
	if (head.letters)
		heads->places[heads->next++ % HEADS] = head;
}
