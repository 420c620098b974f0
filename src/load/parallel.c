/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verification in parallel: the calling thread and helpers take jobs from one queue, most expensive first.
 * Helpers start inside the call, are joined before it returns, block all signals and have a CPU each (new
 * threads may otherwise share their creator's). Without threads everything still runs, one after another.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "load/loader.h"

#define MAX_HELPERS 63

struct queue {
	struct program_job **jobs; /* most expensive first */
	size_t count;
	atomic_size_t next;
};

static void *work(void *data)
{
	struct queue *queue = data;
	size_t index;

	while ((index = atomic_fetch_add(&queue->next, 1)) < queue->count)
		lade_load_program(queue->jobs[index]);
	return NULL;
}

static int by_weight(const void *left, const void *right)
{
	const struct program_job *a = *(struct program_job *const *)left, *b = *(struct program_job *const *)right;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return a < b ? -1 : a > b; /* file order */
}

/* CPUs this process may use, apart from the one it runs on. */
static unsigned other_cpus(unsigned cpus[MAX_HELPERS], unsigned most)
{
	cpu_set_t set;
	unsigned here = (unsigned)sched_getcpu(); /* -1 becomes a CPU that is not there */
	unsigned count = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return 0;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE && count < most; cpu++)
		if (cpu != here && CPU_ISSET(cpu, &set))
			cpus[count++] = cpu;
	return count;
}

static bool start_helper(struct queue *queue, unsigned cpu, pthread_t *ret_thread)
{
	pthread_attr_t attributes;
	cpu_set_t set;
	bool started;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (pthread_attr_init(&attributes))
		return false;
	(void)pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
	started = pthread_create(ret_thread, &attributes, work, queue) == 0;
	(void)pthread_attr_destroy(&attributes);
	return started;
}

static unsigned start_helpers(struct queue *queue, unsigned wanted, pthread_t threads[MAX_HELPERS])
{
	unsigned cpus[MAX_HELPERS];
	unsigned available = other_cpus(cpus, wanted < MAX_HELPERS ? wanted : MAX_HELPERS), started = 0;
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < available && start_helper(queue, cpus[started], &threads[started]))
		started++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

int lade_load_parallel(struct program_job *jobs, size_t count, unsigned threads)
{
	struct program_job **order = calloc(count ? count : 1, sizeof *order);
	struct queue queue = { order, count, 0 };
	pthread_t helpers[MAX_HELPERS];
	unsigned started;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		order[i] = &jobs[i];
	qsort(order, count, sizeof(*order), by_weight);
	started = threads > 1 && count > 1
			  ? start_helpers(&queue, threads - 1 < count - 1 ? threads - 1 : (unsigned)count - 1, helpers)
			  : 0;
	(void)work(&queue);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(helpers[i], NULL);
	free(order);
	return 0;
}
