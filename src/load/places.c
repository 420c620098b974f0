/* SPDX-License-Identifier: BSD-2-Clause */
#include "load/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "object/pin_place.h"
#include "object/sections.h"
#include "txn/internal.h"

/*
 * Both paths of a place, absolute and owned. What gets a mode or an owner is pinned aside first in any case: nobody who
 * waits for the path finds it closed, and one that was interrupted is not used by the next load as it is.
 */
struct place_paths {
	char *path, *first;
};

static void cleanup_paths(struct place_paths *paths)
{
	free(paths->path);
	free(paths->first);
}

static int fail_path(const struct loader *loader, const char *path, int result, struct lade_error **error)
{
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	return lade_fail(error, EINVAL, "pin.path", "%s: nothing can be pinned at \"%s\"", loader->object->file, path);
}

static int resolve(const struct loader *loader, const struct pin_place *place, struct place_paths *ret_paths,
		   struct lade_error **error)
{
	int r = lade_path_resolve(loader->context, place->path, &ret_paths->path);

	if (r < 0)
		return fail_path(loader, place->path, r, error);
	if (place->first)
		r = lade_path_resolve(loader->context, place->first, &ret_paths->first);
	else if ((place->has_mode || place->has_owner) && !(ret_paths->first = lade_outside_beside(ret_paths->path)))
		return lade_fail_memory(error);
	return r < 0 ? fail_path(loader, place->first, r, error) : 0;
}

/* ---- maps ---- */

int lade_places_find_map(struct loader *loader, uint32_t map, const char *path, struct lade_error **error)
{
	const struct lade_map *model = loader->object->maps.items[map];
	const struct txn_outside what = { .name = model->name, .path = path, .place = model->place };

	return lade_outside_find(loader->context, loader->kernel, &what, error);
}

/* old_fd -1: nothing is there that it replaces. */
static int pin_map(struct loader *loader, uint32_t map, int fd, uint32_t id, const char *path, int old_fd,
		   struct lade_error **error)
{
	const struct lade_map *model = loader->object->maps.items[map];
	CLEANUP(cleanup_paths) struct place_paths paths = { 0 };
	int r = resolve(loader, model->place, &paths, error);
	const struct txn_outside what = {
		.fd = fd, .id = id, .name = model->name, .path = path, .first = paths.first, .place = model->place
	};

	if (r < 0)
		return r;
	return old_fd < 0 ? lade_txn_pin_outside(loader->txn, &what, error)
			  : lade_places_replace_map(loader, &what, old_fd, error);
}

int lade_places_pin_map(struct loader *loader, uint32_t map, int fd, uint32_t id, const char *path,
			struct lade_error **error)
{
	return pin_map(loader, map, fd, id, path, -1, error);
}

int lade_places_pin_map_aside(struct loader *loader, uint32_t map, int fd, uint32_t id, const char *path, int old_fd,
			      struct lade_error **error)
{
	return pin_map(loader, map, fd, id, path, old_fd, error);
}

int lade_places_keep_map(struct loader *loader, uint32_t map, int fd, char **ret_path, struct lade_error **error)
{
	const struct lade_map *model = loader->object->maps.items[map];
	CLEANUP(cleanup_paths) struct place_paths paths = { 0 };
	struct bpf_map_info info = { 0 };
	int r = resolve(loader, model->place, &paths, error);

	if (r < 0)
		return r;
	r = lade_bpf_map_info(loader->kernel, fd, &info);
	if (r < 0)
		return lade_pin_fail(loader->kernel, r, "pin.open", "looking at the map", paths.path, error);
	const struct txn_outside what = { .id = info.id, .name = model->name, .path = paths.path };
	r = lade_txn_use_outside(loader->txn, &what, error);
	if (r == 0)
		*ret_path = TAKE(paths.path);
	return r;
}

/* ---- variants ---- */

static bool same_place(const struct lade_program *left, const struct lade_program *right)
{
	return left->place && right->place && strcmp(left->place->path, right->place->path) == 0;
}

static const struct lade_program *program_of(const struct program_job *job)
{
	return job->loader->object->programs.items[job->operation->program];
}

/* Jobs of one wave; those of another are told apart when they are collected. */
static struct program_job *last_variant(struct program_job *jobs, const struct program_job *job)
{
	for (struct program_job *other = (struct program_job *)job; other > jobs; other--)
		if (other[-1].operation->program_load->wave == job->operation->program_load->wave &&
		    same_place(program_of(&other[-1]), program_of(job)))
			return &other[-1];
	return NULL;
}

void lade_places_chain(struct program_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct part_policy *policy = program_of(&jobs[i])->policy;
		struct program_job *before = program_of(&jobs[i])->place ? last_variant(jobs, &jobs[i]) : NULL;
		jobs[i].may_fail = policy && policy->optional;
		jobs[i].is_behind = jobs[i].untried = before != NULL;
		if (before)
			before->next_variant = &jobs[i];
	}
}

const struct lade_program *lade_places_variant(const struct loader *loader, const struct lade_program *program)
{
	for (uint32_t i = 0; program->place && i < loader->object->programs.count; i++) {
		const struct lade_program *other = loader->object->programs.items[i];
		uint32_t slot = loader->plan->program_slots[i];
		if (other == program)
			return NULL; /* only what stands before it counts */
		if (slot != NO_SLOT && loader->slots[slot] >= 0 && same_place(other, program))
			return other;
	}
	return NULL;
}

