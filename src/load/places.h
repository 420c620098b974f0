/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps and programs that are pinned outside, at the places that lade_map_set_pin() and lade_program_set_pin() gave:
 * what is pinned there already is used, a program without being verified again. Programs that share a place are
 * variants: the first in file order that loads gets it, the others are left out.
 */
#ifndef LADE_LOAD_PLACES_H
#define LADE_LOAD_PLACES_H

#include "load/loader.h"

/* ---- maps (maps.c calls these where a map has a place) ---- */

/* As lade_outside_find() for this map; path: absolute. */
int lade_places_find_map(struct loader *loader, uint32_t map, const char *path, struct lade_error **error);
/* Pins the map that was just made. -EEXIST without a finding: somebody was quicker. */
int lade_places_pin_map(struct loader *loader, uint32_t map, int fd, uint32_t id, const char *path,
			struct lade_error **error);

/* ---- programs ---- */

/* Jobs of one place become a chain: only its head is tried, the next when that failed. */
void lade_places_chain(struct program_job *jobs, size_t count);
/* Before anything is verified, where loader->has_places: opens what is pinned already. */
int lade_places_find_programs(struct loader *loader, struct lade_error **error);
/* OPERATION_PIN of a program with a place. */
int lade_places_pin_program(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* The variant of this program that is loaded, or found, and stands before it; NULL: none. */
const struct lade_program *lade_places_variant(const struct loader *loader, const struct lade_program *program);

/* ---- replacing (places_replace.c) ---- */

/* Before anything is made, where loader->has_places: replace.pin.foreign where a program's place has a pin that the old instance did not make. */
int lade_places_judge(struct loader *loader, struct lade_error **error);
/* Aside where the old instance has pinned something, else at its place. */
int lade_places_replace_program(struct loader *loader, const struct lade_program *program,
				const struct txn_outside *what, struct lade_error **error);
/* Is what is pinned there the old instance's, and does it not go on? */
bool lade_places_replaces_map(const struct loader *loader, uint32_t map, int fd, const char *path);
/* The new map, aside. */
int lade_places_pin_map_aside(struct loader *loader, uint32_t map, int fd, uint32_t id, const char *path, int old_fd,
			      struct lade_error **error);
int lade_places_replace_map(struct loader *loader, const struct txn_outside *what, int old_fd,
			    struct lade_error **error);
/* Journals that a map of the old instance goes on at its place. *ret_path: owned by the caller. */
int lade_places_keep_map(struct loader *loader, uint32_t map, int fd, char **ret_path, struct lade_error **error);
/* What was pinned aside takes the places; only the commit comes after it. */
int lade_places_switch(struct loader *loader, struct lade_error **error);

/* ---- without loading ---- */

struct lade_object_loaded_opts {
	const char *name, *pin_dir; /* as lade_load_opts */
};
enum lade_object_loaded {
	OBJECT_NOT_LOADED,    /* no instance of this name, nothing at the places */
	OBJECT_PARTLY_LOADED, /* see below */
	OBJECT_LOADED,        /* both: a load would change nothing */
};
/*
 * Is all of this object there already? The instance of this name with its pins, and at each place of maps that are
 * created and programs that are loaded by default the very map or program that the instance's journal speaks of,
 * whoever owns the pin by now. An optional program may be missing. Makes nothing, verifies nothing, and makes no plan:
 * some ten system calls for each place. Needs no bpffs: without one nothing is loaded. Without an instance, a pin that
 * may not be used is a finding (pin.owner, pin.not-a-map, pin.outside …).
 *
 * OBJECT_PARTLY_LOADED without an instance: a load uses what is there and makes the rest. With one: somebody removed
 * or exchanged a pin, or a load of another version of the object made the instance; a load fails with pin.name-taken,
 * one with `replace` makes all of it anew. *ret_missing (may be NULL): then such a pin's path, to be freed; else NULL.
 */
int lade_object_is_loaded(const struct lade_object *object, const struct lade_object_loaded_opts *opts,
			  enum lade_object_loaded *ret_loaded, char **ret_missing, struct lade_error **error);

#endif
