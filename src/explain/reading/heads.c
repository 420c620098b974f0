/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/reading/heads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/large.h"
#include "base/thread.h"
#include "explain/reading/forms.h"
#include "explain/reading/quiet.h"
#include "explain/reading/same_head.h"

#define TEXT_MAX      ((size_t)1 << 28) /* a larger text is read as it is: the copy is the most memory that is needed */
#define SAMPLES       64
#define SECOND_THREAD ((size_t)1 << 19) /* bytes of half a text: fewer are copied before it has begun */
#define STACK_BYTES   (1U << 20)
#define SHARE         2 /* of so many lines one must have a head */
#define HEADS         4 /* that are known at a time */

struct pass {
	const struct reader *text;
	char *buffer;                         /* LINE_BYTES: a line without colours */
	struct same_head heads[HEADS];        /* the last ones, the newest first: numbers have three digits, or four */
	const char *escape, *carriage_return; /* the next ones; the text's end: there are no more */
};

static struct pass begin(const struct reader *text, char *buffer)
{
	return (struct pass){
		.text = text, .buffer = buffer, .escape = text->begin - 1, .carriage_return = text->begin - 1
	};
}

/* Is a mark in the line? `next`: where the next one is, which is looked for once. */
static bool has(const struct pass *pass, const struct raw_line *raw, const char **next, char mark)
{
	const char *end = pass->text->end;

	if (*next < raw->text) {
		*next = pass->text->has_colours ? memchr(raw->text, mark, (size_t)(end - raw->text)) : NULL;
		*next = *next ? *next : end;
	}
	return *next < raw->text + raw->length;
}

static bool has_colours(struct pass *pass, const struct raw_line *raw)
{
	return has(pass, raw, &pass->escape, '\033') || has(pass, raw, &pass->carriage_return, '\r');
}

static void move_first(struct pass *pass, size_t number)
{
	const struct same_head head = pass->heads[number];

	memmove(pass->heads + 1, pass->heads, number * sizeof head);
	pass->heads[0] = head;
}

/* Where the message begins behind a head that is like one of the last, which is the first then; NULL: it is like none.
 */
static const char *behind_same(struct pass *pass, const struct raw_line *raw)
{
	const char *behind = NULL;

	for (size_t i = 0; !behind && i < HEADS; i++) {
		behind = lade_same_head(&pass->heads[i], raw->text, raw->length);
		if (behind && i)
			move_first(pass, i);
	}
	return behind;
}

/* What stands behind such a head; false: it is none. */
static bool take_same(struct pass *pass, const struct raw_line *raw, struct log_line *ret_line)
{
	const char *end = raw->text + raw->length, *behind = behind_same(pass, raw);

	behind = behind && !has_colours(pass, raw) ? lade_behind_blanks(behind, end) : NULL;
	/* "12: (85) …" may be an instruction behind a word that is no host. */
	if (!behind || behind == end || *behind == '(')
		return false;
	*ret_line = lade_behind_head(pass->heads[0].is_threadtime ? "threadtime" : "journal", behind, end);
	return true;
}

static void learn(struct pass *pass, const struct raw_line *raw, const struct log_line *line)
{
	struct same_head head = { 0 };

	lade_same_head_learn(&head, raw->text, line);
	if (!head.length)
		return;
	pass->heads[HEADS - 1] = head;
	move_first(pass, HEADS - 1);
}

/* What a line says behind its head; false: it has none, or is better read as it is. */
static bool take_message(struct pass *pass, const struct raw_line *raw, struct log_line *ret_line)
{
	const struct reader *text = pass->text;

	if (take_same(pass, raw, ret_line))
		return true;
	if (!raw->length || lade_is_passed_over(raw))
		return false;
	*ret_line = lade_parse_line(text, raw, pass->buffer);
	if (!ret_line->format || ret_line->is_head)
		return false;
	if (lade_is_of_text(text, &ret_line->message))
		learn(pass, raw, ret_line);
	return true;
}

