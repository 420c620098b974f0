/* SPDX-License-Identifier: BSD-2-Clause */
/* All programs of a plan: jobs made, run in parallel, results collected in file order. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load/places.h"

/* What verification takes at least, and each instruction of the weight: medians of 445 programs. */
#define PROGRAM_NS     15000u
#define INSTRUCTION_NS 800u
/* Work outside the heaviest program for which a helper is started: starting and joining it takes some 40 µs. */
#define HELPER_NS 150000u

static unsigned worthwhile_helpers(const struct program_job *jobs, size_t count)
{
	uint64_t sum = 0, heaviest = 0, helpers;

	for (size_t i = 0; i < count; i++) {
		sum += jobs[i].weight;
		if (jobs[i].weight > heaviest)
			heaviest = jobs[i].weight;
	}
	helpers = (sum - heaviest) / HELPER_NS;
	return helpers < count ? (unsigned)helpers : (unsigned)count - 1;
}

static unsigned helper_count(const struct loader *loader, const struct program_job *jobs, size_t count)
{
	unsigned wanted = loader->opts->jobs ? loader->opts->jobs : loader->context->jobs;
	unsigned useful;

	if (loader->context->log.fn || !count) /* calls are logged in order, from the caller's thread */
		return 0;
	useful = worthwhile_helpers(jobs, count);
	return wanted && wanted - 1 < useful ? wanted - 1 : useful;
}

static size_t make_jobs(struct loader *loader, struct program_job *jobs)
{
	size_t count = 0;

	array_foreach(operation, &loader->plan->operations) {
		if (operation->kind != OPERATION_PROGRAM_LOAD)
			continue;
		loader->has_places |= loader_program(loader, operation)->place != NULL;
		jobs[count++] = (struct program_job){
			.loader = loader,
			.operation = operation,
			.name = loader_program(loader, operation)->name,
			.weight = PROGRAM_NS + operation->program_load->weight * INSTRUCTION_NS,
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
	if (job->error)
		finding_evidence(note, "%s", lade_error_message(job->error));
	loaded->skip = strdup(why);
	return loaded->skip ? 0 : -ENOMEM;
}

/* It was not tried, because a program that it needs was forgiven its own failure. */
static int leave_out_with_target(struct loader *loader, const struct program_job *job)
{
	const struct loaded_program *target = loaded_program_of(loader, job->operation->program_load->own_target);
	char why[256];

	if (!target->skip)
		return 1;
	(void)snprintf(why, sizeof why, "%s, which it is verified against, is left out", target->name);
	return leave_out(loader, job, "program.target", why);
}

/* 1: the failure counts; 0: it is forgiven and noted. */
static int forgive(struct loader *loader, struct program_job *job)
{
	const struct lade_program *program = loader_program(loader, job->operation);
	const struct lade_program *variant;
	char why[256];

	if (job->code == -ECANCELED && job->operation->program_load->own_target != NO_INDEX)
		return leave_out_with_target(loader, job);
	if (job->code == -ECANCELED || job->code == -ETIMEDOUT || (!program->policy && !program->place))
		return 1;
	variant = program->place ? lade_places_variant(loader, program) : loaded_variant(loader, program);
	if (!variant && !(program->policy && program->policy->optional))
		return 1;
	if (variant)
		(void)snprintf(why, sizeof why, "the kernel refused it; variant %s is loaded", variant->name);
	else
		(void)snprintf(why, sizeof why, "optional, and the kernel refused it");
	return leave_out(loader, job, variant ? "program.variant" : "program.optional", why);
}

/* Of a program that shares its place with one that stands before it and is loaded. */
static int leave_out_variant(struct loader *loader, struct program_job *job, const struct lade_program *variant)
{
	char why[256];

	job->fd = fd_close(job->fd);
	if (variant)
		(void)snprintf(why, sizeof why, "variant %s is %s", variant->name,
			       job->is_there ? "pinned already" : "loaded");
	else
		(void)snprintf(why, sizeof why, "the variant before it failed");
	return leave_out(loader, job, "program.variant", why);
}

static int collect_place(struct loader *loader, struct program_job *job)
{
	const struct lade_program *variant = lade_places_variant(loader, loader_program(loader, job->operation));

	return job->untried || (variant && job->fd >= 0) ? leave_out_variant(loader, job, variant) : 0;
}

static int collect(struct loader *loader, struct program_job *job, struct lade_error **error)
{
	struct loaded_program *loaded = loaded_program_of(loader, job->operation->program);

	if (!loaded->reused)
		loaded->instructions = (uint32_t)job->operation->program_load->instructions.count;
	loaded->verify_ns = job->verify_ns;
	loaded->log = TAKE(job->log);
	if (loader->has_places && loader_program(loader, job->operation)->place && collect_place(loader, job) < 0)
		return lade_fail_memory(error);
	loader->slots[job->operation->slot] = job->fd;
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

/* ---- waves: what others are verified against comes before them ---- */

static size_t wave_length(const struct program_job *jobs, size_t count)
{
	size_t length = 0;

	while (length < count && jobs[length].operation->program_load->wave == jobs[0].operation->program_load->wave)
		length++;
	return length;
}

int lade_load_prepare_programs(struct loader *loader, struct lade_error **error)
{
	size_t most = loader->plan->operations.count;

	loader->jobs = calloc(most ? most : 1, sizeof *loader->jobs);
	if (!loader->jobs)
		return lade_fail_memory(error);
	loader->job_count = make_jobs(loader, loader->jobs);
	if (loader->has_places)
		lade_places_chain(loader->jobs, loader->job_count);
	lade_cost_recall(loader->context, loader->object->name, loader->jobs, loader->job_count);
	loader->crew =
		lade_crew_start(helper_count(loader, loader->jobs, wave_length(loader->jobs, loader->job_count)));
	return loader->crew ? 0 : lade_fail_memory(error);
}

static int collect_all(struct loader *loader, struct program_job *jobs, size_t count, struct lade_error **error)
{
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		int r = collect(loader, &jobs[i], error);
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

/* The first crew waits already; a crew works once. */
static int load_wave(struct loader *loader, struct program_job *jobs, size_t count, struct lade_error **error)
{
	if (jobs != loader->jobs) {
		loader->crew = lade_crew_free(loader->crew);
		loader->crew = lade_crew_start(helper_count(loader, jobs, count));
	}
	if (!loader->crew || lade_crew_load(loader->crew, jobs, count) < 0)
		return lade_fail_memory(error);
	return collect_all(loader, jobs, count, error);
}

int lade_load_programs(struct loader *loader, struct lade_error **error)
{
	size_t done = 0;
	int result = loader->has_places ? lade_places_find_programs(loader, error) : 0;

	if (result < 0)
		return result;

	while (done < loader->job_count) {
		struct program_job *jobs = loader->jobs + done;
		size_t count = wave_length(jobs, loader->job_count - done);
		int r = load_wave(loader, jobs, count, error);
		if (r < 0 && result == 0)
			result = r;
		done += count;
	}
	if (result == 0)
		lade_cost_remember(loader->context, loader->object->name, loader->jobs, loader->job_count);
	return result;
}
