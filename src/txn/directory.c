/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking a name: the building directory, its lock, and its first journal entry. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "txn/internal.h"

enum { ATTEMPTS = 1000 }; /* lade/ may vanish under us each time another process removes its last instance */

int lade_name_taken(const char *name, const char *base, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EEXIST, "pin.name-taken", "%s is already loaded: %s exists", name, base);
	finding_fix(finding,
		    "replace it (--replace), give another name (--name), or remove it first: lade unload %s", name);
	return -EEXIST;
}

/* Where txn builds: lade/, unless the final directory lies on another bpffs, which rename cannot reach. */
static char *building_parent(const struct txn *txn)
{
	if (txn->base && !lade_path_is_below(txn->base, txn->context->bpffs))
		return lade_path_parent(txn->base);
	return strdup(txn->root);
}

/*
 * A load of the same name that is under way, as a path to wait for. Not our own: two threads of one process
 * are told apart by commit, and one thread must not wait for itself. Not those of `lade run`, which last.
 */
static char *find_busy(const char *parent, const char *leaf)
{
	DIR *stream = opendir(parent);
	size_t length = strlen(leaf);
	char *busy = NULL;
	for (struct dirent *entry; stream && !busy && (entry = readdir(stream));) {
		struct txn_id id;
		if (strncmp(entry->d_name, leaf, length) != 0 || entry->d_name[length] != '~')
			continue;
		if (!lade_txn_id_parse(entry->d_name, &id) || id.run || id.leaf_length != length || id.pid == getpid())
			continue;
		char *path = lade_path("%s/%s", parent, entry->d_name);
		if (path && lade_lock_held(path))
			busy = path;
		else
			free(path);
	}
	if (stream)
		(void)closedir(stream);
	return busy;
}

/* 0: made and locked. -EAGAIN: look again (with *ret_busy: after waiting for it). Others: *ret_what failed. */
static int try_take(struct txn *txn, const char *parent, const char *leaf, char **ret_busy, const char **ret_what)
{
	struct kernel *kernel = txn->kernel;
	bool is_root = strcmp(parent, txn->root) == 0;
	*ret_what = "making the directory";
	int result = is_root ? kernel->calls->mkdir(kernel, parent, 0700) : 0;
	if (result < 0 && result != -EEXIST)
		return result;
	txn->root_touched = txn->root_touched || is_root;
	*ret_what = "locking";
	CLEANUP(cleanup_fd) int lock = kernel->calls->lock(kernel, parent, true);
	if (lock < 0)
		return lock == -ENOENT && is_root ? -EAGAIN : lock;
	bool exists = txn->base && lade_path_exists(txn->base);
	if (exists && !txn->replace)
		return -EEXIST;
	*ret_busy = txn->base ? find_busy(parent, leaf) : NULL;
	if (*ret_busy)
		return -EAGAIN;
	result = exists ? lade_txn_replaced_take(txn, ret_busy) : 0;
	if (result < 0)
		return result;
	*ret_what = "making a directory in";
	size_t before = txn->steps.count;
	CLEANUP(cleanup_free) char *directory = lade_txn_id_path(parent, leaf, !txn->base);
	result = directory ? lade_txn_mkdir(txn, directory) : -ENOMEM;
	if (result < 0)
		return (result == -ENOENT && is_root) || result == -EEXIST ? -EAGAIN : result;
	*ret_what = "locking a directory in";
	txn->lock = kernel->calls->lock(kernel, directory, true);
	if (txn->lock < 0) {
		lade_txn_rollback_to(txn, before); /* another attempt would take another name */
		return txn->lock;
	}
	txn->directory = TAKE(directory);
	return 0;
}

static int take(struct txn *txn, const char *parent, const char *leaf, struct lade_error **error)
{
	int result = -EAGAIN;
	const char *what = "";
	for (int i = 0; result == -EAGAIN && i < ATTEMPTS; i++) {
		CLEANUP(cleanup_free) char *busy = NULL;
		result = try_take(txn, parent, leaf, &busy, &what);
		if (result < 0)
			txn->replaced_lock = fd_close(txn->replaced_lock);
		int waited = busy ? lade_lock_wait(busy) : 0;
		if (waited == -EINTR) {
			result = waited;
			what = "waiting for another load of this name in";
		}
	}
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result == -EEXIST)
		return lade_name_taken(txn->name, txn->base, error);
	if (result == -EMEDIUMTYPE)
		return lade_fail(error, EEXIST, "state.not-lade", "%s is there and was not made by Lade", txn->base);
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.mkdir", what, parent, error);
	return 0;
}

static int start_journal(struct txn *txn, struct lade_error **error)
{
	bool elsewhere = txn->base && strncmp(txn->base, txn->root, strlen(txn->root)) != 0;
	/* Whoever lists it later is in another directory. An object from memory has only a name. */
	CLEANUP(cleanup_free) char *file = *txn->file ? realpath(txn->file, NULL) : NULL;
	const char *const pairs[] = { "name",
				      txn->name,
				      "file",
				      file ? file : txn->file,
				      "lade",
				      lade_version(),
				      elsewhere ? "base" : NULL,
				      txn->base,
				      NULL };
	CLEANUP(cleanup_free) char *path = lade_path("%s/journal", txn->directory);
	int result = path ? lade_txn_mkdir(txn, path) : -ENOMEM;
	if (result >= 0)
		result = lade_txn_journal(txn, "object", pairs);
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.journal", "writing the journal in", txn->directory,
				     error);
	return 0;
}

int lade_txn_directory_take(struct txn *txn, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *parent = building_parent(txn);
	CLEANUP(cleanup_free) char *leaf = txn->base ? strdup(lade_path_leaf(txn->base)) : lade_safe_name(txn->name);
	if (!parent || !leaf)
		return lade_fail_memory(error);
	int result = take(txn, parent, leaf, error);
	if (result < 0)
		return result;
	result = start_journal(txn, error);
	if (result < 0 || !txn->base)
		return result;
	result = lade_txn_make_parents(txn, txn->base);
	if (result < 0)
		return lade_pin_fail(txn->kernel, result, "pin.mkdir", "making the directories above", txn->base,
				     error);
	return 0;
}

int lade_txn_directory_need(struct txn *txn, struct lade_error **error)
{
	if (txn->directory)
		return 0;
	int result = lade_bpffs_ensure(txn->context, txn->kernel, error);
	return result < 0 ? result : lade_txn_directory_take(txn, error);
}
