/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verification in parallel: the calling thread and a crew of helpers take jobs from one queue, most expensive first.
 * A helper takes as long to start as a small program takes to verify, so the crew is started as soon as it is known
 * that there will be work, and waits while BTF and maps are made. Helpers start inside the call that loads, are joined
 * before it returns, block all signals and have a CPU each (new threads may otherwise share their creator's). Without
 * helpers everything still runs, one after another.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/thread.h"
#include "load/loader.h"

#define MAX_HELPERS 63
#define STACK_BYTES ((size_t)256 * 1024)
#define SPINS       2000 /* some 50 µs: waking a thread that sleeps on an idle CPU takes as long */

enum stage { STAGE_WAIT, STAGE_WORK, STAGE_OVER };

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* stage, or the last job is done */
	_Atomic(enum stage) stage;
	struct program_job **jobs; /* most expensive first */
	size_t count;
	atomic_size_t next, done;
	atomic_uint gone; /* helpers that have nothing left to do */
	unsigned helpers;
	cpu_set_t allowed; /* CPUs of the caller */
	pthread_t threads[MAX_HELPERS];
};

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static bool is_waiting(struct crew *crew)
{
	return atomic_load(&crew->stage) == STAGE_WAIT;
}

static bool is_unfinished(struct crew *crew)
{
	return atomic_load(&crew->done) < crew->count;
}

static bool ends_soon(struct crew *crew, bool (*holds)(struct crew *crew))
{
	for (unsigned i = 0; i < SPINS && holds(crew); i++)
		relax();
	return !holds(crew);
}

/* Spins a little, then sleeps. */
static void wait_while(struct crew *crew, bool (*holds)(struct crew *crew))
{
	if (ends_soon(crew, holds))
		return;
	(void)pthread_mutex_lock(&crew->lock);
	while (holds(crew))
		(void)pthread_cond_wait(&crew->changed, &crew->lock);
	(void)pthread_mutex_unlock(&crew->lock);
}

/*
 * A CPU that was idle when its helper started may be busy now. Before the caller waits for it, the helper may go
 * anywhere: the caller's own CPU is about to be free. The mask is the caller's, so a helper that has just ended, whose
 * id means the caller, does no harm.
 */
static void let_move(struct crew *crew)
{
	for (unsigned i = 0; i < crew->helpers; i++)
		(void)pthread_setaffinity_np(crew->threads[i], sizeof crew->allowed, &crew->allowed);
}

static void tell_all(struct crew *crew)
{
	(void)pthread_mutex_lock(&crew->lock);
	(void)pthread_cond_broadcast(&crew->changed);
	(void)pthread_mutex_unlock(&crew->lock);
}

static void set_stage(struct crew *crew, enum stage stage)
{
	atomic_store(&crew->stage, stage);
	tell_all(crew);
}

static void take_jobs(struct crew *crew)
{
	size_t index;

	while ((index = atomic_fetch_add(&crew->next, 1)) < crew->count) {
		lade_load_variants(crew->jobs[index]);
		if (atomic_fetch_add(&crew->done, 1) + 1 == crew->count)
			tell_all(crew);
	}
}

static void *help(void *data)
{
	struct crew *crew = data;

	wait_while(crew, is_waiting);
	if (atomic_load(&crew->stage) == STAGE_WORK)
		take_jobs(crew);
	atomic_fetch_add(&crew->gone, 1);
	return NULL;
}

/* ---- starting and ending ---- */

static void start_helpers(struct crew *crew, unsigned wanted)
{
	unsigned cpus[MAX_HELPERS];
	unsigned available = lade_other_cpus(&crew->allowed, cpus, wanted < MAX_HELPERS ? wanted : MAX_HELPERS);

	while (crew->helpers < available &&
	       lade_thread_start_on(cpus[crew->helpers], STACK_BYTES, help, crew, &crew->threads[crew->helpers]))
		crew->helpers++;
}

struct crew *lade_crew_start(unsigned helpers)
{
	struct crew *crew = calloc(1, sizeof *crew);

	if (!crew)
		return NULL;
	(void)pthread_mutex_init(&crew->lock, NULL);
	(void)pthread_cond_init(&crew->changed, NULL);
	if (helpers)
		start_helpers(crew, helpers);
	return crew;
}

struct crew *lade_crew_free(struct crew *crew)
{
	if (!crew)
		return NULL;
	if (is_waiting(crew))
		set_stage(crew, STAGE_OVER);
	if (atomic_load(&crew->gone) < crew->helpers)
		let_move(crew);
	for (unsigned i = 0; i < crew->helpers; i++)
		(void)pthread_join(crew->threads[i], NULL);
	(void)pthread_cond_destroy(&crew->changed);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew->jobs);
	free(crew);
	return NULL;
}

/* ---- one queue of jobs ---- */

static int by_weight(const void *left, const void *right)
{
	const struct program_job *a = *(struct program_job *const *)left, *b = *(struct program_job *const *)right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return a < b ? -1 : a > b; /* file order */
}

int lade_crew_load(struct crew *crew, struct program_job *jobs, size_t count)
{
	struct program_job **order = calloc(count ? count : 1, sizeof *order);

	if (!order)
		return -ENOMEM;
	size_t heads = 0;
	for (size_t i = 0; i < count; i++)
		if (!jobs[i].is_behind && !jobs[i].is_there)
			order[heads++] = &jobs[i];
	lade_sort(order, heads, sizeof(*order), by_weight);
	crew->jobs = order;
	crew->count = heads;
	set_stage(crew, STAGE_WORK);
	take_jobs(crew);
	if (ends_soon(crew, is_unfinished))
		return 0;
	let_move(crew);
	wait_while(crew, is_unfinished);
	return 0;
}
