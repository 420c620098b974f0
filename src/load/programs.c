/* SPDX-License-Identifier: BSD-2-Clause */
/* All programs of a plan: jobs made, run in parallel, results collected in file order. */
#include <errno.h>
#include <stdio.h>
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

	if (loader->context->log.fn) /* calls are logged in order, and only from the caller's thread */
		return 1;
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

/* ---- failures that are none ---- */

/* Another variant of the same program that was loaded; its loader would not have tried this one. */
static const struct lade_program *loaded_variant(const struct loader *loader, const struct lade_program *program)
{
	for (uint32_t i = 0; i < loader->object->programs.count; i++) {
		const struct lade_program *other = loader->object->programs.items[i];
		uint32_t slot = loader->plan->program_slots[i];
		if (other == program)
			return NULL; /* only what stands before it counts */
		if (slot != NO_SLOT && loader->slots[slot] >= 0 && other->policy && other->policy->pin_name &&
		    program->policy->pin_name && strcmp(other->policy->pin_name, program->policy->pin_name) == 0)
			return other;
	}
	return NULL;
}

static int leave_out(struct loader *loader, const struct program_job *job, const char *code, const char *why)
{
	struct loaded_program *loaded = loaded_program_of(loader, job->operation->program);
	struct lade_finding *note = lade_note_add(&loader->instance->notes, code, "%s: program %s is left out: %s",
						  loader->object->file, job->name, why);

	finding_program(note, job->name);
	finding_evidence(note, "%s", job->error ? lade_error_message(job->error) : "");
	loaded->skip = strdup(why);
	return loaded->skip ? 0 : -ENOMEM;
}

/* 1: the failure counts; 0: it is forgiven and noted. */
static int forgive(struct loader *loader, struct program_job *job)
{
	const struct lade_program *program = loader_program(loader, job->operation);
	const struct lade_program *variant;
	char why[256];

	if (!program->policy || job->code == -ECANCELED)
		return 1;
	variant = loaded_variant(loader, program);
	if (!variant && !program->policy->optional)
		return 1;
	if (variant)
		(void)snprintf(why, sizeof why, "the kernel refused it; variant %s is loaded", variant->name);
	else
		(void)snprintf(why, sizeof why, "optional, and the kernel refused it");
	return leave_out(loader, job, variant ? "program.variant" : "program.optional", why);
}

static int collect(struct loader *loader, struct program_job *job, struct lade_error **error)
{
	struct loaded_program *loaded = loaded_program_of(loader, job->operation->program);

	loader->slots[job->operation->slot] = job->fd;
	loaded->instructions = (uint32_t)job->operation->program_load->instructions.count;
	loaded->verify_ns = job->verify_ns;
	loaded->log = TAKE(job->log);
	int verdict = job->code < 0 ? forgive(loader, job) : 1;
	if (verdict < 0)
		return lade_fail_memory(error);
	if (verdict == 0)
		job->error = lade_error_free(job->error);
	lade_error_merge(error, &job->error);
	if (move_notes(&job->notes, &loader->instance->notes) < 0)
		return lade_fail_memory(error);
	return verdict == 0 ? 0 : job->code;
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