/* Of lines here and there, has every second one a head? */
static bool has_heads(const struct reader *text)
{
	const size_t length = (size_t)(text->end - text->begin);
	unsigned lines = 0, heads = 0;
	struct pass pass = begin(text, text->stripped);
	struct raw_line raw;
	struct log_line line;

	for (size_t i = 0; i < SAMPLES; i++) {
		const char *at = text->begin + length / SAMPLES * i;
		const char *newline = i ? memchr(at, '\n', (size_t)(text->end - at)) : at - 1;
		if (!newline || !lade_peek_line(text, newline + 1, &raw) || !raw.length)
			continue;
		lines++;
		heads += take_message(&pass, &raw, &line);
	}
	return lines && heads * SHARE >= lines;
}

static char *put(char *to, const char *from, size_t length)
{
	memcpy(to, from, length);
	return to + length;
}

/* Of one line, with its newline; what is behind it. */
static char *copy_line(struct pass *pass, const struct raw_line *raw, char *to)
{
	struct log_line line;

	if (!take_message(pass, raw, &line))
		return put(to, raw->text, (size_t)(raw->next - raw->text));
	*to++ = HEAD_MARK;
	to = put(to, line.message.text, line.message.length);
	if (raw->next > raw->text && raw->next[-1] == '\n')
		*to++ = '\n';
	return to;
}

/* ---- two halves ---- */

/* From the line at `at` on, before `end`. */
struct half {
	struct pass pass;
	const char *at, *end;
	char *copy, *to; /* what was copied ends at `to` */
	bool is_marked;  /* a line of it begins with the mark */
	cpu_set_t allowed;
};

static void copy_half(struct half *half)
{
	const char *at = half->at;
	struct raw_line raw;

	for (; at < half->end && lade_peek_line(half->pass.text, at, &raw); at = raw.next) {
		half->is_marked = *at == HEAD_MARK;
		if (half->is_marked)
			return;
		half->to = copy_line(&half->pass, &raw, half->to);
	}
}

static void *copy_second(void *data)
{
	struct half *half = data;

	/* It began on a CPU of its own; from now on the kernel knows best. */
	(void)pthread_setaffinity_np(pthread_self(), sizeof half->allowed, &half->allowed);
	copy_half(half);
	return NULL;
}

/* Where the first line begins behind the middle. */
static const char *middle_of(const struct reader *text)
{
	const char *middle = text->begin + (text->end - text->begin) / 2;
	const char *newline = memchr(middle, '\n', (size_t)(text->end - middle));

	return newline ? newline + 1 : text->end;
}

/* A second thread, if the process may use another CPU; false: the caller does it all. */
static bool start_second(struct half *half, pthread_t *ret_thread)
{
	unsigned cpu;

	return (size_t)(half->end - half->at) >= SECOND_THREAD && lade_other_cpus(&half->allowed, &cpu, 1) > 0 &&
	       lade_thread_start_on(cpu, STACK_BYTES, copy_second, half, ret_thread);
}

static struct half half_of(const struct reader *text, const char *at, const char *end, char *copy, char *buffer)
{
	/* No line becomes longer. */
	char *to = copy + (at - text->begin);

	return (struct half){ .pass = begin(text, buffer), .at = at, .end = end, .copy = to, .to = to };
}

/* What is behind the last line; NULL: it is to be left as it is. */
static char *copy_both(const struct reader *text, char *copy, char *buffer)
{
	const char *middle = middle_of(text);
	struct half first = half_of(text, text->begin, middle, copy, text->stripped);
	struct half second = half_of(text, middle, text->end, copy, buffer);
	pthread_t thread;
	bool is_started = start_second(&second, &thread);

	copy_half(&first);
	if (is_started)
		(void)pthread_join(thread, NULL);
	else
		copy_half(&second);
	memmove(first.to, second.copy, (size_t)(second.to - second.copy));
	return first.is_marked || second.is_marked ? NULL : first.to + (second.to - second.copy);
}

char *lade_without_heads(const struct reader *text, size_t *ret_length)
{
	const size_t length = (size_t)(text->end - text->begin);
	CLEANUP(cleanup_free) char *copy = NULL;
	CLEANUP(cleanup_free) char *buffer = NULL;
	const char *end;

	if (length > TEXT_MAX || !has_heads(text))
		return NULL;
	copy = lade_large_alloc(length);
	buffer = malloc(LINE_BYTES);
	end = copy && buffer ? copy_both(text, copy, buffer) : NULL;
	if (!end)
		return NULL;
	*ret_length = (size_t)(end - copy);
	return TAKE(copy);
}
