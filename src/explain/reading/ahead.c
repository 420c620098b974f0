/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text is cut into blocks. Of sixteen, a stretch, the first is always looked through, and the others if that had
 * enough of quiet lines: where every line says something there is nothing to be gained. The first lines of a stretch
 * are read nevertheless, and go on to be read while most of it was there before: that is faster.
 */
#include "explain/reading/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "explain/reading/quiet.h"

#define BLOCK_BYTES    ((size_t)1 << 16)
#define STRETCH        16                /* blocks */
#define WINDOW         16                /* blocks that may be looked through before they are read */
#define RUNS_MAX       1024              /* of a block; what comes then is read */
#define QUIET_SHARE    2                 /* of so many lines one must be quiet */
#define TRIED_BYTES    (BLOCK_BYTES / 4) /* of a stretch, that are read */
#define REPEATED_SHARE 2                 /* of so many bytes of them one must have been there before */
#define TEXT_MIN       (4 * BLOCK_BYTES)
#define SECOND_THREAD  (16 * BLOCK_BYTES) /* a smaller text is read before it has begun */
#define STACK_BYTES    (1U << 20)

/* Bytes from the block's begin; `last`: where the last line begins, NO_LAST: it is blank. */
struct run {
	size_t begin, end, lines, last;
};
#define NO_LAST SIZE_MAX

struct block {
	size_t number; /* from 1; 0: none */
	bool is_done;
	size_t count;
	struct run runs[RUNS_MAX];
};

enum stretch {
	STRETCH_UNKNOWN,
	STRETCH_QUIET,
	STRETCH_LOUD,
};

struct ahead {
	const char *begin, *end; /* of the text */
	size_t count;            /* of blocks */
	/* of the thread that reads */
	const char *next;          /* before it there is no run */
	const struct block *block; /* that is read; NULL: none, or without runs */
	size_t run;                /* of it, that is next */
	struct quiet *here;
	const char *stretch_end;       /* of the one that is read */
	const char *tried, *tried_end; /* its lines that are not looked for; NULL: there are no more */
	size_t repeated;               /* bytes that were there before, when these began */
	/* of both */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t reading, claimed; /* the block that is read; the next that nobody has looked through */
	bool is_over;
	struct block blocks[WINDOW];
	uint8_t *stretches;
	/* of the other */
	pthread_t thread;
	cpu_set_t allowed;
	struct quiet *there; /* NULL: there is none */
};

/* ---- looking through a block ---- */

static const char *begin_of(const struct ahead *ahead, size_t number)
{
	return ahead->begin + number * BLOCK_BYTES;
}

static const char *end_of(const struct ahead *ahead, size_t number)
{
	return number + 1 < ahead->count ? begin_of(ahead, number + 1) : ahead->end;
}

/* Of the first line that begins in the block; its end: none does. */
static const char *first_line(const struct ahead *ahead, size_t number)
{
	const char *at = begin_of(ahead, number), *end = end_of(ahead, number), *newline;

	if (!number)
		return at;
	newline = memchr(at - 1, '\n', (size_t)(end - at) + 1);
	return newline ? newline + 1 : end;
}

/* NULL: there is no room for another. */
static struct run *add_run(struct block *block, size_t begin)
{
	struct run *run = block->count ? &block->runs[block->count - 1] : NULL;

	if (run && run->end == begin)
		return run;
	if (block->count == RUNS_MAX)
		return NULL;
	run = &block->runs[block->count++];
	*run = (struct run){ .begin = begin };
	return run;
}

/* How quiet it is. */
static enum stretch look_through(const struct ahead *ahead, struct quiet *quiet, struct block *block)
{
	const char *begin = begin_of(ahead, block->number - 1), *end = end_of(ahead, block->number - 1);
	const char *at = first_line(ahead, block->number - 1);
	size_t lines = 0, quiet_lines = 0;
	struct raw_line raw;

	block->count = 0;
	quiet->is_behind_types = true;
	for (; at < end && lade_peek_line(&quiet->text, at, &raw); at = raw.next, lines++) {
		enum quietness quietness = lade_quietness(quiet, &raw);
		if (quietness == QUIET_NOT)
			continue;
		struct run *run = add_run(block, (size_t)(at - begin));
		if (!run)
			break;
		run->end = (size_t)(raw.next - begin);
		run->last = quietness == QUIET_OTHER ? (size_t)(at - begin) : NO_LAST;
		run->lines++;
		quiet_lines++;
	}
	return quiet_lines * QUIET_SHARE >= lines ? STRETCH_QUIET : STRETCH_LOUD;
}

