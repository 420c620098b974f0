/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/reading/same_head.h"

#include <string.h>

#include "explain/reading/eight.h"
#include "explain/reading/forms.h"

/* Every digit becomes a '0'; bytes that are none of ASCII stay. */
static uint64_t without_digits(uint64_t bytes)
{
	return bytes & ~((lade_eight_between(bytes, '0', '9') >> 7) * 0x0f);
}

/* The first bytes of eight. */
static uint64_t first_bytes(const char *text, size_t length)
{
	uint64_t bytes = 0;

	memcpy(&bytes, text, length);
	return bytes;
}

static bool has_begin(const struct same_head *head, const char *text)
{
	size_t at = 0, word = 0;
	uint64_t bytes;

	for (; at + sizeof bytes <= head->length; at += sizeof bytes) {
		memcpy(&bytes, text + at, sizeof bytes);
		if (without_digits(bytes) != head->words[word++])
			return false;
	}
	return at == head->length || without_digits(first_bytes(text + at, head->length - at)) == head->words[word];
}

/* "E TAG : ": a tag may hold blanks, and ends with the first colon. */
static const char *behind_tag(const char *at, const char *end)
{
	struct cursor cursor = { at + 2, end };
	struct span tag;

	if (end - at < 3 || !lade_is_level(*at) || at[1] != ' ' || lade_is_blank(at[2]) ||
	    !lade_take_tag(&cursor, ':', &tag))
		return NULL;
	return cursor.at + 1;
}

/* "agent[1001]: ", "kernel: ". */
static const char *behind_name(const char *at, const char *end)
{
	const char *start = at, *behind;

	if (at == end || *at == '{' || *at == '"')
		return NULL;
	while (at < end && !lade_is_blank(*at) && *at != '[' && *at != ':')
		at++;
	if (at == start || at == end || lade_is_blank(*at))
		return NULL;
	if (*at == '[') {
		behind = lade_behind_digits(at + 1, end);
		at = behind > at + 1 && behind < end && *behind == ']' ? behind + 1 : end;
	}
	/* A colon within a name, and one without a blank behind it, may be of another form. */
	return end - at > 1 && *at == ':' && at[1] == ' ' ? at + 1 : NULL;
}

const char *lade_same_head(const struct same_head *head, const char *text, size_t length)
{
	const char *at = text + head->length, *end = text + length;

	if (!head->length || length <= head->length || !has_begin(head, text))
		return NULL;
	return head->is_threadtime ? behind_tag(at, end) : behind_name(at, end);
}

/* Up to the level: ".9_9_9_" behind the stamp; 0: it has another form. */
static size_t threadtime_length(const char *text, const char *end)
{
	const char *at = text + strlen("00-00 00:00:00."), *behind;

	for (unsigned number = 0; number < 3; number++) {
		behind = lade_behind_digits(at, end);
		if (behind == at || behind == end || !lade_is_blank(*behind))
			return 0;
		at = lade_behind_blanks(behind, end);
	}
	return (size_t)(at - text);
}

/* "AAA ~9 00:00:00 host "; 0: it has another form. */
static size_t journal_length(const char *text, const char *end)
{
	const char *at = lade_behind_blanks(text + 3, end), *behind = lade_behind_digits(at, end);

	if (!lade_is_letter(text[0]) || !lade_is_letter(text[1]) || !lade_is_letter(text[2]) || at == text + 3 ||
	    behind == at || end - behind < 12 || *behind != ' ' || behind[9] != ' ' || behind[10] == ' ')
		return 0;
	for (at = behind + 10; at < end && !lade_is_blank(*at);)
		at++;
	return end - at > 1 && !lade_is_blank(at[1]) ? (size_t)(at - text) + 1 : 0;
}

void lade_same_head_learn(struct same_head *head, const char *text, const struct log_line *line)
{
	const char *end = line->message.text;
	bool is_threadtime = strcmp(line->format, "threadtime") == 0;
	bool is_journal = strcmp(line->format, "journal") == 0;
	size_t length = 0;

	if (is_threadtime && lade_is_digit(*text) && end - text > 24 && text[2] == '-')
		length = threadtime_length(text, end);
	else if (is_journal && end - text > 24)
		length = journal_length(text, end);
	/* A bracket may belong to a form that is tried before. */
	if (!length || length > sizeof head->words || memchr(text, '[', length))
		return;
	*head = (struct same_head){ .length = length, .is_threadtime = is_threadtime };
	for (size_t at = 0; at < length; at += sizeof *head->words)
		head->words[at / sizeof *head->words] = without_digits(
			first_bytes(text + at, length - at < sizeof *head->words ? length - at : sizeof *head->words));
}
