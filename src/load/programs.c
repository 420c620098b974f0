/* SPDX-License-Identifier: BSD-2-Clause */
/* All programs of a plan: jobs made, run in parallel, results collected in file order. */
#include <errno.h>
#include <string.h>

#include "load/loader.h"

/*
 * A helper thread costs some 50 µs to start and join. Below this weight outside the heaviest program, in
 * instructions, there is nothing to win.
 */
#define PARALLEL_WEIGHT 2000

static bool is_worth_threads(const struct program_job *jobs, size_t count)
{
	uint64_t sum = 0, heaviest = 0;

	for (size_t i = 0; i < count; i++) {
		sum += jobs[i].weight;
		if (jobs[i].weight > heaviest)
			heaviest = jobs[i].weight;
	}
	return sum - heaviest >= PARALLEL_WEIGHT;
}

static unsigned thread_count(struct loader *loader, const struct program_job *jobs, size_t count)
{
	unsigned wanted = loader->opts->jobs ? loader->opts->jobs : loader->context->jobs;

	if (!is_worth_threads(jobs, count))
		return 1;
	return wanted ? wanted : lade_kernel_online_cpus(loader->kernel);
}

static size_t make_jobs(struct loader *loader, struct program_job *jobs)
{
	size_t count = 0;

	array_foreach(operation, &loader->plan->operations) {
		if (operation->kind != OPERATION_PROGRAM_LOAD)
			continue;
		jobs[count++] = (struct program_job){
			.loader = loader,
			.operation = operation,
			.name = loader_program(loader, operation)->name,
			.weight = operation->program_load->weight,
			.fd = -1,
		};
	}
	return count;
}

static struct loaded_program *loaded_program_of(struct loader *loader, uint32_t program)
{
	return &loader->instance->programs.items[program];
}

static int move_notes(struct findings *from, struct findings *to)
{
	array_foreach(note, from) {
		struct lade_finding **place = array_push(to);
		if (!place)
			return -ENOMEM;
		*place = TAKE(*note);
	}
	array_clear(from);
	return 0;
}

static int collect(struct loader *loader, struct program_job *job, struct lade_error **error)
{
	struct loaded_program *loaded = loaded_program_of(loader, job->operation->program);

	loader->slots[job->operation->slot] = job->fd;
	loaded->instructions = (uint32_t)job->operation->program_load->instructions.count;
	loaded->verify_ns = job->verify_ns;
	loaded->log = TAKE(job->log);
	lade_error_merge(error, &job->error);
	if (move_notes(&job->notes, &loader->instance->notes) < 0)
		return lade_fail_memory(error);
	return job->code;
}

int lade_load_programs(struct loader *loader, struct lade_error **error)
{
	size_t most = loader->plan->operations.count, count;
	CLEANUP(cleanup_free) struct program_job *jobs = calloc(most ? most : 1, sizeof *jobs);
	int result = 0;

	if (!jobs)
		return lade_fail_memory(error);
	count = make_jobs(loader, jobs);
	lade_cost_recall(loader->context, loader->object->name, jobs, count);
	if (lade_load_parallel(jobs, count, thread_count(loader, jobs, count)) < 0)
		return lade_fail_memory(error);
	for (size_t i = 0; i < count; i++) {
		int r = collect(loader, &jobs[i], error);
		if (r < 0 && result == 0)
			result = r;
	}
	if (result == 0)
		lade_cost_remember(loader->context, loader->object->name, jobs, count);
	return result;
}