/* ---- who looks through what; with the lock ---- */

static bool is_head(size_t number)
{
	return number % STRETCH == 0;
}

/* Somebody is still looking through it. The reader may be far beyond: it jumps over what was there before. */
static bool is_taken(const struct block *block)
{
	return block->number && !block->is_done;
}

/* The next block that is worth it, which is then the caller's; NULL: there is none yet. */
static struct block *claim(struct ahead *ahead)
{
	while (ahead->claimed < ahead->count && ahead->claimed < ahead->reading + WINDOW) {
		enum stretch stretch = (enum stretch)ahead->stretches[ahead->claimed / STRETCH];
		if (!is_head(ahead->claimed) && stretch == STRETCH_UNKNOWN)
			return NULL;
		if (!is_head(ahead->claimed) && stretch == STRETCH_LOUD) {
			ahead->claimed += STRETCH - ahead->claimed % STRETCH;
			continue;
		}
		struct block *block = &ahead->blocks[ahead->claimed % WINDOW];
		if (is_taken(block))
			return NULL;
		block->number = ++ahead->claimed;
		block->is_done = false;
		return block;
	}
	return NULL;
}

/* Without the lock while it takes. */
static void take(struct ahead *ahead, struct quiet *quiet, struct block *block)
{
	size_t number = block->number - 1;
	enum stretch stretch;

	(void)pthread_mutex_unlock(&ahead->lock);
	stretch = look_through(ahead, quiet, block);
	(void)pthread_mutex_lock(&ahead->lock);
	block->is_done = true;
	if (is_head(number))
		ahead->stretches[number / STRETCH] = (uint8_t)stretch;
	(void)pthread_cond_broadcast(&ahead->changed);
}

static void *run_ahead(void *data)
{
	struct ahead *ahead = data;
	struct block *block;

	/* It began on a CPU of its own; from now on the kernel knows best. */
	(void)pthread_setaffinity_np(pthread_self(), sizeof ahead->allowed, &ahead->allowed);
	(void)pthread_mutex_lock(&ahead->lock);
	while (!ahead->is_over && ahead->claimed < ahead->count) {
		block = claim(ahead);
		if (block)
			take(ahead, ahead->there, block);
		else if (ahead->claimed < ahead->count)
			(void)pthread_cond_wait(&ahead->changed, &ahead->lock);
	}
	(void)pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* The block, when it was looked through: by the caller, or by the other while the caller does another. */
static const struct block *wait_for(struct ahead *ahead, size_t number)
{
	struct block *block = &ahead->blocks[number % WINDOW], *other;

	if (ahead->claimed <= number)
		ahead->claimed = number;
	while (block->number != number + 1 || !block->is_done) {
		other = claim(ahead);
		if (other)
			take(ahead, ahead->here, other);
		else
			(void)pthread_cond_wait(&ahead->changed, &ahead->lock);
	}
	return block;
}

/* NULL: its stretch is loud. */
static const struct block *enter(struct ahead *ahead, size_t number)
{
	const struct block *block = NULL;
	size_t head = number - number % STRETCH;

	(void)pthread_mutex_lock(&ahead->lock);
	if (ahead->stretches[head / STRETCH] == STRETCH_UNKNOWN) {
		ahead->reading = head;
		(void)wait_for(ahead, head);
	}
	ahead->reading = number;
	(void)pthread_cond_broadcast(&ahead->changed);
	if (is_head(number) || ahead->stretches[head / STRETCH] == STRETCH_QUIET)
		block = wait_for(ahead, number);
	(void)pthread_mutex_unlock(&ahead->lock);
	return block;
}

/* ---- what the reader asks ---- */

/* Where the next run begins, or the next block. */
static const char *next_of(const struct ahead *ahead, size_t number)
{
	if (ahead->block && ahead->run < ahead->block->count)
		return begin_of(ahead, number) + ahead->block->runs[ahead->run].begin;
	return end_of(ahead, number);
}

static size_t count_lines(const char *at, const char *end)
{
	size_t count = 0;

	for (const char *newline; at < end; at = newline + 1, count++) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			return count + 1;
	}
	return count;
}

/* The next so many bytes are read. */
static void read_up_to(struct ahead *ahead, const char *at, size_t bytes, size_t repeated)
{
	ahead->tried = at;
	ahead->tried_end = (size_t)(ahead->stretch_end - at) < bytes ? ahead->stretch_end : at + bytes;
	ahead->next = ahead->tried_end;
	ahead->repeated = repeated;
}

