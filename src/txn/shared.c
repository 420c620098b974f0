/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pins outside the instance's directory. Who makes, finds or removes one holds the lock of lade/, so that a
 * pin is never removed between somebody's finding it and journalling its use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "txn/internal.h"

/* ---- making ---- */

int lade_txn_make_outside(struct txn *txn, const char *path, const char *at, mode_t mode)
{
	const char *const pairs[] = { "path", path, NULL };
	size_t mark = txn->steps.count;
	int result = lade_txn_journal(txn, "dir", pairs);
	if (result >= 0)
		result = lade_txn_step_path(txn, STEP_OUTSIDE_DIRECTORY, path);
	if (result < 0) {
		lade_txn_rollback_to(txn, mark);
		return result;
	}
	result = txn->kernel->calls->mkdir(txn->kernel, at, mode);
	if (result < 0) { /* not made: neither the step nor the entry may claim it */
		free(txn->steps.items[--txn->steps.count].path);
		lade_txn_rollback_to(txn, mark);
	}
	return result == -EEXIST ? 0 : result;
}

int lade_txn_make_parents(struct txn *txn, const char *path)
{
	CLEANUP(cleanup_free) char *parent = lade_path_parent(path);
	if (!parent)
		return -ENOMEM;
	if (strcmp(parent, "/") == 0 || lade_path_exists(parent))
		return 0;
	int result = lade_txn_make_parents(txn, parent);
	return result < 0 ? result : lade_txn_make_outside(txn, parent, parent, 0700);
}

int lade_txn_lock_root(struct txn *txn)
{
	int lock = txn->kernel->calls->lock(txn->kernel, txn->root, true);
	if (lock != -ENOENT) /* a transaction on another bpffs need not have made it */
		return lock;
	int result = txn->kernel->calls->mkdir(txn->kernel, txn->root, 0700);
	if (result < 0 && result != -EEXIST)
		return result;
	txn->root_touched = true;
	return txn->kernel->calls->lock(txn->kernel, txn->root, true);
}

static int make_shared(struct txn *txn, int fd, uint32_t map_id, const char *name, const char *path)
{
	char id[16];
	(void)snprintf(id, sizeof id, "%u", map_id);
	const char *const pairs[] = { "path", path, "map-id", id, "name", name, NULL };
	int result = lade_txn_make_parents(txn, path);
	if (result >= 0)
		result = lade_txn_journal(txn, "pin", pairs);
	if (result < 0)
		return result;
	result = lade_txn_step_shared(txn, &(struct shared_pin){ .path = path, .id = map_id });
	if (result < 0)
		return result;
	result = lade_bpf_obj_pin(txn->kernel, fd, path);
	if (result < 0)
		free(txn->steps.items[--txn->steps.count].path);
	return result;
}

static int check_path(const char *name, const char *path, struct lade_error **error)
{
	if (lade_path_is_clean(path))
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "pin.path", "map %s cannot be pinned at \"%s\"", name, path);
	finding_map(finding, name);
	return -EINVAL;
}

