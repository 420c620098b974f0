/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replacing what is pinned at places: the new map or program is pinned aside, with the owner and mode of its place, and
 * renamed over the old one when all is verified. Only what the instance that is replaced has pinned itself is replaced;
 * a map of somebody else is used if it fits, a program of somebody else refuses the replacement.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load/places.h"
#include "load/replace.h"
#include "object/pin_place.h"
#include "txn/internal.h"

/* Has the instance that is replaced made this pin? */
static bool is_own(const struct loader *loader, const char *path, uint32_t id, bool is_program)
{
	if (!loader->replacement)
		return false;
	array_foreach(entry, &loader->replacement->journal) {
		struct shared_pin pin;
		if (strcmp(entry->kind, "pin") == 0 && lade_shared_parse(entry, &pin) && pin.id == id &&
		    pin.is_program == is_program && strcmp(pin.path, path) == 0)
			return true;
	}
	return false;
}

static int fail_foreign(const struct loader *loader, const struct lade_program *program, const char *path,
			struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, EEXIST, "replace.pin.foreign",
						      "%s: program %s: what is pinned at %s is not of %s",
						      loader->object->file, program->name, path, loader->opts->name);

	finding_program(finding, program->name);
	finding_fix(finding, "unload what made it (lade list), or, if nobody uses it: rm %s", path);
	return -EEXIST;
}

/* 0: nothing is there; else the id of what is, which is the old instance's own. */
static int64_t look_at_program(struct loader *loader, const struct lade_program *program, const char *path,
			       struct lade_error **error)
{
	const struct txn_outside what = {
		.is_program = true, .name = program->name, .path = path, .place = program->place
	};
	struct bpf_prog_info info = { 0 };
	CLEANUP(cleanup_fd) int fd = lade_outside_find(loader->context, loader->kernel, &what, error);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	int r = lade_bpf_prog_info(loader->kernel, fd, &info);
	if (r < 0)
		return lade_pin_fail(loader->kernel, r, "pin.open", "looking at the program", path, error);
	return is_own(loader, path, info.id, true) ? (int64_t)info.id : fail_foreign(loader, program, path, error);
}

/* Before anything is made. All that stand in the way are told at once. */
int lade_places_judge(struct loader *loader, struct lade_error **error)
{
	int result = 0;

	if (!loader->opts->replace)
		return 0;
	for (size_t i = 0; i < loader->job_count; i++) {
		const struct lade_program *program = loader_program(loader, loader->jobs[i].operation);
		CLEANUP(cleanup_free) char *path = NULL;
		if (!program->place || loader->jobs[i].is_behind ||
		    lade_path_resolve(loader->context, program->place->path, &path) < 0)
			continue; /* a path that is none is told when it is pinned */
		int64_t id = look_at_program(loader, program, path, error);
		result = id < 0 && result == 0 ? (int)id : result;
	}
	return result;
}

/* ---- pinning aside ---- */

static int remember(struct loader *loader, const struct txn_outside *what, uint32_t old_id)
{
	struct place_swap *swap = array_push(&loader->replacement->swaps);

	if (!swap)
		return -ENOMEM;
	*swap = (struct place_swap){ .is_program = what->is_program,
				     .id = what->id,
				     .old_id = old_id,
				     .name = what->name,
				     .path = strdup(what->path),
				     .aside = strdup(what->first) };
	return swap->path && swap->aside ? 0 : -ENOMEM;
}

static int pin_aside(struct loader *loader, const struct txn_outside *what, uint32_t old_id, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *beside = what->first ? NULL : lade_outside_beside(what->path);
	struct txn_outside aside = *what;

	aside.first = what->first ? what->first : beside;
	aside.aside = true;
	if (!aside.first || remember(loader, &aside, old_id) < 0)
		return lade_fail_memory(error);
	return lade_txn_pin_outside(loader->txn, &aside, error);
}

int lade_places_replace_program(struct loader *loader, const struct lade_program *program,
				const struct txn_outside *what, struct lade_error **error)
{
	int64_t old = look_at_program(loader, program, what->path, error);

	if (old < 0)
		return (int)old;
	return old ? pin_aside(loader, what, (uint32_t)old, error) : lade_txn_pin_outside(loader->txn, what, error);
}

bool lade_places_replaces_map(const struct loader *loader, uint32_t map, int fd, const char *path)
{
	struct bpf_map_info info = { 0 };

	if (!loader->replacement || lade_bpf_map_info(loader->kernel, fd, &info) < 0)
		return false;
	enum map_fate fate = loader->replacement->maps[map].fate;
	return (fate == MAP_NEW || fate == MAP_MIGRATED) && is_own(loader, path, info.id, false);
}

int lade_places_replace_map(struct loader *loader, const struct txn_outside *what, int old_fd,
			    struct lade_error **error)
{
	struct bpf_map_info info = { 0 };
	int r = lade_bpf_map_info(loader->kernel, old_fd, &info);

	if (r < 0)
		return lade_pin_fail(loader->kernel, r, "pin.open", "looking at the map", what->path, error);
	return pin_aside(loader, what, info.id, error);
}

/* ---- the switch ---- */

int lade_places_switch(struct loader *loader, struct lade_error **error)
{
	array_foreach(swap, &loader->replacement->swaps) {
		const struct txn_outside what = { .is_program = swap->is_program,
						  .id = swap->id,
						  .name = swap->name,
						  .path = swap->path,
						  .first = swap->aside };
		int r = lade_txn_repin(loader->txn, &what, swap->old_id, error);
		if (r < 0)
			return r;
	}
	return 0;
}

void lade_place_swaps_clear(struct replacement *replacement)
{
	array_foreach(swap, &replacement->swaps) {
		free(swap->path);
		free(swap->aside);
	}
	array_clear(&replacement->swaps);
}