/* Is the line of the first ones of its stretch, or of what was there before? Then it is read. */
static bool is_to_be_read(struct ahead *ahead, const char *at, size_t repeated)
{
	if (at >= ahead->stretch_end) {
		size_t stretch = (size_t)(at - ahead->begin) / (STRETCH * BLOCK_BYTES);
		ahead->stretch_end = end_of(ahead, stretch * STRETCH + STRETCH - 1);
		read_up_to(ahead, at, TRIED_BYTES, repeated);
	} else if (at >= ahead->tried_end && ahead->tried &&
		   (repeated - ahead->repeated) * REPEATED_SHARE >= (size_t)(at - ahead->tried)) {
		read_up_to(ahead, at, BLOCK_BYTES, repeated);
	} else if (at >= ahead->tried_end) {
		ahead->tried = NULL;
	}
	return ahead->tried != NULL;
}

static bool find(struct ahead *ahead, const char *at, struct quiet_run *ret_run)
{
	size_t number = (size_t)(at - ahead->begin) / BLOCK_BYTES;
	const char *begin = begin_of(ahead, number);

	if (!ahead->block || ahead->block->number != number + 1) {
		ahead->block = enter(ahead, number);
		ahead->run = 0;
	}
	while (ahead->block && ahead->run < ahead->block->count && begin + ahead->block->runs[ahead->run].end <= at)
		ahead->run++;
	ahead->next = next_of(ahead, number);
	if (ahead->next > at || !ahead->block || ahead->run == ahead->block->count)
		return false;
	const struct run *run = &ahead->block->runs[ahead->run++];
	*ret_run = (struct quiet_run){ begin + run->end, run->lines, run->last == NO_LAST ? NULL : begin + run->last };
	/* The first lines of it were of a log. */
	if (begin + run->begin < at)
		ret_run->lines = count_lines(at, ret_run->end);
	ahead->next = next_of(ahead, number);
	return true;
}

bool lade_ahead_take(struct ahead *ahead, const char *at, size_t repeated, struct quiet_run *ret_run)
{
	return at >= ahead->next && !is_to_be_read(ahead, at, repeated) && find(ahead, at, ret_run);
}

/* ---- beginning and end ---- */

/* Without a CPU of its own it would only be in the way. */
static void start(struct ahead *ahead, const struct reader *text)
{
	unsigned cpu;

	if (ahead->count < SECOND_THREAD / BLOCK_BYTES || lade_other_cpus(&ahead->allowed, &cpu, 1) == 0)
		return;
	ahead->there = calloc(1, sizeof *ahead->there);
	if (!ahead->there)
		return;
	lade_quiet_begin(ahead->there, text);
	if (!lade_thread_start_on(cpu, STACK_BYTES, run_ahead, ahead, &ahead->thread)) {
		free(ahead->there);
		ahead->there = NULL;
	}
}

struct ahead *lade_ahead_new(const struct reader *text)
{
	size_t length = (size_t)(text->end - text->begin);
	struct ahead *ahead = length < TEXT_MIN ? NULL : calloc(1, sizeof *ahead);

	if (!ahead)
		return NULL;
	ahead->begin = ahead->next = ahead->stretch_end = text->begin;
	ahead->end = text->end;
	ahead->count = (length + BLOCK_BYTES - 1) / BLOCK_BYTES;
	ahead->here = calloc(1, sizeof *ahead->here);
	ahead->stretches = calloc(ahead->count / STRETCH + 1, 1);
	(void)pthread_mutex_init(&ahead->lock, NULL);
	(void)pthread_cond_init(&ahead->changed, NULL);
	if (!ahead->here || !ahead->stretches)
		return lade_ahead_free(ahead);
	lade_quiet_begin(ahead->here, text);
	start(ahead, text);
	return ahead;
}

struct ahead *lade_ahead_free(struct ahead *ahead)
{
	if (!ahead)
		return NULL;
	(void)pthread_mutex_lock(&ahead->lock);
	ahead->is_over = true;
	(void)pthread_cond_broadcast(&ahead->changed);
	(void)pthread_mutex_unlock(&ahead->lock);
	if (ahead->there)
		(void)pthread_join(ahead->thread, NULL);
	(void)pthread_cond_destroy(&ahead->changed);
	(void)pthread_mutex_destroy(&ahead->lock);
	free(ahead->stretches);
	free(ahead->here);
	free(ahead->there);
	free(ahead);
	return NULL;
}