/* ---- programs that are there ---- */

static const char *type_name(uint32_t type)
{
	const char *name = lade_program_type_name(type);

	return name ? name : "of an unknown type";
}

static int refuse_type(const struct loader *loader, const struct lade_program *program, const char *path, uint32_t type,
		       struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, EEXIST, "pin.program.differs",
						      "%s: program %s is not of the type of what is pinned at %s",
						      loader->object->file, program->name, path);

	finding_program(finding, program->name);
	finding_evidence(finding, "%s is %s, the pinned program is %s", program->name, type_name(program->type),
			 type_name(type));
	return -EEXIST;
}

static void note_found(struct loader *loader, const struct lade_program *program, const char *path)
{
	struct lade_finding *note = lade_note_add(&loader->instance->notes, "program.reused",
						  "%s: program %s is pinned at %s already: it was not verified again",
						  loader->object->file, program->name, path);

	finding_program(note, program->name);
}

/* The first of the chain that has the type of what is there is taken for it. */
static struct program_job *find_fitting(struct program_job *job, uint32_t type)
{
	for (; job; job = job->next_variant)
		if (program_of(job)->type == type)
			return job;
	return NULL;
}

static int use_program(struct loader *loader, struct program_job *job, int fd, const char *path,
		       struct lade_error **error)
{
	struct bpf_prog_info info = { 0 };
	int r = lade_bpf_prog_info(loader->kernel, fd, &info);

	if (r < 0)
		return lade_pin_fail(loader->kernel, r, "pin.open", "looking at the program", path, error);
	struct program_job *fitting = find_fitting(job, info.type);
	if (!fitting)
		return refuse_type(loader, program_of(job), path, info.type, error);
	struct loaded_program *loaded = &loader->instance->programs.items[fitting->operation->program];
	loaded->reused = true;
	loaded->instructions = info.verified_insns ? info.verified_insns : info.xlated_prog_len / 8;
	note_found(loader, program_of(fitting), path);
	for (struct program_job *other = job; other; other = other->next_variant)
		other->is_there = true; /* nothing of the chain is verified */
	fitting->fd = fd;
	loader->slots[fitting->operation->slot] = fd; /* which owns it */
	fitting->untried = false;
	job->untried = job != fitting;
	return 1;
}

static int find_program(struct loader *loader, struct program_job *job, struct lade_error **error)
{
	const struct lade_program *program = program_of(job);
	CLEANUP(cleanup_paths) struct place_paths paths = { 0 };
	int r = resolve(loader, program->place, &paths, error);

	if (r < 0)
		return r;
	const struct txn_outside what = {
		.is_program = true, .name = program->name, .path = paths.path, .place = program->place
	};
	CLEANUP(cleanup_fd) int fd = lade_outside_find(loader->context, loader->kernel, &what, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = use_program(loader, job, fd, paths.path, error);
	if (r > 0)
		(void)take_fd(&fd);
	return r < 0 ? r : 0;
}

/* A replacement verifies everything: what is pinned is what it replaces. */
int lade_places_find_programs(struct loader *loader, struct lade_error **error)
{
	int result = 0;

	if (loader->opts->replace)
		return 0;
	for (size_t i = 0; i < loader->job_count; i++) {
		struct program_job *job = &loader->jobs[i];
		int r = !program_of(job)->place || job->is_behind ? 0 : find_program(loader, job, error);
		result = result < 0 ? result : r;
	}
	return result;
}

/* ---- pinning programs ---- */

static int fail_taken(const struct loader *loader, const struct txn_outside *what, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EEXIST, "pin.taken", "%s: program %s: something was pinned at %s meanwhile",
			       loader->object->file, what->name, what->path);

	finding_program(finding, what->name);
	return -EEXIST;
}

static int pin_program(struct loader *loader, const struct lade_program *program, const struct txn_outside *what,
		       const struct loaded_program *loaded, struct lade_error **error)
{
	int r;

	if (loader->opts->replace)
		r = lade_places_replace_program(loader, program, what, error);
	else
		r = loaded->reused ? lade_txn_use_outside(loader->txn, what, error)
				   : lade_txn_pin_outside(loader->txn, what, error);
	return r == -EEXIST && !(error && *error) ? fail_taken(loader, what, error) : r;
}

int lade_places_pin_program(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	const struct lade_program *program = loader_program(loader, operation);
	struct loaded_program *loaded = &loader->instance->programs.items[operation->program];
	CLEANUP(cleanup_paths) struct place_paths paths = { 0 };
	struct bpf_prog_info info = { 0 };
	int fd = loader->slots[loader->plan->program_slots[operation->program]];
	int r = resolve(loader, program->place, &paths, error);

	if (r < 0)
		return r;
	r = lade_bpf_prog_info(loader->kernel, fd, &info);
	if (r < 0)
		return lade_pin_fail(loader->kernel, r, "pin.refused", "looking at what is to be pinned at", paths.path,
				     error);
	const struct txn_outside what = { true, fd, info.id, program->name, paths.path, paths.first, program->place };
	r = pin_program(loader, program, &what, loaded, error);
	if (r == 0)
		loaded->pin = TAKE(paths.path);
	return r;
}