int lade_txn_pin_shared(struct txn *txn, int fd, uint32_t map_id, const char *name, const char *path,
			struct lade_error **error)
{
	int result = check_path(name, path, error);
	if (result >= 0)
		result = lade_txn_directory_need(txn, error);
	if (result >= 0)
		result = lade_bpffs_check(txn->kernel, path, error);
	if (result < 0)
		return result;
	size_t mark = txn->steps.count;
	CLEANUP(cleanup_fd) int lock = lade_txn_lock_root(txn);
	result = lock < 0 ? lock : make_shared(txn, fd, map_id, name, path);
	lock = fd_close(lock); /* undoing takes it again */
	if (result < 0)
		lade_txn_rollback_to(txn, mark);
	if (result == -EEXIST)
		return result;
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.refused", "pinning a map at", path, error);
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

/* ---- using ---- */

int64_t lade_pinned_id(struct kernel *kernel, const char *path, bool is_program)
{
	struct bpf_map_info map = { 0 };
	struct bpf_prog_info program = { 0 };
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(kernel, path);
	if (fd == -EACCES || fd == -EPERM) /* its mode lets it be read only */
		fd = lade_bpf_obj_get_flags(kernel, path, BPF_F_RDONLY);
	if (fd < 0)
		return fd;
	if (lade_bpf_is_other(fd, is_program ? "bpf-prog" : "bpf-map"))
		return -EINVAL;
	int result = is_program ? lade_bpf_prog_info(kernel, fd, &program) : lade_bpf_map_info(kernel, fd, &map);
	return result < 0 ? result : is_program ? (int64_t)program.id : (int64_t)map.id;
}

/* Its content was compared a moment ago: what has its id is it. */
static int64_t pinned_map_id(struct kernel *kernel, const char *path)
{
	struct bpf_map_info info;
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(kernel, path);
	int result = fd < 0 ? fd : lade_bpf_map_info(kernel, fd, &info);
	return result < 0 ? result : (int64_t)info.id;
}

static int journal_use(struct txn *txn, uint32_t map_id, const char *name, const char *path)
{
	char id[16];
	(void)snprintf(id, sizeof id, "%u", map_id);
	const char *const pairs[] = { "path", path, "map-id", id, "name", name, NULL };
	int result = lade_txn_journal(txn, "use", pairs);
	if (result < 0)
		return result;
	int64_t found = pinned_map_id(txn->kernel, path);
	return found == -ENOENT || (found >= 0 && found != map_id) ? -ESTALE : 0;
}

int lade_txn_use_shared(struct txn *txn, uint32_t map_id, const char *name, const char *path, struct lade_error **error)
{
	int result = check_path(name, path, error);
	if (result < 0 || !txn->directory)
		return result;
	size_t mark = txn->steps.count;
	CLEANUP(cleanup_fd) int lock = lade_txn_lock_root(txn);
	result = lock < 0 ? lock : journal_use(txn, map_id, name, path);
	lock = fd_close(lock);
	if (result < 0)
		lade_txn_rollback_to(txn, mark);
	if (result == -ESTALE)
		return lade_fail(error, ESTALE, "pin.vanished", "map %s: what was pinned at %s is no longer there",
				 name, path);
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.journal", "noting the use of", path, error);
	if (txn->committed)
		lade_txn_forget(txn, mark);
	return 0;
}

/* ---- giving back ---- */

bool lade_shared_parse(const struct journal_entry *entry, struct shared_pin *ret_pin)
{
	const char *path = lade_journal_value(entry, "path"), *map = lade_journal_value(entry, "map-id");
	const char *program = lade_journal_value(entry, "prog-id");
	if ((strcmp(entry->kind, "use") != 0 && strcmp(entry->kind, "pin") != 0) || !path || (!map && !program))
		return false;
	*ret_pin = (struct shared_pin){ .path = path,
					.id = (uint32_t)strtoul(map ? map : program, NULL, 10),
					.is_program = !map,
					.is_place = lade_journal_value(entry, "place") != NULL };
	return true;
}

static bool names_pin(const struct journal_entry *entry, const struct shared_pin *pin)
{
	struct shared_pin named;
	return lade_shared_parse(entry, &named) && named.id == pin->id && named.is_program == pin->is_program &&
	       strcmp(named.path, pin->path) == 0;
}

/* 1: this journal already owns it or does now. 0: it does not name it. */
static int hand_pin(struct kernel *kernel, const char *directory, const struct journal *journal,
		    const struct shared_pin *pin)
{
	const struct journal_entry *user = NULL;
	array_foreach(entry, journal) {
		if (!names_pin(entry, pin))
			continue;
		if (strcmp(entry->kind, "pin") == 0)
			return 1;
		user = entry;
	}
	if (!user)
		return 0;
	const char *name = lade_journal_value(user, "name"), *key = pin->is_program ? "prog-id" : "map-id";
	const char *const pairs[] = { "path",
				      pin->path,
				      key,
				      lade_journal_value(user, key),
				      "name",
				      name ? name : "",
				      pin->is_place ? "place" : NULL,
				      "yes",
				      NULL };
	int result = lade_journal_write(kernel, directory, "pin", pairs);
	return result < 0 ? result : 1;
}

/* A directory above a pin of that instance, or above the instance itself. */
static int hand_directory(struct kernel *kernel, const char *directory, const struct journal *journal,
			  const struct shared_pin *above)
{
	const char *path = above->path;
	bool inside = lade_path_is_below(directory, path);
	array_foreach(entry, journal) {
		const char *entry_path = lade_journal_value(entry, "path");
		const char *base = lade_journal_value(entry, "base");
		inside = inside || (entry_path && lade_path_is_below(entry_path, path)) ||
			 (base && lade_path_is_below(base, path));
	}
	const char *const pairs[] = { "path", path, NULL };
	int result = inside ? lade_journal_write(kernel, directory, "dir", pairs) : 0;
	return result < 0 ? result : inside;
}

typedef int hand_fn(struct kernel *kernel, const char *directory, const struct journal *journal,
		    const struct shared_pin *pin);

/* Offers the thing at path to every other instance until one takes it. 1: taken. */
static int hand_over(struct lade_context *context, struct kernel *kernel, const char *own_directory, hand_fn *hand,
		     const struct shared_pin *pin)
{
	struct strings directories = { 0 };
	int result = lade_instances_scan(context->bpffs, &directories);
	for (size_t i = 0; result == 0 && i < directories.count; i++) {
		CLEANUP(cleanup_journal) struct journal journal = { 0 };
		if (strcmp(directories.items[i], own_directory) != 0 &&
		    lade_journal_read(directories.items[i], &journal) == 0)
			result = hand(kernel, directories.items[i], &journal, pin);
	}
	lade_strings_clear(&directories);
	return result;
}

/* at: how to get to pin->path */
static int release_pin(struct lade_context *context, struct kernel *kernel, const char *own_directory,
		       const struct shared_pin *pin, const char *at)
{
	int64_t found = lade_pinned_id(kernel, at, pin->is_program);
	if (found != pin->id) /* gone, or another one: not ours to remove */
		return found < 0 && found != -ENOENT && found != -EINVAL ? (int)found : 0;
	int result = hand_over(context, kernel, own_directory, hand_pin, pin);
	if (result != 0)
		return result < 0 ? result : 0;
	result = kernel->calls->unlink(kernel, at);
	return result == -ENOENT ? 0 : result;
}

/* Whatever does not lead to a place any more does not lead to our pin. */
static int release_place(struct lade_context *context, struct kernel *kernel, const char *own_directory,
			 const struct shared_pin *pin)
{
	char at[OUTSIDE_PATH_BYTES];
	CLEANUP(cleanup_fd) int directory = lade_outside_parent(context->bpffs, kernel, NULL, pin->path, NULL);
	if (directory < 0)
		return directory == -ENOMEM || directory == -EMFILE || directory == -ENFILE ? directory : 0;
	lade_outside_at(directory, pin->path, at);
	return release_pin(context, kernel, own_directory, pin, at);
}

static int lock_root_of(struct lade_context *context, struct kernel *kernel)
{
	CLEANUP(cleanup_free) char *root = lade_path("%s/lade", context->bpffs);
	return root ? kernel->calls->lock(kernel, root, true) : -ENOMEM;
}

int lade_shared_release(struct lade_context *context, struct kernel *kernel, const char *own_directory,
			const struct shared_pin *pin)
{
	CLEANUP(cleanup_fd) int lock = lock_root_of(context, kernel);
	if (lock < 0 && lock != -ENOENT)
		return lock;
	return pin->is_place ? release_place(context, kernel, own_directory, pin)
			     : release_pin(context, kernel, own_directory, pin, pin->path);
}

int lade_outside_release(struct lade_context *context, struct kernel *kernel, const char *own_directory,
			 const char *path)
{
	CLEANUP(cleanup_fd) int lock = lock_root_of(context, kernel);
	if (lock < 0 && lock != -ENOENT)
		return lock;
	int result = kernel->calls->rmdir(kernel, path);
	if (result == -ENOENT)
		return 0;
	if (result != -ENOTEMPTY)
		return result;
	result = hand_over(context, kernel, own_directory, hand_directory,
			   &(struct shared_pin){ .path = path });
	return result < 0 ? result : 0;
}
