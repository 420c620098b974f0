/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "txn/state.h"

enum { TRIES = 20, PAUSE_NS = 5000000 }; /* lade list holds a lock for a moment only */

static int lock_now(struct kernel *kernel, const char *directory)
{
	int lock = -EWOULDBLOCK;
	for (int i = 0; lock == -EWOULDBLOCK && i < TRIES; i++) {
		if (i > 0)
			(void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
		lock = kernel->calls->lock(kernel, directory, false);
	}
	return lock;
}

static int not_loaded(const char *directory, struct lade_error **error)
{
	return lade_fail(error, ENOENT, "state.not-found", "%s is gone", directory);
}

/* Into lade/, where it keeps no directory of --pin from being removed, unless on another bpffs. */
static char *aside_parent(const struct lade_context *context, const char *directory)
{
	return lade_path_is_below(directory, context->bpffs) ? lade_path("%s/lade", context->bpffs)
							     : lade_path_parent(directory);
}

static int rename_aside(struct kernel *kernel, const char *directory, const char *parent, const char *aside)
{
	int result = -ENOENT;
	for (int i = 0; i < TRIES && result == -ENOENT && lade_path_exists(directory); i++) {
		/* lade/ goes away with the last instance in it */
		int made = lade_path_exists(parent) ? 0 : kernel->calls->mkdir(kernel, parent, 0700);
		result = made < 0 && made != -EEXIST ? made : kernel->calls->rename(kernel, directory, aside, 0);
	}
	return result;
}

/*
 * Out of the way first: from then on the name is free, and what is left if this is interrupted shows as
 * unfinished and is removed by the next unload.
 */
static int step_aside(struct lade_context *context, struct kernel *kernel, const char *directory, char **ret_aside)
{
	struct txn_id id;
	bool is_aside = lade_txn_id_parse(lade_path_leaf(directory), &id);
	CLEANUP(cleanup_free) char *parent = aside_parent(context, directory);
	CLEANUP(cleanup_free) char *aside = NULL;
	if (!parent)
		return -ENOMEM;
	aside = is_aside ? strdup(directory) : lade_txn_id_path(parent, lade_path_leaf(directory), false);
	if (!aside)
		return -ENOMEM;
	int result = is_aside ? 0 : rename_aside(kernel, directory, parent, aside);
	if (result >= 0)
		*ret_aside = TAKE(aside);
	return result;
}

int lade_state_unload_directory(struct lade_context *context, struct kernel *kernel, const char *directory,
				struct lade_error **error)
{
	struct txn_id id;
	bool is_whole = !lade_txn_id_parse(lade_path_leaf(directory), &id);
	CLEANUP(cleanup_free) char *aside = NULL;
	CLEANUP(cleanup_fd) int lock = lock_now(kernel, directory);
	if (lock == -EWOULDBLOCK)
		return lade_fail(error, EBUSY, "state.busy", "%s is in use", directory);
	if (lock == -ENOENT)
		return not_loaded(directory, error);
	if (lock < 0)
		return lade_pin_fail(kernel, lock, "state.read", "locking", directory, error);
	int result = lade_instance_check_foreign(directory, error);
	if (result < 0)
		return result;
	if (is_whole) /* a replacement that came to its end */
		(void)lade_instance_settle(kernel, directory);
	result = step_aside(context, kernel, directory, &aside);
	if (result == -ENOENT)
		return not_loaded(directory, error);
	if (result < 0)
		return lade_pin_fail(kernel, result, "state.unload-incomplete", "renaming", directory, error);
	if (is_whole)
		lade_instance_end_links(kernel, aside);
	return lade_instance_remove(context, kernel, aside, error);
}

void lade_state_drop_root(struct lade_context *context, struct kernel *kernel)
{
	CLEANUP(cleanup_free) char *root = lade_path("%s/lade", context->bpffs);
	if (root && lade_path_exists(root))
		(void)kernel->calls->rmdir(kernel, root);
}

static int unfinished_first(const void *left, const void *right)
{
	const char *const *one = left, *const *other = right;
	struct txn_id id;
	bool is_first = lade_txn_id_parse(lade_path_leaf(*one), &id);
	bool is_second = lade_txn_id_parse(lade_path_leaf(*other), &id);
	return is_first == is_second ? strcmp(*one, *other) : is_first ? -1 : 1;
}

/*
 * Each instance of the name; one that is busy only matters when there is no other. A replacement that was interrupted
 * gives the places back before what it would have replaced goes.
 */
static int unload_all(struct lade_context *context, struct kernel *kernel, const struct strings *directories,
		      struct lade_error **error)
{
	CLEANUP(cleanup_lade_error) struct lade_error *busy = NULL;
	int first = 0;
	size_t removed = 0;
	if (directories->count > 1)
		qsort(directories->items, directories->count, sizeof *directories->items, unfinished_first);
	array_foreach(directory, directories) {
		struct lade_error *failure = NULL;
		int result = lade_state_unload_directory(context, kernel, *directory, &failure);
		removed += result == 0;
		if (result == -EBUSY) {
			lade_error_merge(&busy, &failure);
			continue;
		}
		if (result < 0)
			lade_error_merge(error, &failure);
		first = first ? first : result;
	}
	if (first == 0 && removed == 0) {
		lade_error_merge(error, &busy);
		return -EBUSY;
	}
	return first;
}

int lade_state_unload(struct lade_context *context, const char *which, struct lade_error **error)
{
	struct kernel *kernel;
	struct strings directories = { 0 };
	if (!which) /* not everything */
		return lade_fail(error, EINVAL, "state.not-found", "no name was given to unload");
	int result = lade_context_kernel(context, &kernel, error);
	if (result == 0)
		result = lade_state_find(context, which, &directories, error);
	if (result == 0)
		result = unload_all(context, kernel, &directories, error);
	lade_strings_clear(&directories);
	if (result == 0)
		lade_state_drop_root(context, kernel);
	return result;
}
