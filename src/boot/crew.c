/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole objects in parallel, as load/parallel.c does it for the programs of one: helpers have a CPU each, because new
 * threads may otherwise share their creator's, block all signals, and are joined before the call returns. Contexts may
 * be used by one thread at a time, so each has its own.
 */
#include "boot/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"

#define MAX_HELPERS 63
#define STACK_BYTES ((size_t)8 << 20) /* only what is touched is memory; reading an object is deep under sanitizers */

struct pool {
	const struct boot_work *work;
	atomic_size_t next;
	unsigned helpers;
	cpu_set_t allowed;
	struct helper {
		struct pool *pool;
		struct lade_context *context;
		pthread_t thread;
	} crew[MAX_HELPERS];
};

static bool take(struct pool *pool, struct lade_context *context)
{
	size_t index = atomic_fetch_add(&pool->next, 1);

	if (index >= pool->work->count)
		return false;
	pool->work->task(pool->work->data, context, index);
	return true;
}

static void *help(void *data)
{
	struct helper *helper = data;

	/* It has begun on a CPU of its own; where it goes on is for the scheduler, who sees what else runs there. */
	(void)pthread_setaffinity_np(pthread_self(), sizeof helper->pool->allowed, &helper->pool->allowed);
	while (take(helper->pool, helper->context))
		;
	return NULL;
}

/* ---- a context like another ---- */

static struct lade_context *context_like(const struct lade_context *model)
{
	const struct lade_context_opts opts = {
		.size = sizeof opts,
		.bpffs = model->bpffs,
		.no_mount = model->no_mount,
		.raise_memlock = model->raise_memlock,
		.jobs = model->jobs,
		.cache = model->cache,
		.max_file_size = model->max_file_size,
		.btf = model->btf,
		.btf_path = model->btf_path,
		.config = model->config_file,
		.bpf_token_path = model->token,
	};
	struct lade_context *context = NULL;

	return lade_context_new(&opts, &context, NULL) < 0 ? NULL : context;
}

/* ---- helpers ---- */

static void start_helpers(struct pool *pool, const struct lade_context *model, unsigned wanted)
{
	unsigned cpus[MAX_HELPERS];
	unsigned available = lade_other_cpus(&pool->allowed, cpus, wanted < MAX_HELPERS ? wanted : MAX_HELPERS);

	while (pool->helpers < available) {
		struct helper *helper = &pool->crew[pool->helpers];
		helper->pool = pool;
		helper->context = context_like(model);
		if (!helper->context ||
		    !lade_thread_start_on(cpus[pool->helpers], STACK_BYTES, help, helper, &helper->thread)) {
			helper->context = lade_context_free(helper->context);
			break;
		}
		pool->helpers++;
	}
}

static void end_helpers(struct pool *pool)
{
	for (unsigned i = 0; i < pool->helpers; i++) {
		(void)pthread_join(pool->crew[i].thread, NULL);
		(void)lade_context_free(pool->crew[i].context);
	}
}

void lade_boot_crew(struct lade_context *context, unsigned threads, const struct boot_work *work)
{
	struct pool *pool = calloc(1, sizeof *pool);
	struct pool none = { .work = work };
	size_t most = work->count < threads ? work->count : threads;

	if (pool) {
		pool->work = work;
		if (most > 1)
			start_helpers(pool, context, (unsigned)most - 1);
	}
	while (take(pool ? pool : &none, context))
		if (work->between)
			work->between(work->data);
	if (pool)
		end_helpers(pool);
	free(pool);
	if (work->between)
		work->between(work->data);
}
